/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "test-snmp-net-util.h"

/* An agent that is none: it answers what it gets with the same bytes, or with other ones. */

#define OBJECT "1.3.6.1.2.1.1.1.0"

typedef enum Mode {
        MODE_SILENT,
        MODE_ECHO,      /* a right answer, with nothing in it */
        MODE_GARBAGE,   /* and the right answer after it */
        MODE_ONLY_GARBAGE,
        MODE_CUT,       /* each answer in all its lengths, the whole one last */
        MODE_WRONG_ID,  /* and the right one after it */
        MODE_TWICE,
        MODE_TOO_BIG,
        MODE_OTHER,     /* another object */
        MODE_BEFORE,    /* an object before */
        MODE_WRONG_VERSION,
        MODE_LOSE_TWO,  /* answers the third attempt */
        MODE_FLIP,      /* each bit of an answer is wrong once, then the right one */
        MODE_HUGE,      /* the largest datagram there is, full of nothing, then the right one */
} Mode;

typedef struct Peer {
        int fd;
        unsigned port;
        Mode mode;
        unsigned n_requests, n_at_once, n_at_once_max;
        struct sockaddr_in last;
        sd_event_source *source;
} Peer;

static const SnmpCredentials public = { .version = SNMP_V2C, .community = "public" };

/* Where the PDU of a message with that community is. */
#define PDU_AT (2U + 3U + 2U + 6U)
#define ID_AT (PDU_AT + 4U)
#define STATUS_AT (ID_AT + 4U + 2U)

static void answer(const Peer *p, const uint8_t *data, size_t n) {
        ASSERT_EQ(sendto(p->fd, data, n, 0, (const struct sockaddr *) &p->last, sizeof(p->last)), n);
}

static void answer_flipped(const Peer *p, uint8_t *data, size_t n) {
        /* Not the last, which changes the object, or the number of the request. */
        for (size_t i = 0; i < n; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        if (i == STATUS_AT || i == STATUS_AT + 3 || i >= STATUS_AT + 6)
                                continue;
                        data[i] ^= (uint8_t) (1U << bit);
                        answer(p, data, n);
                        data[i] ^= (uint8_t) (1U << bit);
                }
}

static void misbehave(Peer *p, uint8_t *data, size_t n) {
        uint8_t huge[65507] = { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff };

        switch (p->mode) {
        case MODE_GARBAGE:
        case MODE_ONLY_GARBAGE:
                answer(p, (const uint8_t *) "garbage", 7);
                answer(p, (const uint8_t *) "", 0);
                answer(p, (const uint8_t *) "\x30\x80\x02\x01", 4);
                break;
        case MODE_CUT:
                for (size_t i = 0; i < n; i++)
                        answer(p, data, i);
                break;
        case MODE_WRONG_ID:
                data[ID_AT + 3] ^= 1;
                answer(p, data, n);
                data[ID_AT + 3] ^= 1;
                break;
        case MODE_TOO_BIG:
                data[STATUS_AT] = 1;
                break;
        case MODE_OTHER:
                data[n - 3] = 1;
                break;
        case MODE_BEFORE:
                data[n - 4] = 0;
                break;
        case MODE_WRONG_VERSION:
                data[4] = 0;
                break;
        case MODE_FLIP:
                answer_flipped(p, data, n);
                break;
        case MODE_HUGE:
                answer(p, huge, sizeof(huge));
                break;
        default:
                break;
        }
}

static int on_request(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Peer *p = userdata;
        uint8_t data[2048];
        socklen_t size = sizeof(p->last);
        ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *) &p->last, &size);

        ASSERT_TRUE(n > (ssize_t) STATUS_AT);
        p->n_requests++;
        if (p->mode == MODE_SILENT || (p->mode == MODE_LOSE_TWO && p->n_requests < 3))
                return 0;
        data[PDU_AT] = 0xa2;
        misbehave(p, data, (size_t) n);
        if (p->mode == MODE_ONLY_GARBAGE)
                return 0;
        answer(p, data, (size_t) n);
        if (p->mode == MODE_TWICE)
                answer(p, data, (size_t) n);
        return 0;
}

