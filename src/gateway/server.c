/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "client.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"
#include "watch.h"

#define EVENTS_PER_ROUND 256
#define ACCEPTS_PER_ROUND 64
/* In each round so much time, or one piece of work if that takes longer, is for those who stand in line. */
#define TURNS_USEC USEC_PER_MSEC
/* When the service manager is busy. */
#define STORE_AGAIN_MSEC 20
/* Places that are for clients of this machine only: of each ten one, up to that many. */
#define PLACES_KEPT_MAX 32U
/* To look for those who may go costs much more than to refuse somebody: it is done seldom, and then a number
 * of them goes. */
#define ROOM_PAUSE_USEC (10 * USEC_PER_MSEC)
#define ROOM_MAX 32U
#define REFUSALS_LOGGED ((RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 5 })
#define DENIALS_LOGGED ((RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 100 })

static_assert(SERVER_PHASES == _CLIENT_PHASE_MAX, "a list for each phase");

/*** Refusing ***/

void server_log_refusal(Server *s, const char *what, const char *address, const char *why) {
        if (!log_limit_allow(&s->refusals, LOG_REFUSALS, NULL))
                return;

        (void) log_full(LOG_WARNING, 0,
                        &(LogContext) { .message_id = MESSAGE_CLIENT_REFUSED_STR, .peer = address },
                        "%s a connection from %s: %s", what, address, why);
}

static void tell_host(Host *h) {
        log_limit_tell(&h->denials, LOG_DENIALS, h->address);
        log_limit_tell(&h->writes, LOG_WRITES, h->address);
}

void server_tell_unlogged(Server *s) {
        log_limit_tell(&s->refusals, LOG_REFUSALS, NULL);
        log_limit_tell(&s->denials, LOG_DENIALS, NULL);
        log_limit_tell(&s->failures, LOG_HANDSHAKES, NULL);
        host_table_each(s->hosts, tell_host);
}

/* Without a descriptor for it a connection would wait in the queue for ever, unanswered: the spare one is
 * given up for as long as it takes to send the client away. */
static void refuse_without_descriptor(Server *s, int listener) {
        static const char text[] = "ERR ACCESS-DENIED\n";

        s->spare_fd = safe_close(s->spare_fd);
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
                server_log_refusal(s, "Refusing", "a client", "out of file descriptors");
                (void) send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
                safe_close(fd);
        }
        s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*** Connections ***/

static bool is_full(const Server *s, const Host *h) {
        unsigned n_kept = h->loopback ? 0 : MIN(s->n_max / 10, PLACES_KEPT_MAX);

        return s->n_clients > s->n_max - n_kept;
}

/* Returns how many have gone, up to n, of those who have shown no right credentials: who has been idle
 * longest goes first. */
static unsigned end_unproven(Server *s, const Network *network, unsigned n) {
        unsigned n_ended = 0;

        for (unsigned p = 0; p < CLIENT_LEAVING; p++)
                for (Client *c = s->clients[p].first, *next; c && n_ended < n; c = next) {
                        next = c->next;
                        if (c->session.host->network != network || c->session.proven || c->session.device)
                                continue;
                        server_log_refusal(s, "Dropping", c->session.address,
                                        "its place is for others that have fewer (MAXCONN)");
                        client_give_place(c);
                        n_ended++;
                }
        return n_ended;
}

/* Who has most connections cannot keep others out: these get places of it, as long as they have fewer. */
static bool make_room(Server *s, const Network *newcomer) {
        if (s->now_usec < s->room_usec)
                return false;

        s->room_usec = usec_add(s->now_usec, ROOM_PAUSE_USEC);
        const Network *largest = host_table_largest(s->hosts);
        if (!largest || largest->n_clients <= newcomer->n_clients)
                return false;

        unsigned n = (largest->n_clients - newcomer->n_clients + 1) / 2;
        return end_unproven(s, largest, MIN(n, ROOM_MAX)) > 0;
}

Client *server_adopt(Server *s, int fd, const SocketAddress *address) {
        Client *c;

        Host *host = host_ref(s->hosts, address);
        if (!host) {
                safe_close(fd);
                return NULL;
        }
        if (client_new(s, fd, host, &c) < 0)
                return NULL;

        c->session.sequence = s->next_sequence++;
        if (!host->loopback && host->network->n_clients > s->n_max_per_host) {
                server_log_refusal(s, "Refusing", host->address,
                                "too many connections from there (MAXCONNPERHOST)");
                client_refuse(c, "ACCESS-DENIED");
                return NULL;
        }
        if (is_full(s, host) && !make_room(s, host->network)) {
                server_log_refusal(s, "Refusing", host->address, "too many connections (MAXCONN)");
                client_refuse(c, "ACCESS-DENIED");
                return NULL;
        }

        server_store_later(s, c);
        return c;
}

