/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [derived]. */

#include "names.h"
#include "profile-internal.h"
#include "string-util.h"

#define DERIVED_MAX 1000U

void profile_derived_done(ProfileDerived *d) {
        for (size_t i = 0; i < d->n_factors; i++)
                free(d->factors[i].variable);
        free(d->factors);
        free(d->format);
        free(d->name);
        *d = (ProfileDerived) {};
}

/* N, NAME or NAME:N. */
static int add_factor(Loader *l, const ConfLine *line, const char *s, ProfileDerived *d) {
        ProfileFactor *grown = reallocarray(d->factors, d->n_factors + 1, sizeof(*grown)), *f;
        _cleanup_free_ char *name = NULL;
        const char *colon = strchr(s, ':');
        int r;

        if (!grown)
                return -ENOMEM;

        d->factors = grown;
        f = &grown[d->n_factors++];
        *f = (ProfileFactor) {};
        if (profile_number_parse(s, &f->number) >= 0) {
                f->has_number = true;
                return 1;
        }

        name = strndup(s, colon ? (size_t) (colon - s) : strlen(s));
        if (!name)
                return -ENOMEM;
        r = loader_variable(l, line, name, &f->variable);
        f->has_number = colon != NULL;
        return r <= 0 || !colon ? r : loader_number(l, line, s, colon + 1, &f->number);
}

static int parse_part(Loader *l, const ConfLine *line, const Attribute *a, ProfileDerived *d) {
        static const char *const keys[] = { "format", "when", NULL };

        if (!a->value)
                return add_factor(l, line, a->name, d);
        if (streq(a->name, "format") && !d->format)
                return !streq(a->value, "%s") ? loader_format(l, line, a->value, &d->format)
                        : loader_error(l, line, "A product is a number, for which %%s is no format");
        if (streq(a->name, "when") && !d->when)
                return loader_when(l, line, a->value, &d->when, &d->when_not);

        return streq(a->name, "format") || streq(a->name, "when")
                ? loader_error(l, line, "%s stands here twice", a->name)
                : loader_error_unknown(l, line, "attribute", a->name, keys);
}

static int add_derived(Loader *l, const ConfLine *line, void *userdata) {
        _cleanup_(profile_derived_done) ProfileDerived d = { .file = line->file, .line = line->line };
        Attribute parts[ATTRIBUTES_MAX];
        HidProfile *p = l->profile;
        bool failed = l->failed;
        int n, r;

        n = loader_attributes(l, line, 2, parts);
        r = loader_variable(l, line, line->words[0], &d.name);
        if (r < 0)
                return r;

        for (int i = 0; i < n; i++) {
                r = parse_part(l, line, &parts[i], &d);
                if (r < 0)
                        return r;
        }
        if (n >= 0 && d.n_factors == 0)
                return loader_error(l, line, "There is no factor");
        if (p->n_derived >= DERIVED_MAX)
                return loader_error(l, line, "There are at most %u lines in [derived]", DERIVED_MAX);
        if (l->failed && !failed)
                return 0;
        if (!d.name)
                return 0;

        if (!GREEDY_REALLOC(p->derived, l->derived_allocated, p->n_derived + 1))
                return -ENOMEM;
        p->derived[p->n_derived++] = d;
        d = (ProfileDerived) {};
        return 0;
}

int loader_read_derived(Loader *l, const ConfLine *line) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [derived] is NAME = FACTOR FACTOR ...");

        return loader_each(l, line, add_derived, NULL);
}
