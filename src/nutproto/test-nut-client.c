/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "nut-client.h"
#include "nut-reply.h"
#include "test-util.h"
#include "time-util.h"

#define DEADLINE_USEC (20 * USEC_PER_SEC)
#define LIST_ANSWER "BEGIN LIST VAR u\nVAR u a \"1 \\\"2\\\"\"\nVAR u b \"\"\nEND LIST VAR u\n"
#define LIST_LOG "item VAR|u|a|1 \"2\"\nitem VAR|u|b|\nreply 0 LIST|VAR|u\n"

typedef struct Fixture Fixture;

/* What the server does: once it has got these requests it answers, and may hang up. */
typedef struct Script {
        const char *requests, *answer;
        bool bytewise, hang_up, flood, watches, tls, force;
        uint64_t timeout_usec;
} Script;

struct Fixture {
        sd_event *event;
        const Script *script;
        NutClient *client;
        void (*on_connected)(Fixture *x);
        char *log;
        bool free_in_reply, free_in_item, free_in_changed;

        int listen_fd, fd;
        uint16_t port;
        char *received;
        size_t n_received, n_sent;
        sd_event_source *listener, *reader, *sender;
};

static void fixture_log(Fixture *x, const char *fmt, ...) _printf_(2, 3);
static void fixture_log(Fixture *x, const char *fmt, ...) {
        _cleanup_free_ char *entry = NULL, *before = x->log;
        va_list ap;

        va_start(ap, fmt);
        ASSERT_TRUE(vasprintf(&entry, fmt, ap) >= 0);
        va_end(ap);
        x->log = strjoin(strempty(before), entry);
        ASSERT_TRUE(x->log);
}

/*** Server ***/

