/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>

#include "test-util.h"
#include "upsclient-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a socket takes at once while nobody reads. */
#define SIZE_MAX_SENT 32768U

/* A connection on which the server has said all that it will; it reads no requests. */
static void connection_begin(UPSCONN_t *ups, const uint8_t *data, size_t size, int *ret_server) {
        NutSession *s;
        int fds[2];

        ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
        ASSERT_EQ(send(fds[1], data, size, MSG_NOSIGNAL), (ssize_t) size);
        ASSERT_OK(shutdown(fds[1], SHUT_WR));
        ASSERT_OK(nut_session_new_on(fds[0], "localhost", &s));

        *ups = (UPSCONN_t) { .upsclient_magic = UPSCLI_MAGIC, .fd = nut_session_fd(s), .ssl = s };
        *ret_server = fds[1];
}

/* The first byte says which calls are made; the rest is what the server says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *query[] = { "VAR", "u", "a" };
        _cleanup_close_ int server = -EBADF;
        UPSCONN_t ups;
        char **answer, line[64];
        size_t n;

        if (size == 0 || size > SIZE_MAX_SENT)
                return 0;
        connection_begin(&ups, data + 1, size - 1, &server);

        for (int r = 0; r >= 0 && upscli_fd(&ups) >= 0;) {
                n = 0;
                if (data[0] % 3 == 0)
                        r = upscli_get(&ups, ELEMENTSOF(query), query, &n, &answer);
                else if (data[0] % 3 == 1) {
                        r = upscli_list_start(&ups, 2, query);
                        while (r >= 0 && (r = upscli_list_next(&ups, 2, query, &n, &answer)) > 0)
                                ASSERT_TRUE(n >= 2 && strlen(answer[n - 1]) < size);
                } else
                        r = (int) upscli_readline(&ups, line, sizeof(line));
                ASSERT_TRUE(upscli_strerror(&ups)[0] != '\0');
        }

        (void) upscli_disconnect(&ups);
        ASSERT_EQ(upscli_fd(&ups), -1);
        return 0;
}