bool server_accept(Server *s, Listener *l) {
        s->gateway->touched = true;
        for (unsigned i = 0; i < ACCEPTS_PER_ROUND; i++) {
                SocketAddress a = {};
                socklen_t n = sizeof(a);
                int fd = accept4(l->fd, &a.sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

                if (fd >= 0) {
                        (void) server_adopt(s, fd, &a);
                        continue;
                }
                if (errno == EMFILE || errno == ENFILE)
                        refuse_without_descriptor(s, l->fd);
                else if (errno == EAGAIN || errno == EINVAL)
                        return false;
                /* All else is the fate of one connection, which is not there any more. */
        }
        return true;
}

void server_reap(Server *s) {
        while (s->clients[CLIENT_DEAD].first)
                client_free(s->clients[CLIENT_DEAD].first);
}

/* Lets those who stand in line have their turns, for a while. */
static void take_turns(Server *s) {
        uint64_t end;
        Client *c;

        if (!s->turns.due.first && !s->turns.parked.first)
                return;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        end = usec_add(s->now_usec, TURNS_USEC);
        while (s->now_usec < end && (c = turns_next(&s->turns, s->now_usec))) {
                client_take_turn(c);
                s->now_usec = now_usec(CLOCK_MONOTONIC);
        }
}

/* Waits for sockets to be ready, up to a time, and serves them. */
static int serve_round(Server *s, int timeout_msec) {
        struct epoll_event events[EVENTS_PER_ROUND];

        timeout_msec = turns_timeout(&s->turns, s->now_usec, timeout_msec);
        if (s->n_unstored > 0)
                timeout_msec = timeout_msec < 0 ? STORE_AGAIN_MSEC : MIN(timeout_msec, STORE_AGAIN_MSEC);
        int n = epoll_wait(s->epoll_fd, events, EVENTS_PER_ROUND, timeout_msec);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        for (int i = 0; i < n; i++) {
                /* Both kinds begin with the flag that tells them apart. */
                Listener *l = events[i].data.ptr;

                if (!l)
                        s->gateway->touched = true;
                else if (l->is_listener)
                        (void) server_accept(s, l);
                else
                        client_ready(events[i].data.ptr, events[i].events);
        }
        take_turns(s);
        server_reap(s);
        server_store_clients(s);
        return 0;
}

/* The event loop is asked only when it has something to do or its sources may have changed. Nearly all
 * rounds are but questions of clients, which thus cost no more system calls than in a program that does
 * nothing else. */
int server_turn(Server *s, int timeout_msec) {
        sd_event *e = s->gateway->event;
        int r;

        if (!s->prepared) {
                r = sd_event_prepare(e);
                if (r != 0)
                        return r < 0 ? r : sd_event_dispatch(e);
                s->prepared = true;
                s->gateway->touched = false;
        }

        if (!s->on_hold) {
                r = serve_round(s, timeout_msec);
                if (r < 0 || !s->gateway->touched)
                        return r;
                timeout_msec = 0;
        }

        s->prepared = false;
        r = sd_event_wait(e, timeout_msec < 0 ? UINT64_MAX : (uint64_t) timeout_msec * USEC_PER_MSEC);
        return r > 0 ? sd_event_dispatch(e) : r;
}

void server_drop_device(Server *s, Device *d) {
        if (!s)
                return;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        while (d->sessions) {
                Session *session = d->sessions;

                session_logout(session);
                client_close(client_from_session(session));
        }
        while (d->watches) {
                Session *session = d->watches->session;

                watch_end(d->watches);
                client_tell(client_from_session(session));
        }
        server_reap(s);
}

void server_tell_watchers(Server *s, Device *d) {
        watch_note(d);
        s->now_usec = now_usec(CLOCK_MONOTONIC);
        for (Watch *w = d->watches; w; w = w->device_next)
                client_tell(client_from_session(w->session));
}

/* Each is looked at once, though the list changes meanwhile: one that has to wait again stands behind. */
void server_give_room(Server *s) {
        Client *c;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        for (c = s->clients[CLIENT_WAITING].first; c; c = c->next)
                c->room_due = c->session.wants_room;
        s->room_next = s->clients[CLIENT_WAITING].first;
        while ((c = s->room_next)) {
                s->room_next = c->next;
                if (!c->room_due)
                        continue;
                c->room_due = false;
                client_give_room(c);
        }
}

/*** Time limits ***/

static uint64_t limit(const Server *s, ClientPhase phase) {
        const uint64_t limits[] = {
                [CLIENT_IDLE] = s->limits.idle_usec,
                [CLIENT_PARTIAL] = s->limits.partial_usec,
                [CLIENT_BLOCKED] = s->limits.blocked_usec,
                [CLIENT_WAITING] = USEC_INFINITY, /* our own doing */
                [CLIENT_HANDSHAKE] = s->limits.handshake_usec,
                [CLIENT_LEAVING] = s->limits.leaving_usec,
        };

        return phase < ELEMENTSOF(limits) ? limits[phase] : USEC_INFINITY;
}

void server_arm_phase(Server *s, unsigned phase) {
        const Client *first = s->clients[phase].first;
        uint64_t usec = usec_add(first ? first->since_usec : s->now_usec, limit(s, phase));

        if (usec >= s->timer_usec)
                return;

        s->gateway->touched = true;
        s->timer_usec = usec;
        (void) sd_event_source_set_time(s->timer, usec);
        (void) sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

/* Who stands in line cannot help it; only handshakes must not be more than we can manage. */
static void expire(Client *c) {
        if (c->due && c->phase != CLIENT_HANDSHAKE) {
                client_enter(c, c->phase);
                return;
        }

        client_log_expiry(c);
        client_close(c);
}

/* The oldest of a phase stands first in its list, so that only the first ones need be looked at. */
static int on_timer(sd_event_source *es, uint64_t usec, void *userdata) {
        Server *s = userdata;
        uint64_t next = USEC_INFINITY;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        for (unsigned p = 0; p < CLIENT_DEAD; p++) {
                Client *c;

                while ((c = s->clients[p].first) && usec_add(c->since_usec, limit(s, p)) <= s->now_usec)
                        expire(c);
                if (c)
                        next = MIN(next, usec_add(c->since_usec, limit(s, p)));
        }
        server_reap(s);

        s->timer_usec = next;
        if (next == USEC_INFINITY)
                return 0;
        (void) sd_event_source_set_time(s->timer, next);
        return sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

/*** Life ***/

static int start(Server *s) {
        sd_event *e = s->gateway->event;

        s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (s->epoll_fd < 0)
                return -errno;
        s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (s->spare_fd < 0)
                return -errno;
        s->hosts = host_table_new();
        if (!s->hosts)
                return -ENOMEM;

        struct epoll_event event_loop = { .events = EPOLLIN };
        if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, sd_event_get_fd(e), &event_loop) < 0)
                return -errno;

        int r = sd_event_add_time(e, &s->timer, CLOCK_MONOTONIC, 0, 100 * USEC_PER_MSEC, on_timer, s);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(s->timer, "client-limits");
        return sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
}

void server_hold(Server *s, bool on) {
        s->on_hold = on;
}

int server_new(Gateway *g, const ServerLimits *limits, Server **ret) {
        _cleanup_(server_freep) Server *s = new0(Server, 1);

        if (!s)
                return -ENOMEM;
        s->gateway = g;
        s->epoll_fd = s->spare_fd = -EBADF;
        s->limits = *limits;
        s->timer_usec = USEC_INFINITY;
        s->now_usec = now_usec(CLOCK_MONOTONIC);
        s->refusals = REFUSALS_LOGGED;
        s->denials = DENIALS_LOGGED;
        s->failures = REFUSALS_LOGGED;
        s->n_kept_max = SERVER_KEPT_MAX;
        s->n_kept_max_per_host = SERVER_KEPT_PER_HOST_MAX;
        s->next_sequence = 1;
        s->n_max = UPSD_CONNECTIONS_MAX;
        s->n_max_per_host = UPSD_CONNECTIONS_PER_HOST_MAX;

        int r = start(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

/* A successor could not. */
static void answer_what_was_read(Server *s) {
        static const ClientPhase phases[] = { CLIENT_IDLE, CLIENT_PARTIAL };

        for (size_t i = 0; i < ELEMENTSOF(phases); i++)
                for (Client *c = s->clients[phases[i]].first, *next; c; c = next) {
                        next = c->next;
                        while (c->due && c->input && c->phase < CLIENT_BLOCKED) {
                                turns_remove(&s->turns, c);
                                client_take_turn(c);
                        }
                }
}

Server *server_free(Server *s) {
        if (!s)
                return NULL;

        s->stopping = true;
        answer_what_was_read(s);
        server_leave_interfaces(s);
        server_store_rest(s);
        for (unsigned p = 0; p < SERVER_PHASES; p++)
                while (s->clients[p].first)
                        client_free(s->clients[p].first);
        while (s->listeners) {
                Listener *l = s->listeners;

                s->listeners = l->next;
                listener_free(l);
        }
        for (size_t i = 0; i < s->n_passed; i++)
                safe_close(s->passed[i]);
        free(s->passed);
        free(s->unstored);
        buffer_done(&s->output);
        lexer_free(s->lexer);
        tls_context_unref(s->tls);
        host_table_free(s->hosts);
        sd_event_source_disable_unref(s->timer);
        sd_event_source_disable_unref(s->listen_timer);
        safe_close(s->epoll_fd);
        safe_close(s->spare_fd);
        free(s);
        return NULL;
}
