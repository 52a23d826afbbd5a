/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "test-certificates.h"
#include "test-util.h"
#include "tls-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than any greeting has; a socket takes them without anybody reading. */
#define SIZE_MAX_TRIED 65536U

/* One that vouches for itself is certificate and authority at once. */
static TlsContext *make_context(bool server) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_(tls_pair_freep) TlsPair *p = test_pair_now(TLS_KIND_SERVER, "a", "a.example", NULL);
        _cleanup_free_ char *pem = test_certificate(p), *key = test_key(p);
        _cleanup_free_ char *file = test_write(directory, "server.pem", pem, key, NULL);
        const TlsFiles files = { .file = server ? file : NULL, .path = file };
        TlsContext *c = NULL;

        if (server)
                ASSERT_OK(tls_context_new_server(&files, TLS_REQUEST_CHECK, NULL, NULL, &c));
        else
                ASSERT_OK(tls_context_new_client(&files, true, NULL, NULL, &c));
        return c;
}

/* Runs the handshake as far as the bytes that have come allow, and beyond it, should it ever get there. */
static int step(TlsSession *s) {
        char buffer[512];
        int r;

        r = tls_session_handshake(s);
        if (r < 0)
                ASSERT_TRUE(tls_session_error(s)[0] != '\0');
        if (r > 0)
                r = (int) tls_session_recv(s, buffer, sizeof(buffer));
        return r;
}

/* The first byte has the role (bit 0) and the size of the pieces in which the rest arrives; there may be the
 * answer of an own greeting in between. */
static void run(TlsContext *c, bool server, const uint8_t *data, size_t size) {
        _cleanup_close_ int near = -EBADF, far = -EBADF;
        _cleanup_(tls_session_freep) TlsSession *s = NULL;
        size_t piece = (data[0] >> 1) * 4U + 1U;
        char answer[4096];
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        near = fds[0];
        far = fds[1];
        ASSERT_OK(tls_session_new(c, near, server ? NULL : "a.example", &s));

        for (size_t i = 1; i < size; i += piece) {
                if (write(far, data + i, MIN(piece, size - i)) <= 0)
                        break;
                if (step(s) < 0 && tls_session_error(s)[0])
                        break;
                while (read(far, answer, sizeof(answer)) > 0)
                        ;
        }

        (void) shutdown(far, SHUT_WR);
        for (unsigned i = 0; i < 100 && step(s) == 0; i++)
                ;
        tls_session_bye(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;

        if (size == 0 || size > SIZE_MAX_TRIED)
                return 0;

        c = make_context(data[0] & 1);
        run(c, data[0] & 1, data, size);
        return 0;
}
