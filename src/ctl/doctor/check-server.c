/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#include "device-name.h"
#include "nut-session.h"
#include "parse-util.h"
#include "remote.h"
#include "string-util.h"
#include "time-util.h"
#include "tls-path.h"

#define WAIT_USEC (4 * USEC_PER_SEC)

/* What a conversation may take in all: connecting, a handshake, and five answers. */
#define TALK_USEC (8 * USEC_PER_SEC)

typedef struct Talk {
        Doctor *d;
        const Remote *remote;
        NutSession *session;
        const char *address; /* our own, over there */
        bool listed;
} Talk;

static const char *option(const Talk *t, const char *key) {
        const UpsOption *o = ups_conf_option(t->d->conf.ups, t->remote->section, key);

        return o && !isempty(o->value) ? o->value : NULL;
}

/* Named at all it is on, unless it says no. */
static bool option_is_on(const Talk *t, const char *key) {
        const UpsOption *o = ups_conf_option(t->d->conf.ups, t->remote->section, key);
        bool b = true;

        return o && (!o->value || parse_boolean(o->value, &b) < 0 || b);
}

static void find(const Talk *t, const char *id, const char *problem) {
        doctor_find(t->d, SEVERITY_FAULT, t->remote->section->name, "%s", problem);
        doctor_id(t->d, id);
}

static void evidence(const Talk *t, const char *text) {
        doctor_evidence(t->d, "%s:%u: %s at %s, port %u: %s", t->remote->section->file,
                t->remote->section->line, t->remote->ups, t->remote->host, (unsigned) t->remote->port, text);
}

static void report_connection(const Talk *t, int r) {
        if (r == -ECONNREFUSED) {
                find(t, "server-refused",
                        "The server's machine is there, but nothing listens on that "
                        "port.");
                evidence(t, strerror(-r));
                doctor_fix(t->d,
                        "at %s: is the server started, and is there a LISTEN line for its network "
                        "in upsd.conf?",
                        t->remote->host);
        } else {
                find(t, "server-unreachable", "The server cannot be reached.");
                evidence(t, strerror(-r));
                doctor_fix(t->d, "ping %s; then the firewall there: port %u for TCP", t->remote->host,
                        (unsigned) t->remote->port);
        }
}

/*** TLS ***/

static int make_context(const Talk *t, TlsContext **ret) {
        _cleanup_free_ char *file = NULL, *path = NULL;
        const char *certfile = option(t, "certfile"), *certpath = option(t, "certpath");
        int r = 0;

        if (certfile)
                r = tls_path(certfile, &file);
        if (r >= 0 && certpath)
                r = tls_path(certpath, &path);
        if (r < 0)
                return r;
        return tls_context_new_client(
                &(TlsFiles){
                        .file = file,
                        .path = path,
                        .ident_name = option(t, "certident_name"),
                        .ident_password = option(t, "certident_pass"),
                },
                option_is_on(t, "certverify"), NULL, NULL, ret);
}

/* 0 to go on. */
static int start_tls(const Talk *t) {
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        bool force = option_is_on(t, "forcessl");
        int r;

        /* What is wrong with the files is a matter of the configuration. */
        if (make_context(t, &context) < 0)
                return -EINVAL;
        r = nut_session_start_tls(t->session, &(NutTls){context, option(t, "certhost"), force}, WAIT_USEC);
        if (r >= 0)
                return 0;
        if (r == -EPROTONOSUPPORT || (force && r == -ECONNREFUSED)) {
                find(t, "server-tls", "The server does not encrypt, which is asked for here (FORCESSL).");
                evidence(t, "STARTTLS was refused");
                doctor_fix_text(t->d,
                        "give it a certificate, CERTFILE in upsd.conf there (busbarctl tls init), "
                        "or remove FORCESSL");
        } else if (r == -EKEYREJECTED) {
                find(t, "server-certificate", "The certificate of the server is not accepted.");
                evidence(t, nut_session_error(t->session));
                doctor_fix_text(t->d,
                        "compare CERTPATH, CERTHOST and the clocks; openssl s_client -starttls "
                        "nut does not "
                        "exist, so: busbarctl tls show, at the server");
        } else {
                find(t, "server-tls", "No encrypted connection to the server comes about.");
                evidence(t, isempty(nut_session_error(t->session)) ? strerror(-r)
                                                                   : nut_session_error(t->session));
                doctor_fix_text(t->d, "look at the log of the server");
        }
        return r;
}

/*** Who we are over there ***/

