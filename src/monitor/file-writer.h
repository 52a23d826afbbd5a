/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Writes one file for an event loop that has to go on, whatever becomes of the disk: on a thread, for which
 * it is not waited longer than two seconds, and while that hangs, not at all. */
typedef struct FileWriter FileWriter;

/* path NULL: there is nowhere to write, and all is refused with -ENOENT. */
int file_writer_new(const char *path, unsigned mode, FileWriter **ret);

/* What hangs is left to itself. Takes NULL, returns NULL. */
FileWriter *file_writer_free(FileWriter *w);
DEFINE_TRIVIAL_CLEANUP_FUNC(FileWriter *, file_writer_free);

/* Replaces the file by this content, as file_write_atomic() does. -ETIMEDOUT when the disk hangs: should it
 * come back, it gets what was asked for last. */
int file_writer_write(FileWriter *w, const char *text);
