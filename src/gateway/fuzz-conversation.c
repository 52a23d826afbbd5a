/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The real server, with a few clients and devices that do what a script says. The script is the input:
 * events with | between them, each a character and what belongs to it.
 *
 *   0TEXT .. 7TEXT  client 0 to 7 says this, with its line ends; it connects first when it has to
 *   *N              what was said last is said N times more
 *   rCN             client C reads up to N bytes; R: all read all
 *   cC  hC          client C hangs up; says that nothing more comes
 *   vNAME=VALUE     zeta has a new value;  s  f: it is stale, fresh;  g  b: it leaves the bus, comes back
 *   o               writes stay open from now on, or not;  k  K: those that are open go well, badly
 *   w               the next writes cannot even begin, or can again
 *   u               upsd.users is read again;  dTEXT: ups.conf is, with this in it
 *   t               so much time passes that all limits are over
 *   mN  nN          memory for what is kept, and the number of connections, are limited
 *   z               the gateway restarts
 *   Z  ZN           it is killed and starts again, now or N moments from now (see fuzz-crash.h)
 *   T               the server does all that there is to do, and nobody reads */

#include "fuzz-stage.h"

#include "log.h"
#include "parse-util.h"
#include "server.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPEAT_MAX 2000U
#define EVENTS_MAX 400U
#define KEPT_LEAST 4096U
#define MOMENTS_MAX 10000U

typedef struct Script {
        Stage stage;
        Peer *speaker; /* of the last words */
        const char *words;
        size_t n_words;
} Script;

/* A number at the end of an event, up to a largest one. */
static unsigned number(const char *text, unsigned max) {
        uint64_t n;

        return parse_uint64(text, 0, UINT32_MAX, &n) < 0 ? 1 : (unsigned) MIN(n, (uint64_t) max);
}

/*** Clients ***/

static Peer *peer_of(Script *s, const char *text) {
        return *text >= '0' && *text < '0' + (char) PEERS ? s->stage.peers + (*text - '0') : NULL;
}

static void say(Script *s, Peer *p, const char *words) {
        s->speaker = p;
        s->words = words;
        s->n_words = strlen(words);
        stage_connect(&s->stage, p);
        peer_send(p, words, s->n_words);
}

static void repeat(Script *s, const char *text) {
        unsigned n = number(text, REPEAT_MAX);

        for (unsigned i = 0; s->speaker && i < n; i++)
                peer_send(s->speaker, s->words, s->n_words);
}

static void read_some(Script *s, const char *text) {
        Peer *p = peer_of(s, text);

        if (p)
                (void) peer_read(p, number(text + 1, 65536));
}

/*** Devices ***/

static void apply(Script *s, const Update *u) {
        Stage *g = &s->stage;

        if (model_apply(g->fake->models[0], u, NULL) < 0 || !g->zeta)
                return;
        device_invalidate(g->zeta);
        device_note(g->zeta, NEWS_STATE);
}

static void set_value(Script *s, const char *text) {
        _cleanup_(update_freep) Update *u = update_new();
        const char *equals = strchr(text, '=');

        ASSERT_TRUE(u);
        if (!equals)
                return;
        _cleanup_free_ char *name = strndup(text, (size_t) (equals - text));
        ASSERT_TRUE(name);
        if (update_set(u, name, equals + 1) >= 0)
                apply(s, u);
}

static void set_freshness(Script *s, Freshness f) {
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(u);
        ASSERT_OK(update_freshness(u, f));
        apply(s, u);
}

static void leave_bus(Script *s) {
        Stage *g = &s->stage;

        fake_gateway_reply(g->fake, -ENODEV);
        if (g->zeta)
                device_table_absent(g->gateway->devices, TAKE_PTR(g->zeta), stage_device_gone, g);
}

static void join_bus(Script *s) {
        Stage *g = &s->stage;

        if (!g->zeta)
                ASSERT_OK(device_table_present(g->gateway->devices, "zeta", "", g->fake->models[0],
                                (MirrorDevice *) (void *) g->fake, &g->zeta));
}

/*** Configuration ***/

static void ignore(void *userdata, int level, const char *file, unsigned line, const char *message) {
}

static void configure_devices(Script *s, const char *text) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(ups_conf_freep) UpsConf *c = NULL;

        if (conf_parse("ups.conf", text, strlen(text), ignore, NULL, &lines) >= 0 &&
            ups_conf_from_lines(lines, ignore, NULL, &c) >= 0)
                ASSERT_OK(device_table_configure(s->stage.gateway->devices, c, stage_device_gone,
                                &s->stage));
}

/* Nobody's verdict holds any more. */
static void read_users(Script *s) {
        s->stage.gateway->user_generation++;
}

static void limit_memory(Script *s, const char *text) {
        stage_all_may_vanish(&s->stage);
        s->stage.gateway->server->n_kept_max = KEPT_LEAST + number(text, 1U << 20);
}

static void limit_connections(Script *s, const char *text) {
        stage_all_may_vanish(&s->stage);
        s->stage.gateway->server->n_max = number(text, PEERS);
}

/*** The script ***/

static void do_device(Script *s, char what, const char *text) {
        FakeGateway *f = s->stage.fake;

        switch (what) {
        case 'v':
                set_value(s, text);
                break;
        case 's':
        case 'f':
                set_freshness(s, what == 's' ? FRESHNESS_STALE : FRESHNESS_FRESH);
                break;
        case 'g':
                leave_bus(s);
                break;
        case 'b':
                join_bus(s);
                break;
        case 'o':
                f->keep_open = !f->keep_open;
                break;
        case 'k':
        case 'K':
                fake_gateway_reply(f, what == 'k' ? 0 : -ETIMEDOUT);
                break;
        case 'w':
                f->write_result = f->write_result < 0 ? 0 : -ENOTCONN;
                break;
        }
}

static void do_server(Script *s, char what, const char *text) {
        switch (what) {
        case 'u':
                read_users(s);
                break;
        case 'd':
                configure_devices(s, text);
                break;
        case 't':
                stage_pass_time(&s->stage);
                break;
        case 'm':
                limit_memory(s, text);
                break;
        case 'n':
                limit_connections(s, text);
                break;
        case 'z':
                stage_restart(&s->stage);
                break;
        case 'Z':
                stage_crash(&s->stage, *text ? number(text, MOMENTS_MAX) : 0);
                break;
        }
}

static void do_event(Script *s, const char *text) {
        Peer *p = peer_of(s, text);

        if (p)
                say(s, p, text + 1);
        else if (*text == '*')
                repeat(s, text + 1);
        else if (*text == 'r')
                read_some(s, text + 1);
        else if (*text == 'R' || *text == 'T')
                stage_settle(&s->stage, *text == 'R');
        else if (*text == 'c' && (p = peer_of(s, text + 1)))
                peer_close(p);
        else if (*text == 'h' && (p = peer_of(s, text + 1)))
                peer_finish(p);
        else {
                do_device(s, *text, text + 1);
                do_server(s, *text, strempty(*text ? text + 1 : NULL));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *script = strndup((const char *) data, size);
        Script s = {};
        char *at = script, *event;

        log_set_max_level(LOG_EMERG);
        ASSERT_TRUE(script);
        stage_open(&s.stage);
        for (unsigned i = 0; i < EVENTS_MAX && (event = strsep(&at, "|")); i++) {
                do_event(&s, event);
                stage_turn(&s.stage, 0);
                for (size_t k = 0; k < PEERS; k++)
                        (void) peer_push(s.stage.peers + k);
        }
        stage_close(&s.stage);
        return 0;
}
