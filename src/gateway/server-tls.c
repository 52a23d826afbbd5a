/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "messages.h"
#include "server.h"
#include "string-util.h"
#include "time-util.h"
#include "tls.h"

/* What the unit loads for us, see systemd.exec(5). */
#define CREDENTIAL_OWN "busbar-gateway.tls.pem"
#define CREDENTIAL_AUTHORITIES "busbar-gateway.tls-ca.pem"

#define USEC_PER_DAY (UINT64_C(86400) * USEC_PER_SEC)
#define EXPIRY_WARNED_USEC (30 * USEC_PER_DAY)

/* A credential that is there, in new memory, or NULL. */
static char *find_credential(const char *name) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;

        if (!directory || !name)
                return NULL;

        path = strjoin(directory, "/", name);
        return path && access(path, F_OK) == 0 ? TAKE_PTR(path) : NULL;
}

/* A file of the configuration: as it is called, or a credential of that name, or one beside upsd.conf. */
static char *find_file(const char *name) {
        return (name[0] != '/' ? find_credential(name) : NULL) ?: conf_path(name);
}

static void report(void *userdata, const char *file, const char *message) {
        conf_report_log(userdata, LOG_ERR, file, 0, message);
}

void server_warn_of_expiry(Server *s) {
        uint64_t now = now_usec(CLOCK_BOOTTIME);

        if (!s->tls || (s->expiry_warned_usec > 0 && now < s->expiry_warned_usec + USEC_PER_DAY))
                return;

        uint64_t end = tls_context_expires_usec(s->tls), today = now_usec(CLOCK_REALTIME);
        if (end >= today + EXPIRY_WARNED_USEC)
                return;

        s->expiry_warned_usec = now;
        if (end <= today)
                log_warning("The certificate has expired: clients that look at it do not connect. After "
                            "renewing it, reload");
        else
                log_warning("The certificate expires in %u days; after renewing it, reload",
                            (unsigned) ((end - today) / USEC_PER_DAY));
}

static void set_context(Server *s, TlsContext *c) {
        tls_context_unref(s->tls);
        s->tls = c;
        s->expiry_warned_usec = 0;
        server_warn_of_expiry(s);
}

/* Nobody is to find out by being refused. */
static void warn_of_requirement(const Server *s, const UpsdConf *conf) {
        if (!s->tls && conf->require_tls != UPSD_REQUIRE_TLS_NO)
                log_error("REQUIRETLS is set, but there is no certificate: what it requires can be had from "
                          "this machine only");
}

static void read_certificates(Server *s, const UpsdConf *conf) {
        _cleanup_free_ char *file = conf->cert_file ? find_file(conf->cert_file) : NULL;
        _cleanup_free_ char *path = conf->cert_path ? strdup(conf->cert_path)
                                                    : find_credential(CREDENTIAL_AUTHORITIES);
        TlsContext *c = NULL;

        if (!file && !conf->cert_ident_name)
                file = find_credential(CREDENTIAL_OWN);
        if (!file && !conf->cert_ident_name) {
                if (s->tls)
                        log_info("No certificate is configured any more: STARTTLS is refused");
                set_context(s, NULL);
                return;
        }

        const TlsFiles files = {
                .file = file,
                .path = path,
                .ident_name = file ? NULL : conf->cert_ident_name,
                .ident_password = conf->cert_ident_password,
        };
        int r = tls_context_new_server(&files, (TlsRequest) conf->cert_request, report, NULL, &c);
        if (r >= 0) {
                set_context(s, c);
                return;
        }

        const char *name = file ?: conf->cert_ident_name;
        (void) log_full(LOG_ERR, 0,
                        &(LogContext) { .message_id = MESSAGE_CONFIG_REFUSED_STR, .file = name },
                        "%s: cannot be taken (%s), %s", name, strerror(-r),
                        s->tls ? "keeping the certificate that was read before" : "STARTTLS is refused");
}

void server_read_certificates(Server *s, const UpsdConf *conf) {
        read_certificates(s, conf);
        warn_of_requirement(s, conf);
}
