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

void client_count_kept(Client *c) {
        size_t n = (c->output ? c->output->allocated : 0) + (c->input ? c->input->allocated : 0);

        c->server->n_kept += n - c->kept;
        c->session.host->turns.n_kept += n - c->kept;
        c->kept = (uint32_t) n;
}

static void drop_kept(Client *c) {
        c->output = client_buffer_free(c->output);
        c->input = client_buffer_free(c->input);
        client_count_kept(c);
}

/* Who has kept us waiting longest: first of those who do not read, then of those whose requests wait for a
 * verdict. Others keep little, and not for long. host: one of that host. */
static Client *longest_kept(const Server *s, const Host *host) {
        static const ClientPhase phases[] = { CLIENT_BLOCKED, CLIENT_WAITING };

        for (size_t i = 0; i < ELEMENTSOF(phases); i++)
                for (Client *c = s->clients[phases[i]].first; c; c = c->next)
                        if (c->kept > 0 && (!host || c->session.host == host))
                                return c;
        return NULL;
}

static bool drop_longest(const Server *s, const Host *host, const char *why) {
        Client *victim = longest_kept(s, host);

        if (!victim)
                return false;
        server_log_refusal(victim->server, "Dropping", victim->session.address, why);
        drop_kept(victim);
        client_close(victim);
        return true;
}

void client_limit_kept(Client *c) {
        Server *s = c->server;
        Host *host = c->session.host;

        client_count_kept(c);
        while (host->turns.n_kept > s->n_kept_max_per_host &&
               drop_longest(s, host, "too much is kept for clients there that do not read their answers"))
                ;
        while (s->n_kept > s->n_kept_max &&
               drop_longest(s, NULL, "too much is kept for clients that do not read their answers"))
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

void client_refuse(Client *c, const char *token) {
        Server *s = c->server;
        Buffer text = {};

        c->refused = c->session.closing = true;
        s->n_clients--;
        s->n_leaving++;
        buffer_add(&text, "ERR ", token, "\n");
        (void) send(c->fd, text.data, text.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        buffer_done(&text);
        (void) shutdown(c->fd, SHUT_WR);
        client_discard_input(c);
        client_enter(c, s->n_leaving > LEAVING_MAX ? CLIENT_DEAD : CLIENT_LEAVING);
}
