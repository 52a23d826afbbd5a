/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-stage.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "client.h"
#include "fsd.h"
#include "server.h"
#include "state.h"
#include "state-slot.h"
#include "test-util.h"
#include "time-util.h"

#define IDLE_TURNS 4U
/* Of the server's end: who does not read is noticed soon. */
#define SEND_BUFFER 4096

/*** The service manager ***/

static int manager_new(void) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        _cleanup_free_ char *name = strprintf("busbar-fuzz-%d", (int) getpid());

        ASSERT_TRUE(name && strlen(name) < sizeof(a.sun_path) - 1);
        memcpy(a.sun_path + 1, name, strlen(name));

        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        socklen_t n = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
        ASSERT_OK(fd);
        ASSERT_EQ(bind(fd, (struct sockaddr *) &a, n), 0);

        _cleanup_free_ char *path = strjoin("@", name);
        ASSERT_TRUE(path);
        ASSERT_EQ(setenv("NOTIFY_SOCKET", path, true), 0);
        return fd;
}

static void keep(Stage *g, const char *text, int fd) {
        if (strstr(text, "FDNAME=state")) {
                safe_close(g->state_fd);
                g->state_fd = fd;
        } else if (strstr(text, "FDNAME=client") && g->n_stored < STORED_MAX)
                g->stored[g->n_stored++] = fd;
        else
                safe_close(fd);
}

/* Lets go of connections that have ended, as systemd does. */
static void prune_stored(Stage *g) {
        size_t n = 0;

        for (size_t i = 0; i < g->n_stored; i++) {
                struct pollfd p = { .fd = g->stored[i] };

                if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)))
                        safe_close(g->stored[i]);
                else
                        g->stored[n++] = g->stored[i];
        }
        g->n_stored = n;
}

static void drop(Stage *g, const char *text, int fd) {
        safe_close(fd);
}

/* What becomes of the descriptors is up to take(). */
static void receive_messages(Stage *g, void (*take)(Stage *g, const char *text, int fd)) {
        for (;;) {
                char text[512] = {};
                union {
                        struct cmsghdr header;
                        char space[CMSG_SPACE(sizeof(int) * STORED_MAX)];
                } control = {};
                struct iovec v = { text, sizeof(text) - 1 };
                struct msghdr m = {
                        .msg_iov = &v,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control),
                };

                if (recvmsg(g->manager, &m, MSG_CMSG_CLOEXEC) <= 0)
                        break;
                for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
                        for (size_t i = 0; h->cmsg_type == SCM_RIGHTS && CMSG_LEN(sizeof(int) * (i + 1)) <=
                                        h->cmsg_len; i++) {
                                int fd;

                                memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
                                take(g, text, fd);
                        }
        }
}

void stage_receive_stored(Stage *g) {
        receive_messages(g, keep);
        prune_stored(g);
}

/*** What holds always ***/

static unsigned count_clients(const Server *s, const Device *d, uint64_t *ret_kept) {
        unsigned n = 0;

        *ret_kept = 0;
        for (unsigned p = 0; p < SERVER_PHASES; p++)
                for (const Client *c = s->clients[p].first; c; c = c->next) {
                        *ret_kept += c->kept;
                        n += d && c->session.device == d;
                }
        return n;
}

/* What is counted for the network of a client is the sum of its clients'. */
static void check_network(const Server *s, const Network *network) {
        uint64_t kept = 0;
        unsigned n = 0;

        for (unsigned p = 0; p < SERVER_PHASES; p++)
                for (const Client *c = s->clients[p].first; c; c = c->next)
                        if (c->session.host->network == network) {
                                kept += c->kept;
                                n++;
                        }
        ASSERT_EQ(kept, network->turns.n_kept);
        ASSERT_EQ(n, network->n_clients);
}

static void check_accounts(Stage *g) {
        Server *s = g->gateway->server;
        uint64_t kept;

        for (unsigned p = 0; p < SERVER_PHASES; p++)
                for (const Client *c = s->clients[p].first; c; c = c->next)
                        check_network(s, c->session.host->network);
        (void) count_clients(s, NULL, &kept);
        ASSERT_EQ(kept, s->n_kept);
        ASSERT_TRUE(s->n_clients + s->n_leaving <= PEERS * 2);
        for (size_t i = 0; i < device_table_count(g->gateway->devices); i++) {
                Device *d = device_table_get(g->gateway->devices, i);

                ASSERT_EQ(count_clients(s, d, &kept), d->n_sessions);
        }
}

static void bury(Stage *g);

void stage_turn(Stage *g, int msec) {
        crash_arm(g);
        ASSERT_OK(server_turn(g->gateway->server, msec));
        crash_disarm();
        if (g->crash.happened)
                bury(g);
        stage_receive_stored(g);
        check_accounts(g);
}