static void peer_done(Peer *p) {
        sd_event_source_disable_unref(p->source);
        safe_close(p->fd);
}

static Peer *peer_start(sd_event *event, Peer *p, Mode mode) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t n = sizeof(a);

        *p = (Peer) { .mode = mode, .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
        ASSERT_OK(p->fd);
        ASSERT_EQ(bind(p->fd, (struct sockaddr *) &a, n), 0);
        ASSERT_EQ(getsockname(p->fd, (struct sockaddr *) &a, &n), 0);
        p->port = ntohs(a.sin_port);
        ASSERT_OK(sd_event_add_io(event, &p->source, p->fd, EPOLLIN, on_request, p));
        return p;
}

/*** Peers ***/

static void test_peers(SnmpNet *net) {
        static const struct {
                const char *input, *peer;
        } cases[] = {
                { "192.0.2.1",             "udp:192.0.2.1:161"       },
                { "192.0.2.1:1161",        "udp:192.0.2.1:1161"      },
                { "udp:ups.example:161",   "udp:ups.example:161"     },
                { "UDP6:[2001:db8::1]:99", "udp6:[2001:db8::1]:99"   },
                { "[2001:db8::1]",         "udp:[2001:db8::1]:161"   },
                { "2001:db8::1",           "udp:[2001:db8::1]:161"   },
                { "tcp:pdu",               "tcp:pdu:161"             },
                { "pdu:0",                 NULL                      },
                { "pdu:65536",             NULL                      },
                { "pdu:snmp",              NULL                      },
                { "[2001:db8::1",          NULL                      },
                { "[2001:db8::1]x",        NULL                      },
                { "udp:",                  NULL                      },
                { ":161",                  NULL                      },
                { "unix:/run/x",           NULL                      },
                { "a host",                NULL                      },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
                _cleanup_free_ char *why = NULL;
                int r = snmp_net_open(net, cases[i].input, &public, &(SnmpNetOptions) {}, &link, &why);

                ASSERT_EQ(r, cases[i].peer ? 0 : -EINVAL);
                ASSERT_EQ(!why, !!cases[i].peer);
                ASSERT_STREQ(link ? link->peer : NULL, cases[i].peer);
        }
}

static void test_credentials(SnmpNet *net) {
        static const struct {
                SnmpCredentials c;
                int result;
        } cases[] = {
                {{.version = SNMP_V3}, -EINVAL},
                {{.version = SNMP_V3, .user = "u"}, 0},
                {{.version = SNMP_V3, .user = "u", .level = SNMP_LEVEL_AUTH}, -EINVAL},
                {{.version = SNMP_V3,
                         .user = "u",
                         .level = SNMP_LEVEL_AUTH,
                         .auth_protocol = "MD5",
                         .auth_password = "short"},
                        -EINVAL},
                {{.version = SNMP_V3,
                         .user = "u",
                         .level = SNMP_LEVEL_AUTH,
                         .auth_protocol = "MD4",
                         .auth_password = "long enough"},
                        -EINVAL},
                {{.version = SNMP_V3,
                         .user = "u",
                         .level = SNMP_LEVEL_AUTH,
                         .auth_protocol = "SHA-256",
                         .auth_password = "long enough"},
                        0},
                {{.version = SNMP_V3,
                         .user = "u",
                         .level = SNMP_LEVEL_PRIV,
                         .auth_protocol = "SHA",
                         .auth_password = "long enough"},
                        -EINVAL},
                {{.version = SNMP_V3,
                         .user = "u",
                         .level = SNMP_LEVEL_PRIV,
                         .auth_protocol = "SHA",
                         .auth_password = "long enough",
                         .priv_protocol = "AES",
                         .priv_password = "long enough"},
                        0},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
                _cleanup_free_ char *why = NULL;

                ASSERT_EQ(snmp_net_open(net, "192.0.2.1", &cases[i].c, &(SnmpNetOptions) {}, &link, &why),
                          cases[i].result);
                ASSERT_EQ(!why, cases[i].result == 0);
        }
        ASSERT_TRUE(snmp_net_knows_auth("SHA512"));
        ASSERT_FALSE(snmp_net_knows_auth("none"));
        ASSERT_TRUE(snmp_net_knows_priv("AES"));
        ASSERT_FALSE(snmp_net_knows_priv(""));
}

