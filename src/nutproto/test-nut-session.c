/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "nut-session.h"
#include "test-certificates.h"
#include "test-util.h"
#include "time-util.h"

#define GENEROUS (20 * USEC_PER_SEC)
#define SHORT (20 * USEC_PER_MSEC)

/* A session with a server that has said all it will say. Returns the server's end. */
static int session_with(const char *said, NutSession **ret) {
        int pair[2];

        ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
        ASSERT_EQ(send(pair[1], said, strlen(said), 0), strlen(said));
        ASSERT_OK(nut_session_new_on(pair[0], "nas.example", ret));
        return pair[1];
}

static void expect_said(int fd, const char *expected) {
        char said[4096];
        ssize_t n;

        n = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);
        said[MAX(n, (ssize_t) 0)] = '\0';
        ASSERT_STREQ(said, expected);
}

static void on_item(void *userdata, char *const *words, size_t n_words) {
        char **log = userdata;
        _cleanup_free_ char *text = strv_join(words, "|"), *before = *log;

        ASSERT_EQ(strv_length(words), n_words);
        *log = strjoin(strempty(before), text, "\n");
}

/*** Requests ***/

static const struct {
        const char *request, *answer, *sent, *words, *items;
        int r;
} requests[] = {
        { "VER", "Server 1\n", "VER\n", "Server|1", NULL, 0 },
        { "VER", "Server\r\n", "VER\n", "Server", NULL, 0 },
        { "GET VAR u a", "VAR u a \"1 \\\"2\\\"\"\n", "GET VAR u a\n", "VAR|u|a|1 \"2\"", NULL, 0 },
        { "GET VAR u a", "ERR DATA-STALE\n", "GET VAR u a\n", "ERR|DATA-STALE", NULL, -ESTALE },
        { "GET VAR u a", "ERR NEVER-HEARD-OF words\n", "GET VAR u a\n", "ERR|NEVER-HEARD-OF|words", NULL,
          -EREMOTEIO },
        { "GET VAR u a", "VAR u b 1\n", "GET VAR u a\n", NULL, NULL, -EPROTO },
        { "GET VAR u a", "\n", "GET VAR u a\n", NULL, NULL, -EPROTO },
        { "GET VAR u a", "VAR u a \"open # quote\"\n", "GET VAR u a\n", NULL, NULL, -EPROTO },
        { "GET VAR u a", "VAR u a", "GET VAR u a\n", NULL, NULL, -ETIMEDOUT },
        { "PASSWORD a\"b", "OK\n", "PASSWORD \"a\\\"b\"\n", "OK", NULL, 0 },
        { "X caf\xe9", "OK\n", "", NULL, NULL, -EINVAL },
        { "PASSWORD caf\xc3\xa9", "OK\n", "PASSWORD caf\xc3\xa9\n", "OK", NULL, 0 },
        { "USERNAME caf\xe9#", "OK\n", "USERNAME \"caf\xe9\\#\"\n", "OK", NULL, 0 },
        { "PASSWORD a\x7f", "OK\n", "", NULL, NULL, -EINVAL },
        { "PASSWORD\xe9 a", "OK\n", "", NULL, NULL, -EINVAL },
        { "GET VAR u a", "ERR\n", "GET VAR u a\n", "ERR", NULL, -EREMOTEIO },
        { "LIST VAR u", "BEGIN LIST VAR u\nVAR u a \"\"\nVAR u b x\nEND LIST VAR u\n", "LIST VAR u\n",
          "LIST|VAR|u", "VAR|u|a|\nVAR|u|b|x\n", 0 },
        { "LIST VAR u", "BEGIN LIST VAR u\nEND LIST VAR u\n", "LIST VAR u\n", "LIST|VAR|u", NULL, 0 },
        { "LIST VAR u", "ERR UNKNOWN-UPS\n", "LIST VAR u\n", "ERR|UNKNOWN-UPS", NULL, -ENODEV },
        { "LIST VAR u", "BEGIN LIST VAR u\nVAR u a 1\nERR DATA-STALE\n", "LIST VAR u\n", NULL,
          "VAR|u|a|1\n", -EPROTO },
        { "LIST VAR u", "BEGIN LIST VAR u\nVAR u a 1\n", "LIST VAR u\n", NULL, "VAR|u|a|1\n", -ETIMEDOUT },
};