static int on_send(sd_event_source *s, void *userdata) {
        Fixture *x = userdata;
        size_t left = strlen(x->script->answer) - x->n_sent;
        ssize_t n;

        if (x->script->flood) {
                char flood[4096];

                memset(flood, 'x', sizeof(flood));
                if (send(x->fd, flood, sizeof(flood), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
                        x->sender = sd_event_source_disable_unref(x->sender);
                return 0;
        }

        if (x->script->bytewise)
                left = MIN(left, 1U);
        n = send(x->fd, x->script->answer + x->n_sent, left, MSG_NOSIGNAL);
        if (n > 0)
                x->n_sent += (size_t) n;
        if (n <= 0 || x->n_sent >= strlen(x->script->answer)) {
                x->sender = sd_event_source_disable_unref(x->sender);
                if (x->script->hang_up) {
                        x->reader = sd_event_source_disable_unref(x->reader);
                        x->fd = safe_close(x->fd);
                }
        }
        return 0;
}

static int on_receive(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Fixture *x = userdata;
        char buffer[4096];
        ssize_t n;

        n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (n <= 0) {
                x->reader = sd_event_source_disable_unref(x->reader);
                return 0;
        }

        x->received = realloc(x->received, x->n_received + (size_t) n + 1);
        ASSERT_TRUE(x->received);
        memcpy(x->received + x->n_received, buffer, (size_t) n);
        x->n_received += (size_t) n;
        x->received[x->n_received] = '\0';

        if (x->script->answer && streq(x->received, x->script->requests)) {
                ASSERT_OK(sd_event_add_defer(x->event, &x->sender, on_send, x));
                ASSERT_OK(sd_event_source_set_enabled(x->sender, SD_EVENT_ON));
                /* So that the client has read each piece before the next one is sent. */
                ASSERT_OK(sd_event_source_set_priority(x->sender, SD_EVENT_PRIORITY_IDLE));
        }
        return 0;
}

static int on_accept(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Fixture *x = userdata;
        int one = 1;

        ASSERT_EQ(x->fd, -EBADF);
        x->fd = ASSERT_OK(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
        ASSERT_OK(setsockopt(x->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
        ASSERT_OK(sd_event_add_io(x->event, &x->reader, x->fd, EPOLLIN, on_receive, x));
        return 0;
}

static int listen_loopback(uint16_t *ret_port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        int fd;

        fd = ASSERT_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_OK(bind(fd, (struct sockaddr *) &address, length));
        ASSERT_OK(getsockname(fd, (struct sockaddr *) &address, &length));
        ASSERT_OK(listen(fd, 4));
        *ret_port = ntohs(address.sin_port);
        return fd;
}

/*** Client ***/

static void on_connected(void *userdata) {
        Fixture *x = userdata;

        fixture_log(x, "connected\n");
        if (x->on_connected)
                x->on_connected(x);
}

static void on_lost(void *userdata, int r) {
        Fixture *x = userdata;

        fixture_log(x, "lost %s%s%s\n", strerrorname_np(-r),
                        isempty(nut_client_error(x->client)) ? "" : ": ", nut_client_error(x->client));
        ASSERT_ERROR(nut_client_request(x->client, NULL, NULL, "VER", NULL), ENOTCONN);
        x->client = nut_client_free(x->client);
}

static void on_item(void *userdata, char *const *words, size_t n_words) {
        Fixture *x = userdata;
        _cleanup_free_ char *text = strv_join(words, "|");

        ASSERT_EQ(strv_length(words), n_words);
        fixture_log(x, "item %s\n", text);
        if (x->free_in_item)
                x->client = nut_client_free(x->client);
}

static void on_reply(void *userdata, int r, char *const *words, size_t n_words) {
        Fixture *x = userdata;
        _cleanup_free_ char *text = strv_join(words, "|");

        ASSERT_EQ(strv_length(words), n_words);
        fixture_log(x, "reply %s %s\n", r < 0 ? strerrorname_np(-r) : "0", text);
        if (x->free_in_reply)
                x->client = nut_client_free(x->client);
}

static void on_changed(void *userdata, const char *name) {
        Fixture *x = userdata;

        fixture_log(x, "changed %s\n", name);
        if (x->free_in_changed)
                x->client = nut_client_free(x->client);
}

static void fixture_init(Fixture *x, const Script *script, const char *host) {
        static const NutClientOps plain = { .connected = on_connected, .lost = on_lost };
        static const NutClientOps watching = {
                .connected = on_connected,
                .lost = on_lost,
                .changed = on_changed,
        };
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        uint64_t timeout_usec = script->timeout_usec ?: DEADLINE_USEC;
        NutTls tls = { .force = script->force };

        if (script->tls)
                ASSERT_OK(tls_context_new_client(&(TlsFiles) {}, false, NULL, NULL, &context));
        tls.context = context;
        x->script = script;
        x->fd = -EBADF;
        ASSERT_OK(sd_event_new(&x->event));
        x->listen_fd = listen_loopback(&x->port);
        ASSERT_OK(sd_event_add_io(x->event, &x->listener, x->listen_fd, EPOLLIN, on_accept, x));
        ASSERT_OK(nut_client_new(x->event, host, x->port, &tls, timeout_usec,
                        script->watches ? &watching : &plain, x, &x->client));
}

/* Runs until the log says what is expected. Nothing more must come either. */
static void fixture_expect(Fixture *x, const char *expected) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), DEADLINE_USEC);

        while (!streq(strempty(x->log), expected) && now_usec(CLOCK_MONOTONIC) < deadline)
                ASSERT_OK(sd_event_run(x->event, 100 * USEC_PER_MSEC));
        while (sd_event_run(x->event, 1 * USEC_PER_MSEC) > 0 && now_usec(CLOCK_MONOTONIC) < deadline)
                ;
        ASSERT_STREQ(strempty(x->log), expected);
}

static void fixture_done(Fixture *x) {
        x->client = nut_client_free(x->client);
        sd_event_source_disable_unref(x->listener);
        sd_event_source_disable_unref(x->reader);
        sd_event_source_disable_unref(x->sender);
        safe_close(x->fd);
        safe_close(x->listen_fd);
        free(x->received);
        free(x->log);
        sd_event_unref(x->event);
        *x = (Fixture) {};
}

static void ask_list(Fixture *x) {
        ASSERT_OK(nut_client_list(x->client, on_item, on_reply, x, "LIST", "VAR", "u", NULL));
}

static void ask_pipelined(Fixture *x) {
        ASSERT_OK(nut_client_request(x->client, on_reply, x, "USERNAME", "a b", NULL));
        ASSERT_OK(nut_client_request(x->client, NULL, NULL, "PASSWORD", "", NULL));
        ASSERT_OK(nut_client_list(x->client, on_item, on_reply, x, "LIST", "VAR", "u", NULL));
        ASSERT_OK(nut_client_request(x->client, on_reply, x, "GET", "VAR", "u", "c", NULL));
        ASSERT_OK(nut_client_request(x->client, on_reply, x, "SET", "VAR", "u", "d", "x#\"\\=", NULL));
}

#define PIPELINED_REQUESTS                                                                      \
        "USERNAME \"a b\"\nPASSWORD \"\"\nLIST VAR u\nGET VAR u c\nSET VAR u d \"x\\#\\\"\\\\=\"\n"
#define PIPELINED_ANSWER                                                                        \
        "OK\nOK\n" LIST_ANSWER "ERR DATA-STALE\nOK TRACKING 1234\n"
#define PIPELINED_LOG                                                                           \
        "connected\nreply 0 OK\n" LIST_LOG "reply ESTALE ERR|DATA-STALE\nreply 0 OK|TRACKING|1234\n"

static const struct {
        Script script;
        void (*on_connected)(Fixture *x);
        const char *log;
} conversations[] = {
        { { .requests = "LIST VAR u\n", .answer = LIST_ANSWER },
          ask_list, "connected\n" LIST_LOG },
        { { .requests = "LIST VAR u\n", .answer = LIST_ANSWER, .bytewise = true },
          ask_list, "connected\n" LIST_LOG },
        { { .requests = PIPELINED_REQUESTS, .answer = PIPELINED_ANSWER },
          ask_pipelined, PIPELINED_LOG },
        { { .requests = PIPELINED_REQUESTS, .answer = PIPELINED_ANSWER, .bytewise = true },
          ask_pipelined, PIPELINED_LOG },
        { { .requests = PIPELINED_REQUESTS, .answer = PIPELINED_ANSWER, .hang_up = true },
          ask_pipelined, PIPELINED_LOG "lost ECONNRESET\n" },
        { { .requests = "LIST VAR u\n", .answer = "ERR UNKNOWN-UPS\r\n" },
          ask_list, "connected\nreply ENODEV ERR|UNKNOWN-UPS\n" },
        { { .requests = "LIST VAR u\n", .answer = "ERR SOMETHING-NEW\n" },
          ask_list, "connected\nreply EREMOTEIO ERR|SOMETHING-NEW\n" },

        /* Hung up early: at once, in a line, in a list. */
        { { .requests = "LIST VAR u\n", .answer = "", .hang_up = true },
          ask_list, "connected\nreply ENOTCONN \nlost ECONNRESET\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST V", .hang_up = true },
          ask_list, "connected\nreply ENOTCONN \nlost ECONNRESET\n" },
        { { .requests = "LIST VAR u\n", .hang_up = true,
            .answer = "BEGIN LIST VAR u\nVAR u a \"1\"\n" },
          ask_list, "connected\nitem VAR|u|a|1\nreply ENOTCONN \nlost ECONNRESET\n" },

        /* Not the protocol. */
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR other\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR u\nEND LIST RW u\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR u\nERR DATA-STALE\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "END LIST VAR u\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "OK\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "ERR\n" },
          ask_list, "connected\nreply EREMOTEIO ERR\n" },
        { { .requests = "LIST VAR u\n", .answer = "\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR u\nVAR u a \"x#\"\n" },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = PIPELINED_REQUESTS, .answer = "OK\nOK\n" LIST_ANSWER "VAR u other \"1\"\n" },
          ask_pipelined, "connected\nreply 0 OK\n" LIST_LOG
                         "reply ENOTCONN \nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = LIST_ANSWER "OK\n" },
          ask_list, "connected\n" LIST_LOG "lost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "x", .flood = true },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },

        /* News between the replies, for those who want them. */
        { { .requests = "LIST VAR u\n", .answer = "CHANGED u\n" LIST_ANSWER "CHANGED \"v\"\nchanged u\n",
            .watches = true, .bytewise = true },
          ask_list, "connected\nchanged u\n" LIST_LOG "changed v\nchanged u\n" },
        { { .requests = "LIST VAR u\n", .answer = "CHANGED u\n" LIST_ANSWER },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR u\nCHANGED u\nEND LIST VAR u\n",
            .watches = true },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },
        { { .requests = "LIST VAR u\n", .answer = "CHANGED\n", .watches = true },
          ask_list, "connected\nreply ENOTCONN \nlost EPROTO\n" },

        /* No TLS to be had, and that will do or it will not. */
        { { .requests = "STARTTLS\n", .answer = "ERR X\r\n", .tls = true },
          NULL, "connected\n" },
        { { .requests = "STARTTLS\n", .answer = "ERR FEATURE-NOT-CONFIGURED\n", .tls = true, .force = true,
            .bytewise = true },
          ask_list, "lost EPROTONOSUPPORT: the server does not offer it (ERR FEATURE-NOT-CONFIGURED)\n" },
        { { .requests = "STARTTLS\n", .answer = "ERR \x1b[31mred\n", .tls = true, .force = true },
          ask_list, "lost EPROTONOSUPPORT: the server does not offer it (ERR )\n" },
        { { .requests = "STARTTLS\n", .answer = "ERR X\nERR Y\n", .tls = true },
          ask_list, "lost EPROTO: the server says more in clear than the answer to STARTTLS\n" },
        { { .requests = "STARTTLS\n", .answer = "OK STARTTLS\n" LIST_ANSWER, .tls = true },
          ask_list, "lost EPROTO: the server says more in clear than the answer to STARTTLS\n" },
        { { .requests = "STARTTLS\n", .answer = "OK\n", .tls = true },
          ask_list, "lost EPROTO: the server answers STARTTLS with something that is no answer\n" },
        { { .requests = "STARTTLS\n", .answer = "x", .flood = true, .tls = true },
          ask_list, "lost EPROTO: the server says more in clear than the answer to STARTTLS\n" },
        { { .requests = "STARTTLS\n", .answer = "", .hang_up = true, .tls = true },
          ask_list, "lost ECONNRESET: the server did not answer STARTTLS\n" },
        { { .requests = "STARTTLS\n", .answer = "OK STARTTL", .tls = true,
            .timeout_usec = 300 * USEC_PER_MSEC },
          ask_list, "lost ETIMEDOUT: the server did not answer STARTTLS\n" },
        { { .requests = "STARTTLS\n", .answer = "OK STARTTLS\n", .tls = true,
            .timeout_usec = 300 * USEC_PER_MSEC },
          ask_list, "lost ETIMEDOUT: the handshake was not finished\n" },

        /* Silence, from the start or in a list. */
        { { .requests = "", .timeout_usec = 300 * USEC_PER_MSEC },
          ask_list, "connected\nreply ETIMEDOUT \nlost ETIMEDOUT\n" },
        { { .requests = "LIST VAR u\n", .answer = "BEGIN LIST VAR u\n",
            .timeout_usec = 300 * USEC_PER_MSEC },
          ask_list, "connected\nreply ETIMEDOUT \nlost ETIMEDOUT\n" },
};

