/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/socket.h>

#include "answers.h"
#include "client.h"
#include "command.h"
#include "errno-util.h"
#include "state.h"
#include "time-util.h"
#include "watch.h"

/* How many bytes are read at once. */
#define TURN_INPUT 4096U
/* A turn ends when it has made so many bytes of answers. */
#define TURN_OUTPUT (2 * SERVER_OUTPUT_BATCH)
/* Who has had more than that in one turn stands in line for the next one, so that short questions are never
 * behind long ones. */
#define LIGHT_INPUT 1024U
#define LIGHT_OUTPUT 32768U

/*** Output ***/

/* Whether a successor may get the socket. */
static bool may_outlive_us(const Client *c) {
        return c->stored || c->unstored_index > 0;
}

/* A successor could not go on where we are. */
static void save_blocked(Client *c) {
        if (!c->session.blocked && may_outlive_us(c)) {
                c->session.blocked = true;
                state_save_session(c->server->gateway->state, &c->session, c->fd);
        }
        c->session.blocked = true;
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

        save_blocked(c);
        turns_remove(&c->server->turns, c);
        c->taken = 0;
        client_enter(c, CLIENT_BLOCKED);
        client_watch(c, EPOLLOUT);
        client_limit_kept(c);
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

        c->server->turn.n_output += out->size;
        ssize_t n = client_send(c, out->data, out->size);
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
static bool answer(Client *c, const Lexer *l, int r, AnswerScope *scope) {
        Server *s = c->server;
        Request q = {
                .gateway = s->gateway,
                .session = &c->session,
                .fd = c->fd,
                .words = l,
                .out = &s->output,
                .scope = scope,
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
        client_limit_kept(c);
}

/* The line in hand cannot be answered yet: nothing more is read until then. */
static void wait_on(Client *c) {
        save_blocked(c);
        client_enter(c, CLIENT_WAITING);
        client_watch(c, 0);
}

void client_put_off(Client *c) {
        if (c->input)
                save_blocked(c);
        client_watch(c, 0);
        if (c->phase != CLIENT_DEAD)
                turns_add(&c->server->turns, c);
}

static bool says_starttls(const Client *c) {
        return c->session.secure && !c->counts_tls;
}

static bool awaits_handshake(const Client *c) {
        return c->counts_tls && !c->session.tls;
}

/* What is to be waited for now. The limit for a line counts from its first byte, that for silence from
 * the last request. */
static void settle(Client *c, bool had_line) {
        if (c->phase == CLIENT_DEAD || c->phase == CLIENT_BLOCKED)
                return;
        if (c->held) {
                wait_on(c);
                return;
        }
        if (c->session.closing) {
                client_discard_input(c);
                client_close(c);
                return;
        }

        if (awaits_handshake(c))
                client_enter(c, CLIENT_HANDSHAKE);
        else if (!c->lexer)
                client_enter(c, CLIENT_IDLE);
        else if (had_line || c->phase != CLIENT_PARTIAL)
                client_enter(c, CLIENT_PARTIAL);
        if (c->input || c->server->turn.more || client_has_decrypted(c))
                client_put_off(c);
        else
                client_watch(c, EPOLLIN);
        client_tell(c);
}

/* Answers the first of the lines without looking at it, as somebody else asked the same before. Returns its
 * size, or 0 when that cannot be done. */
static size_t repeat_answer(Client *c, const Lexer *l, const char *data, size_t n) {
        Gateway *g = c->server->gateway;

        if (lexer_pending(l) || c->input_kept || c->session.input_lost ||
            !command_may_repeat(g, &c->session))
                return 0;

        size_t used = answers_repeat(g->answers, data, n, &c->server->output);
        if (used > 0)
                watch_heard(&c->session);
        return used;
}

/* Answers what the lexer has. */
static void answer_line(Client *c, Lexer *l, int r, bool is_last, AnswerScope *scope) {
        c->held = !answer(c, l, r, scope);
        if (c->held)
                return;

        lexer_erase(l);
        if (says_starttls(c))
                client_begin_tls(c, !is_last, &c->server->output);
}

/* Looks at the first of the lines and answers it, if it can be. Returns its size, or 0 without an end. */
static size_t answer_next(Client *c, Lexer *l, const char *data, size_t n) {
        Buffer *out = &c->server->output;
        bool whole = !lexer_pending(l);
        size_t before = out->size, used;
        AnswerScope scope = {};

        int r = lexer_feed(l, data, n, &used);
        if (r == -ENOMEM)
                client_close(c);
        if (r == 0 || r == -ENOMEM)
                return 0;

        answer_line(c, l, r, used == n, &scope);
        if (scope.shared && whole && !out->broken)
                answers_keep(c->server->gateway->answers, data, used, &scope, out->data + before,
                                out->size - before);
        return used;
}

static bool turn_is_over(ServerTurn *turn) {
        turn->is_over = turn->n_lines >= turn->n_lines_max || turn->n_output >= TURN_OUTPUT;
        return turn->is_over;
}

/* Looks at lines until there are no more, or one cannot be answered yet, or the answers are not taken, or
 * the turn is over. Returns how many bytes belong to the lines that were looked at, or 0 when there was
 * none. */
static size_t answer_lines(Client *c, Lexer *l, const char *data, size_t n) {
        ServerTurn *turn = &c->server->turn;
        size_t done = 0;

        while (done < n && !c->session.closing && !c->held && c->phase != CLIENT_DEAD &&
               !turn_is_over(turn)) {
                size_t used = repeat_answer(c, l, data + done, n - done);

                if (used == 0)
                        used = answer_next(c, l, data + done, n - done);
                if (used == 0)
                        break;

                done += used;
                turn->n_lines++;
                if (c->server->output.size >= SERVER_OUTPUT_BATCH && !flush(c))
                        break;
        }
        return done;
}

/* As many requests as the network has left; at the end, when all that was read must be answered, any
 * number. */
static void begin_turn(Client *c) {
        Server *s = c->server;

        s->turn = (ServerTurn) { .n_lines_max = UINT32_MAX };
        if (!s->stopping)
                s->turn.n_lines_max = turns_allowance(&s->turns, c->session.host->network, s->now_usec);
        buffer_clear(&s->output);
}

static void end_turn(Client *c) {
        Server *s = c->server;

        turns_charge(&s->turns, c->session.host->network, s->now_usec, s->turn.n_lines);
        c->heavy = c->heavy || s->turn.n_output > LIGHT_OUTPUT;
}

static void serve(Client *c, Lexer *l, const char *data, size_t n, bool had_line) {
        State *state = c->server->gateway->state;
        size_t done = answer_lines(c, l, data, n);

        if (c->held)
                c->lexer = l; /* with the line that waits */
        else
                give_lexer(c, l);
        if (!c->held && !c->lexer && done == n)
                state_set_answered(state, c->n_written + c->server->output.size);
        if (c->phase != CLIENT_DEAD && c->phase != CLIENT_BLOCKED)
                (void) flush(c);

        if (c->held || c->phase == CLIENT_BLOCKED || c->server->turn.is_over) {
                if (!c->held)
                        c->lexer = lexer_free(c->lexer); /* it will see those bytes again */
                keep_input(c, data + done, n - done);
        } else if (may_outlive_us(c) && c->lexer && n > done && !c->session.secure) {
                state_save_input(state, &c->session, c->fd, data + done, n - done);
                c->input_kept = true;
        }
        end_turn(c);
        settle(c, had_line || done > 0);
}

void client_feed(Client *c, const char *data, size_t n) {
        Lexer *l = take_lexer(c);

        if (!l) {
                client_close(c);
                return;
        }
        begin_turn(c);
        c->server->turn.more = n >= TURN_INPUT;
        serve(c, l, data, n, false);
}

/* Does something with bytes that were read, which are answered or kept in the state when it returns. */
static void with_input_in_hand(Client *c, void (*function)(Client *c)) {
        State *state = c->server->gateway->state;
        uint64_t before = state_set_in_hand(state, c->cookie);

        function(c);
        (void) state_set_in_hand(state, before);
}

static void serve_input(Client *c) {
        Buffer *input = TAKE_PTR(c->input), nothing = {};
        Lexer *l = take_lexer(c);

        client_count_kept(c);
        if (!l) {
                client_close(c);
                client_buffer_free(input);
                return;
        }

        begin_turn(c);
        if (c->held) {
                answer_line(c, l, 1, !input, NULL);
                c->server->turn.n_lines++;
        }
        if (c->held) {
                c->lexer = l;
                c->input = input;
                client_count_kept(c);
                wait_on(c);
                return;
        }

        c->session.blocked = false;
        state_save_input(c->server->gateway->state, &c->session, c->fd, NULL, 0);
        client_enter(c, CLIENT_IDLE);
        serve(c, l, (input ?: &nothing)->data, (input ?: &nothing)->size, true);
        client_buffer_free(input);
}

/* Goes on with what was read already, beginning with the line that had to wait if there is one. */
static void go_on(Client *c) {
        with_input_in_hand(c, serve_input);
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

/* Part of an encrypted record is as good as part of a line. */
static void await_record(Client *c) {
        bool partial = c->lexer || client_has_partial_record(c);

        if (c->phase != (partial ? CLIENT_PARTIAL : CLIENT_IDLE))
                client_enter(c, partial ? CLIENT_PARTIAL : CLIENT_IDLE);
        client_watch(c, EPOLLIN);
}

static void read_and_serve(Client *c) {
        char *input = c->server->input;
        ssize_t n = client_recv(c, input, TURN_INPUT);

        if (n > 0) {
                c->heavy = n > (ssize_t) LIGHT_INPUT;
                client_feed(c, input, (size_t) n);
                explicit_bzero(input, (size_t) n);
        } else if (n == 0 || !errno_is_transient((int) n))
                client_close(c);
        else
                await_record(c);
        if (c->session.tls)
                client_limit_kept(c);
}

static void read_input(Client *c) {
        with_input_in_hand(c, read_and_serve);
}

/* Whoever asks little is served at once, the others when it is their turn. */
static void read_or_queue(Client *c) {
        const Server *s = c->server;

        if (c->heavy || turns_allowance(&s->turns, c->session.host->network, s->now_usec) == 0)
                client_put_off(c);
        else
                read_input(c);
}

void client_take_turn(Client *c) {
        if (c->phase == CLIENT_HANDSHAKE)
                client_handshake(c);
        else if (c->input)
                go_on(c);
        else
                read_input(c);
}

/* All that was kept is sent. */
static void unblock(Client *c) {
        c->output = client_buffer_free(c->output);
        client_count_kept(c);
        if (c->held && c->session.verification)
                wait_on(c);
        else
                go_on(c);
}

static void write_output(Client *c) {
        ssize_t n = client_send(c, c->output->data, c->output->size);

        if (n < 0) {
                client_close(c);
                return;
        }
        if (n == 0)
                return;

        c->output->size -= (size_t) n;
        memmove(c->output->data, c->output->data + n, c->output->size);
        c->taken += (uint32_t) n;
        if (c->output->size == 0)
                unblock(c);
        else if (c->taken >= SERVER_BLOCKED_PROGRESS) {
                c->taken = 0;
                client_enter(c, CLIENT_BLOCKED);
        }
}

void client_ready(Client *c, uint32_t events) {
        switch (c->phase) {
        case CLIENT_IDLE:
        case CLIENT_PARTIAL:
                if (c->due) /* nothing was asked of the socket, so that this is its end */
                        client_close(c);
                else
                        read_or_queue(c);
                break;
        case CLIENT_HANDSHAKE:
                if (c->due)
                        client_close(c);
                else
                        client_put_off(c);
                break;
        case CLIENT_BLOCKED:
                write_output(c);
                break;
        case CLIENT_LEAVING:
                if (recv(c->fd, c->server->input, sizeof(c->server->input), MSG_DONTWAIT) <= 0)
                        client_close(c);
                break;
        case CLIENT_WAITING: /* as above */
                client_close(c);
                break;
        default: /* closed in this very round */
                break;
        }
}
