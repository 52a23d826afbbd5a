/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"
#include "names.h"

/* The data of names.c. Both tables are sorted by pattern, byte by byte. */

extern const Name variable_table[];
extern const size_t n_variable_table;

extern const Name command_table[];
extern const size_t n_command_table;
