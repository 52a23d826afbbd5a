/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "nut-client.h"

/* The replies that a server owes, in the order of the requests. No I/O in here: it is fed bytes as they
 * come. */

/* Limits for one reply with all its lines. NUT's largest real answers are below 100 KiB. */
#define NUT_REPLY_SIZE_MAX (4U * 1024U * 1024U)
#define NUT_LINE_SIZE_MAX (16U * 1024U)
/* Lines CHANGED without a request of ours in between. A server says it once for each device and waits. */
#define NUT_CHANGED_MAX 64U

typedef struct NutReplyQueue NutReplyQueue;

/* A new, empty queue. 0 or -ENOMEM. Free with nut_reply_queue_free(), also from inside a callback; that
 * calls no callbacks. */
int nut_reply_queue_new(NutReplyQueue **ret);
NutReplyQueue *nut_reply_queue_free(NutReplyQueue *q);
DEFINE_TRIVIAL_CLEANUP_FUNC(NutReplyQueue *, nut_reply_queue_free);

/* Has changed() called for each line CHANGED between two replies, which our servers send to clients that
 * asked for it by WATCH. Without it such a line is an error. */
void nut_reply_queue_on_changed(NutReplyQueue *q, NutChanged changed, void *userdata);

/* Expects the reply to a request of these words (a strv, owned by the queue from then on, also on failure).
 * A LIST request brings BEGIN, items and END. reply and on_item may be NULL. 0, or -ENOMEM. */
int nut_reply_queue_push(NutReplyQueue *q, char **words, NutItem on_item, NutReply reply, void *userdata);

/* Replies that are still owed. */
size_t nut_reply_queue_length(const NutReplyQueue *q) _pure_;

/* Takes bytes from the server and calls back for each reply that they complete, setting *ret_answered to how
 * many that were. Returns 0; -EPROTO for an answer that fits no request (nothing more may be fed then); or
 * -ECANCELED when a callback freed the queue, and then *ret_answered is not set. */
int nut_reply_queue_feed(NutReplyQueue *q, const char *data, size_t n, size_t *ret_answered);

/* Gives each open request the outcome r (negative), in order. Returns 0, or -ECANCELED when a callback freed
 * the queue. */
int nut_reply_queue_fail(NutReplyQueue *q, int r);
