/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-profile.h"

#include "snmp-profile-internal.h"
#include "string-util.h"

static int define_when(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name) {
        SnmpProfile *p = snmp_loader_profile(l);
        char *copy = strdup(name);

        if (!copy)
                return -ENOMEM;

        p->whens[p->n_whens++] = (SnmpWhen) { .name = copy, .line = place->line };
        return 0;
}

static int define_lookup(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name) {
        return loader_define_lookup(l, place, name);
}

static int define_names(Loader *l, const LoaderSection *section, const ConfLine *place, const char *name) {
        return loader_define_names(l, place, name);
}

static int read_when_use(Loader *l, const ConfLine *line, const char *s, void *whens) {
        return snmp_loader_when(l, line, s, whens);
}

/* Makes room once and for all, as rows will point at what is defined here. */
static int begin(Loader *l) {
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        size_t n = l->n_headers;
        int r;

        if (n > DEFINITIONS_MAX) {
                (void) loader_error(l, &l->headers[DEFINITIONS_MAX], "There are at most %u sections",
                                DEFINITIONS_MAX);
                return -EBADMSG;
        }

        p->whens = new0(SnmpWhen, n);
        loader->needs = new0(SnmpNeed, n);
        if (!p->whens || !loader->needs)
                return -ENOMEM;

        loader->table = SNMP_NO_TABLE;
        loader->scope = (ValueScope) {
                .definitions = &p->values,
                .refer = snmp_loader_refer,
                .when = read_when_use,
        };
        l->values = &loader->scope;
        r = value_definitions_begin(&p->values, n);
        if (r >= 0)
                r = snmp_loader_begin_objects(l);
        return r < 0 ? r : snmp_loader_begin_tables(l);
}

static int read_profile(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_profile(l, line);
}

static int read_nothing(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return 0;
}

static int read_lookup(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_lookup(l, line, name);
}

static int read_names(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return loader_read_value_names(l, line, name);
}

static int read_table(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        int r = snmp_loader_read_table(l, line, name);

        snmp_loader(l)->table = SNMP_NO_TABLE;
        return r;
}

static int read_when(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_when(l, line, name);
}

static int read_probe(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_probe(l, line);
}

static int read_row(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_row(l, line, (SnmpRowType) section->argument);
}

static int read_derived(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_derived(l, line);
}

static int read_command(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_command(l, line);
}

static int read_trap(Loader *l, const LoaderSection *section, const ConfLine *line, const char *name) {
        return snmp_loader_read_trap(l, line);
}

/* The lines of [objects] are read before any other. */
static const LoaderSection sections[] = {
        { "profile", 0, .read = read_profile },
        { "objects", 0, .read = read_nothing, .replaces = true },
        { "lookup:", 1, define_lookup, read_lookup },
        { "names:", 1, define_names, read_names },
        { "when:", 2, define_when, read_when },
        { "table:", 3, .read = read_table },
        { "probe", 4, .read = read_probe },
        { "variables", 4, .read = read_row, .argument = SNMP_ROW_VARIABLE, .replaces = true },
        { "status", 4, .read = read_row, .argument = SNMP_ROW_STATUS },
        { "alarms", 4, .read = read_row, .argument = SNMP_ROW_ALARM },
        { "derived", 4, .read = read_derived, .replaces = true },
        { "commands", 4, .read = read_command, .replaces = true },
        { "traps", 4, .read = read_trap, .replaces = true },
        {},
};

static void own_place(const SnmpProfile *p, const char **file, unsigned *line) {
        ConfLine place;

        profile_place(p->file, p->included, *line, &place);
        *file = place.file;
        *line = place.line;
}

