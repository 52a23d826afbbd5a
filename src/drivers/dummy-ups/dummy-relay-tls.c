/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-relay-internal.h"
#include "parse-util.h"
#include "string-util.h"
#include "tls-path.h"

#define IN_CLEAR "none"

static const char *const tls_options[_NUT_TLS_KEY_MAX] = {
        [NUT_TLS_CERT_PATH]      = "certpath",
        [NUT_TLS_CERT_FILE]      = "certfile",
        [NUT_TLS_IDENT_NAME]     = "certident_name",
        [NUT_TLS_IDENT_PASSWORD] = "certident_pass",
        [NUT_TLS_CERT_HOST]      = "certhost",
        [NUT_TLS_VERIFY]         = "certverify",
        [NUT_TLS_FORCE]          = "forcessl",
};

/* What the section says, else what nutauth.conf says, else NULL. */
static const char *tls_value(const Relay *r, NutTlsKey key) {
        const char *v = device_option(r->device, tls_options[key]) ?: r->credentials.tls[key];

        return isempty(v) ? NULL : v;
}

static const char *tls_place(const Relay *r, NutTlsKey key) {
        return device_option(r->device, tls_options[key]) ? device_option_place(r->device, tls_options[key])
                                                          : r->credentials.tls_places[key];
}

/* What cannot be read is a yes: those who read the files have seen to it. */
static bool tls_flag(const Relay *r, NutTlsKey key) {
        const char *v = device_option(r->device, tls_options[key]) ?: r->credentials.tls[key];
        bool b = true;

        return v && (parse_boolean(v, &b) < 0 || b);
}

bool relay_is_local(const Relay *r) {
        return strcaseeq(r->host, "localhost") || startswith(r->host, "127.") || streq(r->host, "::1");
}

int relay_set_up_tls(Relay *r) {
        const char *ssl = device_option(r->device, "ssl");
        bool never = streq_ptr(ssl, "no");

        r->tls.verify = tls_flag(r, NUT_TLS_VERIFY);
        r->tls.force = tls_flag(r, NUT_TLS_FORCE);
        if (never && (r->tls.verify || r->tls.force))
                return log_device(r->device, r->log_level, EINVAL,
                                "Not connecting to %s: ssl = no contradicts %s.", r->host,
                                r->tls.force ? "forcessl" : "certverify");

        r->tls.wanted = r->tls.verify || r->tls.force || streq_ptr(ssl, "yes") ||
                (!never && !relay_is_local(r));
        return 0;
}

void relay_tls_done(RelayTls *t) {
        strv_free(t->complaints);
        *t = (RelayTls) {};
}

/*** Certificates ***/

/* What is wrong with files is told when it is news: they are read for each connection. */
typedef struct TlsFlaws {
        Relay *relay;
        const char *path, *file;
        char **found; /* strv */
} TlsFlaws;

static void on_flaw(void *userdata, const char *file, const char *message) {
        TlsFlaws *f = userdata;
        const Relay *r = f->relay;
        const char *place = NULL, *ident = tls_value(r, NUT_TLS_IDENT_NAME);
        char *text;

        if (f->file && startswith(file, f->file))
                place = tls_place(r, NUT_TLS_CERT_FILE);
        else if (ident && strstr(file, ident))
                place = tls_place(r, NUT_TLS_IDENT_NAME);
        else if (f->path && startswith(file, f->path))
                place = tls_place(r, NUT_TLS_CERT_PATH);

        text = strjoin(strempty(place), place ? ": " : "", file, ": ", message);
        if (text && !strv_contains(r->tls.complaints, text))
                (void) log_device(r->device, r->log_level, 0, "%s", text);
        (void) strv_consume(&f->found, text);
}

/* A server that insists on our certificate says so itself; one that does not is not to be lost for it. */
static int tls_load_without_own(TlsFlaws *f, const TlsFiles *files, TlsContext **ret) {
        static const char message[] = "Connecting without a certificate of our own.";
        const Relay *r = f->relay;
        const TlsFiles others = { .path = r->tls.verify ? files->path : NULL };
        int k;

        k = tls_context_new_client(&others, r->tls.verify, on_flaw, f, ret);
        if (k >= 0 && !strv_contains(r->tls.complaints, message))
                (void) log_device(r->device, r->log_level, 0, "%s", message);
        return k < 0 ? k : strv_extend(&f->found, message);
}