/*** Answers ***/

static void test_answers(sd_event *event, SnmpNet *net) {
        static const struct {
                Mode mode;
                SnmpOperation operation;
                int result;
                unsigned status;
        } cases[] = {
                { MODE_ECHO,          SNMP_GET,      0,          0 },
                { MODE_ECHO,          SNMP_GET_NEXT, -EPROTO,    0 }, /* not behind */
                { MODE_ECHO,          SNMP_GET_BULK, -EPROTO,    0 },
                { MODE_GARBAGE,       SNMP_GET,      0,          0 },
                { MODE_ONLY_GARBAGE,  SNMP_GET,      -EBADMSG,   0 },
                { MODE_CUT,           SNMP_GET,      0,          0 },
                { MODE_WRONG_ID,      SNMP_GET,      0,          0 },
                { MODE_TWICE,         SNMP_GET,      0,          0 },
                { MODE_TOO_BIG,       SNMP_GET,      0,          1 },
                { MODE_OTHER,         SNMP_GET,      -EPROTO,    0 },
                { MODE_OTHER,         SNMP_GET_NEXT, 0,          0 },
                { MODE_BEFORE,        SNMP_GET_NEXT, -EPROTO,    0 },
                { MODE_WRONG_VERSION, SNMP_GET,      -EBADMSG,   0 },
                { MODE_LOSE_TWO,      SNMP_GET,      0,          0 },
                { MODE_SILENT,        SNMP_GET,      -ETIMEDOUT, 0 },
                { MODE_HUGE,          SNMP_GET,      0,          0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
                _cleanup_(peer_done) Peer p = {};

                peer_start(event, &p, cases[i].mode);
                link = open_link(net, p.port, &public, 50 * USEC_PER_MSEC, 3);
                for (unsigned k = 0; k < 2; k++) {
                        _cleanup_(result_done) Result result = ask(event, link, cases[i].operation, OBJECT);

                        if (result.r != cases[i].result || result.status != cases[i].status)
                                TEST_FAIL("case %zu, try %u: %d, status %u", i, k, result.r, result.status);
                }
        }
}

static void test_flipped(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_(result_done) Result result = {};
        _cleanup_(peer_done) Peer p = {};

        peer_start(event, &p, MODE_FLIP);
        link = open_link(net, p.port, &public, USEC_PER_SEC, 3);
        result = ask(event, link, SNMP_GET, OBJECT);
        ASSERT_EQ(result.n, 1);
}

static Result ask_set(sd_event *event, SnmpLink *link, bool may_repeat) {
        SnmpValue value = { .type = SNMP_TYPE_INTEGER, .integer = 1 };
        const SnmpRequest q = { SNMP_SET, .values = &value, .n = 1, .may_repeat = may_repeat };
        Result result = {};

        ASSERT_OK(snmp_oid_parse(OBJECT, &value.oid));
        ASSERT_OK(snmp_link_request(link, &q, on_result, &result));
        wait_result(event, &result);
        snmp_value_done(&value);
        return result;
}

/* Each attempt, and all together, end in time; a request of its own knows better than the options. */
static void test_attempts(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_(result_done) Result result = {};
        _cleanup_(peer_done) Peer p = {};
        _cleanup_(snmp_oid_done) SnmpOid oid = {};
        SnmpRequest q = { .operation = SNMP_GET, .n = 1, .timeout_usec = 20 * USEC_PER_MSEC };

        peer_start(event, &p, MODE_SILENT);
        link = open_link(net, p.port, &public, 100 * USEC_PER_MSEC, 4);
        /* All of them fit in; on a machine that is busy the time may be over before, but not always. */
        for (unsigned i = 0; i < 10 && p.n_requests != 5; i++) {
                p.n_requests = 0;
                result_done(&result);
                result = ask(event, link, SNMP_GET, OBJECT);
                ASSERT_EQ(result.r, -ETIMEDOUT);
                ASSERT_TRUE(p.n_requests <= 5);
        }
        ASSERT_EQ(p.n_requests, 5);

        /* The agent may have done what it does not answer. */
        for (unsigned i = 0; i < 2; i++) {
                p.n_requests = 0;
                result_done(&result);
                result = ask_set(event, link, i > 0);
                ASSERT_EQ(result.r, -ETIMEDOUT);
                ASSERT_TRUE(i > 0 ? p.n_requests > 1 : p.n_requests == 1);
        }

        result_done(&result);
        p.n_requests = 0;
        ASSERT_OK(snmp_oid_parse(OBJECT, &oid));
        q.oids = &oid;
        ASSERT_OK(snmp_link_request(link, &q, on_result, &result));
        wait_result(event, &result);
        ASSERT_TRUE(p.n_requests >= 1 && p.n_requests <= 2);
}

static void test_refused(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        Peer p = {};

        peer_start(event, &p, MODE_ECHO);
        link = open_link(net, p.port, &public, 3600 * USEC_PER_SEC, 3);
        for (unsigned i = 0; i < 2; i++) {
                _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, OBJECT);

                ASSERT_EQ(result.r, 0);
        }
        peer_done(&p);
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, OBJECT);

                ASSERT_EQ(result.r, -ECONNREFUSED);
        }
}

