/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/socket.h>

#include "log.h"
#include "parse-util.h"
#include "string-util.h"
#include "tls-path.h"
#include "tool.h"

/*** Credentials ***/

typedef struct Reading {
        bool wanted; /* the user named the file */
} Reading;

/* A file that is only for others to read is no news, unless it was asked for. */
static void on_conf_problem(void *userdata, int level, const char *file, unsigned line,
                const char *message) {
        const Reading *reading = userdata;

        if (line > 0)
                fprintf(stderr, "%s:%u: %s\n", file, line, message);
        else if (reading->wanted)
                fprintf(stderr, "%s: %s\n", file, message);
}

static int client_load_credentials(ToolClient *c) {
        const char *authconf = c->options->authconf;
        bool search = !authconf || streq(authconf, "default");
        Reading reading = { .wanted = authconf };
        int r;

        if (c->has_credentials || streq_ptr(authconf, "none"))
                return 0;

        r = nut_credentials_load(search ? NULL : authconf, c->host, c->port, c->options->user,
                        on_conf_problem,
                        &reading, &c->credentials);
        c->has_credentials = r >= 0 || !authconf;
        if (c->has_credentials && r != -ENOMEM)
                return 0;
        return tool_client_fail(c, r, "cannot read the credentials in %s: %s",
                        search ? "nutauth.conf" : authconf,
                        strerror(-r));
}

/*** TLS ***/

static const char *tls_value(const ToolClient *c, NutTlsKey key) {
        const char *v = c->credentials.tls[key];

        return isempty(v) ? NULL : v;
}

static bool tls_flag(const ToolClient *c, NutTlsKey key) {
        return streq_ptr(c->credentials.tls[key], "yes");
}

/* The first one is the reason. */
static void on_tls_problem(void *userdata, const char *file, const char *message) {
        ToolClient *c = userdata;

        if (!c->tls_problem)
                c->tls_problem = strprintf("%s: %s", file, message);
}

/* Once: who goes on as another user may not be able to read them again. */
static int client_load_tls(ToolClient *c) {
        _cleanup_free_ char *path = NULL, *file = NULL;
        const char *ident = tls_value(c, NUT_TLS_IDENT_NAME);
        bool verify = tls_flag(c, NUT_TLS_VERIFY);
        int r;

        if (c->tls)
                return 0;

        (void) free_and_strdup(&c->tls_problem, NULL);
        r = tls_path(tls_value(c, NUT_TLS_CERT_PATH), &path);
        if (r >= 0)
                r = tls_path(tls_value(c, NUT_TLS_CERT_FILE), &file);
        if (r < 0)
                return r;

        /* Authorities that nothing is asked of need not be readable. */
        return tls_context_new_client(
                &(TlsFiles) {
                        .file = file,
                        .path = verify || (ident && !file) ? path : NULL,
                        .ident_name = ident,
                        .ident_password = tls_value(c, NUT_TLS_IDENT_PASSWORD),
                },
                verify, on_tls_problem, c, &c->tls);
}

/* The result of reading certificates does not matter to a server without TLS. */
static int client_start_tls(ToolClient *c, int loaded) {
        NutTls tls;
        int r;

        /* Who wants to know the server does not take one without a certificate. */
        tls = (NutTls) {
                .context = c->tls,
                .host = tls_value(c, NUT_TLS_CERT_HOST),
                .force = tls_flag(c, NUT_TLS_FORCE) || tls_flag(c, NUT_TLS_VERIFY),
        };
        r = nut_session_start_tls(c->session, &tls, TOOL_ANSWER_USEC);
        if (r == -EPROTONOSUPPORT)
                return tool_client_fail(c, r, "SSL is not available: %s", nut_session_error(c->session));
        if (r == -ECONNREFUSED)
                return tool_client_fail(c, r, "Access denied: %s", nut_session_error(c->session));
        if (r == -ECONNRESET || r == -EPIPE)
                return tool_client_fail(c, r, "Server disconnected");
        if (r == -ENOKEY && !c->tls)
                return tool_client_fail(c, r, "SSL error: the certificates cannot be used: %s",
                                c->tls_problem ?: strerror(-loaded));
        if (r < 0)
                return tool_client_fail(c, r, "SSL error: %s", nut_session_error(c->session));

        /* No more than a warning. */
        if (r > 0 && c->tls_problem) {
                fprintf(stderr, "%s\n", c->tls_problem);
                (void) free_and_strdup(&c->tls_problem, NULL);
        }
        log_debug("%s, port %u: %s.", c->host, c->port,
                        nut_session_encryption(c->session) ?: "in clear, the server has no TLS");
        return 0;
}

/*** The connection ***/

int tool_client_connect(ToolClient *c) {
        bool unknown;
        int r, loaded;

        tool_client_leave(c);
        r = client_load_credentials(c);
        if (r < 0)
                return r;
        loaded = client_load_tls(c);
        if (loaded == -ENOMEM)
                return tool_client_fail(c, loaded, "Memory allocation failure");

        r = nut_session_open_full(c->host, c->port, AF_UNSPEC, c->options->interrupt_fd,
                        c->options->connect_timeout_usec, &unknown, &c->session);
        if (r < 0 && unknown)
                return tool_client_fail(c, r, "No such host");
        if (r < 0)
                return tool_client_fail(c, r, "Connection failure: %s", strerror(-r));

        r = client_start_tls(c, loaded);
        if (r < 0)
                c->session = nut_session_free(c->session);
        return r;
}
