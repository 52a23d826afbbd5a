/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Replaces a file by this content, or makes it; it is on the disk before the return, whole, or the old
 * one is. */
int file_write_atomic(const char *path, const char *data, size_t n, unsigned mode);

/* Reads a small file, in new memory, ended by NUL. -E2BIG when it is larger. */
int file_read(const char *path, size_t max, char **ret, size_t *ret_n);

/* Appends a word to a text in the form that NUT's lexer reads, in quotes. The text is allocated as
 * needed; *text may be NULL. 0 or -ENOMEM. */
int text_append_quoted(char **text, const char *word);

/* Appends as printf does. 0 or -ENOMEM. */
int text_appendf(char **text, const char *fmt, ...) _printf_(2, 3);
