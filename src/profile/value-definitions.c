/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [lookup:NAME] and [names:NAME], and what values keep in memory. */

#include <stdio.h>

#include "string-util.h"
#include "value-loader.h"

#define ENTRIES_MAX 1024U

void value_conversion_init(ValueConversion *c) {
        *c = (ValueConversion) { .scale.value = 1, .divide = 1 };
}

void value_conversion_done(ValueConversion *c) {
        free(c->trim);
        strv_free(c->invalid);
        profile_pattern_done(&c->match);
        free(c->function_argument);
        free(c->scale.variable);
        free(c->offset.variable);
        free(c->format);
        *c = (ValueConversion) {};
}

void value_test_done(ValueTest *t) {
        strv_free(t->is);
        profile_pattern_done(&t->match);
        *t = (ValueTest) {};
}

bool value_conversion_is_empty(const ValueConversion *c) {
        return !c->trim && !c->invalid && !c->match.text && !c->function && !c->numeric && !c->lookup &&
                !c->unlook && !c->names && !c->format;
}

static void lookup_done(ValueLookup *lookup) {
        for (size_t i = 0; i < lookup->n_entries; i++) {
                free(lookup->entries[i].word);
                free(lookup->entries[i].text);
        }
        free(lookup->entries);
        free(lookup->name);
}

void value_definitions_done(ValueDefinitions *d) {
        for (size_t i = 0; i < d->n_lookups; i++)
                lookup_done(&d->lookups[i]);
        free(d->lookups);
        for (size_t i = 0; i < d->n_names; i++)
                profile_names_done(&d->names[i]);
        free(d->names);
        *d = (ValueDefinitions) {};
}

static int add_entry(ValueLookup *lookup, const char *word, const char *text) {
        ValueLookupEntry *grown = reallocarray(lookup->entries, lookup->n_entries + 1, sizeof(*grown)), *e;

        if (!grown)
                return -ENOMEM;

        lookup->entries = grown;
        e = &grown[lookup->n_entries++];
        *e = (ValueLookupEntry) {
                .word = streq(word, "*") ? NULL : strdup(word),
                .text = strdup(text),
        };
        e->is_number = profile_number_parse(word, &e->number) >= 0;
        return e->text && (e->word || streq(word, "*")) ? 0 : -ENOMEM;
}

static int add_builtin_lookup(ValueDefinitions *d, const ProfileBuiltinLookup *builtin) {
        ValueLookup *lookup = &d->lookups[d->n_lookups++];

        lookup->name = strdup(builtin->name);
        if (!lookup->name)
                return -ENOMEM;

        for (unsigned k = 0; builtin->texts[k]; k++) {
                char word[16];
                int r;

                (void) snprintf(word, sizeof(word), "%u", builtin->first + k);
                r = add_entry(lookup, word, builtin->texts[k]);
                if (r < 0)
                        return r;
        }
        return 0;
}

int value_definitions_begin(ValueDefinitions *d, size_t n) {
        size_t n_builtin;
        const ProfileBuiltinLookup *lookups = profile_builtin_lookups(&n_builtin);

        d->lookups = new0(ValueLookup, n + n_builtin);
        d->names = new0(ProfileNames, n);
        if (!d->lookups || !d->names)
                return -ENOMEM;

        for (size_t i = 0; i < n_builtin; i++) {
                int r = add_builtin_lookup(d, &lookups[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

static ValueLookup *find_lookup(const ValueDefinitions *d, const char *name) {
        for (size_t i = 0; i < d->n_lookups; i++)
                if (streq(d->lookups[i].name, name))
                        return &d->lookups[i];
        return NULL;
}

int loader_define_lookup(Loader *l, const ConfLine *place, const char *name) {
        ValueDefinitions *d = l->values->definitions;
        char *copy;

        if (find_lookup(d, name))
                return loader_error(l, place, "The lookup \"%s\" is built in, take another name", name);
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;

        d->lookups[d->n_lookups++] = (ValueLookup) { .name = copy, .line = place->line };
        return 0;
}

int loader_define_names(Loader *l, const ConfLine *place, const char *name) {
        ValueDefinitions *d = l->values->definitions;
        char *copy = strdup(name);

        if (!copy)
                return -ENOMEM;

        d->names[d->n_names++] = (ProfileNames) { .name = copy, .line = place->line };
        return 0;
}

static int read_entry(Loader *l, const ConfLine *line, ValueLookup *lookup) {
        const char *word = line->words[0], *value;
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;
        if (lookup->n_entries >= ENTRIES_MAX)
                return loader_error(l, line, "A lookup has at most %u lines", ENTRIES_MAX);

        for (size_t i = 0; i < lookup->n_entries; i++)
                if (streq(lookup->entries[i].word ?: "*", word))
                        return loader_error(l, line, "%s stands here twice", word);

        return add_entry(lookup, word, value);
}

int loader_read_value_lookup(Loader *l, const ConfLine *line, const char *name) {
        ValueLookup *lookup = find_lookup(l->values->definitions, name);

        return lookup && lookup->line > 0 && loader_belongs(l, line, lookup->line)
                ? read_entry(l, line, lookup) : 0;
}

int loader_read_value_names(Loader *l, const ConfLine *line, const char *name) {
        ValueDefinitions *d = l->values->definitions;

        for (size_t i = 0; i < d->n_names; i++)
                if (streq(d->names[i].name, name))
                        return loader_belongs(l, line, d->names[i].line)
                                ? loader_read_names(l, line, &d->names[i]) : 0;
        return 0;
}

int loader_value_lookup(Loader *l, const ConfLine *line, const char *s, const ValueLookup **ret) {
        ValueDefinitions *d = l->values->definitions;
        size_t i;
        int r;

        r = loader_find(l, line, "lookup", s, d->lookups, d->n_lookups, sizeof(ValueLookup), &i);
        if (r <= 0)
                return r;

        d->lookups[i].used = true;
        *ret = &d->lookups[i];
        return 1;
}

void loader_check_definitions(Loader *l) {
        const ValueDefinitions *d = l->values->definitions;

        for (size_t i = 0; i < d->n_lookups; i++) {
                const ValueLookup *lookup = &d->lookups[i];

                loader_check_used(l, lookup->line, lookup->used, lookup->n_entries == 0, "lookup",
                                lookup->name);
        }
        for (size_t i = 0; i < d->n_names; i++) {
                const ProfileNames *names = &d->names[i];

                loader_check_used(l, names->line, names->used, !names->pairs, "names", names->name);
        }
}
