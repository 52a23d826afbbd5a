/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>

#include "log.h"
#include "messages.h"
#include "server.h"
#include "string-util.h"
#include "time-util.h"
#include "tls.h"
#include "tls-path.h"

/* What the unit loads for us, see systemd.exec(5). */
#define CREDENTIAL_OWN "busbar-gateway.tls.pem"
#define CREDENTIAL_AUTHORITIES "busbar-gateway.tls-ca.pem"

#define USEC_PER_DAY (UINT64_C(86400) * USEC_PER_SEC)
#define EXPIRY_WARNED_USEC (30 * USEC_PER_DAY)

static bool is_credential(const char *path) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        const char *rest = path && !isempty(directory) ? startswith(path, directory) : NULL;

        return rest && rest[0] == '/';
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
        const char *then = s->tls_from_credential
                        ? "restart: it is a credential of the unit, which a reload finds as it was"
                        : "reload";
        if (end <= today)
                log_warning("The certificate has expired: clients that look at it do not connect. After "
                            "renewing it, %s",
                            then);
        else
                log_warning("The certificate expires in %u days; after renewing it, %s",
                            (unsigned) ((end - today) / USEC_PER_DAY), then);
}

static void set_context(Server *s, TlsContext *c, bool from_credential) {
        tls_context_unref(s->tls);
        s->tls = c;
        s->tls_from_credential = from_credential;
        s->expiry_warned_usec = 0;
        server_warn_of_expiry(s);
}

/* Nobody is to find out by being refused. */
static void warn_of_requirement(const Server *s, const UpsdConf *conf) {
        if (!s->tls && conf->require_tls != UPSD_REQUIRE_TLS_NO)
                log_error("REQUIRETLS is set, but there is no certificate: what it requires can be had from "
                          "this machine only");
        if (!s->tls && conf->cert_request != TLS_REQUEST_NONE)
                log_error("CERTREQUEST is set, but there is no certificate of our own (CERTFILE): nobody "
                          "can show one");
}

/* What upsd.conf names, else the credentials that need no name. 0 or -ENOMEM. */
static int find_files(const UpsdConf *conf, char **ret_file, char **ret_path) {
        int r;

        r = conf->cert_path ? tls_path(conf->cert_path, ret_path)
                            : tls_credential_path(CREDENTIAL_AUTHORITIES, ret_path);
        if (r < 0 || conf->cert_ident_name)
                return r < 0 || !conf->cert_file ? r : tls_path(conf->cert_file, ret_file);

        return conf->cert_file ? tls_path(conf->cert_file, ret_file)
                               : tls_credential_path(CREDENTIAL_OWN, ret_file);
}

/* The reasons have been given, each with its file. */
static void log_consequence(const Server *s) {
        (void) log_full(LOG_ERR, 0, &(LogContext) { .message_id = MESSAGE_CONFIG_REFUSED_STR },
                        s->tls ? "TLS goes on with the certificate that was read before"
                               : "There is no certificate that can be taken: STARTTLS is refused");
}

/* Whether they were taken. */
static bool read_certificates(Server *s, const UpsdConf *conf) {
        _cleanup_free_ char *file = NULL, *path = NULL;
        TlsContext *c = NULL;

        if (find_files(conf, &file, &path) < 0) {
                (void) log_oom();
                return false;
        }
        if (!file && !conf->cert_ident_name) {
                if (s->tls)
                        log_info("No certificate is configured any more: STARTTLS is refused");
                set_context(s, NULL, false);
                return true;
        }

        const TlsFiles files = {
                .file = file,
                .path = path,
                .ident_name = file ? NULL : conf->cert_ident_name,
                .ident_password = conf->cert_ident_password,
        };
        int r = tls_context_new_server(&files, (TlsRequest) conf->cert_request, report, NULL, &c);
        if (r >= 0) {
                set_context(s, c, is_credential(file));
                return true;
        }

        if (r == -ENOMEM)
                (void) log_oom();
        log_consequence(s);
        return false;
}

bool server_read_certificates(Server *s, const UpsdConf *conf) {
        bool taken = read_certificates(s, conf);

        warn_of_requirement(s, conf);
        return taken;
}
