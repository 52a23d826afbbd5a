/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>
#include <syslog.h>

#include "config-files.h"
#include "driver-check.h"
#include "migrate.h"
#include "nut-conf.h"
#include "string-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"
#include "verb-check.h"

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

/* Services without privileges have to read it, and for passwords nobody else; of most files busbarctl
 * check has
 * said so. */
static void check_mode(Migration *m, const char *path, bool secret) {
        struct stat st;

        if (stat(path, &st) < 0)
                return;
        if (!(st.st_mode & S_IROTH) && (st.st_gid == 0 || !(st.st_mode & S_IRGRP)))
                migration_report(m, FINDING_CHANGE, path, 0,
                                "Only root can read it, but the services run without privileges: give "
                                "it to a "
                                "group, as with chgrp nut and chmod 640");
        if (secret && (st.st_mode & S_IROTH) && !migration_has_said(m, path, "Everybody"))
                migration_report(m, FINDING_CHANGE, path, 0,
                                "Everybody can read the passwords in it: give it to a group, as with "
                                "chgrp nut "
                                "and chmod 640");
}

/* The lines of a file one by one, and whether it can be read at all. */
static int take_file(Migration *m, const ConfigFile *file) {
        const char *name = file->name;
        _cleanup_free_ char *path = file_path(m, name);
        _cleanup_(conf_freep) Conf *c = NULL;

        if (!path)
                return -ENOMEM;

        int r = conf_load(path, NULL, NULL, &c);
        if (r < 0 || !conf_exists(c))
                return r;

        check_mode(m, path, file->secret);
        migrate_words(m, name, c);
        return 0;
}

static void report_same(Migration *m, const char *name, bool exists, const char *what, size_t n) {
        _cleanup_free_ char *path = file_path(m, name);

        if (!exists)
                return;
        migration_report(m, FINDING_SAME, path, 0, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* Never by a driver that there is not either. */
static int report_missing(Migration *m, const UpsSection *s) {
        const char *directory = conf_driver_path();

        if (streq(s->driver, "dummy-ups")) {
                migration_report(m, FINDING_CHANGE, s->file, s->line,
                                "There is no driver dummy-ups in %s, though it is Busbar's: install "
                                "it", directory);
                return 0;
        }

        if (driver_exists("dummy-ups"))
                migration_report(m, FINDING_KEEP, s->file, s->line,
                                "There is no driver %s in %s: let NUT serve [%s], on another port, and "
                                "have it "
                                "here as a relay (driver = dummy-ups, port = %s@localhost:PORT)", s->driver,
                                directory, s->name, s->name);
        else
                migration_report(m, FINDING_KEEP, s->file, s->line,
                                "There is no driver %s in %s: let NUT serve [%s]", s->driver, directory,
                                s->name);
        return strv_extend(&m->kept, s->name);
}

static int take_devices(Tree *t) {
        Migration *m = t->m;
        bool installed = access(conf_driver_path(), F_OK) >= 0;
        int r = ups_conf_load(NULL, NULL, &t->ups);

        if (r < 0)
                return r;

        size_t n = 0;
        for (size_t i = 0; i < t->ups->n_sections; i++) {
                const UpsSection *s = t->ups->sections + i;

                if (s->enrolled)
                        continue;
                n++;
                if (!installed || driver_exists(s->driver))
                        continue;
                r = report_missing(m, s);
                if (r < 0)
                        return r;
        }

        m->unjudged = n > 0 && !installed;
        if (m->unjudged)
                migration_report(m, FINDING_CHANGE, t->ups->sections[0].file, 0, DRIVERS_MISSING,
                                conf_driver_path());
        report_same(m, "ups.conf", t->ups->exists, "device", n);
        return 0;
}

static int take_server(Tree *t) {
        int r = upsd_conf_load(NULL, NULL, &t->upsd);
        int k = user_table_load(NULL, NULL, &t->users);
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

static int take_monitor(Tree *t) {
        Migration *m = t->m;
        int r = upsmon_conf_load(NULL, NULL, &t->upsmon);
        int k = upssched_conf_load(NULL, NULL, &t->upssched);

        if (r < 0 || k < 0)
                return r < 0 ? r : k;

        report_same(m, "upsmon.conf", t->upsmon->exists, "MONITOR line", t->upsmon->n_supplies);
        report_same(m, "upssched.conf", t->upssched->exists, "rule", t->upssched->n_rules);
        if (t->upsmon->exists && t->upsmon->n_supplies == 0 && !t->upsmon->incomplete) {
                _cleanup_free_ char *path = file_path(m, "upsmon.conf");

                migration_report(m, FINDING_OTHER, path, 0,
                                "There is no MONITOR line, without which NUT's upsmon does not start; "
                                "here every "
                                "UPS of this machine is watched");
        }
        return 0;
}

/* All that "busbarctl check" finds. */
static int take_check(Tree *t) {
        Migration *m = t->m;
        Problems problems = {
                .ctl = m->ctl,
                .report = migration_conf_report,
                .userdata = m,
                .own_drivers = true,
                .own_certificates = !isempty(m->root),
        };
        size_t n;

        return configuration_check(&problems, &n);
}

static int take_mode(Tree *t) {
        _cleanup_free_ char *path = file_path(t->m, "nut.conf");
        int r = nut_conf_load(NULL, NULL, &t->nut);

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

bool migrate_is_configuration(const char *directory) {
        for (size_t i = 0; i < ELEMENTSOF(nut_config_files); i++) {
                _cleanup_free_ char *path = strjoin(directory, "/", nut_config_files[i].name),
                                *more = strjoin(path, ".d");

                if ((path && access(path, F_OK) == 0) || (more && access(more, F_OK) == 0))
                        return true;
        }
        return false;
}

int migrate_files(Migration *m) {
        static int (*const steps[])(Tree *t) = {
                take_mode, take_devices, take_server, take_monitor, take_check,
        };
        _cleanup_(tree_done) Tree t = { .m = m };
        int first = 0;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                int r = steps[i](&t);

                first = first < 0 ? first : r;
        }

        for (size_t i = 0; i < ELEMENTSOF(nut_config_files); i++) {
                int r = take_file(m, nut_config_files + i);

                first = first < 0 ? first : r;
        }

        check_others(m);
        return first;
}
