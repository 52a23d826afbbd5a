/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "io-util.h"
#include "profile-internal.h"
#include "string-util.h"

#define DEFINITIONS_MAX 512U

typedef enum SectionKind {
        SECTION_PROFILE,
        SECTION_MATCH,
        SECTION_USAGES,
        SECTION_WHEN,
        SECTION_LOOKUP,
        SECTION_CURVE,
        SECTION_NAMES,
        SECTION_CORRECTIONS,
        SECTION_VARIABLES,
        SECTION_STATUS,
        SECTION_ALARMS,
        SECTION_DERIVED,
        SECTION_LINK,
        SECTION_COMMANDS,
        SECTION_COMMAND,
        _SECTION_MAX,
} SectionKind;

static const char *const section_names[_SECTION_MAX + 1] = {
        [SECTION_PROFILE] = "profile",         [SECTION_MATCH] = "match",
        [SECTION_USAGES] = "usages",           [SECTION_WHEN] = "when:",
        [SECTION_LOOKUP] = "lookup:",          [SECTION_CURVE] = "curve:",
        [SECTION_CORRECTIONS] = "corrections", [SECTION_VARIABLES] = "variables",
        [SECTION_STATUS] = "status",           [SECTION_ALARMS] = "alarms",
        [SECTION_DERIVED] = "derived",         [SECTION_LINK] = "link",
        [SECTION_NAMES] = "names:",
        [SECTION_COMMANDS] = "commands",       [SECTION_COMMAND] = "command:",
};

/* The kind of a section, and the name behind its colon. */
static SectionKind section_kind(const char *section, const char **ret_name) {
        for (SectionKind k = 0; k < _SECTION_MAX; k++) {
                const char *rest = startswith(section, section_names[k]);

                if (rest && (endswith(section_names[k], ":") ? *rest != '\0' : *rest == '\0')) {
                        *ret_name = rest;
                        return k;
                }
        }

        return _SECTION_MAX;
}

/* A profile is strict: what the reader of lines only warns of is an error here. */
static void report_line(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Loader *l = userdata;

        l->failed = true;
        if (l->report)
                l->report(l->userdata, MIN(level, LOG_ERR), file, line, message);
}

static int define(Loader *l, SectionKind kind, const ConfLine *place, const char *name) {
        HidProfile *p = l->profile;
        char *copy;

        if (p->n_whens + p->n_lookups + p->n_curves + p->n_names >= DEFINITIONS_MAX)
                return loader_error(l, place,
                                "There are at most %u conditions, lookups, curves and lists of names",
                                DEFINITIONS_MAX);
        for (size_t i = 0; kind == SECTION_LOOKUP && i < p->n_lookups; i++)
                if (streq(p->lookups[i].name, name))
                        return loader_error(l, place, "The lookup \"%s\" is built in, take another name",
                                        name);

        copy = strdup(name);
        if (!copy)
                return -ENOMEM;

        if (kind == SECTION_WHEN)
                p->whens[p->n_whens++] = (ProfileWhen) { .name = copy, .line = place->line };
        else if (kind == SECTION_LOOKUP)
                p->lookups[p->n_lookups++] = (ProfileLookup) { .name = copy, .line = place->line };
        else if (kind == SECTION_NAMES)
                p->names[p->n_names++] = (ProfileNames) { .name = copy, .line = place->line };
        else
                p->curves[p->n_curves++] = (ProfileCurve) { .name = copy, .line = place->line };
        return 0;
}

/* Makes room once and for all: rows will point at what is defined here. */
static int grow_definitions(HidProfile *p) {
        ProfileLookup *grown;

        p->whens = new0(ProfileWhen, DEFINITIONS_MAX);
        p->curves = new0(ProfileCurve, DEFINITIONS_MAX);
        p->names = new0(ProfileNames, DEFINITIONS_MAX);
        grown = reallocarray(p->lookups, DEFINITIONS_MAX, sizeof(ProfileLookup));
        if (!grown || !p->whens || !p->curves || !p->names)
                return -ENOMEM;

        p->lookups = grown;
        return 0;
}

