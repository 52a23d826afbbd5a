/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "state.h"
#include "tls.h"

#define LEAVING_MAX 256U
/* Bytes thrown away before a goodbye: unread ones would make the kernel reset the connection, and the client
 * might lose the answer. */
#define DISCARD_MAX (1U << 20)

/*** Phases ***/

static void unlink_client(Client *c) {
        ClientList *l = c->server->clients + c->phase;

        if (c->server->room_next == c)
                c->server->room_next = c->next;
        if (c->previous)
                c->previous->next = c->next;
        else
                l->first = c->next;
        if (c->next)
                c->next->previous = c->previous;
        else
                l->last = c->previous;
        c->next = c->previous = NULL;
}

static void link_client(Client *c, ClientPhase phase) {
        ClientList *l = c->server->clients + phase;

        c->phase = phase;
        c->since_usec = c->server->now_usec;
        c->previous = l->last;
        if (l->last)
                l->last->next = c;
        else
                l->first = c;
        l->last = c;
        server_arm_phase(c->server, phase);
}

void client_enter(Client *c, ClientPhase phase) {
        Server *s = c->server;

        /* The usual case: one of few clients asks again. */
        if (c->phase == phase && s->clients[phase].last == c) {
                c->since_usec = s->now_usec;
                return;
        }
        if (c->phase == CLIENT_DEAD)
                return;
        unlink_client(c);
        link_client(c, phase);
}

void client_close(Client *c) {
        /* Should we be killed before the end of the round, a successor must not go on with it. One that is
         * encrypted it does not get, and we say goodbye first. */
        if (c->stored && !c->session.tls && c->phase != CLIENT_DEAD)
                (void) shutdown(c->fd, SHUT_RDWR);
        turns_remove(&c->server->turns, c);
        client_enter(c, CLIENT_DEAD);
}

/*** Life ***/

static void watch(Client *c, int operation, uint32_t events) {
        struct epoll_event e = { .events = events, .data.ptr = c };

        c->watched = (uint8_t) events;
        if (epoll_ctl(c->server->epoll_fd, operation, c->fd, &e) < 0)
                client_close(c);
}

void client_watch(Client *c, uint32_t events) {
        if (c->watched != events && c->phase != CLIENT_DEAD)
                watch(c, EPOLL_CTL_MOD, events);
}

int client_new(Server *s, int fd, Host *host, Client **ret) {
        Client *c = new0(Client, 1);

        if (!c) {
                host_unref(s->hosts, host);
                safe_close(fd);
                return -ENOMEM;
        }

        c->fd = fd;
        c->server = s;
        c->session.host = host;
        c->session.address = host->address;
        s->n_clients++;
        link_client(c, CLIENT_IDLE);
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
        *ret = c;
        return 0;
}

/* Either kind may hold what is nobody else's business. */
Buffer *client_buffer_free(Buffer *b) {
        if (!b)
                return NULL;

        if (b->data)
                explicit_bzero(b->data, b->allocated);
        buffer_done(b);
        free(b);
        return NULL;
}

/* One that is closed gives all back in this very round. */
static uint64_t memory(const Client *c) {
        if (c->phase == CLIENT_DEAD)
                return 0;
        return (c->output ? c->output->allocated : 0) + (c->input ? c->input->allocated : 0) +
                        (c->session.tls ? tls_session_memory(c->session.tls) : 0);
}

void client_count_kept(Client *c) {
        uint64_t n = memory(c);

        c->server->n_kept += n - c->kept;
        c->session.host->network->turns.n_kept += n - c->kept;
        c->kept = (uint32_t) n;
}

static void drop_kept(Client *c) {
        c->output = client_buffer_free(c->output);
        c->input = client_buffer_free(c->input);
        client_count_kept(c);
}

/* Phases in which something is kept for long, those whose clients are to go first before others: handshakes
 * that do not end, answers that are not read, parts of encrypted lines, and requests that wait for a
 * verdict. */
