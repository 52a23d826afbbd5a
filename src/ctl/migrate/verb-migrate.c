/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "migrate.h"
#include "string-util.h"

static const struct {
        const char *word; /* for people */
        const char *name; /* for programs */
        Color color;
} kinds[_FINDING_KIND_MAX] = {
        [FINDING_SAME]   = { "as it is",  "same",   COLOR_GOOD    },
        [FINDING_OTHER]  = { "differs",   "other",  COLOR_FAINT   },
        [FINDING_CHANGE] = { "to do",     "change", COLOR_WARNING },
        [FINDING_KEEP]   = { "keep NUT",  "keep",   COLOR_BAD     },
        [FINDING_BACK]   = { "not in NUT", "back",  COLOR_FAINT   },
};

static void print_finding(Migration *m, FindingKind kind, const char *file, unsigned line,
        const char *message) {
        _cleanup_free_ char *clean = text_clean(message);
        bool color = m->ctl->color;

        if (m->ctl->json) {
                json_object(&m->json, NULL);
                json_string(&m->json, "file", file);
                json_integer(&m->json, "line", line);
                json_string(&m->json, "kind", kinds[kind].name);
                json_string(&m->json, "message", message);
                json_object_end(&m->json);
                return;
        }

        if (file)
                printf("%s%s:", color_sequence(color, COLOR_BOLD), file);
        if (file && line > 0)
                printf("%u:", line);
        if (file)
                printf("%s ", color_sequence(color, COLOR_NONE));
        printf("%s%s:%s %s\n", color_sequence(color, kinds[kind].color), kinds[kind].word,
               color_sequence(color, COLOR_NONE), strempty(clean));
}

void migration_report(Migration *m, FindingKind kind, const char *file, unsigned line, const char *fmt,
        ...) {
        _cleanup_free_ char *message = NULL, *whole = NULL;
        va_list ap;

        va_start(ap, fmt);
        if (vasprintf(&message, fmt, ap) < 0)
                message = NULL;
        va_end(ap);

        whole = message ? strprintf("%s:%u:%s", strempty(file), line, message) : NULL;
        if (!whole) {
                m->oom = true;
                return;
        }
        if (strv_contains(m->said, whole))
                return;
        if (strv_extend(&m->said, whole) < 0)
                m->oom = true;

        m->counts[kind]++;
        print_finding(m, kind, file, line, message);
}

bool migration_has_said(const Migration *m, const char *file, const char *beginning) {
        _cleanup_free_ char *whole = strprintf("%s:0:%s", file, beginning);

        STRV_FOREACH(s, m->said)
                if (whole && startswith(*s, whole))
                        return true;
        return false;
}

void migration_conf_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_WARNING)
                migration_report(userdata, FINDING_CHANGE, file, line, "%s", message);
}

/* DIRECTORY of ROOT/etc/nut is of the machine at ROOT; the one that Busbar reads is of this one. */
static int find_root(Migration *m) {
        _cleanup_free_ char *own = realpath(CONFDIR, NULL);
        const char *end = endswith(m->directory, CONFDIR);

        if ((own && streq(own, m->directory)) || (end && end == m->directory))
                m->root = strdup("");
        else if (end)
                m->root = strndup(m->directory, (size_t) (end - m->directory));
        else
                return 0;
        return m->root ? 0 : -ENOMEM;
}

static int open_directory(Migration *m, const char *argument) {
        _cleanup_free_ char *path = argument ? strdup(argument) : conf_path("");
        struct stat st;

        if (!path)
                return ctl_error(-ENOMEM, "Out of memory.");

        m->directory = realpath(path, NULL);
        if (!m->directory || stat(m->directory, &st) < 0)
                return ctl_error(-errno, "Cannot read the configuration directory %s: %s.", path,
                                 strerror(errno));
        if (!S_ISDIR(st.st_mode))
                return ctl_error(-ENOTDIR, "%s is no directory; name the one with ups.conf and upsmon.conf.",
                                 path);
        if (access(m->directory, R_OK | X_OK) < 0)
                return ctl_error(-errno, "Cannot read %s: %s. Try it as root.", path, strerror(errno));

        if (!migrate_is_configuration(m->directory))
                return ctl_error(-ENOENT, "There is no NUT configuration in %s: no ups.conf, "
                                "upsmon.conf or other "
                                 "file of it.", m->directory);

        /* The readers of the daemons look there, and so do the drivers that we ask. */
        if (setenv("NUT_CONFPATH", m->directory, true) < 0 || find_root(m) < 0)
                return ctl_error(-ENOMEM, "Out of memory.");
        return 0;
}

static const char *verdict(const Migration *m) {
        if (m->counts[FINDING_KEEP] > 0)
                return "keep";
        return m->unjudged ? "unknown" : m->counts[FINDING_CHANGE] > 0 ? "changes" : "ready";
}

static void print_verdict(const Migration *m) {
        _cleanup_free_ char *kept = strv_join(m->kept, ", ");
        unsigned n = m->counts[FINDING_CHANGE];

        if (m->counts[FINDING_KEEP] > 0)
                printf("\nNot ready: keep NUT for %s.", isempty(kept) ? "this machine" : kept);
        else if (m->unjudged)
                printf("\nNot known: there are no drivers that could judge the devices; %u thing%s to "
                                "do above.",
                       n, n == 1 ? " is" : "s are");
        else if (n > 0)
                printf("\nReady with %u change%s, marked \"%s\" above.", n, n == 1 ? "" : "s",
                       kinds[FINDING_CHANGE].word);
        else
                printf("\nReady: all of it can be used as it is.");
        puts(" Nothing was changed.");

        if (m->counts[FINDING_KEEP] == 0 && !m->unjudged)
                puts("To switch: systemctl disable --now nut-server nut-monitor; systemctl enable --now "
                     "busbar\n"
                     "To go back: systemctl disable --now busbar; systemctl enable --now nut-server "
                     "nut-monitor");
}

static int finish(Migration *m) {
        if (!m->ctl->json) {
                print_verdict(m);
                return 0;
        }

        json_array_end(&m->json);
        json_string(&m->json, "verdict", verdict(m));
        json_strv(&m->json, "keep", m->kept);
        json_object_end(&m->json);
        return json_finish(&m->json);
}

static void migration_done(Migration *m) {
        strv_free(m->said);
        strv_free(m->kept);
        free(m->directory);
        free(m->root);
}

int verb_migrate(Ctl *c, char **args) {
        _cleanup_(migration_done) Migration m = { .ctl = c, .json.f = stdout };

        int r = open_directory(&m, args[0]);
        if (r < 0)
                return r;

        if (c->json) {
                json_object(&m.json, NULL);
                json_string(&m.json, "directory", m.directory);
                json_array(&m.json, "findings");
        }

        r = migrate_files(&m);
        if (m.root)
                migrate_system(&m);
        if (m.oom || r == -ENOMEM)
                return ctl_error(-ENOMEM, "Out of memory.");

        int k = finish(&m);
        if (r < 0 || k < 0)
                return r < 0 ? r : k;
        return m.counts[FINDING_KEEP] > 0 || m.unjudged ? EXIT_FAILURE : EXIT_SUCCESS;
}
