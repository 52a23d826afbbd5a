/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a profile includes, and the lines that it consists of with that. */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "hash-util.h"
#include "profile-loader.h"
#include "string-util.h"

/* A line keeps its file in its number, so that the numbers of two files are never alike. */
#define FILE_SHIFT 24U
#define FILES_MAX 16U

unsigned profile_line_number(unsigned line) {
        return line & ((1U << FILE_SHIFT) - 1);
}

bool profile_line_is_included(unsigned line) {
        return line >> FILE_SHIFT > 0;
}

void profile_place(const char *file, char *const *included, unsigned line, ConfLine *ret) {
        *ret = (ConfLine) {
                .file = profile_line_is_included(line) ? included[(line >> FILE_SHIFT) - 1] : file,
                .line = profile_line_number(line),
        };
}

char *loader_describe_line(const Loader *l, const ConfLine *here, unsigned line) {
        char *s = NULL;
        ConfLine place;

        profile_place(l->file, l->included, line, &place);
        if (here->line >> FILE_SHIFT == line >> FILE_SHIFT)
                return asprintf(&s, "line %u", place.line) < 0 ? NULL : s;

        return asprintf(&s, "%s:%u", place.file, place.line) < 0 ? NULL : s;
}

static bool is_file(const char *path) {
        struct stat st;

        return stat(path, &st) >= 0 && S_ISREG(st.st_mode);
}

/* Beside the profile, or else in the directory of that name where profiles are found. *ret is NULL if it is
 * nowhere. */
static int find_rows(const char *profile, const char *name, char **ret) {
        const char *slash = strrchr(profile, '/'), *base;
        _cleanup_free_ char *directory = slash ? strndup(profile, (size_t) (slash - profile)) : strdup(".");
        _cleanup_strv_free_ char **parents = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        if (!directory)
                return -ENOMEM;
        path = strjoin(directory, "/", name, ".rows");
        if (!path)
                return -ENOMEM;

        r = loader_parents(&parents);
        if (r < 0)
                return r;
        base = strrchr(directory, '/');
        STRV_FOREACH(parent, parents) {
                if (is_file(path))
                        break;
                free(path);
                path = strjoin(*parent, "/", base ? base + 1 : directory, "/", name, ".rows");
                if (!path)
                        return -ENOMEM;
        }

        *ret = is_file(path) ? TAKE_PTR(path) : NULL;
        return 0;
}

static bool is_include(const ConfLine *line) {
        return streq_ptr(line->section, "profile") && streq(line->words[0], "include");
}

/* 1, or 0 after a report. */
static int include_file(Loader *l, const ConfLine *line) {
        _cleanup_free_ char *path = NULL, *data = NULL;
        const char *name = line->n_words == 3 && line->assignment ? line->words[2] : "";
        size_t n = 0;
        int r;

        if (isempty(name) || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
                return loader_error(l, line, "A line is include = NAME, for a file NAME.rows, with a name "
                                "of a-z, 0-9, _ and -");
        r = find_rows(l->file, name, &path);
        if (r < 0)
                return r;
        if (!path)
                return loader_error(l, line, "There is no %s.rows, neither beside this file nor where "
                                "profiles are found", name);
        if (strv_contains(l->included, path))
                return loader_error(l, line, "%s is included already", name);
        if (strv_length(l->included) >= FILES_MAX - 1)
                return loader_error(l, line, "A profile includes at most %u files", FILES_MAX - 1);

        r = loader_read_file(path, l->report, l->userdata, &data, &n);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || n > PROFILE_SIZE_MAX)
                return loader_error(l, line, "%s cannot be read, or is too large", path);

        l->hash = hash_part(l->hash, data, n);
        r = strv_extend(&l->included, path);
        if (r >= 0)
                r = conf_parse(path, data, n, loader_report_line, l, &l->confs[strv_length(l->included)]);
        return r < 0 ? r : 1;
}

static int read_files(Loader *l) {
        const Conf *own = l->confs[0];
        size_t n = conf_n_lines(own);

        for (size_t i = 0; i < n; i++) {
                int r = is_include(conf_line(own, i)) ? include_file(l, conf_line(own, i)) : 1;

                if (r <= 0)
                        return r < 0 ? r : -EBADMSG;
        }

        return 0;
}

/* What a later file puts in place of an earlier one: all of a definition, or the rows of one name, as it is
 * written; "" if it is neither. Commands have two ways to be written. New memory. */
static char *make_key(const LoaderSection *sections, const char *section, const char *word) {
        const char *name, *command;
        const LoaderSection *kind = loader_find_section(sections, section, &name);

        if (!kind)
                return strdup("");
        command = startswith(section, "command:");
        if (command)
                return strjoin("commands\n", command);
        if (endswith(kind->name, ":"))
                return strdup(section);

        return kind->replaces && word ? strjoin(section, "\n", word) : strdup("");
}

typedef struct Keys {
        char **keys; /* strv */
        size_t n, allocated;
} Keys;

static void keys_done(Keys *k) {
        strv_free(k->keys);
}

