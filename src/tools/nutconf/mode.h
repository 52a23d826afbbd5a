/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nut-conf.h"

/* MODE in nut.conf, a file of assignments for a shell. */

/* Whether a text has a MODE= at all. */
bool mode_is_given(const char *text) _pure_;

/* The text with another MODE, in new memory: the last MODE= is written over, or a line is added. NULL
 * without
 * memory. */
char *mode_replace(const char *text, NutMode mode);
