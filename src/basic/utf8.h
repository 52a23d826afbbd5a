/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Length in bytes of the valid UTF-8 character at s, 0 for none. Control characters are valid here. */
size_t utf8_character(const char *s) _pure_;

/* Copy in which each control character and each byte that is no UTF-8 is the replacement; NULL without
 * memory. A terminal obeys escape sequences, and names and values come from devices. */
char *text_clean_with(const char *s, char replacement);

/* The same with '?', for what people read. */
char *text_clean(const char *s);
