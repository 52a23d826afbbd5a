/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "server.h"
#include "string-util.h"

void request_error(const Request *q, const char *token) {
        buffer_add(q->out, "ERR ", token, "\n");
}

Device *request_device(const Request *q, const char *name) {
        Device *d = device_table_find(q->gateway->devices, name);

        if (!d)
                request_error(q, "UNKNOWN-UPS");
        return d;
}

Device *request_live_device(const Request *q, const char *name) {
        Device *d = request_device(q, name);
        if (!d)
                return NULL;

        const char *token = device_unavailable(d);
        if (token) {
                request_error(q, token);
                return NULL;
        }
        return d;
}

const User *request_user(const Request *q) {
        return q->session->user_generation == q->gateway->user_generation ? q->session->user : NULL;
}

void command_verdict(Gateway *g, Session *s, bool match) {
        s->verification = NULL;
        if (s->asked_generation != g->user_generation)
                return;

        s->user = match ? user_table_confirm(g->users, s->username, s->password) : NULL;
        s->user_generation = g->user_generation;
}

/* Looks at the credentials, once per connection and version of the users file. False when that is on its
 * way. */
static bool look_at_credentials(const Request *q) {
        Gateway *g = q->gateway;
        Session *s = q->session;
        const char *hash;

        if (s->user_generation == g->user_generation)
                return true;

        const User *user = user_table_check(g->users, s->username, s->password, &hash);
        if (hash && q->verified && s->host) {
                s->asked_generation = g->user_generation;

                int r = verifier_ask(g->verifier, &s->host->lane, hash, s->password, q->verified,
                                q->userdata, &s->verification);
                if (r >= 0)
                        return false;
        }
        s->user = hash ? user_table_verify(g->users, s->username, s->password) : user;
        s->user_generation = g->user_generation;
        return true;
}

static void log_denial(const Request *q, const Device *d, const char *what) {
        Host *host = q->session->host;
        Server *server = q->gateway->server;
        const User *u = request_user(q);
        LogNote note;

        if (!log_limit_allow(host ? &host->denials : NULL, server ? &server->denials : NULL, &note))
                return;

        _cleanup_free_ char *peer = session_peer(q->session);
        LogContext context = {
                .message_id = u ? MESSAGE_ACCESS_DENIED_STR : MESSAGE_CLIENT_REFUSED_STR,
                .device = d ? d->name : NULL,
                .peer = peer,
        };

        (void) log_full(LOG_WARNING, 0, &context,
                        u ? "Client %s is not allowed to %s%s"
                          : "Credentials of client %s match no user, refusing to %s%s",
                        strempty(peer), what, note.text);
}

void request_denied(const Request *q, const Device *d, const char *what) {
        log_denial(q, d, what);
        request_error(q, "ACCESS-DENIED");
}

static const Command query_commands[] = {
        { "GET",  1, SIZE_MAX, .handler = command_get, .reads_only = true },
        { "LIST", 1, SIZE_MAX, .handler = command_list, .reads_only = true },
        {},
};

/* Most frequent first. */
static const Command *const tables[] = { query_commands, session_commands, write_commands };

static const Command *find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                for (const Command *c = tables[i]; c->name; c++)
                        if (strcaseeq(c->name, name))
                                return c;
        return NULL;
}

void command_refuse(const Request *q) {
        request_error(q, "INVALID-ARGUMENT");
}

bool command_execute(const Request *q) {
        const Command *c = NULL;

        q->session->wants_room = false;
        if (lexer_n_words(q->words) > 0)
                c = find(lexer_word(q->words, 0));

        if (c && !c->reads_only)
                q->gateway->touched = true;
        if (lexer_flaws(q->words) & LEXER_FLAW_NEWLINE_IN_QUOTES)
                command_refuse(q);
        else if (!c)
                request_error(q, "UNKNOWN-COMMAND");
        else if (c->credentials && !q->session->username)
                request_error(q, "USERNAME-REQUIRED");
        else if (c->credentials && !q->session->password)
                request_error(q, "PASSWORD-REQUIRED");
        else if (request_n_args(q) < c->min_args || request_n_args(q) > c->max_args)
                request_error(q, "INVALID-ARGUMENT");
        else if (c->credentials && !look_at_credentials(q))
                return false;
        else
                c->handler(q);
        return !q->session->wants_room;
}