static int compare_keys(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static int add_key(Keys *k, const LoaderSection *sections, const char *section, const char *word) {
        if (!GREEDY_REALLOC(k->keys, k->allocated, k->n + 2))
                return -ENOMEM;
        k->keys[k->n + 1] = NULL;
        k->keys[k->n] = make_key(sections, section, word);
        if (!k->keys[k->n])
                return -ENOMEM;
        k->n++;
        return 0;
}

/* The keys of a file are added, once its own lines are taken. */
static int add_keys(Keys *k, const LoaderSection *sections, const Conf *c) {
        char *const *names = conf_sections(c);
        int r = 0;

        for (size_t i = 0; names && names[i] && r >= 0; i++)
                r = add_key(k, sections, names[i], NULL);
        for (size_t i = 0; i < conf_n_lines(c) && r >= 0; i++)
                if (conf_line(c, i)->section)
                        r = add_key(k, sections, conf_line(c, i)->section, conf_line(c, i)->words[0]);

        if (r >= 0 && k->n > 0)
                qsort(k->keys, k->n, sizeof(char *), compare_keys);
        return r;
}

/* 1 if a later file has the same. */
static int is_replaced(
                const Keys *k, const LoaderSection *sections, const char *section, const char *word) {
        _cleanup_free_ char *key = make_key(sections, section, word);

        if (!key)
                return -ENOMEM;
        return k->n > 0 && *key && bsearch(&key, k->keys, k->n, sizeof(char *), compare_keys);
}

static ConfLine number_line(const ConfLine *line, size_t file) {
        ConfLine numbered = *line;

        numbered.line |= (unsigned) file << FILE_SHIFT;
        numbered.section_line |= (unsigned) file << FILE_SHIFT;
        return numbered;
}

/* Lists are filled from their end, since what replaces has to be known before what is replaced. */
typedef struct Fill {
        Loader *loader;
        const LoaderSection *sections;
        Keys keys;
        size_t line, header; /* the first that is there */
} Fill;

static int take_headers(Fill *f, size_t file) {
        char *const *names = conf_sections(f->loader->confs[file]);
        size_t n = strv_length(names);

        while (n-- > 0) {
                ConfLine place = number_line(conf_section_place(f->loader->confs[file], n), file);
                int r = is_replaced(&f->keys, f->sections, names[n], NULL);

                place.section = names[n];
                if (file > 0 && streq(names[n], "profile"))
                        (void) loader_error(f->loader, &place, "[profile] stands in a profile, not in what "
                                        "it includes");
                if (r < 0)
                        return r;
                if (r == 0)
                        f->loader->headers[--f->header] = place;
        }

        return 0;
}

static int take_lines(Fill *f, size_t file) {
        const Conf *c = f->loader->confs[file];
        size_t n = conf_n_lines(c);

        while (n-- > 0) {
                const ConfLine *line = conf_line(c, n);
                int r = line->section
                        ? is_replaced(&f->keys, f->sections, line->section, line->words[0]) : 0;

                if (r < 0)
                        return r;
                if (r == 0 && !is_include(line))
                        f->loader->lines[--f->line] = number_line(line, file);
        }

        return 0;
}

/* What was left out leaves no room in front. */
static void close_up(Fill *f) {
        Loader *l = f->loader;

        l->n_lines -= f->line;
        l->n_headers -= f->header;
        memmove(l->lines, l->lines + f->line, l->n_lines * sizeof(ConfLine));
        memmove(l->headers, l->headers + f->header, l->n_headers * sizeof(ConfLine));
}

static void fill_done(Fill *f) {
        keys_done(&f->keys);
}

static int fill(Loader *l, const LoaderSection *sections) {
        _cleanup_(fill_done) Fill f = { .loader = l, .sections = sections };
        size_t n_files = 1 + strv_length(l->included);
        int r = 0;

        for (size_t i = 0; i < n_files; i++) {
                l->n_lines += conf_n_lines(l->confs[i]);
                l->n_headers += strv_length(conf_sections(l->confs[i]));
        }
        l->lines = new0(ConfLine, l->n_lines + 1);
        l->headers = new0(ConfLine, l->n_headers + 1);
        if (!l->lines || !l->headers)
                return -ENOMEM;
        f.line = l->n_lines;
        f.header = l->n_headers;

        for (size_t i = 0; i < n_files && r >= 0; i++) {
                /* The profile itself is file 0 and counts most, then the file that was included last. */
                size_t file = i == 0 ? 0 : n_files - i;

                r = take_headers(&f, file);
                if (r >= 0)
                        r = take_lines(&f, file);
                if (r >= 0 && n_files > 1)
                        r = add_keys(&f.keys, sections, l->confs[file]);
        }
        if (r >= 0)
                close_up(&f);
        return r;
}

int loader_read_conf(Loader *l, const LoaderSection *sections, const char *data, size_t n) {
        int r;

        l->confs = new0(Conf *, FILES_MAX + 1);
        if (!l->confs)
                return -ENOMEM;

        l->hash = hash_part(HASH_BEGIN, data, n);
        r = conf_parse(l->file, data, n, loader_report_line, l, &l->confs[0]);
        if (r >= 0)
                r = read_files(l);
        return r < 0 ? r : fill(l, sections);
}

void loader_conf_done(Loader *l) {
        for (size_t i = 0; l->confs && i <= FILES_MAX; i++)
                conf_free(l->confs[i]);
        free(l->confs);
        free(l->lines);
        free(l->headers);
        strv_free(l->included);
}

int profile_file_includes(const char *path, const char *name) {
        _cleanup_(conf_freep) Conf *conf = NULL;
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = loader_read_file(path, NULL, NULL, &data, &n);
        if (r >= 0)
                r = conf_parse(path, data, n, NULL, NULL, &conf);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf_n_lines(conf); i++) {
                const ConfLine *line = conf_line(conf, i);

                if (is_include(line) && line->n_words == 3 && streq(line->words[2], name))
                        return 1;
        }
        return 0;
}