static bool socket_address(int (*get)(int, struct sockaddr *, socklen_t *),
        const NutSession *s,
        char *ret,
        size_t size) {
        struct sockaddr_storage a = {};
        socklen_t n = sizeof(a);

        if (get(nut_session_fd(s), (struct sockaddr *) &a, &n) < 0)
                return false;
        if (a.ss_family == AF_INET)
                return inet_ntop(
                        AF_INET, &((const struct sockaddr_in *) &a)->sin_addr, ret, (socklen_t) size);
        return a.ss_family == AF_INET6 &&
               inet_ntop(AF_INET6, &((const struct sockaddr_in6 *) &a)->sin6_addr, ret, (socklen_t) size);
}

static bool own_address(const NutSession *s, char *ret, size_t size) {
        return socket_address(getsockname, s, ret, size);
}

/* The server is this machine, so that its files are here. */
static bool is_own_server(const Talk *t) {
        char own[INET6_ADDRSTRLEN], peer[INET6_ADDRSTRLEN];

        return own_address(t->session, own, sizeof(own)) &&
               socket_address(getpeername, t->session, peer, sizeof(peer)) && streq(own, peer);
}

/* What is wrong with our account where both sides can be read. False when that is not known. */
static bool fix_own_account(const Talk *t, const char *name, const char *password, bool primary) {
        const User *u = user_table_find(t->d->conf.users, name);

        if (!is_own_server(t))
                return false;
        if (!u)
                doctor_fix(t->d,
                        "upsd.users of this machine has no user %s: write one that it has in the line "
                        "here, or add it there; then: systemctl reload busbar",
                        name);
        else if (!u->password || (!password_is_hash(u->password) && !streq_ptr(u->password, password)))
                doctor_fix(t->d,
                        "the password here is not that of the user %s at %s:%u: make them the same; then: "
                        "systemctl reload busbar",
                        name, u->file, u->line);
        else if (!password_is_hash(u->password) && primary && !(u->rights & USER_PRIMARY))
                doctor_fix(t->d,
                        "add \"upsmon primary\" to the user %s at %s:%u, or write secondary in the line "
                        "here; then: systemctl reload busbar",
                        name, u->file, u->line);
        else
                return false;
        return true;
}

/* The usual mistake first. */
static void fix_account(const Talk *t, const char *role) {
        const char *name = option(t, "username"), *password = option(t, "password");

        if (name && password && fix_own_account(t, name, password, streq_ptr(role, "primary")))
                return;
        if (role)
                doctor_fix(t->d,
                        "compare the password here with that of the user %s in upsd.users at %s, then "
                        "look for this line there: upsmon %s",
                        strempty(name), t->remote->host, role);
        else
                doctor_fix(t->d, "compare user and password here with upsd.users at %s", t->remote->host);
}

/*** Words ***/

/* The token of an ERR, else what went wrong. */
static int ask(const Talk *t, char **ret_token, const char *a, const char *b, const char *c, const char *e) {
        const char *const request[] = {a, b, c, e, NULL};
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = nut_session_request(t->session, (char *const *) request, WAIT_USEC, &words);
        if (ret_token)
                *ret_token = r < 0 ? strdup(strv_length(words) >= 2 ? words[1] : strerror(-r)) : NULL;
        return r;
}

static int log_in(const Talk *t) {
        const char *user = option(t, "username"), *password = option(t, "password");
        _cleanup_free_ char *token = NULL;
        int r;

        if (!user || !password)
                return 0;
        r = ask(t, &token, "USERNAME", user, NULL, NULL);
        if (r >= 0) {
                token = NULL;
                r = ask(t, &token, "PASSWORD", password, NULL, NULL);
        }
        if (r >= 0)
                return 0;
        find(t, "server-login", "The server does not take the user name and password.");
        evidence(t, strempty(token));
        if (streq_ptr(token, "TLS-REQUIRED"))
                doctor_fix(t->d, "the server at %s wants TLS first: CERTPATH and CERTVERIFY in upsmon.conf",
                        t->remote->host);
        else
                fix_account(t, NULL);
        return r;
}

/* For the commands of NUT: "host", "host:port" or "[::1]:port", in new memory. */
static char *server_text(const Remote *remote) {
        bool v6 = strchr(remote->host, ':');

        if (remote->port == NUT_PORT)
                return strdup(remote->host);
        return strprintf("%s%s%s:%u", v6 ? "[" : "", remote->host, v6 ? "]" : "", (unsigned) remote->port);
}