/*** Several ***/

static unsigned n_over(const Result *results, size_t n) {
        unsigned over = 0;

        for (size_t i = 0; i < n; i++)
                over += results[i].is_there;
        return over;
}

/* Two at a time; the others get their turn when these are over. */
static void test_turns(sd_event *event, SnmpNet *net) {
        SnmpLink *links[6];
        Result results[6] = {};
        _cleanup_(peer_done) Peer p = {};

        peer_start(event, &p, MODE_SILENT);
        for (size_t i = 0; i < ELEMENTSOF(links); i++) {
                links[i] = open_link(net, p.port, &public, 3600 * USEC_PER_SEC, 0);
                start(links[i], SNMP_GET, OBJECT, results + i);
        }
        while (p.n_requests < 2)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        for (unsigned i = 0; i < 10; i++)
                ASSERT_OK(sd_event_run(event, 0));
        ASSERT_EQ(p.n_requests, 2);

        /* One that waits goes, one that is asked goes, one is forgotten. */
        links[3] = snmp_link_free(links[3]);
        links[0] = snmp_link_free(links[0]);
        snmp_link_cancel(links[1]);
        while (p.n_requests < 4)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        ASSERT_EQ(n_over(results, ELEMENTSOF(results)), 0);

        p.mode = MODE_ECHO;
        links[2] = snmp_link_free(links[2]);
        while (!results[5].is_there)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        ASSERT_EQ(p.n_requests, 5);
        for (size_t i = 0; i < ELEMENTSOF(links); i++) {
                snmp_link_free(links[i]);
                result_done(results + i);
        }
}

/* A dead agent, and a name that nobody knows, delay nobody: a living agent answers each of many requests
 * while they are tried. */
