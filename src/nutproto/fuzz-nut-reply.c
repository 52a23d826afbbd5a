/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-reply.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_item(void *userdata, char *const *words, size_t n_words) {
        ASSERT_EQ(strv_length(words), n_words);
}

static void on_reply(void *userdata, int r, char *const *words, size_t n_words) {
        unsigned *n = userdata;

        ASSERT_EQ(strv_length(words), n_words);
        (*n)++;
}

static void on_changed(void *userdata, const char *name) {
        ASSERT_TRUE(name);
}

/* The first byte is the size of the pieces in which the rest, the server's answers, arrives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const requests[] = {
                "USERNAME x", "LIST VAR u", "GET VAR u a", "LIST RANGE u a", "VER",
        };
        _cleanup_(nut_reply_queue_freep) NutReplyQueue *q = NULL;
        unsigned n_replies = 0;
        size_t piece, open;

        if (size == 0)
                return 0;
        piece = data[0] + 1U;

        ASSERT_OK(nut_reply_queue_new(&q));
        nut_reply_queue_on_changed(q, on_changed, NULL);
        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                char **words;

                ASSERT_OK(strv_split(requests[i], " ", &words));
                ASSERT_OK(nut_reply_queue_push(q, words, on_item, on_reply, &n_replies));
        }

        for (size_t i = 1; i < size; i += piece) {
                size_t answered;

                if (nut_reply_queue_feed(q, (const char *) data + i, MIN(piece, size - i), &answered) < 0)
                        break;
                ASSERT_TRUE(answered <= ELEMENTSOF(requests));
        }

        /* Each request has one outcome, whatever came. */
        open = nut_reply_queue_length(q);
        ASSERT_EQ(n_replies + open, ELEMENTSOF(requests));
        ASSERT_OK(nut_reply_queue_fail(q, -ENOTCONN));
        ASSERT_EQ(n_replies, ELEMENTSOF(requests));
        return 0;
}
