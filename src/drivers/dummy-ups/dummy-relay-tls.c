/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf.h"
#include "dummy-relay-internal.h"
#include "parse-util.h"
#include "string-util.h"

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

/* What is asked for security's sake holds also when it is misspelt. */
static bool tls_flag(const Relay *r, NutTlsKey key) {
        const char *v = tls_value(r, key), *place = tls_place(r, key);
        bool b = true;

        if (!v)
                return false;
        if (parse_boolean(v, &b) < 0)
                (void) log_device(r->device, r->log_level, 0, "%s%s%s must be yes or no; taking yes.",
                                strempty(place), place ? ": " : "", tls_options[key]);
        return b;
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
        free(t->complaint);
        strv_free(t->complaints);
        *t = (RelayTls) {};
}

/*** Certificates ***/

/* A name is that of a credential of the service, or of a file in the configuration directory. */
static int tls_path(const Relay *r, NutTlsKey key, char **ret) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY"), *v = tls_value(r, key);
        _cleanup_free_ char *path = NULL;

        if (v && *v != '/' && !isempty(directory)) {
                path = strjoin(directory, "/", v);
                if (!path)
                        return -ENOMEM;
                if (access(path, F_OK) < 0) {
                        free(path);
                        path = NULL;
                }
        }
        if (v && !path) {
                path = conf_path(v);
                if (!path)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(path);
        return 0;
}

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

        k = tls_path(r, NUT_TLS_CERT_PATH, &path);
        if (k >= 0)
                k = tls_path(r, NUT_TLS_CERT_FILE, &file);
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

/* Who was once encrypted and verified goes back for nobody who stands between us and the server. */
static bool tls_was_verified(const Relay *r) {
        const char *before = model_get(device_model(r->device), RELAY_ENCRYPTION_VARIABLE);

        return r->tls.verify && before && !streq(before, IN_CLEAR);
}

int relay_connect(Relay *r, uint64_t timeout_usec, const NutClientOps *ops) {
        _cleanup_(tls_context_unrefp) TlsContext *context = NULL;
        NutTls tls;
        int k;

        if (r->tls.wanted) {
                k = tls_load(r, &context);
                if (k < 0)
                        return k;
        }

        tls = (NutTls) {
                .context = context,
                .host = tls_value(r, NUT_TLS_CERT_HOST),
                .force = r->tls.force || tls_was_verified(r),
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

        text = strprintf("No TLS with %s, port %u: %s%s.", r->host, r->port, nut_client_error(r->client),
                        before ? ", but did before, and is not spoken to in clear again" : "");
        if (!text || streq_ptr(text, r->tls.complaint))
                return;

        (void) log_device(r->device, r->log_level, 0, "%s", text);
        free(r->tls.complaint);
        r->tls.complaint = TAKE_PTR(text);
}

int relay_put_tls(Relay *r) {
        const char *encryption = nut_client_encryption(r->client);

        /* What goes wrong from here on is news. */
        (void) free_and_strdup(&r->tls.complaint, NULL);
        r->log_level = LOG_ERR;

        return r->tls.wanted ? update_set(r->update, RELAY_ENCRYPTION_VARIABLE, encryption ?: IN_CLEAR) : 0;
}
