/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* Carries out the actions that the decision asks for: one after the other, each bounded, whoever hangs. */

int sequence_new(Monitor *m, Sequence **ret);
Sequence *sequence_free(Sequence *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Sequence *, sequence_free);

/* Adds actions to what is to be done; takes back what they undo. */
void sequence_add(Sequence *s, Actions actions);

/* Whether nothing is left to do. */
bool sequence_is_idle(const Sequence *s) _pure_;
