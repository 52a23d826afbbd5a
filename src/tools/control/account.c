/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "account.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "bus-names.h"
#include "string-util.h"

#define GROUPS_MAX 256

static const char *asked_for(const Control *c, const Selection *s, const UpsSection *section) {
        const UpsOption *o = ups_conf_option(s->conf, section, "user");

        return c->user ?: o && !isempty(o->value) ? o->value : NULL;
}

/* 1: found. */
static int find_by_name(const char *name, RunUser *ret) {
        const struct passwd *p = getpwnam(name);

        if (!p)
                return -ESRCH;
        *ret = (RunUser) { .uid = p->pw_uid, .gid = p->pw_gid };
        return 1;
}

/* The same, 0 if that would be root. */
static int find_by_directory(RunUser *ret) {
        const struct passwd *p;
        struct stat st;

        if (lstat(conf_state_path(), &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid == 0)
                return 0;
        if (st.st_gid == 0) {
                p = getpwuid(st.st_uid);
                if (!p || p->pw_gid == 0)
                        return 0;
                st.st_gid = p->pw_gid;
        }
        *ret = (RunUser) { .uid = st.st_uid, .gid = st.st_gid };
        return 1;
}

static int find_default(RunUser *ret) {
        int r = find_by_directory(ret);

        if (r == 0 && find_by_name(USER_DRIVER, ret) > 0)
                r = ret->uid != 0 && ret->gid != 0;
        return r > 0 ? 0 : -EPERM;
}

int account_find(const Control *c, const Selection *s, const UpsSection *section, RunUser *ret) {
        const char *name = asked_for(c, s, section);
        _cleanup_free_ char *path = NULL;
        struct stat st;
        int r;

        *ret = (RunUser) { .uid = geteuid(), .gid = getegid() };
        if (geteuid() != 0)
                return 0;

        r = name ? find_by_name(name, ret) : find_default(ret);
        if (r == -ESRCH)
                fprintf(stderr, "[%s]: There is no user %s; correct %s\n", section->name, name,
                                c->user ? "-u" : "user= in ups.conf");
        else if (r < 0)
                fprintf(stderr, "[%s]: %s belongs to root, there is no user " USER_DRIVER ", and a driver "
                                "does not run as root unasked; -u or user= in ups.conf names a user\n",
                                section->name, conf_state_path());
        if (r < 0)
                return r;

        path = conf_path("ups.conf");
        if (path && stat(path, &st) >= 0)
                ret->conf_gid = st.st_gid;
        return 0;
}

int account_become(void *userdata) {
        const RunUser *user = userdata;
        gid_t groups[GROUPS_MAX + 1];
        const struct passwd *p;
        int n = GROUPS_MAX;

        if (geteuid() != 0 || user->uid == 0)
                return 0;
        p = getpwuid(user->uid);
        if (!p || getgrouplist(p->pw_name, user->gid, groups, &n) < 0) {
                groups[0] = user->gid;
                n = 1;
        }
        if (user->conf_gid != 0)
                groups[n++] = user->conf_gid;
        if (setgroups((size_t) n, groups) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
            setresuid(user->uid, user->uid, user->uid) < 0)
                return -errno;
        return 0;
}

bool account_is_trusted(const Control *c, const Selection *s, const UpsSection *section, uid_t uid) {
        const char *name = asked_for(c, s, section);
        RunUser user;

        return uid == 0 || uid == geteuid() || (name && find_by_name(name, &user) > 0 && user.uid == uid) ||
                (find_by_directory(&user) > 0 && user.uid == uid) ||
                (find_by_name(USER_DRIVER, &user) > 0 && user.uid == uid);
}
