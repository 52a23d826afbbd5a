/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "fsd.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "nut-protocol.h"
#include "parse-util.h"
#include "server.h"
#include "state.h"
#include "string-util.h"
#include "version.h"
#include "watch.h"

/* The longest that a machine may say it needs power for. */
#define NEED_MAX_SECONDS UINT64_C(86400)
/* More than this the administrator should know of. */
#define NEED_LOGGED_SECONDS UINT64_C(3600)

static void command_help(const Request *q) {
        buffer_add(q->out, "Commands: HELP VER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD "
                           "STARTTLS\n");
}

static void command_version(const Request *q) {
        buffer_add(q->out, GATEWAY_VERSION_LINE "\n");
}

static void command_protocol_version(const Request *q) {
        buffer_add(q->out, NUT_PROTOCOL_VERSION "\n");
}

static void command_starttls(const Request *q) {
        const Server *server = q->gateway->server;

        if (q->session->secure)
                request_error(q, "ALREADY-SSL-MODE");
        else if (!server || !server->tls)
                request_error(q, "FEATURE-NOT-CONFIGURED");
        else
                q->session->secure = true; /* the connection answers, see client_begin_tls() */
}

/*** REQUIRETLS ***/

bool session_may_read_in_clear(const Gateway *g, const Session *s) {
        return g->conf->require_tls != UPSD_REQUIRE_TLS_YES || s->secure || !s->host || s->host->loopback;
}

static bool may_be_clear(const Request *q, const Command *c) {
        const Session *s = q->session;

        if (q->gateway->conf->require_tls == UPSD_REQUIRE_TLS_NO || c->always || s->secure || !s->host ||
            s->host->loopback)
                return true;
        return q->gateway->conf->require_tls == UPSD_REQUIRE_TLS_LOGIN && !c->credentials && !c->secret;
}

bool request_may_be_clear(const Request *q, const Command *c) {
        if (may_be_clear(q, c))
                return true;

        if (log_limits_allow(&q->session->host->denials, &q->gateway->server->denials, LOG_DENIALS,
                        q->session->address))
                (void) log_full(LOG_WARNING, 0,
                                &(LogContext) {
                                        .message_id = MESSAGE_CLIENT_REFUSED_STR,
                                        .peer = q->session->address,
                                },
                                "Refusing %s from %s without TLS (REQUIRETLS)", c->name,
                                q->session->address);
        request_error(q, "TLS-NOT-ENABLED");
        return false;
}

static void save(const Request *q) {
        state_save_session(q->gateway->state, q->session, q->fd);
}

static void set_credential(const Request *q, char **field, const char *already) {
        if (*field) {
                request_error(q, already);
                return;
        }

        *field = strdup(request_arg(q, 0));
        if (!*field) {
                q->out->broken = true; /* no answer can be right now: the connection ends */
                return;
        }
        save(q);
        buffer_add(q->out, "OK\n");
}

static void command_username(const Request *q) {
        set_credential(q, &q->session->username, "ALREADY-SET-USERNAME");
}

static void command_password(const Request *q) {
        set_credential(q, &q->session->password, "ALREADY-SET-PASSWORD");
}

static bool user_has(const Request *q, const Device *d, UserRights right) {
        const User *u = request_user_of(q, d);

        return u && (u->rights & right) == right;
}

static void login(const Request *q, const char *already) {
        if (q->session->device) {
                request_error(q, already);
                return;
        }

        Device *d = request_device(q, request_arg(q, 0));
        if (!d)
                return;
        if (!user_has(q, d, USER_LOGIN)) {
                request_denied(q, d, "log in");
                return;
        }

        q->session->uncounted = request_user(q)->uncounted;
        session_login(q->session, d);
        save(q);
        _cleanup_free_ char *peer = session_peer(q->session);
        const char *certificate = q->session->tls ? tls_session_peer(q->session->tls) : NULL;
        const char *kind = appliance_table_kind(q->gateway->appliances, request_user(q));
        (void) log_full(LOG_INFO, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_CLIENT_LOGIN_STR,
                                .device = d->name,
                                .peer = peer,
                        },
                        "User %s%s%s%s logged into UPS [%s]%s%s", strempty(peer),
                        kind ? " (appliance " : "", strempty(kind), kind ? ")" : "", d->name,
                        certificate ? ", with the certificate of " : "", strempty(certificate));
        buffer_add(q->out, "OK\n");
}

static void command_login(const Request *q) {
        login(q, "ALREADY-LOGGED-IN");
}