/* All sections are known, and those that define something have their place before any line is read. */
static int read_headers(Loader *l) {
        char *const *sections = conf_sections(l->conf);
        int r;

        for (size_t i = 0; sections && sections[i]; i++) {
                const ConfLine *place = conf_section_place(l->conf, i);
                const char *name;
                SectionKind kind = section_kind(sections[i], &name);

                if (kind == _SECTION_MAX)
                        r = loader_error_unknown(l, place, "section", sections[i], section_names);
                else if (kind >= SECTION_WHEN && kind <= SECTION_NAMES)
                        r = define(l, kind, place, name);
                else
                        r = 0;
                if (r < 0)
                        return r;
        }

        return 0;
}

/* A definition is in one piece. */
static bool belongs_here(Loader *l, const ConfLine *line, unsigned defined) {
        if (line->section_line == defined)
                return true;

        (void) loader_error(l, line, "[%s] stands in line %u already", line->section, defined);
        return false;
}

static int read_definition(Loader *l, const ConfLine *line, SectionKind kind, const char *name) {
        HidProfile *p = l->profile;

        for (size_t i = 0; kind == SECTION_WHEN && i < p->n_whens; i++)
                if (streq(p->whens[i].name, name))
                        return belongs_here(l, line, p->whens[i].line)
                                        ? loader_read_when(l, line, &p->whens[i]) : 0;
        for (size_t i = 0; kind == SECTION_LOOKUP && i < p->n_lookups; i++)
                if (streq(p->lookups[i].name, name) && p->lookups[i].line > 0)
                        return belongs_here(l, line, p->lookups[i].line)
                                ? loader_read_lookup(l, line, &p->lookups[i]) : 0;
        for (size_t i = 0; kind == SECTION_CURVE && i < p->n_curves; i++)
                if (streq(p->curves[i].name, name))
                        return belongs_here(l, line, p->curves[i].line)
                                ? loader_read_curve(l, line, &p->curves[i]) : 0;
        for (size_t i = 0; kind == SECTION_NAMES && i < p->n_names; i++)
                if (streq(p->names[i].name, name))
                        return belongs_here(l, line, p->names[i].line)
                                        ? loader_read_names(l, line, &p->names[i]) : 0;

        return 0;
}

static int read_line(Loader *l, const ConfLine *line, SectionKind kind, const char *name) {
        switch (kind) {
        case SECTION_PROFILE:
                return loader_read_profile(l, line);
        case SECTION_MATCH:
                return loader_read_match(l, line);
        case SECTION_USAGES:
                return loader_read_usage(l, line);
        case SECTION_CORRECTIONS:
                return loader_read_row(l, line, PROFILE_ROW_CORRECTION);
        case SECTION_VARIABLES:
                return loader_read_row(l, line, PROFILE_ROW_VARIABLE);
        case SECTION_STATUS:
                return loader_read_row(l, line, PROFILE_ROW_STATUS);
        case SECTION_ALARMS:
                return loader_read_row(l, line, PROFILE_ROW_ALARM);
        case SECTION_DERIVED:
                return loader_read_derived(l, line);
        case SECTION_LINK:
                return loader_read_link(l, line);
        case SECTION_COMMANDS:
                return loader_read_command(l, line);
        case SECTION_WHEN:
        case SECTION_LOOKUP:
        case SECTION_CURVE:
        case SECTION_NAMES:
                return read_definition(l, line, kind, name);
        default: /* SECTION_COMMAND is read as a whole, unknown ones were told */
                return 0;
        }
}

/* The last line of the section that line first is in. */
static size_t section_end(const Conf *c, size_t first) {
        const ConfLine *line = conf_line(c, first), *next;

        while ((next = conf_line(c, first + 1)) && next->section_line == line->section_line)
                first++;
        return first;
}

/* Reads the lines of the kinds first..last, in their order. */
static int read_lines(Loader *l, SectionKind first, SectionKind last) {
        for (size_t i = 0; i < conf_n_lines(l->conf); i++) {
                const ConfLine *line = conf_line(l->conf, i);
                const char *name;
                SectionKind kind = line->section ? section_kind(line->section, &name) : _SECTION_MAX;
                int r;

                if (!line->section && first == SECTION_PROFILE)
                        (void) loader_error(l, line, "This stands before the first section");
                if (kind < first || kind > last)
                        continue;

                if (kind == SECTION_COMMAND) {
                        size_t end = section_end(l->conf, i);

                        r = loader_read_command_section(l, name, i, end);
                        i = end;
                } else
                        r = read_line(l, line, kind, name);
                if (r < 0)
                        return r;
        }

        return 0;
}

