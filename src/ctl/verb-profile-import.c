/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "busbarctl profile import": a first draft of a profile, from a walk. */

#include <fcntl.h>
#include <stdio.h>

#include "io-util.h"
#include "profiles.h"
#include "snmp-draft.h"
#include "string-util.h"

static void report_line(void *userdata, unsigned line, const char *message) {
        unsigned *n = userdata;

        /* One says what kind of file it is; a thousand say no more. */
        if ((*n)++ < 5)
                ctl_error(0, "Line %u is left out: %s", line, message);
}

static int read_mib(const char *path, SnmpMib *mib) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        _cleanup_free_ char *data = NULL;
        ssize_t n;
        int r;

        if (fd < 0)
                return ctl_error(-errno, "Cannot read %s: %s.", path, strerror(errno));
        data = malloc(SNMP_MIB_SIZE_MAX + 1);
        if (!data)
                return ctl_error(-ENOMEM, "Out of memory.");

        n = fd_read_all(fd, data, SNMP_MIB_SIZE_MAX + 1);
        r = n < 0 ? (int) n : snmp_mib_read(mib, data, (size_t) n);
        return r < 0 ? ctl_error(r, "Cannot read %s: %s.", path, strerror(-r)) : 0;
}

static int read_mibs(Ctl *c, SnmpMib *mib) {
        int r = 0;

        STRV_FOREACH(path, c->mibs) {
                r = read_mib(*path, mib);
                if (r < 0)
                        return r;
        }

        r = snmp_mib_resolve(mib);
        if (r < 0)
                return ctl_error(r, "Out of memory.");
        if (r > 0) {
                _cleanup_free_ char *missing = strv_join(mib->missing, ", ");

                ctl_error(0, "%d names of the MIBs are not used: they stand on others that no file has "
                                "(%s). Give "
                             "the files that have these with --mib, too.", r, strempty(missing));
        }
        return 0;
}

static int write_draft(Ctl *c, const SnmpWalk *walk, const SnmpMib *mib, const char *path) {
        SnmpOid enterprise = {};
        SnmpDraftOptions options = { .name = c->names ? c->names[0] : NULL };
        const char *slash = strrchr(path, '/');
        int r;

        options.source = slash ? slash + 1 : path;
        if (options.source[strcspn(options.source, "\r\n")])
                options.source = NULL;
        if (c->enterprise) {
                if (snmp_oid_parse(c->enterprise, &enterprise) < 0)
                        return ctl_error(-EINVAL, "\"%s\" is no identifier, as 1.3.6.1.4.1.318.",
                                        c->enterprise);
                options.enterprise = &enterprise;
        }

        r = snmp_draft_write(walk, mib, &options, stdout);
        snmp_oid_done(&enterprise);
        switch (r) {
        case -ENOENT:
                return ctl_error(r, "%s has nothing of %s. Was all of the agent walked, from 1.3.6.1 on?",
                                path,
                                c->enterprise ?: "any enterprise");
        case -EINVAL:
                return ctl_error(r, "The name of a profile is made of a-z, 0-9, _ and -.");
        default:
                return r < 0 ? ctl_error(r, "Cannot write the draft: %s.", strerror(-r)) : 0;
        }
}

int profile_import(Ctl *c, const char *path) {
        _cleanup_(snmp_walk_done) SnmpWalk walk = {};
        _cleanup_(snmp_mib_done) SnmpMib mib = {};
        unsigned n_bad = 0;
        int r;

        if (!path)
                return ctl_error(-EINVAL,
                                "Of which walk? \"snmpwalk -On -v2c -c public HOST 1.3.6.1\" makes one.");
        if (strv_length(c->names) > 1)
                return ctl_error(-EINVAL, "A profile has one name.");

        r = snmp_walk_load(path, report_line, &n_bad, &walk);
        if (r == -EBADMSG)
                return ctl_error(r, "%s is no walk: see busbarctl(1), profile import.", path);
        if (r < 0)
                return ctl_error(r, "Cannot read %s: %s.", path, strerror(-r));
        if (n_bad > 5)
                ctl_error(0, "%u lines are left out.", n_bad);

        r = read_mibs(c, &mib);
        return r < 0 ? r : write_draft(c, &walk, &mib, path);
}