static int ask_status(const Talk *t) {
        _cleanup_free_ char *server = server_text(t->remote), *where = NULL;
        _cleanup_free_ char *token = NULL;
        int r = ask(t, &token, "GET", "VAR", t->remote->ups, "ups.status");

        if (r >= 0 || streq_ptr(token, "VAR-NOT-SUPPORTED"))
                return 0;
        if (streq_ptr(token, "UNKNOWN-UPS")) {
                find(t, "server-unknown-ups", "The server has no UPS of that name.");
                evidence(t, token);
                doctor_fix(t->d, "upsc -l %s    # and write one of these", strempty(server));
        } else if (streq_ptr(token, "DATA-STALE") || streq_ptr(token, "DRIVER-NOT-CONNECTED")) {
                find(t, "server-stale", "The server has lost the UPS.");
                evidence(t, token);
                if (is_own_server(t))
                        doctor_fix(t->d, "busbarctl doctor %s", t->remote->ups);
                else
                        doctor_fix(t->d,
                                "at %s: busbarctl doctor %s; or, where NUT serves: systemctl status "
                                "'nut-driver@*'",
                                t->remote->host, t->remote->ups);
        } else if (streq_ptr(token, "ACCESS-DENIED") || streq_ptr(token, "USERNAME-REQUIRED") ||
                   streq_ptr(token, "PASSWORD-REQUIRED")) {
                find(t, "server-login",
                        "The server denies reading: user name or password are wrong, or "
                        "missing.");
                evidence(t, token);
                fix_account(t, NULL);
        } else {
                find(t, "server-odd", "The server does not answer as it should.");
                evidence(t, strempty(token));
                where = strjoin(t->remote->ups, "@", strempty(server));
                doctor_fix(t->d, "upsc %s", strempty(where));
        }
        return r < 0 ? r : 0;
}

/* That is a question only: nothing changes over there. Servers that are older know the other word. */
static void ask_primary(const Talk *t) {
        _cleanup_free_ char *token = NULL;
        int r = ask(t, &token, "PRIMARY", t->remote->ups, NULL, NULL);

        if (r < 0 && streq_ptr(token, "UNKNOWN-COMMAND")) {
                free(token);
                token = NULL;
                r = ask(t, &token, "MASTER", t->remote->ups, NULL, NULL);
        }
        if (r >= 0)
                return;
        find(t, "server-role",
                "The server does not let this machine be the primary of that UPS: the "
                "password is wrong, or the "
                "user may not.");
        evidence(t, strempty(token));
        fix_account(t, "primary");
}

static void on_client(void *userdata, char *const *words, size_t n) {
        Talk *t = userdata;

        t->listed = t->listed || (n >= 3 && streq(words[2], t->address)) ||
                    (n >= 3 && streq_ptr(startswith(words[2], "::ffff:"), t->address));
}

/* To log in a second time would count at the server. Who is logged in there it tells anybody, and our relay
 * has been trying since it was started. */
static void ask_secondary(Talk *t) {
        const char *const request[] = {"LIST", "CLIENT", t->remote->ups, NULL};
        char address[INET6_ADDRSTRLEN];

        if (!own_address(t->session, address, sizeof(address)))
                return;
        t->address = address;
        if (nut_session_list(t->session, (char *const *) request, WAIT_USEC, on_client, t, NULL) < 0 ||
                t->listed)
                return;
        if (!t->d->ctl->mirror || !mirror_find(t->d->ctl->mirror, t->remote->section->name))
                return;
        find(t, "server-login",
                "This machine is not logged in at the server, so that one will not wait "
                "for it: the password is wrong, or "
                "the user may not.");
        evidence(t, "LIST CLIENT does not have us");
        fix_account(t, "secondary");
}

static void talk(Talk *t) {
        const char *login = option(t, "login");

        if (start_tls(t) < 0 || log_in(t) < 0 || ask_status(t) < 0)
                return;
        if (streq_ptr(login, "primary"))
                ask_primary(t);
        else if (login && !streq(login, "none"))
                ask_secondary(t);
}

static void visit(Doctor *d, const Remote *remote) {
        Talk t = {.d = d, .remote = remote};
        int r;

        r = nut_session_open(remote->host, remote->port, WAIT_USEC, NULL, &t.session);
        if (r < 0)
                report_connection(&t, r);
        else
                talk(&t);
        t.session = nut_session_leave(t.session);
}

static void check_servers(Doctor *d) {
        Remotes l = {};

        remotes_load(d, &l);
        remotes_resolve(d, &l);
        for (size_t i = 0; i < l.n; i++) {
                if (l.items[i].r < 0 || !l.items[i].ups)
                        continue;
                if (!doctor_has_time(d, TALK_USEC)) {
                        doctor_unseen(d, "as it has taken too long already");
                        break;
                }
                visit(d, l.items + i);
        }
        remotes_done(&l);
}

const DoctorCheck server_checks[] = {
        {"server", "NUT servers of devices", NEEDS_CONFIGURATION | NEEDS_BUS, check_servers},
        {},
};
