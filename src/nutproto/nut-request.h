/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* Requests of the NUT network protocol as lines. Any of their words may be a password. */

/* Makes the line of a request, without its end, with quotes where needed; and the words that a reply
 * is told by, as nut_reply_queue_push() wants them, of which none is secret. Both are new memory. 0, -EINVAL
 * for words that the protocol cannot carry, or -ENOMEM. */
int nut_request_render(char *const *words, char **ret_line, char ***ret_expected);

/* Overwrite and free, for _cleanup_(). */
void nut_line_erase_and_freep(char **line);
void nut_words_erase_and_freep(char ***words);