static void test_requests(void) {
        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                bool good = requests[i].words || requests[i].r == -EINVAL;
                _cleanup_(nut_session_freep) NutSession *s = NULL;
                _cleanup_strv_free_ char **request = NULL, **words = NULL;
                _cleanup_free_ char *said = NULL, *text = NULL, *items = NULL;
                _cleanup_close_ int fd = -EBADF;

                said = strjoin(requests[i].answer, good && requests[i].sent[0] ? "NEXT\n" : "");
                fd = session_with(said, &s);
                ASSERT_OK(strv_split(requests[i].request, " ", &request));
                ASSERT_EQ(nut_session_list(s, request, requests[i].r == -ETIMEDOUT ? SHORT : GENEROUS,
                                          on_item, &items, &words),
                          requests[i].r);
                expect_said(fd, requests[i].sent);
                text = words ? strv_join(words, "|") : NULL;
                ASSERT_STREQ(text, requests[i].words);
                ASSERT_STREQ(items, requests[i].items);

                /* What came behind is the next answer; after an answer that is none, nothing is. */
                words = strv_free(words);
                request = strv_free(request);
                ASSERT_OK(strv_extend(&request, "NEXT"));
                ASSERT_EQ(nut_session_request(s, request, GENEROUS, &words), good ? 0 : -ENOTCONN);
        }
}

static void *serve_bytewise(void *userdata) {
        static const char answer[] = "BEGIN LIST UPS\nUPS a \"x y\"\nUPS b \"\"\nEND LIST UPS\n";
        int fd = *(int *) userdata;
        char question[64];

        ASSERT_EQ(recv(fd, question, strlen("LIST UPS\n"), MSG_WAITALL), strlen("LIST UPS\n"));
        for (size_t i = 0; i < strlen(answer); i++)
                ASSERT_EQ(send(fd, answer + i, 1, 0), 1);
        safe_close(fd);
        return NULL;
}

static void test_bytewise(void) {
        _cleanup_(nut_session_freep) NutSession *s = NULL;
        char *request[] = { (char *) "LIST", (char *) "UPS", NULL };
        _cleanup_free_ char *items = NULL;
        _cleanup_strv_free_ char **words = NULL;
        pthread_t thread;
        int fd;

        fd = session_with("", &s);
        ASSERT_EQ(pthread_create(&thread, NULL, serve_bytewise, &fd), 0);
        ASSERT_EQ(nut_session_list(s, request, GENEROUS, on_item, &items, NULL), 0);
        ASSERT_STREQ(items, "UPS|a|x y\nUPS|b|\n");
        ASSERT_EQ(pthread_join(thread, NULL), 0);
        ASSERT_TRUE(nut_session_request(s, request, GENEROUS, &words) < 0);
        ASSERT_FALSE(words);
}

/*** Lines ***/

static void test_lines(void) {
        _cleanup_(nut_session_freep) NutSession *s = NULL;
        char line[8];
        bool truncated;
        int fd;

        fd = session_with("one\nand a long one\r\n\n1234567\r\npart", &s);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), &truncated, GENEROUS));
        ASSERT_STREQ(line, "one");
        ASSERT_FALSE(truncated);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), &truncated, GENEROUS));
        ASSERT_STREQ(line, "and a l");
        ASSERT_TRUE(truncated);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), NULL, GENEROUS));
        ASSERT_STREQ(line, "");
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), &truncated, GENEROUS));
        ASSERT_STREQ(line, "1234567");
        ASSERT_FALSE(truncated);

        ASSERT_ERROR(nut_session_read_line(s, line, sizeof(line), NULL, SHORT), ETIMEDOUT);
        ASSERT_OK(nut_session_send(s, "two\nlines\n", 10, GENEROUS));
        expect_said(fd, "two\nlines\n");
        ASSERT_EQ(send(fd, "ly\nlost", 7, 0), 7);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), NULL, GENEROUS));
        ASSERT_STREQ(line, "partly");
        safe_close(fd);
        ASSERT_ERROR(nut_session_read_line(s, line, sizeof(line), NULL, GENEROUS), ECONNRESET);
}

/* Far longer than anybody keeps, and then one that counts. */
static void *serve_flood(void *userdata) {
        int fd = *(int *) userdata;
        char flood[4096];

        memset(flood, 'x', sizeof(flood));
        for (unsigned i = 0; i < 64; i++)
                ASSERT_EQ(send(fd, flood, sizeof(flood), 0), sizeof(flood));
        ASSERT_EQ(send(fd, "\nnext\n", 6, 0), 6);
        return NULL;
}

