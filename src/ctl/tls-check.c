/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <syslog.h>

#include "conf.h"
#include "parse-util.h"
#include "string-util.h"
#include "tls.h"
#include "tls-path.h"
#include "ups-conf-links.h"
#include "upsd-conf.h"
#include "verb-tls.h"

#define GATEWAY_USER "busbar-gateway"

/* Groups of a process that the kernel allows are more; nobody has them. */
#define GROUPS_MAX 64

typedef struct Report {
        Problems *check;
        bool fatal; /* TLS will not be as it is asked for; what is only reported goes for a warning */
} Report;

static void collect(void *userdata, const char *file, const char *message) {
        Report *report = userdata;

        problems_report(report->check, report->fatal ? LOG_ERR : LOG_WARNING, file, 0, message);
}

/* Where a file is that a configuration names, else NULL. What the unit would load for the service is not to
 * be had here. */
static int find_file(Problems *check, const char *name, const char *place, unsigned line, char **ret,
                     bool *unknown) {
        _cleanup_free_ char *message = NULL;

        *ret = NULL;
        if (!tls_name_may_be_credential(name))
                return tls_path(name, ret);

        *unknown = true;
        message = strprintf("%s is not a file here; if it is a credential of the unit, this cannot be "
                            "checked", name);
        if (!message)
                return -ENOMEM;

        problems_report(check, LOG_WARNING, place, line, message);
        return 0;
}

/* The group of a configuration file that not everybody may read: the gateway gets that one too. */
static void add_group_of(const char *name, gid_t *groups, size_t *n) {
        _cleanup_free_ char *path = conf_path(name);
        struct stat st;

        if (path && stat(path, &st) >= 0 && !(st.st_mode & S_IROTH) && (st.st_mode & S_IRGRP) &&
            *n < GROUPS_MAX)
                groups[(*n)++] = st.st_gid;
}

/* Opens the file as that user would, with all that access control lists and the directories above say.
 * Only this thread's view of files changes, and only for that. */
static int open_as(const char *file, uid_t uid, gid_t gid, const gid_t *groups, size_t n) {
        gid_t saved[GROUPS_MAX];
        int n_saved = getgroups(GROUPS_MAX, saved), fd, r;

        if (n_saved < 0 || setgroups(n, groups) < 0)
                return 0;

        (void) setfsgid(gid);
        (void) setfsuid(uid);
        fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        r = fd < 0 ? -errno : 0;
        (void) setfsuid(geteuid());
        (void) setfsgid(getegid());
        (void) setgroups((size_t) n_saved, saved);
        safe_close(fd);
        return r;
}

/* Root can read everything, which says nothing about the gateway. */
static void check_readable(Problems *check, const char *file) {
        static const char *const configuration[] = { "ups.conf", "upsd.conf", "upsd.users" };
        const struct passwd *p = geteuid() == 0 ? getpwnam(GATEWAY_USER) : NULL;
        gid_t groups[GROUPS_MAX];
        size_t n = 0;

        if (!p || access(file, R_OK) < 0)
                return;

        for (size_t i = 0; i < ELEMENTSOF(configuration); i++)
                add_group_of(configuration[i], groups, &n);
        if (open_as(file, p->pw_uid, p->pw_gid, groups, n) == -EACCES) {
                _cleanup_free_ char *message =
                        strprintf("The gateway, which runs as " GATEWAY_USER
                                  ", must not read it. Say: chgrp " GATEWAY_USER
                                  " %s && chmod g+r,o-rwx %s, and look at the directories above it.",
                                file, file);

                problems_report(check, LOG_ERR, file, 0, message ?: "Out of memory.");
        }
}

static int check_files(Problems *check, const TlsFiles *files, TlsRequest request) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        Report report = { .check = check };
        int r;

        /* Whether what is said is an error shows when all is read, so it is read twice. */
        r = tls_context_new_server(files, request, NULL, NULL, &c);
        if (r == -ENOENT || r == -ENOMEM)
                return r == -ENOMEM ? r : 0;

        report.fatal = r < 0;
        c = tls_context_unref(c);
        (void) tls_context_new_server(files, request, collect, &report, &c);

        if (!isempty(files->file))
                check_readable(check, files->file);
        if (!isempty(files->path) && request != TLS_REQUEST_NONE)
                check_readable(check, files->path);
        return 0;
}

