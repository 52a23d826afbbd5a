/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "selection.h"

#include <dirent.h>
#include <stdio.h>
#include <syslog.h>

#include "string-util.h"
#include "unit-name.h"

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        /* What is merely doubtful is for busbarctl check. */
        if (level > LOG_ERR)
                return;
        if (line > 0)
                fprintf(stderr, "%s:%u: %s\n", file, line, message);
        else
                fprintf(stderr, "%s: %s\n", file, message);
}

/* As the generator finds out: by the unit that is installed. */
static bool driver_is_grouped(const char *driver) {
        _cleanup_free_ char *path = strjoin(SYSTEMUNITDIR "/busbar-", driver, "-group@.service");

        return path && !strchr(driver, '/') && access(path, F_OK) >= 0;
}

static int target_init(const UpsConf *c, const UpsSection *s, Target *ret) {
        Target t = { .section = s, .grouped = driver_is_grouped(s->driver) };
        int r;

        if (t.grouped)
                r = unit_name_for_group(s->driver, ups_conf_process_group(c, s, ""), &t.unit);
        else
                r = unit_name_for_device(s->driver, s->name, &t.unit);
        if (r == -ENOMEM)
                return r;

        t.socket = strjoin(conf_state_path(), "/", s->driver, "-", s->name);
        if (!t.socket) {
                free(t.unit);
                return -ENOMEM;
        }
        *ret = t;
        return 0;
}

void selection_done(Selection *s) {
        for (size_t i = 0; i < s->n_targets; i++) {
                free(s->targets[i].unit);
                free(s->targets[i].socket);
        }
        free(s->targets);
        ups_conf_free(s->conf);
        *s = (Selection) {};
}

static int complain_name(const UpsConf *c, const char *name) {
        _cleanup_strv_free_ char **names = NULL;
        const char *nearest;

        fprintf(stderr, "UPS %s not found in ups.conf\n", name);
        for (size_t i = 0; i < c->n_sections; i++)
                if (strv_extend(&names, c->sections[i].name) < 0)
                        return -ENOMEM;
        nearest = conf_nearest_key(name, (const char *const *) names);
        if (nearest)
                fprintf(stderr, "Did you mean %s?\n", nearest);
        return -ENOENT;
}

static int fill(Selection *s) {
        int r;

        s->targets = new0(Target, s->conf->n_sections);
        if (!s->targets)
                return -ENOMEM;
        for (; s->n_targets < s->conf->n_sections; s->n_targets++) {
                r = target_init(s->conf, s->conf->sections + s->n_targets, s->targets + s->n_targets);
                if (r < 0)
                        return r;
        }
        return 0;
}

int selection_load(const char *name, Selection *ret) {
        _cleanup_(selection_done) Selection s = { .named = name };
        const UpsSection *section = NULL;
        int r;

        r = ups_conf_load(report, NULL, &s.conf);
        if (r < 0)
                return r;
        if (s.conf->n_sections == 0) {
                fputs(s.conf->exists ? "Error: no UPS definitions found in ups.conf\n"
                                     : "Error: there is no ups.conf, and no UPS is plugged in\n", stderr);
                return -ENOENT;
        }
        if (name) {
                section = ups_conf_find(s.conf, name);
                if (!section)
                        return complain_name(s.conf, name);
        }

        r = fill(&s);
        if (r < 0)
                return r;
        for (size_t i = 0; i < s.n_targets; i++)
                s.targets[i].selected = !section || s.targets[i].section == section;
        *ret = s;
        s = (Selection) {};
        return 0;
}

char *selection_names(const Selection *s, const char *unit, bool selected) {
        _cleanup_strv_free_ char **names = NULL;

        for (size_t i = 0; i < s->n_targets; i++)
                if (s->targets[i].selected == selected && streq_ptr(s->targets[i].unit, unit) &&
                    strv_extend(&names, s->targets[i].section->name) < 0)
                        return NULL;
        return strv_join(names, ", ");
}

bool selection_is_first(const Selection *s, size_t i) {
        if (!s->targets[i].selected)
                return false;
        for (size_t k = 0; k < i; k++)
                if (s->targets[k].selected && s->targets[i].unit &&
                    streq_ptr(s->targets[k].unit, s->targets[i].unit))
                        return false;
        return true;
}

int driver_program(const char *driver, char **ret) {
        if (isempty(driver) || strchr(driver, '/') || driver[0] == '.')
                return -EINVAL;
        *ret = strjoin(conf_driver_path(), "/", driver);
        return *ret ? 0 : -ENOMEM;
}

void complain_driver(const UpsSection *s) {
        _cleanup_strv_free_ char **drivers = NULL;
        DIR *d = opendir(conf_driver_path());
        const char *nearest;

        for (const struct dirent *e = NULL; d && (e = readdir(d));)
                if (e->d_name[0] != '.')
                        (void) strv_extend(&drivers, e->d_name);
        if (d)
                (void) closedir(d);

        nearest = drivers ? conf_nearest_key(s->driver, (const char *const *) drivers) : NULL;
        fprintf(stderr, "%s:%u: [%s]: there is no driver %s%s%s%s\n", s->file, s->line, s->name, s->driver,
                        nearest ? ", did you mean " : "", strempty(nearest), nearest ? "?" : "");
}
