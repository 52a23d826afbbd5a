/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* A file that has the ID of a process in it. Nothing but a regular file is opened or replaced. */

/* Whose it is; *ret is 0 for no file, or one without a number. 0, -EMEDIUMTYPE for what is no regular file,
 * or another negative errno. */
int pid_file_read(const char *path, pid_t *ret);

/* Puts our own ID there, all of it at once, in place of what was there. 0 or a negative errno. */
int pid_file_write(const char *path);

/* Removes it, if it still has our ID. */
void pid_file_remove(const char *path);