/* What is asked of clients without there being TLS for it. */
static void check_requirements(Problems *check, const UpsdConf *conf, const char *place) {
        const char *what = conf->require_tls != UPSD_REQUIRE_TLS_NO ? "REQUIRETLS"
                : conf->cert_request != 0                           ? "CERTREQUEST"
                                                                    : NULL;
        _cleanup_free_ char *message = NULL;

        if (!what || conf->cert_file || conf->cert_ident_name)
                return;
        message = strprintf("%s is set, but there is no certificate (CERTFILE), so nobody can encrypt; "
                            "unless the gateway's unit has the credential busbar-gateway.tls.pem", what);
        problems_report(check, LOG_WARNING, place, 0, message ?: "Out of memory.");
}

int tls_check(Problems *check) {
        _cleanup_(upsd_conf_freep) UpsdConf *conf = NULL;
        _cleanup_free_ char *file = NULL, *path = NULL, *place = conf_path("upsd.conf");
        bool unknown = false;
        int r;

        /* What is wrong with its lines has been said already. */
        r = upsd_conf_load(NULL, NULL, &conf);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        if (!place)
                return -ENOMEM;
        check_requirements(check, conf, place);
        r = find_file(check, conf->cert_file, place, 0, &file, &unknown);
        if (r >= 0)
                r = find_file(check, conf->cert_path, place, 0, &path, &unknown);
        if (r < 0 || unknown)
                return r;

        return check_files(check, &(TlsFiles) { file, NULL, path, conf->cert_ident_name,
                                                conf->cert_ident_password },
                           (TlsRequest) conf->cert_request);
}

/*** Relays and links ***/

static const UpsOption *find_option(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *o = ups_conf_option(c, s, key);

        return o && !isempty(o->value) ? o : NULL;
}

static const char *option_value(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *o = find_option(c, s, key);

        return o ? o->value : NULL;
}

/* Named at all, it is on, unless it can be read as a no. */
static bool is_verified(const UpsConf *c, const UpsSection *s) {
        const UpsOption *o = ups_conf_option(c, s, "certverify");
        bool b = true;

        return o && (!o->value || parse_boolean(o->value, &b) < 0 || b);
}

static int find_option_file(Problems *check, const UpsOption *o, char **ret, bool *unknown) {
        *ret = NULL;
        return o ? find_file(check, o->value, o->file, o->line, ret, unknown) : 0;
}

/* Several devices may have it from the same lines: true for the first of them. -ENOMEM. */
static int is_new(char ***seen, const TlsFiles *f, bool verify) {
        _cleanup_free_ char *all = strjoin(verify ? "verify" : "", "\n", strempty(f->file), "\n",
                                           strempty(f->path), "\n", strempty(f->ident_name));

        if (!all)
                return -ENOMEM;
        if (strv_contains(*seen, all))
                return 0;

        return strv_extend(seen, all) < 0 ? -ENOMEM : 1;
}

static int check_client(Problems *check, const TlsFiles *files, bool verify) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        Report report = { .check = check };
        int r;

        r = tls_context_new_client(files, verify, NULL, NULL, &c);
        if (r == -ENOMEM)
                return r;

        report.fatal = r < 0;
        c = tls_context_unref(c);
        (void) tls_context_new_client(files, verify, collect, &report, &c);
        return 0;
}

int tls_check_relay(Problems *check, const UpsConf *c, const UpsSection *s, char ***seen) {
        const UpsOption *own = find_option(c, s, "certfile"), *authorities = find_option(c, s, "certpath");
        const char *ident = option_value(c, s, "certident_name");
        _cleanup_free_ char *file = NULL, *path = NULL;
        bool verify = is_verified(c, s), unknown = false;
        TlsFiles files;
        int r;

        if (!streq(s->driver, LINK_DRIVER) || !strchr(s->port, '@'))
                return 0;

        files = (TlsFiles) { own ? own->value : NULL, NULL, authorities ? authorities->value : NULL, ident };
        r = is_new(seen, &files, verify);
        if (r <= 0)
                return r;

        r = find_option_file(check, own, &file, &unknown);
        if (r >= 0)
                r = find_option_file(check, authorities, &path, &unknown);
        if (r < 0 || unknown)
                return r;

        files = (TlsFiles) {
                .file = file,
                .path = verify || (ident && !file) ? path : NULL,
                .ident_name = ident,
                .ident_password = option_value(c, s, "certident_pass"),
        };
        return check_client(check, &files, verify);
}