static void own_places(SnmpProfile *p) {
        for (int t = 0; t < _SNMP_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        own_place(p, &p->rows[t][i].file, &p->rows[t][i].line);
        for (size_t i = 0; i < p->n_commands; i++)
                own_place(p, &p->commands[i].file, &p->commands[i].line);
        for (size_t i = 0; i < p->n_derived; i++)
                own_place(p, &p->derived[i].file, &p->derived[i].line);
}

/* Gives back what lists have grown by beyond what they need; whatever is denied stays as it is. */
static void *shrink(void *list, size_t n, size_t size) {
        return n > 0 ? reallocarray(list, n, size) ?: list : list;
}

static void shrink_lists(SnmpProfile *p) {
        for (int t = 0; t < _SNMP_ROW_TYPE_MAX; t++)
                p->rows[t] = shrink(p->rows[t], p->n_rows[t], sizeof(SnmpRow));
        p->commands = shrink(p->commands, p->n_commands, sizeof(SnmpCommand));
        p->derived = shrink(p->derived, p->n_derived, sizeof(ProfileDerived));
        p->derived_whens = shrink(p->derived_whens, p->n_derived, sizeof(SnmpWhens));
        p->traps = shrink(p->traps, p->n_traps, sizeof(SnmpTrapText));
}

static void snmp_loader_done(SnmpLoader *l) {
        for (size_t i = 0; i < l->n_references; i++)
                free(l->references[i].name);
        free(l->references);
        free(l->needs);
        strv_free(l->given);
        strv_free(l->oid_lookups);
        snmp_profile_unref(l->profile);
        loader_done(&l->loader);
}

int snmp_profile_parse(
                const char *name,
                const char *data,
                size_t n,
                ConfReport report,
                void *userdata,
                SnmpProfile **ret) {
        static const LoaderEngine engine = { sections, begin, snmp_loader_check };
        _cleanup_(snmp_loader_done) SnmpLoader l = { .loader = { .report = report, .userdata = userdata } };
        int r;

        l.profile = new0(SnmpProfile, 1);
        if (!l.profile)
                return -ENOMEM;
        l.profile->n_ref = 1;
        l.profile->order = -1;

        r = loader_run(&l.loader, &engine, name, data, n);
        if (r < 0)
                return r;

        l.profile->file = TAKE_PTR(l.loader.file);
        l.profile->included = TAKE_PTR(l.loader.included);
        l.profile->id = TAKE_PTR(l.loader.id);
        l.profile->hash = l.loader.hash;
        own_places(l.profile);
        shrink_lists(l.profile);
        *ret = TAKE_PTR(l.profile);
        return 0;
}

int snmp_profile_load(const char *path, ConfReport report, void *userdata, SnmpProfile **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = loader_read_file(path, report, userdata, &data, &n);
        return r < 0 ? r : snmp_profile_parse(path, data, n, report, userdata, ret);
}

SnmpProfile *snmp_profile_ref(SnmpProfile *p) {
        p->n_ref++;
        return p;
}

static void definitions_done(SnmpProfile *p) {
        for (size_t i = 0; i < p->n_objects; i++) {
                free(p->objects[i].name);
                snmp_oid_done(&p->objects[i].oid);
        }
        free(p->objects);
        for (size_t i = 0; i < p->n_tables; i++)
                snmp_table_done(&p->tables[i]);
        free(p->tables);
        for (size_t i = 0; i < p->n_whens; i++)
                snmp_when_done(&p->whens[i]);
        free(p->whens);
        value_definitions_done(&p->values);
}

static void rows_done(SnmpProfile *p) {
        for (int t = 0; t < _SNMP_ROW_TYPE_MAX; t++) {
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        snmp_row_done(&p->rows[t][i]);
                free(p->rows[t]);
        }
        for (size_t i = 0; i < p->n_commands; i++)
                snmp_command_done(&p->commands[i]);
        free(p->commands);
        for (size_t i = 0; i < p->n_derived; i++) {
                profile_derived_done(&p->derived[i]);
                free(p->derived_whens[i].uses);
        }
        free(p->derived);
        free(p->derived_whens);
        for (size_t i = 0; i < p->n_traps; i++) {
                snmp_oid_done(&p->traps[i].oid);
                free(p->traps[i].text);
        }
        free(p->traps);
}

SnmpProfile *snmp_profile_unref(SnmpProfile *p) {
        if (!p || --p->n_ref > 0)
                return NULL;

        rows_done(p);
        definitions_done(p);
        for (size_t i = 0; i < p->n_sysobjectids; i++)
                snmp_oid_done(&p->sysobjectids[i]);
        free(p->sysobjectids);
        strv_free(p->mibs);
        free(p->type);
        free(p->vendor);
        free(p->version);
        free(p->title);
        free(p->id);
        strv_free(p->included);
        free(p->file);
        free(p);
        return NULL;
}
