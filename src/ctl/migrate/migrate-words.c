/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "migrate.h"
#include "string-util.h"
#include "upsd-users.h"

#define NO_EFFECT "Of no effect here: "

/* Ours, in files that NUT reads too. */
#define OURS(file, key) { file, key, FINDING_BACK, key " is Busbar's", NULL }

typedef struct Word {
        const char *file, *key;
        FindingKind kind;
        const char *message; /* NULL: check() says it all */
        void (*check)(Migration *m, const ConfLine *l);
} Word;

/* The databases of NSS, which Debian's NUT is built with. */
static void check_certificates(Migration *m, const ConfLine *l) {
        static const char *const databases[] = { "cert9.db", "cert8.db" };

        for (size_t i = 0; l->n_words > 1 && i < ELEMENTSOF(databases); i++) {
                const char *slash = l->words[1][0] == '/' ? strempty(m->root) : "";
                _cleanup_free_ char *path = strjoin(slash, l->words[1], "/", databases[i]);

                if (path && access(path, F_OK) == 0)
                        migration_report(m, FINDING_CHANGE, l->file, l->line,
                                        "%s is a database of NSS, which is not read here: export what is in "
                                        "it, with "
                                        "\"pk12util -d %s -o busbar.p12 -n NAME\" for a certificate with "
                                        "its key and "
                                        "\"certutil -L -d %s -n NAME -a\" for authorities, and let CERTFILE "
                                        "or "
                                        "CERTPATH name these", path, l->words[1], l->words[1]);
        }
}

static void check_command(Migration *m, const ConfLine *l) {
        if (l->n_words > 1)
                migrate_command(m, l, l->words[1]);
}

static void check_options(Migration *m, const ConfLine *l) {
        if (l->n_words > 2 && !isempty(l->words[2]))
                migration_report(m, FINDING_CHANGE, l->file, l->line,
                                NO_EFFECT "a drop-in of the unit has a command line, see systemctl edit");
}

static void check_hash(Migration *m, const ConfLine *l) {
        const char *password = l->n_words > 1 ? l->words[l->n_words - 1] : "";

        if (password_is_hash(password))
                migration_report(m, FINDING_BACK, l->file, l->line, "A password that is a hash");
}

static void check_allow(Migration *m, const ConfLine *l) {
        migration_report(m, FINDING_OTHER, l->file, l->line,
                        "allowfrom counts here: the user can be used from these addresses only. NUT passes "
                        "over it");
}

static const Word words[] = {
        { "nut.conf", "UPSD_OPTIONS", FINDING_SAME, NULL, check_options },
        { "nut.conf", "UPSMON_OPTIONS", FINDING_SAME, NULL, check_options },
        { "nut.conf", "ALLOW_NO_DEVICE", FINDING_OTHER, NO_EFFECT "the server starts without "
                        "devices", NULL },
        { "nut.conf", "ALLOW_NOT_ALL_LISTENERS", FINDING_CHANGE,
          NO_EFFECT "it is read from upsd.conf alone, so write it there", NULL },
        { "nut.conf", "NUT_DEBUG_LEVEL", FINDING_OTHER, NO_EFFECT "DEBUG_MIN and debug_min are what "
                        "counts", NULL },
        { "ups.conf", "chroot", FINDING_OTHER, NO_EFFECT "RootDirectory= of the unit does this", NULL },
        { "ups.conf", "driverpath", FINDING_OTHER, NO_EFFECT "units know where the drivers are", NULL },
        { "ups.conf", "nowait", FINDING_OTHER, NO_EFFECT "starting never waits for a device", NULL },
        { "ups.conf", "user", FINDING_OTHER, NO_EFFECT "units run drivers as users of their own", NULL },
        { "ups.conf", "sddelay", FINDING_OTHER, NO_EFFECT "it is obsolete in NUT too", NULL },
        { "ups.conf", "reconnect_max_tries", FINDING_OTHER, NO_EFFECT "a device is tried for ever", NULL },
        { "upsd.conf", "STATEPATH", FINDING_OTHER, NO_EFFECT "drivers are found on the bus", NULL },
        { "upsd.conf", "DATAPATH", FINDING_OTHER, NO_EFFECT "descriptions are built in", NULL },
        { "upsd.conf", "DISABLE_WEAK_SSL", FINDING_OTHER, NO_EFFECT "there is no TLS before 1.2", NULL },
        { "upsd.conf", "ALLOW_NO_DEVICE", FINDING_OTHER, NO_EFFECT "the server starts without "
                        "devices", NULL },
        { "upsd.conf", "CERTPATH", FINDING_SAME, NULL, check_certificates },
        OURS("upsd.conf", "REQUIRELOGIN"), OURS("upsd.conf", "REQUIRETLS"), OURS("upsd.conf",
                "MAXLOGINFAILURES"),
        OURS("upsd.conf", "LOCKOUTTIME"), OURS("upsd.conf", "APPLIANCE"), OURS("upsd.conf", "ANNOUNCE"),
        OURS("upsd.conf", "IDLETIMEOUT"), OURS("upsd.conf", "LINETIMEOUT"), OURS("upsd.conf", "TLSTIMEOUT"),
        OURS("upsd.conf", "MAXREQUESTRATE"), OURS("upsd.conf", "MAXCONNPERHOST"),
        OURS("upsd.conf", "FSDCLEARDELAY"),
        { "upsd.users", "password", FINDING_SAME, NULL, check_hash },
        { "upsd.users", "allowfrom", FINDING_SAME, NULL, check_allow },
        OURS("upsd.users", "ups"), OURS("upsd.users", "counts"), OURS("upsd.users", "stale"),
        { "upsmon.conf", "RUN_AS_USER", FINDING_OTHER,
          NO_EFFECT "scripts run as busbar-notify, see whether it may read and write what they need", NULL },
        { "upsmon.conf", "POWERDOWNFLAG", FINDING_OTHER,
          "It is still written, and upsmon -K still reads it; but what cuts the power is the monitor's own "
          "flag, of "
          "one boot: nothing that is left over switches a machine off", NULL },
        { "upsmon.conf", "DEADTIME", FINDING_OTHER, "COMMBAD comes after this time too, not at the first "
                        "failure",
          NULL },
        { "upsmon.conf", "POLLFAIL_LOG_THROTTLE_MAX", FINDING_OTHER, NO_EFFECT "only changes are "
                        "logged", NULL },
        { "upsmon.conf", "SHUTDOWNCMD", FINDING_SAME, NULL, check_command },
        { "upsmon.conf", "NOTIFYCMD", FINDING_SAME, NULL, check_command },
        { "upsmon.conf", "CERTPATH", FINDING_SAME, NULL, check_certificates },
        OURS("upsmon.conf", "CHARGELIMIT"), OURS("upsmon.conf", "RUNTIMELIMIT"), OURS("upsmon.conf",
                "ONBATTLIMIT"),
        OURS("upsmon.conf", "ONBATTDELAY"), OURS("upsmon.conf", "LOSTPOLICY"), OURS("upsmon.conf",
                "MAINSSTABLE"),
        OURS("upsmon.conf", "LEASEMAX"), OURS("upsmon.conf", "SLEEPONBATTERY"),
        { "upssched.conf", "CMDSCRIPT", FINDING_SAME, NULL, check_command },
        { "upssched.conf", "PIPEFN", FINDING_OTHER, NO_EFFECT "timers are in busbar-notify", NULL },
        { "upssched.conf", "LOCKFN", FINDING_OTHER, NO_EFFECT "timers are in busbar-notify", NULL },
};

