/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-profile.h"

#include "profile-internal.h"
#include "string-util.h"

#define DERIVED_MAX 1000U

typedef enum DefinitionKind {
        DEFINITION_WHEN,
        DEFINITION_LOOKUP,
        DEFINITION_CURVE,
        DEFINITION_NAMES,
} DefinitionKind;

static int define(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name) {
        HidProfile *p = hid_loader(l)->profile;
        int kind = section->argument;
        char *copy;

        if (p->n_whens + p->n_lookups + p->n_curves + p->n_names >= DEFINITIONS_MAX)
                return loader_error(l, place,
                                "There are at most %u conditions, lookups, curves and lists of names",
                                DEFINITIONS_MAX);
        for (size_t i = 0; kind == DEFINITION_LOOKUP && i < p->n_lookups; i++)
                if (streq(p->lookups[i].name, name))
                        return loader_error(l, place, "The lookup \"%s\" is built in, take another name",
                                        name);

        copy = strdup(name);
        if (!copy)
                return -ENOMEM;

        if (kind == DEFINITION_WHEN)
                p->whens[p->n_whens++] = (ProfileWhen) { .name = copy, .line = place->line };
        else if (kind == DEFINITION_LOOKUP)
                p->lookups[p->n_lookups++] = (ProfileLookup) { .name = copy, .line = place->line };
        else if (kind == DEFINITION_NAMES)
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

static int read_definition(
                Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        HidProfile *p = hid_loader(l)->profile;
        int kind = section->argument;

        for (size_t i = 0; kind == DEFINITION_WHEN && i < p->n_whens; i++)
                if (streq(p->whens[i].name, name))
                        return loader_belongs(l, line, p->whens[i].line)
                                        ? loader_read_when(l, line, &p->whens[i]) : 0;
        for (size_t i = 0; kind == DEFINITION_LOOKUP && i < p->n_lookups; i++)
                if (streq(p->lookups[i].name, name) && p->lookups[i].line > 0)
                        return loader_belongs(l, line, p->lookups[i].line)
                                ? loader_read_lookup(l, line, &p->lookups[i]) : 0;
        for (size_t i = 0; kind == DEFINITION_CURVE && i < p->n_curves; i++)
                if (streq(p->curves[i].name, name))
                        return loader_belongs(l, line, p->curves[i].line)
                                ? loader_read_curve(l, line, &p->curves[i]) : 0;
        for (size_t i = 0; kind == DEFINITION_NAMES && i < p->n_names; i++)
                if (streq(p->names[i].name, name))
                        return loader_belongs(l, line, p->names[i].line)
                                        ? loader_read_names(l, line, &p->names[i]) : 0;

        return 0;
}

static int read_profile(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_profile(l, line);
}

static int read_match(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_match(l, line);
}

static int read_usage(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_usage(l, line);
}

static int read_row(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_row(l, line, (ProfileRowType) section->argument);
}

static int read_link(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_link(l, line);
}

static int read_command(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_command(l, line);
}

static int take_when(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        ProfileDerived *d = userdata;

        return d->when ? loader_error(l, line, "%s stands here twice", a->name)
                : loader_when(l, line, a->value, &d->when, &d->when_not);
}

static int add_derived(Loader *l, const ConfLine *line, void *userdata) {
        HidProfile *p = hid_loader(l)->profile;
        ProfileDerived when = {}, d;
        int r;

        if (p->n_derived >= DERIVED_MAX)
                return loader_error(l, line, "There are at most %u lines in [derived]", DERIVED_MAX);
        r = loader_read_derived(l, line, take_when, &when, &d);
        if (r <= 0)
                return r;

        d.when = when.when;
        d.when_not = when.when_not;
        if (!GREEDY_REALLOC(p->derived, l->derived_allocated, p->n_derived + 1)) {
                profile_derived_done(&d);
                return -ENOMEM;
        }
        p->derived[p->n_derived++] = d;
        return 0;
}

static int read_derived(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [derived] is NAME = FACTOR FACTOR ...");

        return loader_each(l, line, add_derived, NULL);
}

static const LoaderSection sections[] = {
        { "profile", 0, .read = read_profile },
        { "match", 0, .read = read_match },
        { "usages", 0, .read = read_usage, .replaces = true },
        { "when:", 1, define, read_definition, .argument = DEFINITION_WHEN },
        { "lookup:", 1, define, read_definition, .argument = DEFINITION_LOOKUP },
        { "curve:", 1, define, read_definition, .argument = DEFINITION_CURVE },
        { "names:", 1, define, read_definition, .argument = DEFINITION_NAMES },
        { "corrections", 2, .read = read_row, .argument = PROFILE_ROW_CORRECTION },
        { "variables", 2, .read = read_row, .argument = PROFILE_ROW_VARIABLE, .replaces = true },
        { "status", 2, .read = read_row, .argument = PROFILE_ROW_STATUS },
        { "alarms", 2, .read = read_row, .argument = PROFILE_ROW_ALARM },
        { "derived", 2, .read = read_derived, .replaces = true },
        { "link", 2, .read = read_link, .replaces = true },
        { "commands", 2, .read = read_command, .replaces = true },
        { "command:", 2, .read_whole = loader_read_command_section },
        {},
};

static bool when_is_empty(const ProfileWhen *w) {
        size_t n = w->n_usb + w->n_has + w->n_field + strv_length(w->option);

        n += w->vendor.n_patterns + w->product.n_patterns + w->serial.n_patterns;
        return n + w->firmware.n_patterns + w->model.n_patterns == 0;
}

/* What can only be said when all is read. */
static int check_whole(Loader *l) {
        HidProfile *p = hid_loader(l)->profile;
        ConfLine place = { .file = l->file };

        for (size_t i = 0; i < p->n_whens; i++)
                loader_check_used(l, p->whens[i].line, p->whens[i].used, when_is_empty(&p->whens[i]), "when",
                                p->whens[i].name);
        for (size_t i = 0; i < p->n_lookups; i++)
                loader_check_used(l, p->lookups[i].line, p->lookups[i].used, p->lookups[i].n_entries == 0,
                        "lookup", p->lookups[i].name);
        for (size_t i = 0; i < p->n_curves; i++)
                loader_check_used(l, p->curves[i].line, p->curves[i].used, p->curves[i].n_points == 0,
                        "curve", p->curves[i].name);
        for (size_t i = 0; i < p->n_names; i++)
                loader_check_used(l, p->names[i].line, p->names[i].used, !p->names[i].pairs, "names",
                                p->names[i].name);

        if (!p->title || !p->version)
                (void) loader_error(l, &place, "[profile] needs title and version");
        if (p->generic && p->n_matches > 0)
                (void) loader_error(l, &place, "generic = yes and [match] exclude each other");
        if (!p->generic && p->n_matches == 0)
                (void) loader_error(l, &place,
                                "No device is named: add [match], or generic = yes to [profile]");
        return 0;
}

static void hid_loader_done(HidLoader *h) {
        for (size_t i = 0; i < h->n_usages; i++)
                free(h->usages[i].name);
        free(h->usages);
        hid_profile_unref(h->profile);
        loader_done(&h->loader);
}

static int begin(Loader *l) {
        HidProfile *p = hid_loader(l)->profile;
        int r = profile_add_builtin_lookups(p);

        return r < 0 ? r : grow_definitions(p);
}

static void own_place(const HidProfile *p, const char **file, unsigned *line) {
        ConfLine place;

        profile_place(p->file, p->included, *line, &place);
        *file = place.file;
        *line = place.line;
}

/* Rows outlive the lines, whose file name is the reader's own. */
static void own_places(HidProfile *p) {
        for (int t = 0; t < _PROFILE_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        own_place(p, &p->rows[t][i].file, &p->rows[t][i].line);
        for (size_t i = 0; i < p->n_commands; i++)
                own_place(p, &p->commands[i].file, &p->commands[i].line);
        for (size_t i = 0; i < p->n_derived; i++)
                own_place(p, &p->derived[i].file, &p->derived[i].line);
        for (size_t i = 0; i < p->n_matches; i++)
                own_place(p, &p->matches[i].file, &p->matches[i].line);
}

int hid_profile_parse(
                const char *name,
                const char *data,
                size_t n,
                ConfReport report,
                void *userdata,
                HidProfile **ret) {
        static const LoaderEngine engine = { sections, begin, check_whole };
        _cleanup_(hid_loader_done) HidLoader h = { .loader = { .report = report, .userdata = userdata } };
        int r;

        h.profile = new0(HidProfile, 1);
        if (!h.profile)
                return -ENOMEM;
        h.profile->n_ref = 1;

        r = loader_run(&h.loader, &engine, name, data, n);
        if (r < 0)
                return r;

        h.profile->file = TAKE_PTR(h.loader.file);
        h.profile->included = TAKE_PTR(h.loader.included);
        h.profile->id = TAKE_PTR(h.loader.id);
        own_places(h.profile);
        *ret = TAKE_PTR(h.profile);
        return 0;
}

int hid_profile_load(const char *path, ConfReport report, void *userdata, HidProfile **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = loader_read_file(path, report, userdata, &data, &n);
        if (r < 0)
                return r;

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

        for (size_t i = 0; i < p->n_names; i++)
                profile_names_done(&p->names[i]);
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
        strv_free(p->included);
        free(p->file);
        free(p);
        return NULL;
}
