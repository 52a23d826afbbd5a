/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a file becomes sections and lines, whatever engine it is for. */

#include "profile-loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>

#include "io-util.h"
#include "string-util.h"

const LoaderSection *loader_find_section(
                const LoaderSection *sections, const char *section, const char **ret_name) {
        for (const LoaderSection *s = sections; s->name; s++) {
                const char *rest = startswith(section, s->name);

                if (rest && (endswith(s->name, ":") ? *rest != '\0' : *rest == '\0')) {
                        *ret_name = rest;
                        return s;
                }
        }

        return NULL;
}

static int report_unknown_section(
                Loader *l, const LoaderSection *sections, const ConfLine *place, const char *section) {
        const char *names[32] = {};

        for (size_t i = 0; sections[i].name && i + 1 < ELEMENTSOF(names); i++)
                names[i] = sections[i].name;
        return loader_error_unknown(l, place, "section", section, names);
}

void loader_report_line(
                void *userdata, int level, const char *file, unsigned line, const char *message) {
        Loader *l = userdata;

        l->failed = true;
        if (l->report)
                l->report(l->userdata, MIN(level, LOG_ERR), file, line, message);
}

/* All sections are known, and those that define something have their place before any line is read. */
static int read_headers(Loader *l, const LoaderSection *sections) {
        for (size_t i = 0; i < l->n_headers; i++) {
                const ConfLine *place = &l->headers[i];
                const char *name;
                const LoaderSection *section = loader_find_section(sections, place->section, &name);
                int r = 0;

                if (!section)
                        r = report_unknown_section(l, sections, place, place->section);
                else if (section->define)
                        r = section->define(l, section, place, name);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* The last line of the section that line first is in. */
static size_t section_end(const Loader *l, size_t first) {
        unsigned section_line = l->lines[first].section_line;

        while (first + 1 < l->n_lines && l->lines[first + 1].section_line == section_line)
                first++;
        return first;
}

/* Reads the lines of one phase, in their order. */
static int read_phase(Loader *l, const LoaderSection *sections, unsigned phase) {
        for (size_t i = 0; i < l->n_lines; i++) {
                const ConfLine *line = &l->lines[i];
                const LoaderSection *section = NULL;
                const char *name;
                int r;

                if (line->section)
                        section = loader_find_section(sections, line->section, &name);
                else if (phase == 0)
                        (void) loader_error(l, line, "This stands before the first section");
                if (!section || section->phase != phase)
                        continue;

                if (section->read_whole) {
                        size_t end = section_end(l, i);

                        r = section->read_whole(l, name, i, end);
                        i = end;
                } else
                        r = section->read(l, section, line, name);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int read_sections(Loader *l, const LoaderSection *sections) {
        unsigned last = 0;
        int r;

        for (const LoaderSection *s = sections; s->name; s++)
                last = MAX(last, s->phase);

        r = read_headers(l, sections);
        for (unsigned phase = 0; phase <= last && r >= 0; phase++)
                r = read_phase(l, sections, phase);
        return r;
}

/* The id that a file name stands for. */
static int set_id(Loader *l, const char *name) {
        const char *base = strrchr(name, '/'), *suffix;

        base = base ? base + 1 : name;
        suffix = endswith(base, ".profile");
        l->file = strdup(name);
        l->id = strndup(base, suffix ? (size_t) (suffix - base) : strlen(base));
        if (!l->file || !l->id)
                return -ENOMEM;

        if (isempty(l->id) || l->id[strspn(l->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
                (void) loader_error(l, &(ConfLine) { .file = l->file },
                                "The name of a profile is made of a-z, 0-9, _ and -");
        return 0;
}

int loader_run(Loader *l, const LoaderEngine *engine, const char *name, const char *data, size_t n) {
        int r = set_id(l, name);

        if (r < 0)
                return r;
        if (n > PROFILE_SIZE_MAX) {
                (void) loader_error(l, &(ConfLine) { .file = l->file },
                                "The file has more than %u KiB, which no profile needs",
                                PROFILE_SIZE_MAX >> 10);
                return -EBADMSG;
        }

        r = loader_read_conf(l, engine->sections, data, n);
        if (r >= 0)
                r = engine->begin(l);
        if (r >= 0)
                r = read_sections(l, engine->sections);
        if (r >= 0)
                r = engine->check(l);
        if (r < 0)
                return r;

        return l->failed ? -EBADMSG : 0;
}

void loader_done(Loader *l) {
        loader_conf_done(l);
        free(l->file);
        free(l->id);
        *l = (Loader) {};
}

static int read_file(const char *path, char **ret, size_t *ret_n) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        _cleanup_free_ char *data = NULL;
        struct stat st;
        size_t size;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;

        /* One byte more than there is, or may be: what is too long is seen. */
        size = MIN((size_t) st.st_size, (size_t) PROFILE_SIZE_MAX) + 1;
        data = malloc(size);
        if (!data)
                return -ENOMEM;
        n = fd_read_all(fd, data, size);
        if (n < 0)
                return (int) n;

        *ret = TAKE_PTR(data);
        *ret_n = (size_t) n;
        return 0;
}

int loader_read_file(const char *path, ConfReport report, void *userdata, char **ret, size_t *ret_n) {
        int r = read_file(path, ret, ret_n);

        if (r < 0)
                conf_line_report(&(ConfLine) { .file = path }, report, userdata, LOG_ERR,
                                "The file cannot be read: %s", strerror(-r));
        return r;
}

int profile_file_engine(const char *path, char **ret) {
        _cleanup_(conf_freep) Conf *conf = NULL;
        _cleanup_free_ char *data = NULL, *engine = NULL;
        size_t n = 0;
        int r;

        r = read_file(path, &data, &n);
        if (r < 0)
                return r;
        r = conf_parse(path, data, n, NULL, NULL, &conf);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf_n_lines(conf) && !engine; i++) {
                const ConfLine *line = conf_line(conf, i);

                if (!streq_ptr(line->section, "profile") || !streq(line->words[0], "engine") ||
                    !line->assignment || line->n_words != 3)
                        continue;
                r = free_and_strdup(&engine, line->words[2]);
                if (r < 0)
                        return r;
        }
        if (!engine)
                engine = strdup("hid");
        if (!engine)
                return -ENOMEM;

        *ret = TAKE_PTR(engine);
        return 0;
}