static void check_used(Loader *l, unsigned line, bool used, bool empty, const char *kind, const char *name) {
        ConfLine place = { .file = l->profile->file, .line = line };

        if (line == 0)
                return;
        if (empty)
                (void) loader_error(l, &place, "[%s:%s] is empty", kind, name);
        else if (!used)
                loader_warn(l, &place, "[%s:%s] is not used", kind, name);
}

static bool when_is_empty(const ProfileWhen *w) {
        size_t n = w->n_usb + w->n_has + w->n_field + strv_length(w->option);

        n += w->vendor.n_patterns + w->product.n_patterns + w->serial.n_patterns;
        return n + w->firmware.n_patterns + w->model.n_patterns == 0;
}

/* What can only be said when all is read. */
static void check_whole(Loader *l) {
        HidProfile *p = l->profile;
        ConfLine place = { .file = p->file };

        for (size_t i = 0; i < p->n_whens; i++)
                check_used(l, p->whens[i].line, p->whens[i].used, when_is_empty(&p->whens[i]), "when",
                                p->whens[i].name);
        for (size_t i = 0; i < p->n_lookups; i++)
                check_used(l, p->lookups[i].line, p->lookups[i].used, p->lookups[i].n_entries == 0, "lookup",
                                p->lookups[i].name);
        for (size_t i = 0; i < p->n_curves; i++)
                check_used(l, p->curves[i].line, p->curves[i].used, p->curves[i].n_points == 0, "curve",
                                p->curves[i].name);
        for (size_t i = 0; i < p->n_names; i++)
                check_used(l, p->names[i].line, p->names[i].used, !p->names[i].pairs, "names",
                                p->names[i].name);

        if (!p->title || !p->version)
                (void) loader_error(l, &place, "[profile] needs title and version");
        if (p->generic && p->n_matches > 0)
                (void) loader_error(l, &place, "generic = yes and [match] exclude each other");
        if (!p->generic && p->n_matches == 0)
                (void) loader_error(l, &place,
                                "No device is named: add [match], or generic = yes to [profile]");
}

static void loader_done(Loader *l) {
        conf_free(l->conf);
        for (size_t i = 0; i < l->n_usages; i++)
                free(l->usages[i].name);
        free(l->usages);
        hid_profile_unref(l->profile);
}

