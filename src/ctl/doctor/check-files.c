/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <syslog.h>
#include <unistd.h>

#include "doctor.h"
#include "problems.h"
#include "string-util.h"
#include "time-util.h"
#include "verb-check.h"

/* A clock may be off by that much when files come from another machine. */
#define FUTURE_USEC (UINT64_C(600) * USEC_PER_SEC)

static const char *const names[] = {
        "ups.conf",
        "upsd.conf",
        "upsd.users",
        "upsmon.conf",
        "upssched.conf",
        "nut.conf",
};

typedef void (*OnFile)(Doctor *d, const char *path, const struct stat *st);

static void visit(Doctor *d, const char *path, OnFile on_file) {
        struct stat st;

        if (stat(path, &st) >= 0)
                on_file(d, path, &st);
}

/* The directory, the files, and their drop-ins. */
static void for_each_file(Doctor *d, OnFile on_file) {
        _cleanup_free_ char *directory = conf_path("");

        if (directory)
                visit(d, directory, on_file);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *path = conf_path(names[i]), *more = NULL;
                glob_t found = {};

                more = path ? strjoin(path, ".d/*.conf") : NULL;
                if (!more) {
                        d->error = -ENOMEM;
                        return;
                }
                visit(d, path, on_file);
                if (glob(more, 0, NULL, &found) == 0)
                        for (size_t j = 0; j < found.gl_pathc; j++)
                                visit(d, found.gl_pathv[j], on_file);
                globfree(&found);
        }
}

/*** Who may read ***/

/* As busbar-generator gives services their groups. */
static void look_readable(Doctor *d, const char *path, const struct stat *st) {
        mode_t needed = S_ISDIR(st->st_mode) ? S_IROTH | S_IXOTH : S_IROTH;

        if ((st->st_mode & needed) == needed ||
                (st->st_gid != 0 && (st->st_mode & needed << 3) == needed << 3))
                return;

        doctor_find(d, SEVERITY_FAULT, NULL, "Busbar's services, which are not root, cannot read %s.", path);
        doctor_evidence(d, "%s: mode %04o, owner %u, group %u", path, (unsigned) st->st_mode & 07777U,
                (unsigned) st->st_uid, (unsigned) st->st_gid);
        if (S_ISDIR(st->st_mode))
                doctor_fix(d, "chmod 0755 %s && systemctl reload-or-restart busbar", path);
        else
                doctor_fix(d,
                        "chgrp busbar-gateway %s && chmod 0640 %s && systemctl reload-or-restart "
                        "busbar",
                        path, path);
}

static void check_readable(Doctor *d) {
        for_each_file(d, look_readable);
}

static bool section_has_secret(const UpsSection *s) {
        static const char *const keys[] = {"password", "pass", "snmp_authPassword", "authPassword",
                "privPassword", "community", "login_password"};

        for (size_t i = 0; i < s->n_options; i++)
                for (size_t j = 0; j < ELEMENTSOF(keys); j++)
                        if (strcaseeq(s->options[i].key, keys[j]) &&
                                !streq(strempty(s->options[i].value), "public"))
                                return true;
        return false;
}

/* Only files in which something is that others must not know. */
static bool file_has_secret(const Configuration *c, const char *path) {
        for (size_t i = 0; i < c->users->n_users; i++)
                if (c->users->users[i].password && streq_ptr(c->users->users[i].file, path))
                        return true;
        for (size_t i = 0; i < c->upsmon->n_supplies; i++)
                if (!c->upsmon->supplies[i].local && streq_ptr(c->upsmon->supplies[i].file, path))
                        return true;
        for (size_t i = 0; i < c->ups->n_sections; i++)
                if (section_has_secret(c->ups->sections + i) && streq_ptr(c->ups->sections[i].file, path))
                        return true;
        return false;
}

static void look_secret(Doctor *d, const char *path, const struct stat *st) {
        if (!S_ISREG(st->st_mode) || !(st->st_mode & (S_IROTH | S_IWOTH)) ||
                !file_has_secret(&d->conf, path))
                return;

        doctor_find(d, SEVERITY_WARNING, NULL, "Everybody on this machine can %s the passwords in %s.",
                st->st_mode & S_IWOTH ? "change" : "read", path);
        doctor_evidence(d, "%s: mode %04o", path, (unsigned) st->st_mode & 07777U);
        doctor_fix(d, "chgrp busbar-gateway %s && chmod 0640 %s && systemctl reload-or-restart busbar", path,
                path);
}

static void check_secrets(Doctor *d) {
        for_each_file(d, look_secret);
}

/*** What is in them ***/

