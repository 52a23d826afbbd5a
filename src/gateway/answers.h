/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"

/* Most requests have been asked before, in the very same bytes, and nothing has changed since: then the
 * answer is the same, too. This keeps lines with their answers, so that such a request costs a look-up and a
 * copy. An answer ends with the generation of what it is about.
 *
 * Only for answers that are the same for every client which may have them. Memory is bounded: a line stands
 * in the place of another when there is no more room. */

#define ANSWERS_LINE_MAX 64U

typedef struct Answers Answers;

/* What an answer is about. All zero at first: then it is not kept. */
typedef struct AnswerScope {
        bool shared;          /* the same for every client */
        const Device *device; /* it lasts as long as nothing changes here; NULL: as long as no device comes,
                               * goes or has another name */
        const Buffer *kept;   /* has the bytes for as long as that, or NULL */
} AnswerScope;

/* Keeps answers about the devices of a table, which must outlive it; NULL without memory. */
Answers *answers_new(const DeviceTable *t);

/* Takes NULL, returns NULL. */
Answers *answers_free(Answers *a);

/* Appends the answer to the line that the bytes begin with. Returns the size of that line, or 0 when there
 * is none or its answer is not known. NULL knows none. */
size_t answers_repeat(const Answers *a, const char *data, size_t n, Buffer *out);

/* Keeps the answer to a whole line. Does nothing when that is too long, and for NULL. */
void answers_keep(Answers *a, const char *line, size_t n, const AnswerScope *scope, const char *answer,
                size_t answer_size);