/* The id that a file name stands for. */
static int set_id(Loader *l, const char *name) {
        const char *base = strrchr(name, '/'), *suffix;
        HidProfile *p = l->profile;

        base = base ? base + 1 : name;
        suffix = endswith(base, ".profile");
        p->file = strdup(name);
        p->id = strndup(base, suffix ? (size_t) (suffix - base) : strlen(base));
        if (!p->file || !p->id)
                return -ENOMEM;

        if (isempty(p->id) || p->id[strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
                (void) loader_error(l, &(ConfLine) { .file = p->file },
                                "The name of a profile is made of a-z, 0-9, _ and -");
        return 0;
}

static int read_all(Loader *l, const char *data, size_t n) {
        HidProfile *p = l->profile;
        int r;

        r = conf_parse(p->file, data, n, report_line, l, &l->conf);
        if (r >= 0)
                r = profile_add_builtin_lookups(p);
        if (r >= 0)
                r = grow_definitions(p);
        if (r >= 0)
                r = read_headers(l);
        if (r >= 0)
                r = read_lines(l, SECTION_PROFILE, SECTION_USAGES);
        if (r >= 0)
                r = read_lines(l, SECTION_WHEN, SECTION_NAMES);
        if (r >= 0)
                r = read_lines(l, SECTION_CORRECTIONS, SECTION_COMMAND);
        if (r >= 0)
                check_whole(l);
        return r;
}

/* Rows outlive the lines, whose file name is the reader's own. */
static void own_places(HidProfile *p) {
        for (int t = 0; t < _PROFILE_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        p->rows[t][i].file = p->file;
        for (size_t i = 0; i < p->n_commands; i++)
                p->commands[i].file = p->file;
        for (size_t i = 0; i < p->n_derived; i++)
                p->derived[i].file = p->file;
        for (size_t i = 0; i < p->n_matches; i++)
                p->matches[i].file = p->file;
}

int hid_profile_parse(
                const char *name,
                const char *data,
                size_t n,
                ConfReport report,
                void *userdata,
                HidProfile **ret) {
        _cleanup_(loader_done) Loader l = { .report = report, .userdata = userdata };
        int r;

        l.profile = new0(HidProfile, 1);
        if (!l.profile)
                return -ENOMEM;
        l.profile->n_ref = 1;

        r = set_id(&l, name);
        if (r < 0)
                return r;
        if (n > PROFILE_SIZE_MAX) {
                (void) loader_error(&l, &(ConfLine) { .file = l.profile->file },
                                "The file has more than %u KiB, which no profile needs",
                                PROFILE_SIZE_MAX >> 10);
                return -EBADMSG;
        }

        r = read_all(&l, data, n);
        if (r < 0)
                return r;
        if (l.failed)
                return -EBADMSG;

        own_places(l.profile);
        *ret = TAKE_PTR(l.profile);
        return 0;
}

static int read_file(const char *path, char **ret, size_t *ret_n) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        _cleanup_free_ char *data = NULL;
        struct stat st;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;

        data = malloc(PROFILE_SIZE_MAX + 1);
        if (!data)
                return -ENOMEM;
        n = fd_read_all(fd, data, PROFILE_SIZE_MAX + 1);
        if (n < 0)
                return (int) n;

        *ret = TAKE_PTR(data);
        *ret_n = (size_t) n;
        return 0;
}

int hid_profile_load(const char *path, ConfReport report, void *userdata, HidProfile **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = read_file(path, &data, &n);
        if (r < 0) {
                conf_line_report(&(ConfLine) { .file = path }, report, userdata, LOG_ERR,
                                "The file cannot be read: %s", strerror(-r));
                return r;
        }

        return hid_profile_parse(path, data, n, report, userdata, ret);
}

HidProfile *hid_profile_ref(HidProfile *p) {
        p->n_ref++;
        return p;
}

static void definitions_done(HidProfile *p) {
        for (size_t i = 0; i < p->n_whens; i++)
                profile_when_done(&p->whens[i]);
        free(p->whens);

        for (size_t i = 0; i < p->n_lookups; i++) {
                for (size_t k = 0; k < p->lookups[i].n_entries; k++)
                        free(p->lookups[i].entries[k].text);
                free(p->lookups[i].entries);
                free(p->lookups[i].name);
        }
        free(p->lookups);

        for (size_t i = 0; i < p->n_curves; i++) {
                free(p->curves[i].points);
                free(p->curves[i].name);
        }
        free(p->curves);

        for (size_t i = 0; i < p->n_names; i++) {
                strv_free(p->names[i].pairs);
                free(p->names[i].name);
        }
        free(p->names);
}

HidProfile *hid_profile_unref(HidProfile *p) {
        if (!p || --p->n_ref > 0)
                return NULL;

        for (int t = 0; t < _PROFILE_ROW_TYPE_MAX; t++) {
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        profile_row_done(&p->rows[t][i]);
                free(p->rows[t]);
        }
        for (size_t i = 0; i < p->n_commands; i++)
                profile_command_done(&p->commands[i]);
        free(p->commands);
        for (size_t i = 0; i < p->n_derived; i++)
                profile_derived_done(&p->derived[i]);
        free(p->derived);
        for (size_t i = 0; i < p->n_matches; i++) {
                profile_pattern_done(&p->matches[i].vendor);
                profile_pattern_done(&p->matches[i].product);
        }
        free(p->matches);
        definitions_done(p);
        free(p->vendor);
        free(p->version);
        free(p->title);
        free(p->id);
        free(p->file);
        free(p);
        return NULL;
}
