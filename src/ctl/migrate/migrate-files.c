/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>
#include <syslog.h>

#include "driver-check.h"
#include "migrate.h"
#include "nut-conf.h"
#include "string-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"

/* All that was read, for what one file says of another. */
typedef struct Tree {
        Migration *m;
        NutConf nut;
        UpsConf *ups;
        UpsdConf *upsd;
        UserTable *users;
        UpsmonConf *upsmon;
        UpsschedConf *upssched;
} Tree;

static void tree_done(Tree *t) {
        ups_conf_free(t->ups);
        upsd_conf_free(t->upsd);
        user_table_free(t->users);
        upsmon_conf_free(t->upsmon);
        upssched_conf_free(t->upssched);
}

static char *file_path(const Migration *m, const char *name) {
        return strjoin(m->directory, "/", name);
}

/* Services without privileges have to read it, and for passwords nobody else. */
static void check_mode(Migration *m, const char *path, bool secret) {
        struct stat st;

        if (stat(path, &st) < 0)
                return;
        if (!(st.st_mode & S_IROTH) && (st.st_gid == 0 || !(st.st_mode & S_IRGRP)))
                migration_report(m, FINDING_CHANGE, path, 0,
                                "Only root can read it, but the services run without privileges: give it to "
                                "a "
                                "group, as with chgrp nut and chmod 640");
        if (secret && (st.st_mode & S_IROTH))
                migration_report(m, FINDING_CHANGE, path, 0,
                                "Everybody can read the passwords in it: give it to a group, as with chgrp "
                                "nut "
                                "and chmod 640");
}

/* The lines of a file one by one, and whether it can be read at all. */
static int take_file(Migration *m, const char *name, bool secret) {
        _cleanup_free_ char *path = file_path(m, name);
        _cleanup_(conf_freep) Conf *c = NULL;

        if (!path)
                return -ENOMEM;

        int r = conf_load(path, NULL, NULL, &c);
        if (r < 0 || !conf_exists(c))
                return r;

        check_mode(m, path, secret);
        migrate_words(m, name, c);
        return 0;
}

