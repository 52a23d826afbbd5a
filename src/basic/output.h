/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Standard output of commands, which may be closed, or a disk that is full. */

/* At the start: what is closed of standard input, output and error is opened, so that writing there fails.
 * Otherwise the next file or socket would take its place and get what was to be shown. */
void output_begin(void);

/* At the end: 0 if all that was printed could be written, else a negative errno, which is said on standard
 * error with the program's name in front. */
int output_end(const char *program);
