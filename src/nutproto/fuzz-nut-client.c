/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/socket.h>

#include "nut-client.h"
#include "test-util.h"
#include "time-util.h"

/* A whole conversation with a server that says whatever it likes. The first byte says what is wanted of TLS
 * and whether there is a watch, the second one the size of the pieces in which the rest arrives. */

#define WITH_TLS (1 << 0)
#define FORCED (1 << 1)
#define WATCHING (1 << 2)
#define LATE_REQUESTS (1 << 3) /* asks again for each answer, up to a limit */
#define REQUESTS_LIMIT 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Conversation {
        NutClient *client;
        uint8_t mode;
        unsigned n_requests, n_replies, n_connected, n_lost;
} Conversation;

static void on_item(void *userdata, char *const *words, size_t n_words) {
        ASSERT_EQ(strv_length(words), n_words);
}

static void on_reply(void *userdata, int r, char *const *words, size_t n_words);

static void ask(Conversation *c) {
        if (nut_client_list(c->client, on_item, on_reply, c, "LIST", "VAR", "u", NULL) >= 0)
                c->n_requests++;
}

static void on_reply(void *userdata, int r, char *const *words, size_t n_words) {
        Conversation *c = userdata;

        ASSERT_EQ(strv_length(words), n_words);
        ASSERT_EQ(c->n_lost, 0);
        c->n_replies++;
        ASSERT_TRUE(c->n_replies <= c->n_requests);
        if (words && (c->mode & LATE_REQUESTS) && c->n_requests < REQUESTS_LIMIT)
                ask(c);
}

static void on_connected(void *userdata) {
        Conversation *c = userdata;

        /* Nobody who has not the keys brings about TLS, and clear is not taken for it. */
        ASSERT_FALSE((c->mode & WITH_TLS) && (c->mode & FORCED));
        ASSERT_FALSE(nut_client_encryption(c->client));
        ASSERT_EQ(c->n_connected++, 0);

        ASSERT_OK(nut_client_request(c->client, on_reply, c, "USERNAME", "x y", NULL));
        ASSERT_OK(nut_client_request(c->client, on_reply, c, "GET", "VAR", "u", "a", NULL));
        c->n_requests += 2;
        ask(c);
}

static void on_lost(void *userdata, int r) {
        Conversation *c = userdata;

        ASSERT_TRUE(r < 0);
        ASSERT_TRUE(nut_client_error(c->client));
        ASSERT_EQ(c->n_lost++, 0);
        ASSERT_EQ(c->n_replies, c->n_requests);
        c->client = nut_client_free(c->client);
}

static void on_changed(void *userdata, const char *name) {
        ASSERT_TRUE(name);
}

static void run(sd_event *event) {
        while (sd_event_run(event, 0) > 0)
                ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const NutClientOps watching = { on_connected, on_lost, on_changed };
        static const NutClientOps plain = { on_connected, on_lost, NULL };
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Conversation c = {};
        NutTls tls = {};
        int pair[2];

        if (size < 2)
                return 0;
        c.mode = data[0];

        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
        if (c.mode & WITH_TLS)
                ASSERT_OK(tls_context_new_client(&(TlsFiles) {}, false, NULL, NULL, &context));
        tls = (NutTls) { .context = context, .force = c.mode & FORCED };
        ASSERT_OK(nut_client_new_on(event, pair[0], "nas.example", &tls, USEC_PER_SEC * 20,
                        c.mode & WATCHING ? &watching : &plain, &c, &c.client));

        run(event);
        for (size_t i = 2; i < size && c.client; i += data[1] + 1U) {
                char heard[4096];

                if (send(pair[1], data + i, MIN(data[1] + 1U, size - i), MSG_NOSIGNAL) < 0)
                        break;
                run(event);
                while (recv(pair[1], heard, sizeof(heard), MSG_DONTWAIT) > 0)
                        ;
        }

        safe_close(pair[1]);
        run(event);
        ASSERT_EQ(c.n_lost, 1);
        ASSERT_FALSE(c.client);
        return 0;
}