static void test_conversations(void) {
        for (size_t i = 0; i < ELEMENTSOF(conversations); i++) {
                Fixture x = { .on_connected = conversations[i].on_connected };

                fixture_init(&x, &conversations[i].script, "127.0.0.1");
                fixture_expect(&x, conversations[i].log);
                /* What comes behind it is the handshake. */
                if (conversations[i].script.answer)
                        ASSERT_TRUE(conversations[i].script.tls
                                            ? !!startswith(x.received, conversations[i].script.requests)
                                            : streq(x.received, conversations[i].script.requests));
                fixture_done(&x);
        }
}

/* The time of a reply counts anew for each, and nothing runs out while nothing is asked. */
static void test_idle_is_no_timeout(void) {
        static const Script script = {
                .requests = "LIST VAR u\n", .answer = LIST_ANSWER, .timeout_usec = 200 * USEC_PER_MSEC,
        };
        Fixture x = { .on_connected = ask_list };
        uint64_t end;

        fixture_init(&x, &script, "127.0.0.1");
        fixture_expect(&x, "connected\n" LIST_LOG);
        end = usec_add(now_usec(CLOCK_MONOTONIC), 500 * USEC_PER_MSEC);
        while (now_usec(CLOCK_MONOTONIC) < end)
                ASSERT_OK(sd_event_run(x.event, 50 * USEC_PER_MSEC));
        ASSERT_STREQ(x.log, "connected\n" LIST_LOG);
        fixture_done(&x);
}