static void command_attach(const Request *q) {
        login(q, "ALREADY-ATTACHED");
}

static void log_need(const Request *q, const Device *d, uint64_t seconds) {
        _cleanup_free_ char *peer = NULL;

        if (seconds <= NEED_LOGGED_SECONDS || q->session->need_logged)
                return;

        q->session->need_logged = true;
        peer = session_peer(q->session);
        (void) log_full(LOG_NOTICE, 0,
                        &(LogContext) {
                                .device = d->name,
                                .peer = peer,
                        },
                        "User %s says that it needs power from UPS [%s] for %u seconds after a forced "
                        "shutdown",
                        strempty(peer), d->name, (unsigned) seconds);
}

/* Not in NUT: how long the machine needs power once it is told to shut down. */
static void command_need(const Request *q) {
        Device *d = request_device(q, request_arg(q, 0));
        uint64_t seconds;

        if (!d)
                return;
        if (q->session->device != d) {
                request_denied(q, d, "say what it needs without being logged in to it");
                return;
        }
        if (parse_uint64(request_arg(q, 1), 1, NEED_MAX_SECONDS, &seconds) < 0) {
                request_error(q, "INVALID-ARGUMENT");
                return;
        }

        log_need(q, d, seconds);
        q->session->need_seconds = (uint32_t) seconds;
        device_note(d, NEWS_LOGINS);
        save(q);
        buffer_add(q->out, "OK\n");
}

/* Not in NUT: from now on the client hears of it when something happens to the device. */
static void command_watch(const Request *q) {
        Device *d = request_device(q, request_arg(q, 0));
        Watch *w;

        if (!d)
                return;

        int r = watch_add(q->session, d, &w);
        if (r >= 0 && !state_has_room_for_watches(q->session)) {
                watch_free(w);
                r = -E2BIG;
        }
        if (r == -E2BIG) {
                request_error(q, "INVALID-ARGUMENT");
                return;
        }
        if (r < 0) {
                q->out->broken = true;
                return;
        }
        save(q);
        buffer_add(q->out, "OK WATCH\n");
}

static void command_logout(const Request *q) {
        buffer_add(q->out, "OK Goodbye\n");
        q->session->closing = true;
}

static void grant_primary(const Request *q, const char *answer) {
        Device *d = request_device(q, request_arg(q, 0));

        if (!d)
                return;
        if (user_has(q, d, USER_PRIMARY))
                buffer_add(q->out, answer);
        else
                request_denied(q, d, "be its primary");
}

static void command_primary(const Request *q) {
        grant_primary(q, "OK PRIMARY-GRANTED\n");
}

static void command_master(const Request *q) {
        grant_primary(q, "OK MASTER-GRANTED\n");
}

static void command_fsd(const Request *q) {
        Device *d = request_device(q, request_arg(q, 0));

        if (!d)
                return;
        if (!user_has(q, d, USER_FSD)) {
                request_denied(q, d, "set FSD");
                return;
        }

        _cleanup_free_ char *peer = session_peer(q->session);
        if (!peer || fsd_set(q->gateway, d, peer, "set by its primary") < 0) {
                q->out->broken = true;
                return;
        }
        buffer_add(q->out, "OK FSD-SET\n");
}

const Command session_commands[] = {
        { "USERNAME", 1, 1,        .secret = true, .handler = command_username },
        { "PASSWORD", 1, 1,        .secret = true, .handler = command_password },
        { "LOGIN",    1, 1,        .handler = command_login, .credentials = true },
        { "LOGOUT",   0, 0,        .always = true, .handler = command_logout },
        { "PRIMARY",  1, 1,        .handler = command_primary, .credentials = true },
        { "MASTER",   1, 1,        .handler = command_master, .credentials = true },
        { "FSD",      1, 1,        .handler = command_fsd, .credentials = true },
        { "WATCH",    1, 1,        .handler = command_watch, .reads = true },
        { "NEED",     2, 2,        .handler = command_need, .credentials = true },
        { "STARTTLS", 0, SIZE_MAX, .always = true, .handler = command_starttls },
        { "VER",      0, 0,        .always = true, .handler = command_version },
        { "NETVER",   0, 0,        .always = true, .handler = command_protocol_version },
        { "PROTVER",  0, 0,        .always = true, .handler = command_protocol_version },
        { "HELP",     0, 0,        .always = true, .handler = command_help },
        { "ATTACH",   1, 1,        .handler = command_attach, .credentials = true }, /* RFC 9271 */
        { "DETACH",   0, 0,        .always = true, .handler = command_logout },
        {},
};