static void test_flood(void) {
        _cleanup_(nut_session_freep) NutSession *s = NULL;
        _cleanup_close_ int fd = -EBADF;
        char line[8];
        bool truncated;
        pthread_t thread;

        fd = session_with("", &s);
        ASSERT_EQ(pthread_create(&thread, NULL, serve_flood, &fd), 0);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), &truncated, GENEROUS));
        ASSERT_STREQ(line, "xxxxxxx");
        ASSERT_TRUE(truncated);
        ASSERT_OK(nut_session_read_line(s, line, sizeof(line), &truncated, GENEROUS));
        ASSERT_STREQ(line, "next");
        ASSERT_FALSE(truncated);
        ASSERT_EQ(pthread_join(thread, NULL), 0);
}

/*** Connecting ***/

static int listen_loopback(uint16_t *ret_port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        int fd;

        fd = ASSERT_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_OK(bind(fd, (struct sockaddr *) &address, length));
        ASSERT_OK(getsockname(fd, (struct sockaddr *) &address, &length));
        *ret_port = ntohs(address.sin_port);
        return fd;
}

static void test_open(void) {
        _cleanup_(nut_session_freep) NutSession *s = NULL;
        _cleanup_close_ int listener = -EBADF, interrupt = -EBADF;
        char *request[] = { (char *) "VER", NULL };
        _cleanup_strv_free_ char **words = NULL;
        bool unknown = true;
        uint16_t port;
        char line[8];

        listener = listen_loopback(&port);
        ASSERT_ERROR(nut_session_open("127.0.0.1", port, GENEROUS, &unknown, &s), ECONNREFUSED);
        ASSERT_FALSE(unknown);
        ASSERT_ERROR(nut_session_open_full("127.0.0.1", port, AF_INET6, -EBADF, GENEROUS, &unknown, &s),
                     EHOSTUNREACH);
        ASSERT_TRUE(unknown);
        ASSERT_FALSE(s);

        ASSERT_OK(listen(listener, 4));
        interrupt = ASSERT_OK(eventfd(0, EFD_CLOEXEC));
        ASSERT_OK(nut_session_open_full("127.0.0.1", port, AF_UNSPEC, interrupt, GENEROUS, NULL, &s));
        ASSERT_OK(eventfd_write(interrupt, 1));
        ASSERT_ERROR(nut_session_read_line(s, line, sizeof(line), NULL, GENEROUS), EINTR);
        ASSERT_ERROR(nut_session_request(s, request, GENEROUS, &words), EINTR);
        ASSERT_ERROR(nut_session_request(s, request, GENEROUS, &words), ENOTCONN);
        ASSERT_TRUE(nut_session_fd(s) >= 0);
}

static void test_leave(void) {
        NutSession *s;
        _cleanup_close_ int fd = session_with("", &s);

        ASSERT_FALSE(nut_session_leave(s));
        expect_said(fd, "LOGOUT\n");
        ASSERT_FALSE(nut_session_leave(NULL));
        ASSERT_FALSE(nut_session_free(NULL));
}

/*** TLS ***/

static const struct {
        const char *answer, *error;
        bool force;
        int r;
} refusals[] = {
        { "ERR FEATURE-NOT-CONFIGURED\n", "", false, 0 },
        { "ERR FEATURE-NOT-CONFIGURED\n", "the server does not offer it (ERR FEATURE-NOT-CONFIGURED)", true,
          -EPROTONOSUPPORT },
        { "ERR ACCESS-DENIED\n",
        "the server refuses the connection (ERR ACCESS-DENIED); it may have too many",
          false, -ECONNREFUSED },
        { "OK\n", "the server answers STARTTLS with something that is no answer", false, -EPROTO },
        { "OK STARTTLS\nVER\n", "the server says more in clear than the answer to STARTTLS", false,
        -EPROTO },
        { "OK START", "the server did not answer STARTTLS", false, -ETIMEDOUT },
        { "OK STARTTLS\n", "the handshake was not finished", false, -ETIMEDOUT },
};

static void test_refusals(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;

        ASSERT_OK(tls_context_new_client(&(TlsFiles) {}, false, NULL, NULL, &context));
        for (size_t i = 0; i < ELEMENTSOF(refusals); i++) {
                NutTls tls = { .context = context, .force = refusals[i].force };
                _cleanup_(nut_session_freep) NutSession *s = NULL;
                _cleanup_close_ int fd = session_with(refusals[i].answer, &s);
                char line[8];

                ASSERT_OK(fd);
                ASSERT_EQ(nut_session_start_tls(s, &tls, refusals[i].r == -ETIMEDOUT ? SHORT : GENEROUS),
                          refusals[i].r);
                ASSERT_STREQ(nut_session_error(s), refusals[i].error);
                ASSERT_FALSE(nut_session_encryption(s));
                if (refusals[i].r < 0)
                        ASSERT_ERROR(nut_session_send(s, "VER\n", 4, GENEROUS), ENOTCONN);
                else
                        ASSERT_ERROR(nut_session_read_line(s, line, sizeof(line), NULL, SHORT), ETIMEDOUT);
        }
}