static void test_no_delay(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *dead = NULL, *unknown = NULL, *alive = NULL;
        _cleanup_(result_done) Result dead_result = {}, unknown_result = {};
        _cleanup_(peer_done) Peer p = {}, silent = {};
        _cleanup_free_ char *why = NULL;
        uint64_t longest = 0;
        unsigned n = 0;

        peer_start(event, &silent, MODE_SILENT);
        peer_start(event, &p, MODE_ECHO);
        dead = open_link(net, silent.port, &public, 100 * USEC_PER_MSEC, 2);
        alive = open_link(net, p.port, &public, USEC_PER_SEC, 2);
        ASSERT_OK(snmp_net_open(net, "does-not-exist.invalid", &public,
                                &(SnmpNetOptions) { 100 * USEC_PER_MSEC, 2 }, &unknown, &why));
        start(dead, SNMP_GET, OBJECT, &dead_result);
        start(unknown, SNMP_GET, OBJECT, &unknown_result);
        while (!dead_result.is_there || !unknown_result.is_there) {
                uint64_t begin = now_usec(CLOCK_MONOTONIC);
                _cleanup_(result_done) Result result = ask(event, alive, SNMP_GET, OBJECT);

                ASSERT_EQ(result.r, 0);
                longest = MAX(longest, now_usec(CLOCK_MONOTONIC) - begin);
                n++;
        }
        ASSERT_EQ(dead_result.r, -ETIMEDOUT);
        ASSERT_TRUE(unknown_result.r == -EHOSTUNREACH || unknown_result.r == -ETIMEDOUT);
        ASSERT_TRUE(strstr(unknown_result.why, "does-not-exist.invalid"));
        /* 300 ms were to be filled. */
        printf("%u requests meanwhile, the longest took %u us\n", n, (unsigned) longest);
        ASSERT_TRUE(n > 10);
}

/*** Streams ***/

typedef struct Stream {
        int fd, accepted;
        const char *answer;
        size_t n;
        bool close;
        unsigned n_accepted;
} Stream;

static int on_connection(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Stream *t = userdata;

        safe_close(t->accepted);
        t->accepted = ASSERT_OK(accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
        t->n_accepted++;
        ASSERT_EQ(send(t->accepted, t->answer, t->n, 0), t->n);
        if (t->close)
                t->accepted = safe_close(t->accepted);
        return 0;
}

/* What is no message ends a connection; the next request makes another. */
static void test_streams(sd_event *event, SnmpNet *net) {
        static const struct {
                const char *answer;
                size_t n;
                bool close;
                int result;
        } cases[] = {
                { "",                              0, true,  -ECONNRESET },
                { "\x30\x03\x02",                  3, true,  -ECONNRESET },
                { "\x30\x84\xff\xff\xff\xff\x02", 7, false, -ECONNRESET },
                { "\x30\x03\x02",                  3, false, -ETIMEDOUT  },
                { "\x30\x03\x02\x01\x01",          5, false, -EBADMSG    },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(sd_event_source_unrefp) sd_event_source *source = NULL;
                _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
                _cleanup_free_ char *why = NULL;
                struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
                socklen_t size = sizeof(a);
                Stream t = { .answer = cases[i].answer, .n = cases[i].n, .close = cases[i].close,
                             .accepted = -EBADF };
                char peer[64];

                t.fd = ASSERT_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
                ASSERT_EQ(bind(t.fd, (struct sockaddr *) &a, size), 0);
                ASSERT_EQ(listen(t.fd, 8), 0);
                ASSERT_EQ(getsockname(t.fd, (struct sockaddr *) &a, &size), 0);
                ASSERT_OK(sd_event_add_io(event, &source, t.fd, EPOLLIN, on_connection, &t));
                (void) snprintf(peer, sizeof(peer), "tcp:127.0.0.1:%u", ntohs(a.sin_port));
                ASSERT_OK(snmp_net_open(
                        net, peer, &public, &(SnmpNetOptions){50 * USEC_PER_MSEC, 1}, &link, &why));
                for (unsigned k = 0; k < 3; k++) {
                        _cleanup_(result_done) Result result = ask(event, link, SNMP_GET, OBJECT);

                        if (result.r != cases[i].result && result.r != -EPIPE)
                                TEST_FAIL("case %zu: %d", i, result.r);
                }
                ASSERT_EQ(t.n_accepted, 3);
                safe_close(t.accepted);
                safe_close(t.fd);
        }
}

/* Descriptors that select() has no room for. */
static void test_many_descriptors(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_(result_done) Result result = {};
        _cleanup_(peer_done) Peer p = {};
        struct rlimit limit;
        int fds[1100];

        ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = limit.rlim_max;
        ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = ASSERT_OK(dup(STDOUT_FILENO));
        peer_start(event, &p, MODE_ECHO);
        ASSERT_TRUE(p.fd > 1024);
        link = open_link(net, p.port, &public, USEC_PER_SEC, 3);
        result = ask(event, link, SNMP_GET, OBJECT);
        ASSERT_EQ(result.r, 0);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
}

/* What is done in the callback of another request. */
static void on_result_free(SnmpLink *link, int r, const SnmpReply *reply, void *userdata) {
        bool *freed = userdata;

        snmp_link_free(link);
        *freed = true;
}

static void test_free_in_callback(sd_event *event, SnmpNet *net) {
        static const Mode modes[] = { MODE_ECHO, MODE_SILENT, MODE_OTHER };

        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                _cleanup_(peer_done) Peer p = {};
                _cleanup_(snmp_oid_done) SnmpOid oid = {};
                bool freed = false;

                peer_start(event, &p, modes[i]);
                ASSERT_OK(snmp_oid_parse(OBJECT, &oid));
                ASSERT_OK(snmp_link_request(open_link(net, p.port, &public, 20 * USEC_PER_MSEC, 1),
                        &(SnmpRequest){.operation = SNMP_GET, .oids = &oid, .n = 1}, on_result_free,
                        &freed));
                while (!freed)
                        ASSERT_OK(sd_event_run(event, UINT64_MAX));
        }
}

