/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "change-words.h"

/* Whether a file has a line already that is the same, LISTEN or MONITOR, to the service that reads it: 1, 0,
 * or a negative errno after saying what is wrong. */
int directive_is_there(const ConfFile *f, const DirectiveText *d);