static bool somebody_is_verified(const Server *s) {
        for (const Client *c = s->clients[CLIENT_WAITING].first; c; c = c->next)
                if (c->session.verification)
                        return true;
        return false;
}

void stage_settle(Stage *g, bool reading) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 20 * USEC_PER_SEC;

        for (unsigned idle = 0; idle < IDLE_TURNS; idle++) {
                bool verified = somebody_is_verified(g->gateway->server);

                stage_turn(g, verified ? 10 : 0);
                for (size_t i = 0; i < PEERS; i++) {
                        while (reading && peer_read(g->peers + i, SIZE_MAX))
                                idle = 0;
                        if (peer_push(g->peers + i))
                                idle = 0;
                }
                if (verified)
                        idle = 0;
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
        }
}

/*** The gateway ***/

/* passed: sockets of an earlier process, owned from then on. */
static void start(Stage *g, int state_fd, int *passed, size_t n_passed) {
        Gateway *w = g->gateway;

        ASSERT_OK(sd_event_new(&w->event));
        ASSERT_OK(verifier_new(w->event, &w->verifier));
        ASSERT_OK(server_new(w, &SERVER_LIMITS_DEFAULT, &w->server));
        ASSERT_OK(gateway_start_news(w));
        server_configure(w->server, w->conf);
        w->server->passed = passed;
        w->server->n_passed = n_passed;
        ASSERT_EQ(state_new(state_fd, &w->state), state_fd >= 0);
        stage_receive_stored(g);
        state_restore_forced(w->state, w);
        server_resume_clients(w->server);
        state_collect(w->state);
}

static void stop(Stage *g) {
        Gateway *w = g->gateway;

        device_table_on_news(w->devices, NULL, NULL);
        server_free(TAKE_PTR(w->server));
        fake_gateway_reply(g->fake, -ENODEV);
        for (size_t i = 0; i < device_table_count(w->devices); i++)
                fsd_free(device_table_get(w->devices, i));
        w->news = sd_event_source_disable_unref(w->news);
        w->state = state_free(w->state);
        w->verifier = verifier_free(w->verifier);
        w->event = sd_event_unref(w->event);
}

void stage_all_may_vanish(Stage *g) {
        for (size_t i = 0; i < PEERS; i++)
                g->peers[i].may_vanish = true;
}

/* Clients who cannot be handed over are hung up on; which line of theirs comes last is not known here. */
static void expect_restart(Stage *g) {
        const Server *s = g->gateway->server;

        if (s->clients[CLIENT_BLOCKED].first || s->clients[CLIENT_WAITING].first)
                stage_all_may_vanish(g);
        for (size_t i = 0; i < PEERS; i++)
                if (g->peers[i].fd >= 0 && g->peers[i].n_begun > SLOT_SIZE / 4)
                        g->peers[i].vague = true;
}

/* Goes on from what is left of the gateway that ended. */
static void start_again(Stage *g) {
        int *passed = new0(int, STORED_MAX), fd;

        ASSERT_TRUE(passed);
        for (size_t i = 0; i < g->n_stored; i++)
                ASSERT_OK(passed[i] = fcntl(g->stored[i], F_DUPFD_CLOEXEC, 3));
        ASSERT_OK(fd = fcntl(g->state_fd, F_DUPFD_CLOEXEC, 3));
        start(g, fd, passed, g->n_stored);
}

void stage_restart(Stage *g) {
        stage_turn(g, 0);
        expect_restart(g);
        stop(g);
        stage_receive_stored(g);
        start_again(g);
}

static bool is_stored(const Stage *g, uint64_t wanted) {
        for (size_t i = 0; i < g->n_stored; i++) {
                uint64_t cookie = 0;
                socklen_t n = sizeof(cookie);

                (void) getsockopt(g->stored[i], SOL_SOCKET, SO_COOKIE, &cookie, &n);
                if (cookie == wanted)
                        return true;
        }
        return false;
}

/* Whose request was in hand is hung up on, and who was not with the service manager yet. All others are as
 * they were. */
void stage_expect_crash(Stage *g) {
        expect_restart(g);
        for (size_t i = 0; i < PEERS; i++) {
                Peer *p = g->peers + i;

                if (p->fd >= 0 && (p->cookie == g->crash.in_hand || !is_stored(g, p->cookie)))
                        p->may_vanish = true;
        }
}

static void bury(Stage *g) {
        g->crash.happened = false;
        stop(g);
        receive_messages(g, drop);
        prune_stored(g);
        safe_close(g->state_fd);
        g->state_fd = g->crash.state_fd;
        start_again(g);
}

void stage_crash(Stage *g, unsigned moments) {
        if (moments > 0) {
                g->crash.moments = moments;
                return;
        }
        crash_happen(g);
        bury(g);
}

void stage_device_gone(void *userdata, Device *d) {
        Stage *g = userdata;

        fsd_clear(g->gateway, d, "the device is no more");
        stage_all_may_vanish(g);
        server_drop_device(g->gateway->server, d);
}

