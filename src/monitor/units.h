/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* The targets on which others hang their work, kept as the state says. */

/* Looks after the targets on the monitor's bus. */
int units_new(Monitor *m, Units **ret);
Units *units_free(Units *u);
DEFINE_TRIVIAL_CLEANUP_FUNC(Units *, units_free);

/* Starts and stops what the state of the host asks for. u may be NULL. */
void units_follow(Units *u, HostState state);

/* The names of the targets, up to NULL. */
const char *const *units_targets(void) _const_;