static void test_free_in_callbacks(void) {
        static const Script script = { .requests = PIPELINED_REQUESTS, .answer = PIPELINED_ANSWER };
        static const Script news = { .requests = "LIST VAR u\n", .answer = "CHANGED u\nCHANGED u\n",
                .watches = true };
        static const Script silent = { .requests = "", .timeout_usec = 100 * USEC_PER_MSEC };
        Fixture x = { .on_connected = ask_pipelined, .free_in_reply = true };

        fixture_init(&x, &script, "127.0.0.1");
        fixture_expect(&x, "connected\nreply 0 OK\n");
        ASSERT_FALSE(x.client);
        fixture_done(&x);

        x = (Fixture) { .on_connected = ask_pipelined, .free_in_item = true };
        fixture_init(&x, &script, "127.0.0.1");
        fixture_expect(&x, "connected\nreply 0 OK\nitem VAR|u|a|1 \"2\"\n");
        fixture_done(&x);

        x = (Fixture) { .on_connected = ask_pipelined, .free_in_reply = true };
        fixture_init(&x, &silent, "127.0.0.1");
        fixture_expect(&x, "connected\nreply ETIMEDOUT \n");
        fixture_done(&x);

        x = (Fixture) { .on_connected = ask_list, .free_in_changed = true };
        fixture_init(&x, &news, "127.0.0.1");
        fixture_expect(&x, "connected\nchanged u\n");
        fixture_done(&x);
}

