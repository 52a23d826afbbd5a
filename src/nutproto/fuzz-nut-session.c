/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "nut-session.h"
#include "test-util.h"
#include "time-util.h"

/* A server that has said all it will say before it is asked, and hangs up. Each bit of the first byte says
 * what is asked next. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_item(void *userdata, char *const *words, size_t n_words) {
        ASSERT_EQ(strv_length(words), n_words);
        ASSERT_TRUE(n_words >= 2);
}

static void ask_list(NutSession *s) {
        char *request[] = { (char *) "LIST", (char *) "VAR", (char *) "u", NULL };
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = nut_session_list(s, request, 20 * USEC_PER_SEC, on_item, NULL, &words);
        ASSERT_TRUE(r <= 0 && r != -ETIMEDOUT);
        ASSERT_TRUE(r < 0 || words);
}

static void ask_value(NutSession *s) {
        char *request[] = { (char *) "GET", (char *) "VAR", (char *) "u", (char *) "a", NULL };
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = nut_session_request(s, request, 20 * USEC_PER_SEC, &words);
        ASSERT_TRUE(r <= 0 && r != -ETIMEDOUT);
        ASSERT_TRUE(r < 0 || strv_length(words) >= 3);
}

static void read_line(NutSession *s) {
        bool truncated = false;
        char line[16];
        int r;

        r = nut_session_read_line(s, line, sizeof(line), &truncated, 20 * USEC_PER_SEC);
        ASSERT_TRUE(r < 0 || strlen(line) < sizeof(line));
        ASSERT_TRUE(r >= 0 || !truncated);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(nut_session_leavep) NutSession *s = NULL;
        int pair[2];

        /* What a socket takes at once. */
        if (size < 1 || size > 60000)
                return 0;
        ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
        ASSERT_EQ(send(pair[1], data + 1, size - 1, MSG_NOSIGNAL | MSG_DONTWAIT), size - 1);
        ASSERT_OK(shutdown(pair[1], SHUT_WR));
        ASSERT_OK(nut_session_new_on(pair[0], "nas.example", &s));

        for (unsigned i = 0; i < 8; i += 2) {
                unsigned what = data[0] >> i & 3;

                if (what == 0)
                        ask_list(s);
                else if (what == 1)
                        ask_value(s);
                else
                        read_line(s);
        }

        safe_close(pair[1]);
        return 0;
}
