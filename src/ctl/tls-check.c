/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <syslog.h>

#include "conf.h"
#include "string-util.h"
#include "tls.h"
#include "upsd-conf.h"
#include "verb-tls.h"

#define GATEWAY_USER "busbar-gateway"

/* Groups of a process that the kernel allows are more; nobody has them. */
#define GROUPS_MAX 64

typedef struct Report {
        Problems *check;
        bool fatal; /* the gateway will not use TLS; what is only reported goes for a warning */
} Report;

static void collect(void *userdata, const char *file, const char *message) {
        Report *report = userdata;

        problems_report(report->check, report->fatal ? LOG_ERR : LOG_WARNING, file, 0, message);
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

/* Names of files without a directory are in that of the configuration. */
static int complete(const char *name, char **ret) {
        *ret = isempty(name) ? NULL : conf_path(name);
        return isempty(name) || *ret ? 0 : -ENOMEM;
}

int tls_check(Problems *check) {
        _cleanup_(upsd_conf_freep) UpsdConf *conf = NULL;
        _cleanup_free_ char *file = NULL, *path = NULL;
        int r;

        /* What is wrong with its lines has been said already. */
        r = upsd_conf_load(NULL, NULL, &conf);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        r = complete(conf->cert_file, &file);
        if (r >= 0)
                r = complete(conf->cert_path, &path);
        if (r < 0)
                return r;

        return check_files(check, &(TlsFiles) { file, NULL, path, conf->cert_ident_name,
                                                conf->cert_ident_password },
                           (TlsRequest) conf->cert_request);
}