/* By a check of its own, with what to do. */
static bool is_said_elsewhere(const Doctor *d, const char *message) {
        if (strstr(message, "can read the passwords"))
                return true;
        /* With the drivers that do not run. */
        if (strstr(message, " wants the driver \""))
                return d->bus_error >= 0 && !d->hangs && d->conf.nut.mode != NUT_MODE_NETCLIENT;
        return strstr(message, "there is no section [") && !d->conf.ups->exists;
}

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        const char *say = strstr(message, "Say: ");
        Doctor *d = userdata;
        size_t n;

        if (level > LOG_WARNING || is_said_elsewhere(d, message))
                return;
        n = say ? (size_t) (say - message) : strlen(message);
        while (n > 0 && message[n - 1] == ' ')
                n--;
        doctor_find(d, level <= LOG_ERR ? SEVERITY_FAULT : SEVERITY_WARNING, NULL, "%.*s", (int) n, message);
        if (line > 0)
                doctor_evidence(d, "%s:%u", file, line);
        else
                doctor_evidence(d, "%s", file);
        doctor_fix_text(d,
                say ? say + strlen("Say: ")
                    : "edit the file, then: busbarctl check && systemctl reload-or-restart "
                      "busbar");
}

static void check_words(Doctor *d) {
        Problems problems = {.ctl = d->ctl, .report = report, .userdata = d};
        size_t n;

        if (configuration_check(&problems, &n) == -ENOMEM)
                d->error = -ENOMEM;
}

/*** What is not there ***/

/* A file may be left out, but not when others are about what stood in it. */
static void check_missing_file(Doctor *d) {
        _cleanup_free_ char *ups = conf_path("ups.conf"), *users = conf_path("upsd.users");

        for (size_t i = 0; i < d->conf.upsmon->n_supplies && ups && users; i++) {
                const UpsmonSupply *s = d->conf.upsmon->supplies + i;
                bool known = ups_conf_find(d->conf.ups, s->device);

                if (!s->local)
                        continue;
                if (!d->conf.ups->exists && !known && access(ups, F_OK) < 0) {
                        doctor_find(d, SEVERITY_FAULT, NULL,
                                "%s is missing, so that nothing serves the UPS %s, which is to be watched.",
                                ups, s->ups);
                        doctor_evidence(d, "%s:%u: MONITOR %s", s->file, s->line, s->system);
                        doctor_fix_text(d,
                                "put ups.conf back from a backup, or write it anew with what this "
                                "says: busbarctl scan");
                        return;
                }
                if (!d->conf.users->exists && !isempty(s->user) && access(users, F_OK) < 0) {
                        doctor_find(d, SEVERITY_WARNING, NULL,
                                "%s is missing: Busbar's monitor needs no account on its own machine, but "
                                "no other client can log in.",
                                users);
                        doctor_evidence(d, "%s:%u: MONITOR %s names the user %s", s->file, s->line,
                                s->system, s->user);
                        doctor_fix_text(d,
                                "put upsd.users back from a backup, or describe the user in it as "
                                "upsd.users(5) has it; then: systemctl reload busbar");
                        return;
                }
        }
}

/*** When they were changed ***/

static uint64_t timespec_usec(const struct timespec *ts) {
        return (uint64_t) ts->tv_sec * USEC_PER_SEC + (uint64_t) ts->tv_nsec / NSEC_PER_USEC;
}

static void look_future(Doctor *d, const char *path, const struct stat *st) {
        if (S_ISDIR(st->st_mode) ||
                timespec_usec(&st->st_mtim) <= usec_add(now_usec(CLOCK_REALTIME), FUTURE_USEC))
                return;

        doctor_find(d, SEVERITY_WARNING, NULL,
                "The clock of this machine is behind: %s was changed in the "
                "future.",
                path);
        doctor_evidence(d, "%s: %lld seconds from now", path,
                (long long) (st->st_mtim.tv_sec - (time_t) (now_usec(CLOCK_REALTIME) / USEC_PER_SEC)));
        doctor_fix(d, "timedatectl set-ntp true    # or, if the clock is right: touch %s", path);
}

static void check_future(Doctor *d) {
        for_each_file(d, look_future);
}

static void look_reloaded(Doctor *d, const char *path, const struct stat *st) {
        const Unit *u = doctor_unit(d, "busbar.service");
        uint64_t loaded;

        if (S_ISDIR(st->st_mode) || !u || !streq(u->active, "active"))
                return;
        loaded = doctor_unit_number(d, u, "org.freedesktop.systemd1.Unit", "StateChangeTimestamp", 't', 0);
        if (loaded == 0 || timespec_usec(&st->st_mtim) <= loaded ||
                timespec_usec(&st->st_mtim) > now_usec(CLOCK_REALTIME))
                return;

        doctor_find(d, SEVERITY_WARNING, NULL, "%s was changed, and has not been read since.", path);
        doctor_evidence(d, "%s is newer than the last reload of busbar.service", path);
        doctor_fix_text(d, "systemctl reload busbar");
}

static void check_reloaded(Doctor *d) {
        for_each_file(d, look_reloaded);
}

const DoctorCheck file_checks[] = {
        {"file-unreadable", "permissions of configuration files", 0, check_readable},
        {"file-missing", "files that others are about", NEEDS_CONFIGURATION, check_missing_file},
        {"configuration", "configuration files", NEEDS_CONFIGURATION, check_words},
        {"file-not-reloaded", "changes that were not loaded", NEEDS_SYSTEMD, check_reloaded},
        {"secret-readable", "who may read passwords", NEEDS_CONFIGURATION, check_secrets},
        {"clock-behind", "the clock", 0, check_future},
        {},
};
