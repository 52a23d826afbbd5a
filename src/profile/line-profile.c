/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-profile.h"

#include "line-link.h"
#include "line-profile-internal.h"
#include "string-util.h"

typedef enum DefinitionKind {
        DEFINITION_WHEN,
        DEFINITION_LOOKUP,
        DEFINITION_NAMES,
        DEFINITION_QUERY,
} DefinitionKind;

/* A query's name stands in selectors. */
static bool query_name_is_valid(const char *s) {
        static const char *const reserved[] = { "option", "link", "argument", "hex" };

        for (size_t i = 0; i < ELEMENTSOF(reserved); i++)
                if (streq(reserved[i], s))
                        return false;

        for (; *s; s++)
                if (!(*s >= '0' && *s <= '9') && !((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z') &&
                    !strchr("._-", *s))
                        return false;

        return true;
}

static int define_query(Loader *l, const ConfLine *place, char *name) {
        LineProfile *p = line_loader_profile(l);

        if (p->n_queries >= LINE_QUERIES_MAX || !query_name_is_valid(name)) {
                int r = p->n_queries >= LINE_QUERIES_MAX
                        ? loader_error(l, place, "There are at most %u queries", LINE_QUERIES_MAX)
                        : loader_error(l, place, "\"%s\" cannot be the name of a query: there are letters, "
                                        "digits, . _ and - for it", name);
                free(name);
                return r;
        }

        p->queries[p->n_queries++] = (LineQuery) {
                .name = name,
                .length_max = LINE_SIZE_MAX,
                .words_max = UINT32_MAX,
                .line = place->line,
        };
        return 0;
}

static int define(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name) {
        LineProfile *p = line_loader_profile(l);
        char *copy;

        if (p->n_whens + p->values.n_lookups + p->values.n_names >= DEFINITIONS_MAX)
                return loader_error(l, place, "There are at most %u conditions, lookups and lists of names",
                                DEFINITIONS_MAX);
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;

        switch (section->argument) {
        case DEFINITION_QUERY:
                return define_query(l, place, copy);
        case DEFINITION_WHEN:
                p->whens[p->n_whens++] = (LineWhen) { .name = copy, .line = place->line };
                return 0;
        default:
                free(copy);
                return section->argument == DEFINITION_LOOKUP ? loader_define_lookup(l, place, name)
                                                              : loader_define_names(l, place, name);
        }
}

static int read_when(Loader *l, const ConfLine *line, const char *s, void *whens) {
        return line_loader_when(l, line, s, whens);
}

/* Makes room once and for all: rows will point at what is defined here. */
static int begin(Loader *l) {
        LineProfile *p = line_loader_profile(l);

        p->queries = new0(LineQuery, LINE_QUERIES_MAX);
        p->whens = new0(LineWhen, DEFINITIONS_MAX);
        if (!p->queries || !p->whens)
                return -ENOMEM;

        line_loader(l)->scope = (ValueScope) {
                .definitions = &p->values,
                .refer = line_loader_refer,
                .when = read_when,
        };
        l->values = &line_loader(l)->scope;
        return value_definitions_begin(&p->values, MIN(l->n_headers, DEFINITIONS_MAX));
}

/* In one piece, and one that is there. */
static int read_definition(
                Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        LineProfile *p = line_loader_profile(l);
        int kind = section->argument;

        for (size_t i = 0; kind == DEFINITION_QUERY && i < p->n_queries; i++)
                if (streq(p->queries[i].name, name))
                        return loader_belongs(l, line, p->queries[i].line)
                                ? line_loader_read_query(l, line, &p->queries[i]) : 0;
        for (size_t i = 0; kind == DEFINITION_WHEN && i < p->n_whens; i++)
                if (streq(p->whens[i].name, name))
                        return loader_belongs(l, line, p->whens[i].line)
                                ? line_loader_read_when(l, line, &p->whens[i]) : 0;
        if (kind == DEFINITION_LOOKUP)
                return loader_read_value_lookup(l, line, name);
        if (kind == DEFINITION_NAMES)
                return loader_read_value_names(l, line, name);

        return 0;
}

static int read_profile(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_profile(l, line);
}

static int read_format(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_format(l, line);
}

static int read_probe(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_probe(l, line);
}

static int read_start(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_start(l, line);
}

static int read_row(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_row(l, line, (LineRowType) section->argument);
}

static int read_derived(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_derived(l, line);
}

static int read_command(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return line_loader_read_command(l, line);
}

static const LoaderSection sections[] = {
        { "profile", 0, .read = read_profile },
        { "line", 0, .read = read_format, .replaces = true },
        { "lookup:", 1, define, read_definition, .argument = DEFINITION_LOOKUP },
        { "names:", 1, define, read_definition, .argument = DEFINITION_NAMES },
        { "query:", 2, define, read_definition, .argument = DEFINITION_QUERY },
        { "when:", 3, define, read_definition, .argument = DEFINITION_WHEN },
        { "probe", 4, .read = read_probe },
        { "variables", 4, .read = read_row, .argument = LINE_ROW_VARIABLE, .replaces = true },
        { "status", 4, .read = read_row, .argument = LINE_ROW_STATUS },
        { "alarms", 4, .read = read_row, .argument = LINE_ROW_ALARM },
        { "derived", 4, .read = read_derived, .replaces = true },
        { "start", 4, .read = read_start },
        { "commands", 4, .read = read_command, .replaces = true },
        { "command:", 4, .read_whole = line_loader_read_command_section },
        {},
};

static void own_place(const LineProfile *p, const char **file, unsigned *line) {
        ConfLine place;

        profile_place(p->file, p->included, *line, &place);
        *file = place.file;
        *line = place.line;
}

static void own_places(LineProfile *p) {
        for (int t = 0; t < _LINE_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        own_place(p, &p->rows[t][i].file, &p->rows[t][i].line);
        for (size_t i = 0; i < p->n_queries; i++)
                own_place(p, &p->queries[i].file, &p->queries[i].line);
        for (size_t i = 0; i < p->n_commands; i++)
                own_place(p, &p->commands[i].file, &p->commands[i].line);
        for (size_t i = 0; i < p->n_derived; i++)
                own_place(p, &p->derived[i].file, &p->derived[i].line);
}

static void line_loader_done(LineLoader *l) {
        for (size_t i = 0; i < l->n_references; i++)
                free(l->references[i].name);
        free(l->references);
        strv_free(l->given);
        line_profile_unref(l->profile);
        loader_done(&l->loader);
}

int line_profile_parse(
                const char *name,
                const char *data,
                size_t n,
                ConfReport report,
                void *userdata,
                LineProfile **ret) {
        static const LoaderEngine engine = { sections, begin, line_loader_check };
        _cleanup_(line_loader_done) LineLoader l = { .loader = { .report = report, .userdata = userdata } };
        int r;

        l.profile = new0(LineProfile, 1);
        if (!l.profile)
                return -ENOMEM;
        l.profile->n_ref = 1;
        l.profile->order = -1;
        line_format_default(&l.profile->format);

        r = loader_run(&l.loader, &engine, name, data, n);
        if (r < 0)
                return r;

        l.profile->file = TAKE_PTR(l.loader.file);
        l.profile->included = TAKE_PTR(l.loader.included);
        l.profile->id = TAKE_PTR(l.loader.id);
        own_places(l.profile);
        *ret = TAKE_PTR(l.profile);
        return 0;
}

int line_profile_load(const char *path, ConfReport report, void *userdata, LineProfile **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = loader_read_file(path, report, userdata, &data, &n);
        return r < 0 ? r : line_profile_parse(path, data, n, report, userdata, ret);
}

LineProfile *line_profile_ref(LineProfile *p) {
        p->n_ref++;
        return p;
}

static void definitions_done(LineProfile *p) {
        for (size_t i = 0; i < p->n_queries; i++)
                line_query_done(&p->queries[i]);
        free(p->queries);
        for (size_t i = 0; i < p->n_whens; i++)
                line_when_done(&p->whens[i]);
        free(p->whens);
        value_definitions_done(&p->values);
}

static void rows_done(LineProfile *p) {
        for (int t = 0; t < _LINE_ROW_TYPE_MAX; t++) {
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        line_row_done(&p->rows[t][i]);
                free(p->rows[t]);
        }
        for (size_t i = 0; i < p->n_commands; i++)
                line_command_done(&p->commands[i]);
        free(p->commands);
        for (size_t i = 0; i < p->n_derived; i++)
                profile_derived_done(&p->derived[i]);
        free(p->derived);
        free(p->derived_whens);
        for (size_t i = 0; i < p->n_starts; i++)
                free(p->starts[i].command);
        free(p->starts);
}

LineProfile *line_profile_unref(LineProfile *p) {
        if (!p || --p->n_ref > 0)
                return NULL;

        rows_done(p);
        definitions_done(p);
        strv_free(p->format.accepted);
        strv_free(p->format.refused);
        strv_free(p->protocols);
        strv_free(p->probe_links);
        free(p->probe_usb);
        free(p->vendor);
        free(p->version);
        free(p->title);
        free(p->id);
        strv_free(p->included);
        free(p->file);
        free(p);
        return NULL;
}
