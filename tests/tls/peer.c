/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One end of a TLS connection on standard input, a socket, for tests with programs of others at the other
 * one:
 *
 *     tls-peer server REQUEST FILE PATH IDENT PASSWORD     answers with each byte that comes, until the end
 *     tls-peer client HOST FILE PATH IDENT PASSWORD        says "hello", and prints the line that comes back
 *
 * where "-" stands for none; a client without HOST does not verify. It prints what became of it. */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "string-util.h"
#include "tls.h"

#define TIMEOUT_MS 10000

static void on_report(void *userdata, const char *file, const char *message) {
        printf("report %s: %s\n", file, message);
}

static const char *option(const char *s) {
        return streq(s, "-") ? NULL : s;
}

static int wait_for(const TlsSession *s) {
        struct pollfd fd = { .fd = STDIN_FILENO, .events = tls_session_wants_write(s) ? POLLOUT : POLLIN };

        return poll(&fd, 1, TIMEOUT_MS) == 1 ? 0 : -ETIMEDOUT;
}

static int handshake(TlsSession *s) {
        int r;

        while ((r = tls_session_handshake(s)) == 0)
                if (wait_for(s) < 0)
                        return -ETIMEDOUT;
        return r;
}

static ssize_t receive(TlsSession *s, char *data, size_t size) {
        ssize_t n;

        while ((n = tls_session_recv(s, data, size)) == -EAGAIN)
                if (wait_for(s) < 0)
                        return -ETIMEDOUT;
        return n;
}

static int transmit(TlsSession *s, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = tls_session_send(s, data, n);

                if (k < 0 && k != -EAGAIN)
                        return (int) k;
                if (k < 0 && wait_for(s) < 0)
                        return -ETIMEDOUT;
                if (k > 0) {
                        data += k;
                        n -= (size_t) k;
                }
        }
        return 0;
}

static ssize_t serve(TlsSession *s) {
        char data[20000];
        ssize_t n;

        while ((n = receive(s, data, sizeof(data))) > 0) {
                int r = transmit(s, data, (size_t) n);

                if (r < 0)
                        return r;
        }
        return n;
}

static ssize_t ask(TlsSession *s) {
        char data[256];
        ssize_t n;

        n = transmit(s, "hello\n", 6);
        if (n >= 0)
                n = receive(s, data, sizeof(data));
        if (n > 0)
                printf("answer %.*s", (int) n, data);
        return n;
}

int main(int argc, char *argv[]) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        _cleanup_(tls_session_freep) TlsSession *s = NULL;
        bool server = argc == 7 && streq(argv[1], "server");
        ssize_t n;

        if (argc != 7 || fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) < 0)
                return 2;

        const TlsFiles files = { option(argv[3]), NULL, option(argv[4]), option(argv[5]), option(argv[6]) };
        const char *host = server ? NULL : option(argv[2]);

        if (server ? tls_context_new_server(&files, (TlsRequest) (argv[2][0] - '0'), on_report, NULL, &c) < 0
                   : tls_context_new_client(&files, host, on_report, NULL, &c) < 0)
                return 1;
        puts("ready");
        (void) fflush(stdout);

        n = tls_session_new(c, STDIN_FILENO, host, &s);
        if (n >= 0)
                n = handshake(s);
        if (n >= 0) {
                printf("session %s, peer %s\n", tls_session_describe(s), tls_session_peer(s) ?: "-");
                n = server ? serve(s) : ask(s);
        }
        tls_session_bye(s);
        printf("end %zd %s\n", n, s ? tls_session_error(s) : "");
        return n < 0;
}