/* Who has no certificates to use finds that out when they are wanted. */
static void test_no_context(void) {
        static const struct {
                const char *answer;
                int r;
        } cases[] = {
                { "ERR FEATURE-NOT-CONFIGURED\n", 0       },
                { "OK STARTTLS\n",                -ENOKEY },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(nut_session_freep) NutSession *s = NULL;
                _cleanup_close_ int fd = session_with(cases[i].answer, &s);

                ASSERT_OK(fd);
                ASSERT_EQ(nut_session_start_tls(s, &(NutTls) {}, GENEROUS), cases[i].r);
                ASSERT_EQ(isempty(nut_session_error(s)), cases[i].r == 0);
        }
}

typedef struct Peer {
        int fd;
        TlsContext *context;
} Peer;

/* Agrees, shakes hands, answers one line, and hangs up. */
static void *serve_tls(void *userdata) {
        Peer *p = userdata;
        _cleanup_(tls_session_freep) TlsSession *tls = NULL;
        char line[64] = "";
        int r;

        ASSERT_EQ(recv(p->fd, line, strlen("STARTTLS\n"), MSG_WAITALL), strlen("STARTTLS\n"));
        ASSERT_EQ(send(p->fd, "OK STARTTLS\n", 12, 0), 12);
        ASSERT_OK(tls_session_new(p->context, p->fd, NULL, &tls));
        do
                r = tls_session_handshake(tls);
        while (r == 0);
        if (r > 0) {
                while (tls_session_recv(tls, line, sizeof(line)) == -EAGAIN)
                        ;
                while (tls_session_send(tls, "Server 1\n", 9) == -EAGAIN)
                        ;
        }
        safe_close(p->fd);
        return NULL;
}

static void test_tls(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_(tls_pair_freep) TlsPair *ca = test_pair_now(TLS_KIND_AUTHORITY, "ca", "", NULL);
        _cleanup_(tls_pair_freep) TlsPair *pair = test_pair_now(TLS_KIND_SERVER, "nas", "nas.example", ca);
        _cleanup_free_ char *certificate = test_certificate(pair), *key = test_key(pair);
        _cleanup_free_ char *file = test_write(directory, "server.pem", certificate, key, NULL);
        _cleanup_free_ char *authority = test_certificate(ca);
        _cleanup_free_ char *ca_file = test_write(directory, "ca.pem", authority, NULL);
        _cleanup_(tls_context_unrefp) TlsContext *server = NULL, *client = NULL;
        static const struct {
                const char *host;
                int r;
        } cases[] = { { NULL, 1 }, { "other.example", -EKEYREJECTED } };

        ASSERT_OK(tls_context_new_server(&(TlsFiles) { .file = file }, TLS_REQUEST_NONE, NULL, NULL,
                        &server));
        ASSERT_OK(tls_context_new_client(&(TlsFiles) { .path = ca_file }, true, NULL, NULL, &client));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                NutTls tls = { .context = client, .host = cases[i].host, .force = true };
                _cleanup_(nut_session_freep) NutSession *s = NULL;
                Peer peer = { session_with("", &s), server };
                char *request[] = { (char *) "VER", NULL };
                _cleanup_strv_free_ char **words = NULL;
                pthread_t thread;

                ASSERT_EQ(pthread_create(&thread, NULL, serve_tls, &peer), 0);
                ASSERT_EQ(nut_session_start_tls(s, &tls, GENEROUS), cases[i].r);
                ASSERT_EQ(!!nut_session_encryption(s), cases[i].r > 0);
                if (cases[i].r > 0) {
                        ASSERT_EQ(nut_session_request(s, request, GENEROUS, &words), 0);
                        ASSERT_STREQ(words[1], "1");
                } else
                        ASSERT_FALSE(isempty(nut_session_error(s)));
                s = nut_session_free(s);
                ASSERT_EQ(pthread_join(thread, NULL), 0);
        }
}

int main(void) {
        test_requests();
        test_bytewise();
        test_lines();
        test_flood();
        test_open();
        test_leave();
        test_refusals();
        test_no_context();
        test_tls();
        return 0;
}
