/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "doctor.h"
#include "string-util.h"

#define USER_NOTIFY "busbar-notify"

/* Who runs it; without a name it is root. */
typedef struct Runner {
        const char *name;
        bool known;
        uid_t uid;
        gid_t gid;
} Runner;

static Runner find_runner(const char *name) {
        const struct passwd *p = name ? getpwnam(name) : NULL;

        return p ? (Runner){name, true, p->pw_uid, p->pw_gid} : (Runner){.name = name};
}

static bool may(const Runner *who, const struct stat *st, mode_t bit) {
        if (!who->name)
                return st->st_mode & (bit | bit << 3 | bit << 6);
        /* A user that this machine does not have is one of the others. */
        if (who->known && st->st_uid == who->uid)
                return st->st_mode & bit << 6;
        if (who->known && st->st_gid == who->gid)
                return st->st_mode & bit << 3;
        return st->st_mode & bit;
}

/* The part of an absolute path where it ends for him, in new memory; NULL: he may execute it. */
static char *find_obstacle(Doctor *d, const Runner *who, const char *program) {
        for (const char *slash = strchr(program + 1, '/');; slash = strchr(slash + 1, '/')) {
                _cleanup_free_ char *part =
                        slash ? strndup(program, (size_t) (slash - program)) : strdup(program);
                _cleanup_free_ char *path = part ? doctor_path(d, part) : NULL;
                struct stat st;

                if (!path)
                        return NULL;
                if (stat(path, &st) < 0 || !may(who, &st, S_IXOTH) || (!slash && !S_ISREG(st.st_mode)))
                        return TAKE_PTR(part);
                if (!slash)
                        return NULL;
        }
}

/* The program that a command line begins with; NULL when only a shell can tell. */
static char *first_word(const char *command) {
        static const char special[] = "|&;<>()$`\\\"'*?[#~=%!{}";
        size_t n = strcspn(command, " \t");

        return command[0] == '/' && strcspn(command, special) >= n ? strndup(command, n) : NULL;
}

static void look(Doctor *d, const char *directive, const char *command, const char *user) {
        _cleanup_free_ char *program = command ? first_word(command) : NULL, *obstacle = NULL;
        Runner who = find_runner(user);
        _cleanup_free_ char *full = NULL;
        struct stat st;

        /* That name is built in. */
        if (!program || endswith(program, "/upssched"))
                return;
        obstacle = find_obstacle(d, &who, program);
        if (!obstacle)
                return;

        full = doctor_path(d, obstacle);
        if (full && stat(full, &st) < 0) {
                doctor_find(d, SEVERITY_FAULT, NULL, "%s does not exist: %s.", directive, program);
                if (streq(obstacle, program))
                        doctor_evidence(d, "%s %s", directive, command);
                else
                        doctor_evidence(d, "%s %s: there is no directory %s", directive, command, obstacle);
                doctor_fix_text(d, "write the right path, then: systemctl reload busbar");
        } else {
                doctor_find(
                        d, SEVERITY_FAULT, NULL, "%s cannot be executed by %s.", directive, user ?: "root");
                doctor_evidence(d, "%s: mode %04o", obstacle, full ? (unsigned) st.st_mode & 07777U : 0U);
                doctor_fix(d, "chmod a+rx %s", obstacle);
        }
}

static void check_notify(Doctor *d) {
        look(d, "NOTIFYCMD", d->conf.upsmon->notify_command, d->conf.upsmon->run_as_user ?: USER_NOTIFY);
}

static void check_timers(Doctor *d) {
        look(d, "CMDSCRIPT", d->conf.upssched->command_script, d->conf.upsmon->run_as_user ?: USER_NOTIFY);
}

/* The service manager runs it. */
static void check_shutdown(Doctor *d) {
        look(d, "SHUTDOWNCMD", d->conf.upsmon->shutdown_command, NULL);
}

const DoctorCheck script_checks[] = {
        {"shutdown-command", "SHUTDOWNCMD", NEEDS_CONFIGURATION, check_shutdown},
        {"notify-command", "NOTIFYCMD", NEEDS_CONFIGURATION, check_notify},
        {"timer-command", "CMDSCRIPT of upssched.conf", NEEDS_CONFIGURATION, check_timers},
        {},
};
