/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

/* Puts a variable of a simulated device into u and declares it writable, with the type and the length that
 * NUT gives it in a simulation. */
int dummy_variable_set(Update *u, const char *name, const char *value);

/* The variables that a simulated device has before its file says anything. */
int dummy_variable_set_defaults(Update *u);

/* The value of such a variable, or NULL. */
const char *dummy_variable_default(const char *name) _pure_;
