/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-client.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>

#include "driver-text.h"
#include "errno-util.h"
#include "lexer.h"
#include "log.h"
#include "messages.h"
#include "rate-limit.h"
#include "string-util.h"
#include "time-util.h"

#define OUTPUT_MAX (1024U * 1024U)

typedef struct Tracked Tracked;

struct DriverClient {
        int fd;
        sd_event_source *source;
        const Model *model;
        const DriverClientOps *ops;
        void *userdata;
        Lexer *lexer;
        char *output;
        size_t n_output, n_allocated;
        Tracked *tracked; /* writes that are under way */
        char peer[64];
        RateLimit audit_limit; /* of the lines about its writes */
        bool quiet;   /* NOBROADCAST */
        bool closing; /* after LOGOUT or the end of requests: what is left to send, then the end */
};

/* A write that the device has not answered yet. */
struct Tracked {
        DriverClient *client; /* NULL once that is gone */
        Tracked *next;
        char *id; /* NULL if the client does not want to know */
        char *what;
        const char *message_id;
};

static Tracked *tracked_free(Tracked *t) {
        free(t->id);
        free(t->what);
        free(t);
        return NULL;
}

/*** Output ***/

/* Ends the connection from our side; the loop then finds it closed and clears up. */
static void client_cut(DriverClient *c) {
        c->n_output = 0;
        c->closing = true;
        (void) shutdown(c->fd, SHUT_RDWR);
}

static void client_watch(DriverClient *c) {
        uint32_t events = (c->closing ? 0 : EPOLLIN) | (c->n_output > 0 ? EPOLLOUT : 0);

        (void) sd_event_source_set_io_events(c->source, events);
}

static void client_flush(DriverClient *c) {
        ssize_t n;

        if (c->n_output == 0)
                return;

        n = send(c->fd, c->output, c->n_output, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
                if (!errno_is_transient(errno))
                        client_cut(c);
                return;
        }

        c->n_output -= (size_t) n;
        memmove(c->output, c->output + n, c->n_output);
        if (c->n_output == 0) {
                free(c->output);
                c->output = NULL;
                c->n_allocated = 0;
        }
}

static void client_send(DriverClient *c, const char *text, size_t n) {
        if (c->closing)
                return;

        if (c->n_output + n > OUTPUT_MAX || !GREEDY_REALLOC(c->output, c->n_allocated, c->n_output + n)) {
                (void) log_full(LOG_WARNING, 0, &(LogContext) { .peer = c->peer },
                                "A client of the driver socket does not read its answers, cutting it off.");
                client_cut(c);
                return;
        }

        memcpy(c->output + c->n_output, text, n);
        c->n_output += n;
        client_flush(c);
        client_watch(c);
}

static void client_send_text(DriverClient *c, const char *text) {
        client_send(c, text, strlen(text));
}

void driver_client_broadcast(DriverClient *c, const char *text, size_t n) {
        if (!c->quiet)
                client_send(c, text, n);
}

/*** Requests ***/

/* The codes of TRACKING, NUT's results of a write. */
static int tracking_code(int r) {
        switch (r) {
        case -EOPNOTSUPP:
                return 1;
        case -EINVAL:
        case -EMSGSIZE:
                return 2;
        default:
                return r < 0 ? 3 : 0;
        }
}

static void client_send_tracking(DriverClient *c, const char *id, int r) {
        _cleanup_free_ char *line = NULL;

        if (!id)
                return;

        line = strprintf("TRACKING %s %d\n", id, tracking_code(r));
        if (line)
                client_send_text(c, line);
        else
                client_cut(c);
}

/* Who asked for what, and the outcome, in the words of the driver if it has some. What a client does that
 * asks without end is told by a number. */
static void tracked_log(Tracked *t, int r, const char *message) {
        const LogContext context = {
                .message_id = t->message_id,
                .peer = t->client ? t->client->peer : NULL,
        };
        unsigned suppressed = 0;

        if (t->client && !rate_limit_allow(&t->client->audit_limit, now_usec(CLOCK_MONOTONIC), &suppressed))
                return;
        if (suppressed > 0)
                (void) log_full(LOG_NOTICE, 0, &context, "%u more writes were not logged.", suppressed);

        if (r < 0 && message)
                (void) log_full(LOG_NOTICE, r, &context, "%s: %s", t->what, message);
        else
                (void) log_full(LOG_NOTICE, r, &context, r < 0 ? "%s: %m" : "%s: done", t->what);
}