static void report_same(Migration *m, const char *name, bool exists, const char *what, size_t n) {
        _cleanup_free_ char *path = file_path(m, name);

        if (!exists)
                return;
        migration_report(m, FINDING_SAME, path, 0, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static int take_devices(Tree *t) {
        Migration *m = t->m;
        int r = ups_conf_load(migration_conf_report, m, &t->ups);

        if (r < 0)
                return r;

        size_t n = 0;
        for (size_t i = 0; i < t->ups->n_sections; i++) {
                const UpsSection *s = t->ups->sections + i;

                if (s->enrolled)
                        continue;
                n++;
                if (driver_exists(s->driver))
                        continue;
                migration_report(m, FINDING_KEEP, s->file, s->line,
                                "There is no driver %s here: let NUT serve [%s], on another port, and have "
                                "it here "
                                "as a relay (driver = dummy-ups, port = "
                                "%s@localhost:PORT)", s->driver, s->name,
                                s->name);
                if (strv_extend(&m->kept, s->name) < 0)
                        return -ENOMEM;
        }

        report_same(m, "ups.conf", t->ups->exists, "device", n);
        return driver_check_all(t->ups, migration_conf_report, m);
}

static int take_server(Tree *t) {
        int r = upsd_conf_load(migration_conf_report, t->m, &t->upsd);
        int k = user_table_load(migration_conf_report, t->m, &t->users);
        bool remote = false;

        if (r < 0 || k < 0)
                return r < 0 ? r : k;

        report_same(t->m, "upsd.conf", t->upsd->exists, "LISTEN line", t->upsd->n_listens);
        report_same(t->m, "upsd.users", t->users->exists, "user", t->users->n_users);
        for (size_t i = 0; i < t->upsd->n_listens; i++) {
                const char *a = t->upsd->listens[i].address;

                remote = remote || !(startswith(a, "127.") || streq(a, "::1") || streq(a, "localhost"));
        }

        for (size_t i = 0; remote && i < t->users->n_users; i++) {
                const User *u = t->users->users + i;

                if ((u->rights & USER_LOGIN) && !(u->rights & USER_PRIMARY))
                        migration_report(t->m, FINDING_SAME, u->file, u->line,
                                        "Clients of other hosts go on as %s: address, port, name and "
                                        "password are "
                                        "the same", u->name);
        }
        return 0;
}

static void check_supply(Tree *t, const UpsmonSupply *s) {
        if (s->local && t->ups && !ups_conf_find(t->ups, s->ups))
                migration_report(t->m, FINDING_CHANGE, s->file, s->line,
                                "%s is of this host, but no section of ups.conf is for it", s->system);
        if (s->local && t->nut.mode == NUT_MODE_NETCLIENT)
                migration_report(t->m, FINDING_CHANGE, s->file, s->line,
                                "%s is of this host, which serves no devices with MODE=netclient in "
                                "nut.conf",
                                s->system);
}

static int take_monitor(Tree *t) {
        Migration *m = t->m;
        int r = upsmon_conf_load(migration_conf_report, m, &t->upsmon);
        int k = upssched_conf_load(migration_conf_report, m, &t->upssched);

        if (r < 0 || k < 0)
                return r < 0 ? r : k;

        report_same(m, "upsmon.conf", t->upsmon->exists, "MONITOR line", t->upsmon->n_supplies);
        report_same(m, "upssched.conf", t->upssched->exists, "rule", t->upssched->n_rules);
        for (size_t i = 0; i < t->upsmon->n_supplies; i++)
                check_supply(t, t->upsmon->supplies + i);
        return 0;
}

static int take_mode(Tree *t) {
        _cleanup_free_ char *path = file_path(t->m, "nut.conf");
        int r = nut_conf_load(migration_conf_report, t->m, &t->nut);

        if (r < 0 || !t->nut.exists)
                return r;
        if (!path)
                return -ENOMEM;

        if (t->nut.mode == NUT_MODE_NONE)
                migration_report(t->m, FINDING_OTHER, path, 0,
                                "MODE=none keeps NUT from starting; Busbar starts what is configured, once "
                                "it is "
                                "enabled");
        else if (t->nut.mode == NUT_MODE_MANUAL || t->nut.mode == NUT_MODE_CONTROLLED)
                migration_report(t->m, FINDING_OTHER, path, 0,
                                "MODE=%s leaves starting to others; Busbar starts what is configured, once "
                                "it is "
                                "enabled", nut_mode_to_string(t->nut.mode));
        else
                migration_report(t->m, FINDING_SAME, path, 0, "MODE=%s", nut_mode_to_string(t->nut.mode));
        return 0;
}

/* Files that nothing here reads. */
static void check_others(Migration *m) {
        static const struct {
                const char *name, *message;
        } others[] = {
                { "upslog.conf", "Its arguments are for NUT's service of upslog; make a unit of your own "
                                "for it" },
                { "nut-driver-enumerator.conf", "There is no enumerator here: a generator of systemd does "
                                "its work" },
                { "hosts.conf", "It is for NUT's CGI programs, which can go on with this server" },
                { "upsset.conf", "It is for NUT's CGI programs, which can go on with this server" },
        };

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                _cleanup_free_ char *path = file_path(m, others[i].name);

                if (path && access(path, F_OK) == 0)
                        migration_report(m, FINDING_OTHER, path, 0, "%s", others[i].message);
        }
}

int migrate_files(Migration *m) {
        static const struct {
                const char *name;
                bool secret;
        } files[] = {
                { "nut.conf", false }, { "ups.conf", false }, { "upsd.conf", false }, { "upsd.users", true },
                { "upsmon.conf", true }, { "upssched.conf", false },
        };
        static int (*const steps[])(Tree *t) = { take_mode, take_devices, take_server, take_monitor };
        _cleanup_(tree_done) Tree t = { .m = m };
        int first = 0;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                int r = steps[i](&t);

                first = first < 0 ? first : r;
        }

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                int r = take_file(m, files[i].name, files[i].secret);

                first = first < 0 ? first : r;
        }

        check_others(m);
        return first;
}
