/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Asks for a line on standard output and reads it from standard input. *ret is new memory, without the line
 * end. 0, -ENODATA at the end of the input, or another negative errno. */
int prompt_line(const char *prompt, char **ret);

/* Asks for a secret on the terminal, which shows nothing of it; without one on standard error and input.
 * *ret is "" at the end of the input. 0 or a negative errno. */
int prompt_secret(const char *prompt, char **ret);

/* Overwrites and frees; for _cleanup_(). */
void secret_freep(char **s);