static void on_answer(void *userdata, int r, const char *message) {
        Tracked *t = userdata;

        tracked_log(t, r, message);

        if (t->client) {
                for (Tracked **p = &t->client->tracked; *p; p = &(*p)->next)
                        if (*p == t) {
                                *p = t->next;
                                break;
                        }
                client_send_tracking(t->client, t->id, r);
        }

        (void) tracked_free(t);
}

static Tracked *tracked_new(
                DriverClient *c, RequestType type, const char *name, const char *value, const char *id) {
        Tracked *t = new0(Tracked, 1);

        if (!t)
                return NULL;

        if (type == REQUEST_SET) {
                t->what = strprintf("%s asks to set %s to \"%s\"", c->peer, name, value);
                t->message_id = MESSAGE_VARIABLE_SET_STR;
        } else {
                t->what = strprintf(
                                "%s asks to run %s%s%s", c->peer, name, value ? " " : "", strempty(value));
                t->message_id = MESSAGE_COMMAND_RUN_STR;
        }
        t->id = id ? strdup(id) : NULL;
        if (!t->what || (id && !t->id))
                return tracked_free(t);

        t->client = c;
        return t;
}

static void client_submit(
                DriverClient *c, RequestType type, const char *name, const char *value, const char *id) {
        Tracked *t = tracked_new(c, type, name, value, id);
        Request *q = t ? request_new(type, name, value, on_answer, t) : NULL;

        if (!q) {
                if (t)
                        (void) tracked_free(t);
                client_send_tracking(c, id, -ENOMEM);
                return;
        }

        t->next = c->tracked;
        c->tracked = t;
        c->ops->request(c->userdata, q);
}

/* The id behind a TRACKING that ends the line, which is then shortened to what comes before. */
static const char *take_tracking(const Lexer *l, size_t *n) {
        if (*n < 3 || !strcaseeq(lexer_word(l, *n - 2), "TRACKING"))
                return NULL;

        *n -= 2;
        return lexer_word(l, *n + 1);
}

static void handle_set(DriverClient *c, size_t n) {
        const char *id = take_tracking(c->lexer, &n);

        if (n != 3 || lexer_flaws(c->lexer) != 0)
                client_send_tracking(c, id, -EINVAL);
        else
                client_submit(c, REQUEST_SET, lexer_word(c->lexer, 1), lexer_word(c->lexer, 2), id);
}

/* The server does not quote an argument, so one with blanks comes as several words. */
static void handle_command(DriverClient *c, size_t n) {
        const char *id = take_tracking(c->lexer, &n);
        _cleanup_free_ char *argument = NULL;

        if (n < 2 || lexer_flaws(c->lexer) != 0) {
                client_send_tracking(c, id, -EINVAL);
                return;
        }

        for (size_t i = 2; i < n; i++) {
                char *more = strjoin(strempty(argument), argument ? " " : "", lexer_word(c->lexer, i));

                free(argument);
                argument = more;
                if (!argument) {
                        client_send_tracking(c, id, -ENOMEM);
                        return;
                }
        }

        client_submit(c, REQUEST_COMMAND, lexer_word(c->lexer, 1), argument, id);
}

/* The whole model, or one variable of it if name is given. */
static void handle_dump(DriverClient *c, const char *name) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        const Variable *v = name ? model_find(c->model, name) : NULL;

        if (!f) {
                client_cut(c);
                return;
        }

        if (!name)
                driver_text_model(f, c->model);
        else {
                if (v)
                        driver_text_variable(f, v);
                driver_text_freshness(f, c->model);
        }
        (void) fputs("DUMPDONE\n", f);

        if (fclose(f) == 0)
                client_send(c, text, n);
        else
                client_cut(c);
}

static void handle_broadcast(DriverClient *c, const char *number) {
        c->quiet = number && (number[0] == '-' || streq(number, "0"));
}

