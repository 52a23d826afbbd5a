/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-check.h"

#include <stdio.h>
#include <syslog.h>

#include "nut-conf.h"
#include "string-util.h"
#include "ups-conf.h"
#include "upsd-conf.h"
#include "upsd-users.h"
#include "upsmon-conf.h"

/* The serious ones among reports, as texts without their lines: these move with a change. */
typedef struct Errors {
        char **messages; /* strv */
        unsigned *lines;
        size_t allocated;
        bool oom;
} Errors;

static void errors_done(Errors *e) {
        strv_free(e->messages);
        free(e->lines);
}

static void collect(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Errors *e = userdata;
        size_t n = strv_length(e->messages);

        if (level > LOG_ERR)
                return;
        if (!GREEDY_REALLOC(e->lines, e->allocated, n + 1) || strv_extend(&e->messages, message) < 0)
                e->oom = true;
        else
                e->lines[n] = line;
}

static int read_words(const ConfFile *f, const char *text, size_t n, Errors *e) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *upsmon = NULL;
        _cleanup_(user_table_freep) UserTable *users = NULL;
        _cleanup_(upsd_conf_freep) UpsdConf *upsd = NULL;
        _cleanup_(ups_conf_freep) UpsConf *ups = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;

        int r = conf_parse(f->path, text, n, collect, e, &c);
        if (r < 0)
                return r;

        switch (f->kind) {
        case CONFIG_FILE_UPS:
                return ups_conf_from_lines(c, collect, e, &ups);
        case CONFIG_FILE_UPSD:
                return upsd_conf_from_lines(c, collect, e, &upsd);
        case CONFIG_FILE_USERS:
                return user_table_from_lines(c, collect, e, &users);
        default:
                return upsmon_conf_from_lines(c, collect, e, &upsmon);
        }
}

static int read_text(const ConfFile *f, const char *text, size_t n, Errors *e) {
        NutConf nut;
        int r = f->kind == CONFIG_FILE_NUT ? nut_conf_parse(f->path, text, n, collect, e, &nut)
                                         : read_words(f, text, n, e);

        return e->oom ? -ENOMEM : r;
}

int conf_check(const ConfFile *f) {
        _cleanup_(errors_done) Errors before = {}, after = {};
        bool refused = false;

        int r = read_text(f, f->old, f->n_old, &before);
        if (r >= 0)
                r = read_text(f, f->text, f->n_text, &after);
        if (r < 0) {
                fprintf(stderr, "Error: %s: %s\n", f->path, strerror(-r));
                return r;
        }

        for (size_t i = 0; i < strv_length(after.messages); i++) {
                if (strv_remove(before.messages, after.messages[i]))
                        continue;
                /* About the file as a whole: the next change may put it right. */
                if (after.lines[i] == 0) {
                        fprintf(stderr, "Note: %s: %s\n", f->path, after.messages[i]);
                        continue;
                }
                fprintf(stderr, "Error: %s:%u would be refused: %s\n", f->path, after.lines[i],
                        after.messages[i]);
                refused = true;
        }

        if (refused)
                fprintf(stderr, "Error: Nothing was changed.\n");
        return refused ? -EINVAL : 0;
}

/* Whether a line of a drop-in is about something that was written: "KEYWORD", "KEYWORD WORD" or
 * "[SECTION]". */
static bool is_about(const ConfLine *l, const char *touched) {
        const char *rest = startswith_nocase(touched, l->words[0]);

        if (touched[0] == '[')
                return l->section && strcaseeq(l->section, touched + 1);
        if (l->section || !rest)
                return false;
        return *rest == '\0' || (*rest == ' ' && l->n_words > 1 && strcaseeq(l->words[1], rest + 1));
}

int conf_check_drop_ins(const ConfFile *f) {
        _cleanup_(conf_freep) Conf *c = NULL;
        /* They are beside the file itself, even if that is a link. */
        _cleanup_free_ char *path = conf_path(nut_config_files[f->kind].name);
        const char *said = NULL;

        if (f->kind == CONFIG_FILE_NUT)
                return 0;
        if (!path || conf_load(path, NULL, NULL, &c) < 0)
                return 0;

        for (size_t i = 0; i < conf_n_lines(c); i++) {
                const ConfLine *l = conf_line(c, i);

                if (streq(l->file, path))
                        continue;
                STRV_FOREACH(touched, f->touched)
                        if (said != *touched && is_about(l, *touched)) {
                                said = *touched;
                                fprintf(stderr, "Note: %s:%u has a say about %s%s too, and comes after "
                                                "%s.\n",
                                        l->file, l->line, *touched, **touched == '[' ? "]" : "", f->path);
                        }
        }
        return 0;
}