void stage_pass_time(Stage *g) {
        Server *s = g->gateway->server;

        stage_all_may_vanish(g);
        for (unsigned p = 0; p < SERVER_PHASES; p++)
                for (Client *c = s->clients[p].first; c; c = c->next)
                        c->since_usec = 0;
        (void) sd_event_source_set_time(s->timer, 0);
        (void) sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
        g->gateway->touched = true;
        stage_settle(g, false);
}

/*** Clients ***/

/* Who is refused is told so. */
static void check_refusal(int fd) {
        char text[64] = {};

        ASSERT_TRUE(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
        ASSERT_TRUE(strncmp(text, "ERR ", 4) == 0 && strchr(text, '\n') == text + strlen(text) - 1);
        safe_close(fd);
}

/* Neighbours, strangers and ourselves. */
static SocketAddress address_of(const Stage *g, const Peer *p) {
        static const char *const addresses[] = { "127.0.0.1", "192.0.2.1", "192.0.2.2", "2001:db8::1",
                                                 "2001:db8::2", "2001:db8:0:1::1" };
        size_t i = (size_t) (p - g->peers);
        SocketAddress a = { .sa.sa_family = AF_UNIX };

        if (i >= ELEMENTSOF(addresses))
                return a;
        a.sa.sa_family = strchr(addresses[i], ':') ? AF_INET6 : AF_INET;
        ASSERT_EQ(inet_pton(a.sa.sa_family, addresses[i], a.sa.sa_family == AF_INET
                        ? (void *) &a.in.sin_addr : &a.in6.sin6_addr), 1);
        return a;
}

void stage_connect(Stage *g, Peer *p) {
        SocketAddress address = address_of(g, p);
        int fds[2], size = SEND_BUFFER;

        if (p->fd >= 0)
                return;

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        ASSERT_EQ(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
        const Client *c = server_adopt(g->gateway->server, fds[1], &address);
        if (!c) {
                check_refusal(fds[0]);
                return;
        }
        peer_open(p, fds[0]);
        p->cookie = c->cookie;
        p->may_vanish = g->gateway->server->n_kept_max < SERVER_KEPT_MAX ||
                g->gateway->server->n_max < UPSD_CONNECTIONS_MAX;
        /* The service manager has it before anything is read from it. */
        while (g->gateway->server->n_unstored > 0)
                stage_turn(g, 0);
}

/*** Begin and end ***/

void stage_open(Stage *g) {
        *g = (Stage) { .fake = fake_gateway_new(), .manager = manager_new(), .state_fd = -EBADF };
        g->gateway = &g->fake->gateway;
        g->zeta = device_table_find(g->gateway->devices, "zeta");
        for (size_t i = 0; i < PEERS; i++)
                g->peers[i].fd = -EBADF;
        start(g, -EBADF, NULL, 0);
}

/* All who are connected get all their answers. */
static void check_all_answered(Stage *g) {
        unsigned n_sessions = 0, n_logged_in = 0;

        g->crash.moments = 0;
        g->fake->keep_open = false;
        do {
                fake_gateway_reply(g->fake, 0);
                stage_settle(g, true);
        } while (g->fake->n_open > 0);

        for (size_t i = 0; i < PEERS; i++) {
                const Peer *p = g->peers + i;

                n_logged_in += p->fd >= 0 && p->logged_in;
                ASSERT_TRUE(p->fd < 0 || p->vague || !peer_has_questions(p));
                ASSERT_TRUE(p->fd < 0 || !p->in_list);
                ASSERT_TRUE(p->fd < 0 || !p->finished);
        }
        for (size_t i = 0; i < device_table_count(g->gateway->devices); i++)
                n_sessions += device_table_get(g->gateway->devices, i)->n_sessions;
        ASSERT_EQ(n_sessions, n_logged_in);
}

static unsigned count_slots(const Stage *g) {
        unsigned n = 0;
        Slot slot;

        for (off_t i = 1; pread(g->state_fd, &slot, sizeof(slot), i * (off_t) sizeof(slot)) > 0; i++)
                n += slot.type == SLOT_SESSION;
        return n;
}

static void check_nothing_left(Stage *g) {
        const Server *s = g->gateway->server;

        ASSERT_EQ(s->n_clients, 0);
        ASSERT_EQ(s->n_leaving, 0);
        ASSERT_EQ(s->n_kept, 0);
        ASSERT_EQ(s->n_unstored, 0);
        ASSERT_EQ(count_slots(g), 0);
        ASSERT_EQ(g->n_stored, 0);
}

void stage_close(Stage *g) {
        check_all_answered(g);
        for (size_t i = 0; i < PEERS; i++)
                peer_close(g->peers + i);
        stage_settle(g, false);
        check_nothing_left(g);
        stop(g);
        safe_close(g->state_fd);
        safe_close(g->manager);
        fake_gateway_free(g->fake);
}
