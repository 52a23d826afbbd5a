/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-profile.h"

/* Checks of requests and answers. */

/* Most bytes that a check has. */
#define LINE_CHECK_SIZE_MAX 2U

/* Writes the check of n bytes; how many it has, 0 to LINE_CHECK_SIZE_MAX. */
size_t line_check_make(LineCheck check, const uint8_t *data, size_t n, uint8_t *ret);

/* Bytes that a check has. */
size_t line_check_size(LineCheck check) _const_;

/* Whether the check behind n bytes is theirs. */
bool line_check_fits(LineCheck check, const uint8_t *data, size_t n, const uint8_t *is);