static void leave(Fixture *x) {
        x->client = nut_client_leave(x->client);
}

static void test_leave(void) {
        static const Script script = { .requests = "" };
        Fixture x = { .on_connected = leave };

        ASSERT_FALSE(nut_client_leave(NULL));
        fixture_init(&x, &script, "127.0.0.1");
        fixture_expect(&x, "connected\n");
        ASSERT_STREQ(x.received, "LOGOUT\n");
        fixture_done(&x);

        /* Not connected yet, and so without a word. */
        x = (Fixture) {};
        fixture_init(&x, &script, "127.0.0.1");
        leave(&x);
        fixture_expect(&x, "");
        fixture_done(&x);
}

static void test_names(void) {
        static const Script script = { .requests = "LIST VAR u\n", .answer = LIST_ANSWER };
        Fixture x = { .on_connected = ask_list };

        /* localhost may be ::1 first, where nobody listens: the next address is tried. */
        fixture_init(&x, &script, "localhost");
        fixture_expect(&x, "connected\n" LIST_LOG);
        fixture_done(&x);

        x = (Fixture) {};
        fixture_init(&x, &script, "no-such-host.invalid");
        fixture_expect(&x, "lost EHOSTUNREACH\n");
        fixture_done(&x);

        /* Freed while the name is being looked up. */
        x = (Fixture) {};
        fixture_init(&x, &script, "no-such-host.invalid");
        x.client = nut_client_free(x.client);
        fixture_expect(&x, "");
        fixture_done(&x);
}

static void test_refused(void) {
        static const Script script = {};
        Fixture x = {};

        fixture_init(&x, &script, "127.0.0.1");
        x.listener = sd_event_source_disable_unref(x.listener);
        x.listen_fd = safe_close(x.listen_fd);
        fixture_expect(&x, "lost ECONNREFUSED\n");
        fixture_done(&x);
}

static void ask_badly(Fixture *x) {
        char long_word[600] = {};
        int r = 0;

        memset(long_word, 'x', sizeof(long_word) - 1);
        ASSERT_ERROR(nut_client_request(x->client, on_reply, x, "PASSWORD", "a\nb", NULL), EINVAL);
        ASSERT_ERROR(nut_client_request(x->client, on_reply, x, "VALUE", "\xc3\xa4", NULL), EINVAL);
        ASSERT_ERROR(nut_client_request(x->client, on_reply, x, "PASSWORD", long_word, NULL), EINVAL);
        for (unsigned i = 0; i < 100000 && r >= 0; i++)
                r = nut_client_request(x->client, NULL, NULL, "VER", NULL);
        ASSERT_ERROR(r, ENOBUFS);
        x->client = nut_client_free(x->client);
}

static void test_bad_requests(void) {
        static const Script script = {};
        Fixture x = { .on_connected = ask_badly };

        fixture_init(&x, &script, "127.0.0.1");
        ASSERT_ERROR(nut_client_request(x.client, NULL, NULL, "VER", NULL), ENOTCONN);
        fixture_expect(&x, "connected\n");
        ASSERT_STREQ(strempty(x.received), "");
        fixture_done(&x);
}

int main(void) {
        test_conversations();
        test_idle_is_no_timeout();
        test_free_in_callbacks();
        test_leave();
        test_names();
        test_refused();
        test_bad_requests();
        return 0;
}
