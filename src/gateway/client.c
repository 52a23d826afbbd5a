/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "command.h"
#include "errno-util.h"
#include "state.h"
#include "time-util.h"
#include "watch.h"

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

        c->server->gateway->touched = true; /* there is a timer behind this */
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
        client_enter(c, CLIENT_DEAD);
}

/*** Life ***/

static void watch(Client *c, int operation, uint32_t events) {
        struct epoll_event e = { .events = events, .data.ptr = c };

        if (epoll_ctl(c->server->epoll_fd, operation, c->fd, &e) < 0)
                client_close(c);
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
static Buffer *buffer_free(Buffer *b) {
        if (!b)
                return NULL;

        if (b->data)
                explicit_bzero(b->data, b->allocated);
        buffer_done(b);
        free(b);
        return NULL;
}

static void count_kept(Client *c) {
        size_t n = (c->output ? c->output->allocated : 0) + (c->input ? c->input->allocated : 0);

        c->server->n_kept += n - c->kept;
        c->kept = (uint32_t) n;
}

static void drop_kept(Client *c) {
        c->output = buffer_free(c->output);
        c->input = buffer_free(c->input);
        count_kept(c);
}

/* Who has kept us waiting longest: first of those who do not read, then of those whose requests wait for a
 * verdict. Others keep nothing. */
static Client *longest_kept(const Server *s) {
        static const ClientPhase phases[] = { CLIENT_BLOCKED, CLIENT_WAITING };

        for (size_t i = 0; i < ELEMENTSOF(phases); i++)
                for (Client *c = s->clients[phases[i]].first; c; c = c->next)
                        if (c->kept > 0)
                                return c;
        return NULL;
}

/* Keeps within the memory for all clients, if need be at the cost of this one. */
static void limit_kept(Client *c) {
        Server *s = c->server;
        Client *victim;

        count_kept(c);
        while (s->n_kept > s->n_kept_max && (victim = longest_kept(s))) {
                server_log_refusal(s, "Dropping", victim->session.address,
                                "too much is kept for clients that do not read their answers");
                drop_kept(victim);
                client_close(victim);
        }
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
        bool goes_on = s->stopping && c->stored && !c->session.blocked && !c->session.closing;

        unlink_client(c);
        server_forget_unstored(s, c);
        if (c->refused)
                s->n_leaving--;
        else
                s->n_clients--;
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

static void discard_input(Client *c) {
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
        discard_input(c);
        client_enter(c, s->n_leaving > LEAVING_MAX ? CLIENT_DEAD : CLIENT_LEAVING);
}

/*** Output ***/

/* Sends what the socket takes. Returns how much, or a negative errno when the connection is no good any
 * more. */
static ssize_t send_some(int fd, const char *data, size_t n) {
        for (;;) {
                ssize_t k = send(fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (k >= 0)
                        return k;
                if (errno == EAGAIN)
                        return 0;
                if (errno != EINTR)
                        return -errno;
        }
}

/* The client does not read: keeps the rest of its answers, and reads no more from it. */
static void block(Client *c, const char *data, size_t n) {
        c->output = new0(Buffer, 1);
        if (c->output)
                buffer_append(c->output, data, n);
        if (!c->output || c->output->broken) {
                client_close(c);
                return;
        }

        c->session.blocked = true;
        if (c->stored)
                state_save_session(c->server->gateway->state, &c->session, c->fd);
        client_enter(c, CLIENT_BLOCKED);
        watch(c, EPOLL_CTL_MOD, EPOLLOUT);
        limit_kept(c);
}

/* Sends the answers that were made. True when they are gone and the client can be served on. */
static bool flush(Client *c) {
        Buffer *out = &c->server->output;

        if (out->broken) {
                client_close(c);
                return false;
        }
        if (out->size == 0)
                return true;

        ssize_t n = send_some(c->fd, out->data, out->size);
        if (n < 0)
                client_close(c);
        else if ((size_t) n < out->size)
                block(c, out->data + n, out->size - (size_t) n);
        buffer_clear(out);
        return c->phase != CLIENT_DEAD && c->phase != CLIENT_BLOCKED;
}

void client_tell(Client *c) {
        Buffer *out = &c->server->output;

        if (c->phase != CLIENT_IDLE || !c->session.watches)
                return;

        buffer_clear(out);
        /* With no line begun there is no input to be kept. */
        if (watch_tell(&c->session, out))
                state_save_input(c->server->gateway->state, &c->session, c->fd, NULL, 0);
        (void) flush(c);
}

/*** Input ***/

static Lexer *take_lexer(Client *c) {
        Lexer *l = c->lexer ? TAKE_PTR(c->lexer) : TAKE_PTR(c->server->lexer);

        return l ?: lexer_new(LEXER_PROTOCOL);
}

static void give_lexer(Client *c, Lexer *l) {
        if (lexer_pending(l))
                c->lexer = l;
        else if (!c->server->lexer)
                c->server->lexer = l;
        else
                lexer_free(l);
}

static void on_verified(void *userdata, bool match);

/* True when the line is answered, false when its answer has to wait. */
static bool answer(Client *c, const Lexer *l, int r) {
        Server *s = c->server;
        Request q = {
                .gateway = s->gateway,
                .session = &c->session,
                .fd = c->fd,
                .words = l,
                .out = &s->output,
                .verified = on_verified,
                .userdata = c,
        };

        bool refused = r < 0 || c->session.input_lost;

        watch_heard(&c->session);

        /* Once it is answered a successor must not answer it again, nor refuse the next one in its place. */
        if (c->input_kept || c->session.input_lost) {
                c->input_kept = c->session.input_lost = false;
                state_save_input(s->gateway->state, &c->session, c->fd, NULL, 0);
        }
        if (refused) {
                command_refuse(&q);
                return true;
        }
        return command_execute(&q);
}

static void keep_input(Client *c, const char *data, size_t n) {
        if (n == 0 || c->session.closing)
                return;

        c->input = new0(Buffer, 1);
        if (c->input)
                buffer_append(c->input, data, n);
        if (!c->input || c->input->broken)
                client_close(c);
        limit_kept(c);
}

/* The line in hand cannot be answered yet: nothing more is read until then. */
static void wait_on(Client *c) {
        c->session.blocked = true;
        if (c->stored)
                state_save_session(c->server->gateway->state, &c->session, c->fd);
        client_enter(c, CLIENT_WAITING);
        watch(c, EPOLL_CTL_MOD, 0);
}

/* What is to be waited for now. The limit for a line counts from its first byte, that for silence from
 * the last request. */
static void settle(Client *c, bool had_line) {
        if (c->phase == CLIENT_DEAD || c->phase == CLIENT_BLOCKED)
                return;
        if (c->held)
                wait_on(c);
        else if (c->session.closing) {
                discard_input(c);
                client_close(c);
        } else if (!c->lexer) {
                client_enter(c, CLIENT_IDLE);
                client_tell(c);
        } else if (had_line || c->phase != CLIENT_PARTIAL)
                client_enter(c, CLIENT_PARTIAL);
}

/* Looks at lines until there are no more, or one cannot be answered yet, or the answers are not taken.
 * Returns how many bytes belong to the lines that were looked at, or 0 when there was none. */
static size_t answer_lines(Client *c, Lexer *l, const char *data, size_t n) {
        size_t done = 0;

        for (size_t at = 0, used; at < n && !c->session.closing && !c->held && c->phase != CLIENT_DEAD;) {
                int r = lexer_feed(l, data + at, n - at, &used);

                at += used;
                if (r == -ENOMEM)
                        client_close(c);
                if (r == 0 || r == -ENOMEM)
                        break;

                c->held = !answer(c, l, r);
                if (!c->held)
                        lexer_erase(l);
                done = at;
                if (c->server->output.size >= SERVER_OUTPUT_BATCH && !flush(c))
                        break;
        }
        return done;
}

static void serve(Client *c, Lexer *l, const char *data, size_t n, bool had_line) {
        size_t done = answer_lines(c, l, data, n);

        if (c->held)
                c->lexer = l; /* with the line that waits */
        else
                give_lexer(c, l);
        if (c->phase != CLIENT_DEAD && c->phase != CLIENT_BLOCKED)
                (void) flush(c);

        if (c->held || c->phase == CLIENT_BLOCKED) {
                if (!c->held)
                        c->lexer = lexer_free(c->lexer); /* it will see those bytes again */
                keep_input(c, data + done, n - done);
        } else if (c->stored && c->lexer && n > done) {
                state_save_input(c->server->gateway->state, &c->session, c->fd, data + done, n - done);
                c->input_kept = true;
        }
        settle(c, had_line || done > 0);
}

void client_feed(Client *c, const char *data, size_t n) {
        Lexer *l = take_lexer(c);

        if (!l) {
                client_close(c);
                return;
        }
        buffer_clear(&c->server->output);
        serve(c, l, data, n, false);
}

/* Goes on with what was read already, beginning with the line that had to wait if there is one. */
static void go_on(Client *c) {
        Buffer *input = TAKE_PTR(c->input), nothing = {};
        Lexer *l = take_lexer(c);

        count_kept(c);
        if (!l) {
                client_close(c);
                buffer_free(input);
                return;
        }

        buffer_clear(&c->server->output);
        if (c->held)
                c->held = !answer(c, l, 1);
        if (c->held) {
                c->lexer = l;
                c->input = input;
                count_kept(c);
                wait_on(c);
                return;
        }
        lexer_erase(l);

        c->session.blocked = false;
        state_save_input(c->server->gateway->state, &c->session, c->fd, NULL, 0);
        client_enter(c, CLIENT_IDLE);
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        serve(c, l, (input ?: &nothing)->data, (input ?: &nothing)->size, true);
        buffer_free(input);
}

static void on_verified(void *userdata, bool match) {
        Client *c = userdata;
        Server *s = c->server;

        s->now_usec = now_usec(CLOCK_MONOTONIC);
        command_verdict(s->gateway, &c->session, match);
        if (c->phase == CLIENT_WAITING)
                go_on(c);
        server_reap(s);
}

void client_give_room(Client *c) {
        if (c->phase == CLIENT_WAITING && c->session.wants_room)
                go_on(c);
}

void client_resume(Client *c, const char *input, size_t n) {
        size_t used;

        if (n == 0)
                return;

        c->lexer = lexer_new(LEXER_PROTOCOL);
        /* A whole line would have been answered. */
        if (!c->lexer || lexer_feed(c->lexer, input, n, &used) != 0) {
                client_close(c);
                return;
        }
        c->input_kept = true;
        client_enter(c, CLIENT_PARTIAL);
}

/*** Events ***/

static void read_input(Client *c) {
        ssize_t n = recv(c->fd, c->server->input, sizeof(c->server->input), MSG_DONTWAIT);

        if (n > 0) {
                client_feed(c, c->server->input, (size_t) n);
                explicit_bzero(c->server->input, (size_t) n);
        } else if (n == 0 || !errno_is_transient(errno))
                client_close(c);
}

/* All that was kept is sent. */
static void unblock(Client *c) {
        c->output = buffer_free(c->output);
        count_kept(c);
        if (c->held && c->session.verification)
                wait_on(c);
        else
                go_on(c);
}

static void write_output(Client *c) {
        ssize_t n = send_some(c->fd, c->output->data, c->output->size);

        if (n < 0) {
                client_close(c);
                return;
        }
        if (n == 0)
                return;

        c->output->size -= (size_t) n;
        memmove(c->output->data, c->output->data + n, c->output->size);
        if (c->output->size > 0)
                client_enter(c, CLIENT_BLOCKED);
        else
                unblock(c);
}

void client_ready(Client *c, uint32_t events) {
        switch (c->phase) {
        case CLIENT_IDLE:
        case CLIENT_PARTIAL:
                read_input(c);
                break;
        case CLIENT_BLOCKED:
                write_output(c);
                break;
        case CLIENT_LEAVING:
                if (recv(c->fd, c->server->input, sizeof(c->server->input), MSG_DONTWAIT) <= 0)
                        client_close(c);
                break;
        case CLIENT_WAITING: /* nothing was asked of the socket, so that this is its end */
                client_close(c);
                break;
        default: /* closed in this very round */
                break;
        }
}
