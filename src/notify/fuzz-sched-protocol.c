/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests at the socket of upssched. What is taken is written and read again, and written as before:
 * only the one control character that the lexer lets through became another one. */

#include "sched-protocol.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const SchedRequest *request) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        _cleanup_free_ char *line = sched_request_format(request), *line_again = NULL;
        const char *why = NULL;
        SchedRequest again;
        size_t consumed;

        ASSERT_EQ(lexer_feed(l, line, strlen(line), &consumed), 1);
        ASSERT_EQ(consumed, strlen(line));
        ASSERT_OK(sched_request_parse(l, &again, &why));
        ASSERT_EQ(again.verb, request->verb);
        ASSERT_EQ(again.delay_usec, request->delay_usec);
        line_again = sched_request_format(&again);
        ASSERT_STREQ(line_again, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        const char *p = (const char *) data;

        while (size > 0) {
                SchedRequest request;
                const char *why = NULL;
                size_t consumed;

                if (lexer_feed(l, p, size, &consumed) == 1 && lexer_n_words(l) > 0 &&
                    sched_request_parse(l, &request, &why) >= 0)
                        check_again(&request);
                p += consumed;
                size -= consumed;
        }
        return 0;
}