static void test_requests(sd_event *event, SnmpNet *net) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_(result_done) Result result = {};
        _cleanup_(peer_done) Peer p = {};
        SnmpOid oids[200];
        struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

        peer_start(event, &p, MODE_ECHO);
        link = open_link(net, p.port, &public, USEC_PER_SEC, 1);
        for (size_t i = 0; i < ELEMENTSOF(oids); i++)
                ASSERT_OK(snmp_oid_parse("1.3.6.1.4.1.99999.1.2.3.4.5.6.7.0", oids + i));
        ASSERT_EQ(snmp_link_request(link, &(SnmpRequest){.operation = SNMP_GET, .oids = oids, .n = 200},
                          on_result, &result),
                -E2BIG);
        ASSERT_FALSE(snmp_net_is_from(link, (const struct sockaddr *) &from));
        ASSERT_OK(snmp_link_request(
                link, &(SnmpRequest){.operation = SNMP_GET, .oids = oids, .n = 3}, on_result, &result));
        ASSERT_EQ(snmp_link_request(link, &(SnmpRequest){.operation = SNMP_GET, .oids = oids, .n = 3},
                          on_result, &result),
                -EBUSY);
        wait_result(event, &result);
        ASSERT_EQ(result.r, 0);
        ASSERT_EQ(result.n_values, 3);
        ASSERT_TRUE(snmp_net_is_from(link, (const struct sockaddr *) &from));
        from.sin_addr.s_addr++;
        ASSERT_FALSE(snmp_net_is_from(link, (const struct sockaddr *) &from));
        for (size_t i = 0; i < ELEMENTSOF(oids); i++)
                snmp_oid_done(oids + i);
}

int main(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(snmp_net_freep) SnmpNet *net = NULL;

        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(snmp_net_new(event, &net));
        test_peers(net);
        test_credentials(net);
        test_answers(event, net);
        test_flipped(event, net);
        test_attempts(event, net);
        test_refused(event, net);
        test_turns(event, net);
        test_no_delay(event, net);
        test_streams(event, net);
        test_many_descriptors(event, net);
        test_free_in_callback(event, net);
        test_requests(event, net);
        return 0;
}