static int tls_load(Relay *r, TlsContext **ret) {
        _cleanup_free_ char *path = NULL, *file = NULL;
        TlsFlaws flaws = { .relay = r };
        const char *ident = tls_value(r, NUT_TLS_IDENT_NAME);
        TlsFiles files;
        int k;

        k = tls_path(tls_value(r, NUT_TLS_CERT_PATH), &path);
        if (k >= 0)
                k = tls_path(tls_value(r, NUT_TLS_CERT_FILE), &file);
        if (k < 0)
                return k;

        /* Authorities that nothing is asked of need not be readable. */
        files = (TlsFiles) {
                .file = file,
                .path = r->tls.verify || (ident && !file) ? path : NULL,
                .ident_name = ident,
                .ident_password = tls_value(r, NUT_TLS_IDENT_PASSWORD),
        };
        flaws.path = files.path;
        flaws.file = file;

        k = tls_context_new_client(&files, r->tls.verify, on_flaw, &flaws, ret);
        if (k < 0 && k != -ENOMEM && (file || ident))
                k = tls_load_without_own(&flaws, &files, ret);

        strv_free(r->tls.complaints);
        r->tls.complaints = flaws.found;
        return k;
}

/*** The connection ***/

/* Who was once encrypted and verified goes back for nobody who stands between us and the server. It is the
 * server that is remembered: another one has its own first time. */
static char *tls_server(const Relay *r) {
        return strprintf("verified %s %u", r->host, r->port);
}

static int tls_was_verified(const Relay *r) {
        const char *memo = device_memo(r->device);
        _cleanup_free_ char *server = NULL;

        if (!r->tls.verify || !memo)
                return false;

        server = tls_server(r);
        return server ? streq(memo, server) : -ENOMEM;
}

int relay_remember_tls(Relay *r) {
        _cleanup_free_ char *server = NULL;

        if (!r->tls.verify || !nut_client_encryption(r->client))
                return 0;

        server = tls_server(r);
        return server ? device_set_memo(r->device, server) : -ENOMEM;
}

/* What is wrong with them has been said. */
static void tell_no_files(const Relay *r, int error) {
        _cleanup_free_ char *text = strprintf("Not connecting to %s, port %u, without the means to verify "
                                                "it.", r->host, r->port);

        if (text && error != -ENOMEM)
                device_explain(r->device, text);
}

int relay_connect(Relay *r, uint64_t timeout_usec, const NutClientOps *ops) {
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        NutTls tls;
        int k, before;

        before = tls_was_verified(r);
        if (before < 0)
                return before;
        if (r->tls.wanted) {
                k = tls_load(r, &context);
                if (k < 0) {
                        tell_no_files(r, k);
                        return k;
                }
        }

        tls = (NutTls) {
                .context = context,
                .host = tls_value(r, NUT_TLS_CERT_HOST),
                .force = r->tls.force || before,
        };
        return nut_client_new(device_event(r->device), r->host, r->port, &tls, timeout_usec, ops, r,
                        &r->client);
}

void relay_tell_clear(Relay *r) {
        if (nut_client_encryption(r->client) || !r->tls.verify || r->tls.clear_told)
                return;

        r->tls.clear_told = true;
        (void) log_device(r->device, MAX(LOG_WARNING, r->log_level), 0,
                        "The server at %s, port %u, offers no TLS, so its certificate is not verified; "
                        "forcessl keeps the password from going there in clear.",
                        r->host, r->port);
}

void relay_tell_tls_failure(Relay *r, int error) {
        _cleanup_free_ char *text = NULL;
        bool before = error == -EPROTONOSUPPORT && !r->tls.force;

        if (!r->client || isempty(nut_client_error(r->client)))
                return;

        text = strprintf("No %s %s, port %u: %s%s.", error == -ECONNREFUSED ? "connection to" : "TLS with",
                        r->host, r->port, nut_client_error(r->client),
                        before ? ", but did before, and is not spoken to in clear again" : "");
        if (text)
                device_explain(r->device, text);
}

void relay_tell_refusal(Relay *r, const char *token) {
        const char *advice = "";
        _cleanup_free_ char *text = NULL;

        if (strcaseeq(token, "TLS-NOT-ENABLED"))
                advice = r->tls.wanted ? ": it wants encryption, but has no certificate for it"
                                       : ": it wants encryption; set ssl = yes";
        text = strprintf("The server at %s, port %u, does not tell about %s (ERR %s)%s.", r->host, r->port,
                        r->name, token, advice);
        if (text)
                device_explain(r->device, text);
}

int relay_put_tls(Relay *r) {
        const char *encryption = nut_client_encryption(r->client);

        /* What goes wrong from here on is news. */
        r->log_level = LOG_ERR;

        return r->tls.wanted ? update_set(r->update, RELAY_ENCRYPTION_VARIABLE, encryption ?: IN_CLEAR) : 0;
}
