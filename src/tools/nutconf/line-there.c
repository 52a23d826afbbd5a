/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-there.h"

#include <stdio.h>

#include "string-util.h"
#include "upsd-conf.h"
#include "upsmon-conf.h"

/* The file and the new line, each as if it were all there is. */
typedef struct Pair {
        Conf *file, *line;
} Pair;

static void pair_done(Pair *p) {
        conf_free(p->file);
        conf_free(p->line);
}

static int parse(const ConfFile *f, const DirectiveText *d, Pair *ret) {
        _cleanup_free_ char *content = NULL, *line = NULL, *text = NULL;
        size_t n;

        int r = directive_text(d, &content);
        if (r < 0)
                return r;

        line = strjoin(content, "\n");
        r = line ? conf_parse(f->path, line, strlen(line), NULL, NULL, &ret->line) : -ENOMEM;
        if (r >= 0)
                r = conf_edit_text(f->edit, &text, &n);
        if (r >= 0)
                r = conf_parse(f->path, text, n, NULL, NULL, &ret->file);

        if (text)
                explicit_bzero(text, n);
        if (line)
                explicit_bzero(line, strlen(line));
        explicit_bzero(content, strlen(content));
        return r;
}

static int has_listen(const Pair *p) {
        _cleanup_(upsd_conf_freep) UpsdConf *file = NULL, *line = NULL;
        int r = upsd_conf_from_lines(p->file, NULL, NULL, &file);

        if (r >= 0)
                r = upsd_conf_from_lines(p->line, NULL, NULL, &line);
        if (r < 0)
                return r;

        /* Without a line 0: what is built in is not written. */
        for (size_t i = 0; i < file->n_listens; i++)
                for (size_t k = 0; k < line->n_listens; k++)
                        if (file->listens[i].line > 0 && line->listens[k].line > 0 &&
                            file->listens[i].port == line->listens[k].port &&
                            strcaseeq(file->listens[i].address, line->listens[k].address))
                                return 1;
        return 0;
}

static int has_monitor(const Pair *p) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *file = NULL, *line = NULL;
        int r = upsmon_conf_from_lines(p->file, NULL, NULL, &file);

        if (r >= 0)
                r = upsmon_conf_from_lines(p->line, NULL, NULL, &line);
        if (r < 0)
                return r;

        for (size_t i = 0; i < line->n_supplies; i++) {
                const UpsmonSupply *s = line->supplies + i, *old = upsmon_conf_find(file, s->device);

                if (old && old->power_value == s->power_value && old->primary == s->primary &&
                    streq(old->user, s->user) && streq(old->password, s->password))
                        return 1;
        }
        return 0;
}

int directive_is_there(const ConfFile *f, const DirectiveText *d) {
        _cleanup_(pair_done) Pair p = {};
        int r = parse(f, d, &p);

        if (r >= 0)
                r = f->kind == CONFIG_FILE_UPSD ? has_listen(&p) : has_monitor(&p);
        if (r == -ENOMEM)
                fputs("Error: Out of memory.\n", stderr);
        return r;
}