static void take_line(Migration *m, const char *name, const ConfLine *l) {
        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                const Word *w = words + i;

                if (!streq(w->file, name) || !strcaseeq(w->key, l->words[0]))
                        continue;
                if (w->message)
                        migration_report(m, w->kind, l->file, l->line, "%s", w->message);
                if (w->check)
                        w->check(m, l);
        }
}

/* Of these the last one holds, with NUT as well. */
static bool is_single(const char *name, const char *key) {
        static const struct {
                const char *file, *key;
        } singles[] = {
                { "upsmon.conf", "NOTIFYCMD" },   { "upsmon.conf", "SHUTDOWNCMD" },
                { "upsmon.conf", "POWERDOWNFLAG" },
                { "upsmon.conf", "MINSUPPLIES" }, { "upsmon.conf", "POLLFREQ" },
                { "upsmon.conf", "DEADTIME" },
                { "upsmon.conf", "HOSTSYNC" },    { "upsmon.conf", "FINALDELAY" },
                { "upssched.conf", "CMDSCRIPT" },
                { "upsd.conf", "MAXAGE" },        { "upsd.conf", "CERTFILE" },
                { "upsd.conf", "CERTPATH" },
        };

        for (size_t i = 0; i < ELEMENTSOF(singles); i++)
                if (streq(singles[i].file, name) && strcaseeq(singles[i].key, key))
                        return true;
        return false;
}

/* A line that takes the place of an earlier one of the same file, which seldom is meant. */
static void check_twice(Migration *m, const char *name, const Conf *c, size_t i) {
        const ConfLine *l = conf_line(c, i);

        if (!is_single(name, l->words[0]))
                return;
        while (i-- > 0) {
                const ConfLine *before = conf_line(c, i);

                if (before->file != l->file || !strcaseeq(before->words[0], l->words[0]))
                        continue;
                migration_report(m, FINDING_CHANGE, l->file, l->line,
                                "%s stands in line %u already, which has no effect, in NUT neither: "
                                "take one of "
                                "the two out", l->words[0], before->line);
                return;
        }
}

void migrate_words(Migration *m, const char *name, const Conf *c) {
        _cleanup_free_ char *main = strjoin(m->directory, "/", name);
        const char *file = NULL;

        for (size_t i = 0; main && i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);

                if (l->file != file && !streq(l->file, main))
                        migration_report(m, FINDING_BACK, l->file, 0, "NUT reads no drop-ins");
                file = l->file;
                take_line(m, name, l);
                check_twice(m, name, c, i);
        }
}
