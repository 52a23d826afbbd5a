/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include "credentials.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "server.h"
#include "string-util.h"

void request_error(const Request *q, const char *token) {
        buffer_add(q->out, "ERR ", token, "\n");
}

/* Whether the client may be an appliance: it gave the credentials of one (which *ret_account is then), or
 * none at all. */
static bool may_be_appliance(const Request *q, const User **ret_account) {
        const Session *s = q->session;

        *ret_account = NULL;
        if (!q->gateway->appliances)
                return false;
        if (s->username && s->password)
                *ret_account = appliance_table_check(q->gateway->appliances, s->username, s->password,
                                session_key(s));
        return *ret_account || (!s->username && !s->password);
}

/* An appliance cannot call it otherwise; for anybody else who is at its address a device of that name is
 * what it says. */
static Device *find_device(const Request *q, const char *name) {
        const Gateway *g = q->gateway;
        const User *account;
        const char *meant = may_be_appliance(q, &account) ?
                appliance_table_device(g->appliances, account, name, session_key(q->session)) : NULL;
        Device *real = meant && account ? NULL : device_table_find(g->devices, name);

        return real || !meant ? real : device_table_find(g->devices, meant);
}

const char *request_name(const Request *q, const Device *d) {
        const ApplianceTable *t = q->gateway->appliances;
        const User *account;
        const char *alias = may_be_appliance(q, &account) ?
                appliance_table_name(t, account, d->name, session_key(q->session)) : NULL;

        if (alias && find_device(q, alias) == d)
                return alias;
        return find_device(q, d->name) == d ? d->name : NULL;
}

Device *request_device(const Request *q, const char *name) {
        Device *d = find_device(q, name);

        if (!d)
                request_error(q, "UNKNOWN-UPS");
        else if (!request_may_read(q, d)) {
                request_denied(q, d, "read");
                return NULL;
        }
        return d;
}

bool request_may_read(const Request *q, const Device *d) {
        const User *u = request_user(q);

        return !q->gateway->conf->require_login || (u && user_may_use(u, d->name));
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

const User *request_user_of(const Request *q, const Device *d) {
        const User *u = request_user(q);

        return u && user_may_use(u, d->name) ? u : NULL;
}

/* An account that is for other addresses looks to the client like none, but not to its administrator. */
static bool comes_from_elsewhere(const Request *q) {
        const char *name = q->session->username;
        const User *u = name ? user_table_find(q->gateway->users, name) : NULL;

        return u && !user_may_come_from(u, session_key(q->session));
}

static void log_denial(const Request *q, const Device *d, const char *what) {
        Host *host = q->session->host;
        Server *server = q->gateway->server;
        const User *u = request_user(q);

        if (!log_limits_allow(host ? &host->denials : NULL, server ? &server->denials : NULL, LOG_DENIALS,
                        q->session->address))
                return;

        _cleanup_free_ char *peer = session_peer(q->session);
        LogContext context = {
                .message_id = u ? MESSAGE_ACCESS_DENIED_STR : MESSAGE_CLIENT_REFUSED_STR,
                .device = d ? d->name : NULL,
                .peer = peer,
        };

        (void) log_full(LOG_WARNING, 0, &context,
                        u ? "Client %s is not allowed to %s"
                        : comes_from_elsewhere(q)
                                        ? "Client %s is at no address of its allowfrom, refusing to %s"
                                        : "Credentials of client %s match no user, refusing to %s",
                        strempty(peer), what);
}

void request_denied(const Request *q, const Device *d, const char *what) {
        log_denial(q, d, what);
        request_error(q, "ACCESS-DENIED");
}

static const Command query_commands[] = {
        { "GET",  1, SIZE_MAX, .handler = command_get, .reads = true, .reads_only = true },
        { "LIST", 1, SIZE_MAX, .handler = command_list, .reads = true, .reads_only = true },
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

bool command_may_repeat(const Gateway *g, const Session *s) {
        return !s->closing && session_may_read_in_clear(g, s) && !g->conf->require_login &&
                !(g->users->hides_stale && s->password) &&
                !appliance_table_concerns(g->appliances, session_key(s));
}

void command_refuse(const Request *q) {
        request_error(q, "INVALID-ARGUMENT");
}

/* Credentials that were given though nobody wants them may still change what the answer is. */
static bool may_hide_devices(const Request *q, const Command *c) {
        const Session *s = q->session;

        return c->handler == command_list && q->gateway->users->hides_stale && s->username && s->password &&
                strcaseeq(request_arg(q, 0), "UPS");
}

/* Executes a command that has the right number of arguments. False when the credentials must be looked at
 * first. */
static bool execute(const Request *q, const Command *c, bool wants_user) {
        CredentialsLook look = CREDENTIALS_SEEN;

        if (wants_user || may_hide_devices(q, c))
                look = credentials_look(q);
        if (look == CREDENTIALS_ASKED)
                return false;
        if (look == CREDENTIALS_BROKEN)
                return true;

        if (wants_user && look == CREDENTIALS_LOCKED)
                request_error(q, "ACCESS-DENIED");
        else if (wants_user && c->reads && !request_user(q))
                request_denied(q, NULL, "read");
        else
                c->handler(q);
        return true;
}

bool command_execute(const Request *q) {
        const Session *s = q->session;
        const Command *c = NULL;

        q->session->wants_room = false;
        if (lexer_n_words(q->words) > 0)
                c = find(lexer_word(q->words, 0));

        if (c && !c->reads_only)
                q->gateway->touched = true;
        bool wants_user = c && (c->credentials || (c->reads && q->gateway->conf->require_login));
        if (lexer_flaws(q->words) & LEXER_FLAW_NEWLINE_IN_QUOTES)
                command_refuse(q);
        else if (!c)
                request_error(q, "UNKNOWN-COMMAND");
        else if (!request_may_be_clear(q, c))
                return true;
        else if (wants_user && !s->username)
                request_error(q, "USERNAME-REQUIRED");
        else if (wants_user && !s->password)
                request_error(q, "PASSWORD-REQUIRED");
        else if (request_n_args(q) < c->min_args || request_n_args(q) > c->max_args)
                request_error(q, "INVALID-ARGUMENT");
        else if (!execute(q, c, wants_user))
                return false;
        return !s->wants_room;
}