static const ClientPhase keeping_phases[] = { CLIENT_HANDSHAKE, CLIENT_BLOCKED, CLIENT_PARTIAL,
                                              CLIENT_WAITING };

/* Who has kept us waiting longest. */
static Client *longest_kept(const Server *s, const Network *network) {
        for (size_t i = 0; i < ELEMENTSOF(keeping_phases); i++)
                for (Client *c = s->clients[keeping_phases[i]].first; c; c = c->next)
                        if (c->kept > 0 && c->session.host->network == network)
                                return c;
        return NULL;
}

/* The one for whose clients most is kept. */
static const Network *most_kept(const Server *s) {
        const Network *most = NULL;

        for (size_t i = 0; i < ELEMENTSOF(keeping_phases); i++)
                for (const Client *c = s->clients[keeping_phases[i]].first; c; c = c->next) {
                        const Network *n = c->session.host->network;

                        if (c->kept > 0 && (!most || n->turns.n_kept > most->turns.n_kept))
                                most = n;
                }
        return most;
}

static bool drop_longest(const Server *s, const Network *network, const char *why) {
        Client *victim = longest_kept(s, network);

        if (!victim)
                return false;
        server_log_refusal(victim->server, "Dropping", victim->session.address, why);
        client_close(victim);
        drop_kept(victim);
        return true;
}

void client_limit_kept(Client *c) {
        Server *s = c->server;
        Network *network = c->session.host->network;

        client_count_kept(c);
        while (network->turns.n_kept > s->n_kept_max_per_host &&
               drop_longest(s, network, "too much is kept for clients there that do not go on"))
                ;
        while (s->n_kept > s->n_kept_max &&
               drop_longest(s, most_kept(s),
                            "too much is kept for clients that do not go on"))
                ;
}

/* A socket that the service manager holds as well does not close when we close it: the client would wait,
 * and epoll would go on reporting it. */
static void close_socket(Client *c) {
        if (c->stored) {
                (void) epoll_ctl(c->server->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
                (void) shutdown(c->fd, SHUT_RDWR);
        }
        c->fd = safe_close(c->fd);
}

Client *client_free(Client *c) {
        if (!c)
                return NULL;

        Server *s = c->server;
        bool goes_on = s->stopping && c->stored && !c->session.blocked && !c->session.closing &&
                        !c->session.secure;

        turns_remove(&s->turns, c);
        unlink_client(c);
        server_forget_unstored(s, c);
        if (c->refused)
                s->n_leaving--;
        else
                s->n_clients--;
        client_end_tls(c);
        if (!goes_on) {
                state_release(s->gateway->state, &c->session.slot);
                close_socket(c);
        }
        safe_close(c->fd);
        session_done(&c->session);
        lexer_free(c->lexer);
        drop_kept(c);
        host_unref(s->hosts, c->session.host);
        free(c);
        return NULL;
}

void client_discard_input(Client *c) {
        for (size_t n = 0; n < DISCARD_MAX;) {
                ssize_t k = recv(c->fd, c->server->input, sizeof(c->server->input), MSG_DONTWAIT);

                if (k <= 0)
                        return;
                n += (size_t) k;
        }
}

static void count_as_leaving(Client *c) {
        c->refused = c->session.closing = true;
        c->server->n_clients--;
        c->server->n_leaving++;
}

void client_give_place(Client *c) {
        count_as_leaving(c);
        client_close(c);
}

void client_refuse(Client *c, const char *token) {
        Server *s = c->server;
        Buffer text = {};

        count_as_leaving(c);
        buffer_add(&text, "ERR ", token, "\n");
        (void) send(c->fd, text.data, text.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        buffer_done(&text);
        (void) shutdown(c->fd, SHUT_WR);
        client_discard_input(c);
        client_enter(c, s->n_leaving > LEAVING_MAX ? CLIENT_DEAD : CLIENT_LEAVING);
}
