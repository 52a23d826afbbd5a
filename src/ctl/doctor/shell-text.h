/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdarg.h>

#include "macro.h"

/* Commands that somebody pastes into a shell. What of them comes from elsewhere is one word there, whatever
 * it has in it. */

/* s as one word of a shell: as it is where that is safe, else quoted. Never has a control character, so that
 * it ends no comment and no line either. In new memory, NULL without. */
char *shell_word(const char *s);

/* The text with each %s as such a word. Else %d, %u, %04x and %% only. A %s stands outside of quotes. In new
 * memory, NULL without. */
char *shell_format(const char *fmt, va_list ap) _printf_(1, 0);
