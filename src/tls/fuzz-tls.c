/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "test-util.h"
#include "tls-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than any greeting has; a socket takes them without anybody reading. */
#define SIZE_MAX_TRIED 65536U

/* Made for this program alone, of no worth to anybody. It vouches for itself, and so is certificate and
 * authority at once. */
static const char test_pem[] =
        "-----BEGIN CERTIFICATE-----\n"
        "MIIBhjCCASugAwIBAgIUOAfDxDFFY8mHlV2XsItnmm+ij8cwCgYIKoZIzj0EAwIw\n"
        "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjExNjU1NDBaGA8yMDk4MDEyNzE2NTU0MFow\n"
        "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLKqWAeyOAf6\n"
        "jm8sfiXQ9gSm4TMFTzTw7XWLIZyM5NEt2BvIWa4IT2Ql03nAIjuQX5tA2AuFutzG\n"
        "dCqWhIsDoLKjaTBnMB0GA1UdDgQWBBTSbulaN6di+cIGWRaNVIOhJxng4jAfBgNV\n"
        "HSMEGDAWgBTSbulaN6di+cIGWRaNVIOhJxng4jAPBgNVHRMBAf8EBTADAQH/MBQG\n"
        "A1UdEQQNMAuCCWEuZXhhbXBsZTAKBggqhkjOPQQDAgNJADBGAiEAyu4d00wF7Muf\n"
        "AUn7XMOgl9jeuaWkmNNcODnGDSA5dJACIQCF6uH0WXhDBEZ/BZAjP5T9FWfko5TX\n"
        "TByEbA93dA75lQ==\n"
        "-----END CERTIFICATE-----\n"
        "-----BEGIN PRIVATE KEY-----\n"
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg74vnuRkaoY+pzBf1\n"
        "YUpj1zTIDJsoM4ommwmcw+Odj6GhRANCAASyqlgHsjgH+o5vLH4l0PYEpuEzBU80\n"
        "8O11iyGcjOTRLdgbyFmuCE9kJdN5wCI7kF+bQNgLhbrcxnQqloSLA6Cy\n"
        "-----END PRIVATE KEY-----\n";

static TlsContext *make_context(bool server) {
        _cleanup_close_ int fd = memfd_create("fuzz-tls", MFD_CLOEXEC);
        char path[sizeof("/proc/self/fd/") + 10];
        TlsContext *c = NULL;

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, test_pem, strlen(test_pem)), (ssize_t) strlen(test_pem));
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

        const TlsFiles files = { .file = server ? path : NULL, .path = path };
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
        /* Once for all inputs; they stay until the process ends. */
        static TlsContext *contexts[2];
        bool server;

        if (size == 0 || size > SIZE_MAX_TRIED)
                return 0;

        server = data[0] & 1;
        if (!contexts[server])
                contexts[server] = make_context(server);
        run(contexts[server], server, data, size);
        return 0;
}
