/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "output.h"

#include <stdio.h>
#include <sys/stat.h>

#include "log.h"
#include "string-util.h"
#include "unit-name.h"

#define DROP_IN_NAME "50-busbar.conf"

bool exists_below(const Generator *g, const char *directory, const char *name) {
        _cleanup_free_ char *path = strjoin(g->root, directory, "/", name);

        return path && access(path, F_OK) >= 0;
}

static int make_directory(const char *path) {
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_file(const char *path, const char *text) {
        FILE *f = fopen(path, "we");
        int r;

        if (!f)
                return -errno;
        r = fprintf(f, "# Made by busbar-generator from the files in %s.\n%s", CONFDIR, text) < 0 ? -EIO : 0;
        return fclose(f) == EOF ? -errno : r;
}

int write_drop_in(const Generator *g, const char *unit, const char *text) {
        _cleanup_free_ char *directory = NULL, *path = NULL;
        int r;

        directory = strjoin(g->output, "/", unit, ".d");
        path = directory ? strjoin(directory, "/" DROP_IN_NAME) : NULL;
        if (!path)
                return -ENOMEM;

        r = make_directory(directory);
        return r < 0 ? r : write_file(path, text);
}

static int append_line(const char *path, const char *section, const char *line) {
        FILE *f = fopen(path, "ae");
        int r;

        if (!f)
                return -errno;
        r = fprintf(f, "%s%s\n", ftell(f) == 0 ? section : "", line) < 0 ? -EIO : 0;
        return fclose(f) == EOF ? -errno : r;
}

/* The unit of one device says so itself. */
static int conflict_with_nut(const Generator *g, const char *unit, const char *device) {
        _cleanup_free_ char *directory = NULL, *path = NULL, *instance = NULL, *line = NULL;
        int r;

        instance = unit_name_escape(device);
        directory = strjoin(g->output, "/", unit, ".d");
        path = directory ? strjoin(directory, "/60-nut.conf") : NULL;
        line = instance ? strjoin("Conflicts=nut-driver@", instance, ".service") : NULL;
        if (!path || !line)
                return -ENOMEM;

        r = make_directory(directory);
        return r < 0 ? r : append_line(path, "[Unit]\n", line);
}

int write_unit(const Generator *g, const char *unit, const char *text) {
        _cleanup_free_ char *path = strjoin(g->output, "/", unit);

        return path ? write_file(path, text) : -ENOMEM;
}

int want_unit(const Generator *g, const char *unit, const char *file) {
        _cleanup_free_ char *directory = NULL, *link = NULL, *target = NULL;
        int r;

        directory = strjoin(g->output, "/busbar.target.wants");
        link = directory ? strjoin(directory, "/", unit) : NULL;
        target = file ? strjoin(SYSTEMUNITDIR "/", file) : strjoin("../", unit);
        if (!link || !target)
                return -ENOMEM;

        r = make_directory(directory);
        if (r < 0)
                return r;

        return symlink(target, link) < 0 && errno != EEXIST ? -errno : 0;
}

int mask_unit(const Generator *g, const char *unit) {
        _cleanup_free_ char *link = strjoin(g->early, "/", unit);

        if (!link)
                return -ENOMEM;
        return symlink("/dev/null", link) < 0 && errno != EEXIST ? -errno : 0;
}

char *reader_groups(const Readers *readers) {
        _cleanup_free_ char *groups = readers_groups(readers);

        if (!groups)
                return NULL;
        return isempty(groups) ? strdup("") : strjoin("SupplementaryGroups=", groups, "\n");
}

int driver_template(const Generator *g, const char *driver, char **ret, bool *ret_grouped) {
        static const char *const kinds[] = { "@.service", "-group@.service" };

        *ret = NULL;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_free_ char *template = strjoin("busbar-", driver, kinds[i]);

                if (!template)
                        return -ENOMEM;
                if (!strchr(driver, '/') && exists_below(g, SYSTEMUNITDIR, template)) {
                        *ret = TAKE_PTR(template);
                        *ret_grouped = i > 0;
                        return 0;
                }
        }
        return 0;
}

int want_device(Generator *g, const UpsConf *c, const UpsSection *s, char **ret_unit) {
        _cleanup_free_ char *unit = NULL, *template = NULL;
        LogContext place = { .device = s->name, .driver = s->driver, .file = s->file, .line = s->line };
        bool grouped = false;
        int r;

        *ret_unit = NULL;
        r = driver_template(g, s->driver, &template, &grouped);
        if (r < 0)
                return r;
        if (grouped)
                r = unit_name_for_group(s->driver, ups_conf_process_group(c, s, g->root), &unit);
        else
                r = unit_name_for_device(s->driver, s->name, &unit);
        if (r == -ENOMEM)
                return r;
        if (r == -ENAMETOOLONG) {
                g->flawed = true;
                log_full(LOG_ERR, 0, &place,
                                "%s:%u: [%s] makes too long a name for a unit; it is not started.", s->file,
                                s->line, s->name);
                return 0;
        }

        if (r < 0 || !template) {
                g->flawed = true;
                log_full(LOG_ERR, 0, &place, "%s:%u: There is no driver %s; [%s] is not started.",
                                s->file, s->line, s->driver, s->name);
                return 0;
        }

        /* It is started with its device. */
        if (ups_section_is_plugged(s))
                return 0;

        r = want_unit(g, unit, template);
        if (r >= 0 && grouped)
                r = conflict_with_nut(g, unit, s->name);
        if (r >= 0)
                *ret_unit = TAKE_PTR(unit);
        return r;
}