static void handle_pid(DriverClient *c) {
        char line[32];

        (void) snprintf(line, sizeof(line), "PID %" PRIdMAX "\n", (intmax_t) getpid());
        client_send_text(c, line);
}

static void handle_logout(DriverClient *c) {
        client_send_text(c, "OK Goodbye\n");
        c->closing = true;
}

static void handle_line(DriverClient *c) {
        const Lexer *l = c->lexer;
        size_t n = lexer_n_words(l);
        const char *word = lexer_word(l, 0);

        if (n == 0)
                return;

        if (strcaseeq(word, "PING"))
                client_send_text(c, "PONG\n");
        else if (strcaseeq(word, "DUMPALL"))
                handle_dump(c, NULL);
        else if (strcaseeq(word, "DUMPVALUE") && n > 1)
                handle_dump(c, lexer_word(l, 1));
        else if (strcaseeq(word, "DUMPSTATUS"))
                handle_dump(c, "ups.status");
        else if (strcaseeq(word, "SET"))
                handle_set(c, n);
        else if (strcaseeq(word, "INSTCMD"))
                handle_command(c, n);
        else if (strcaseeq(word, "GETPID"))
                handle_pid(c);
        else if (strcaseeq(word, "NOBROADCAST"))
                c->quiet = true;
        else if (strcaseeq(word, "BROADCAST"))
                handle_broadcast(c, lexer_word(l, 1));
        else if (strcaseeq(word, "LOGOUT"))
                handle_logout(c);
        else
                /* The protocol has no answer for what is not understood. */
                log_debug("The driver socket does not know the request %s.", word);
}

void driver_client_feed(DriverClient *c, const char *data, size_t n) {
        while (n > 0 && !c->closing) {
                size_t consumed = 0;
                int r;

                r = lexer_feed(c->lexer, data, n, &consumed);
                data += consumed;
                n -= consumed;
                if (r > 0)
                        handle_line(c);
                else if (r == 0)
                        break;
                else
                        log_debug_errno(r, "Skipped a line on the driver socket: %m");
        }
}

/*** The connection ***/

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        DriverClient *c = userdata;
        char data[4096];
        ssize_t n;

        client_flush(c);

        if (!c->closing) {
                n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
                if (n > 0)
                        driver_client_feed(c, data, (size_t) n);
                else if (n == 0 || !errno_is_transient(errno))
                        c->closing = true;
        }

        if (c->closing && c->n_output == 0)
                c->ops->closed(c->userdata, c);
        else
                client_watch(c);
        return 0;
}

static void client_name_peer(DriverClient *c) {
        struct ucred peer;
        socklen_t size = sizeof(peer);

        if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) >= 0)
                (void) snprintf(c->peer, sizeof(c->peer), "process %" PRIdMAX " of user %" PRIuMAX,
                                (intmax_t) peer.pid, (uintmax_t) peer.uid);
        else
                (void) snprintf(c->peer, sizeof(c->peer), "an unknown process");
}

int driver_client_new(sd_event *event, int fd, const Model *model, const DriverClientOps *ops,
                void *userdata, DriverClient **ret) {
        _cleanup_(driver_client_freep) DriverClient *c = new0(DriverClient, 1);
        int r;

        if (!c)
                return -ENOMEM;

        c->fd = -EBADF;
        c->audit_limit = (RateLimit) { .interval_usec = 10 * USEC_PER_SEC, .burst = 50 };
        c->model = model;
        c->ops = ops;
        c->userdata = userdata;
        c->lexer = lexer_new(LEXER_PROTOCOL);
        if (!c->lexer)
                return -ENOMEM;

        r = sd_event_add_io(event, &c->source, fd, EPOLLIN, on_io, c);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(c->source, "driver-client");

        c->fd = fd;
        client_name_peer(c);
        *ret = TAKE_PTR(c);
        return 0;
}

DriverClient *driver_client_free(DriverClient *c) {
        if (!c)
                return NULL;

        for (Tracked *t = c->tracked; t; t = t->next)
                t->client = NULL;

        sd_event_source_disable_unref(c->source);
        safe_close(c->fd);
        lexer_free(c->lexer);
        free(c->output);
        free(c);
        return NULL;
}
