/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "privileges.h"

#include <grp.h>
#include <pwd.h>

#include "string-util.h"

int privileges_drop(const char *user) {
        const struct passwd *p;

        if (isempty(user) || geteuid() != 0)
                return 0;

        p = getpwnam(user);
        if (!p)
                return -ESRCH;
        if (p->pw_uid == 0)
                return 0;

        if (initgroups(p->pw_name, p->pw_gid) < 0 || setresgid(p->pw_gid, p->pw_gid, p->pw_gid) < 0 ||
            setresuid(p->pw_uid, p->pw_uid, p->pw_uid) < 0)
                return -errno;
        return 0;
}
