/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [derived]. */

#include "profile-loader.h"
#include "string-util.h"

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

static int parse_part(
                Loader *l,
                const ConfLine *line,
                const Attribute *a,
                LoaderAttribute when,
                void *userdata,
                ProfileDerived *d) {
        static const char *const keys[] = { "format", "when", NULL };

        if (!a->value)
                return add_factor(l, line, a->name, d);
        if (streq(a->name, "when"))
                return when(l, line, a, userdata);
        if (!streq(a->name, "format"))
                return loader_error_unknown(l, line, "attribute", a->name, keys);
        if (d->format)
                return loader_error(l, line, "%s stands here twice", a->name);

        return !streq(a->value, "%s") ? loader_format(l, line, a->value, &d->format)
                : loader_error(l, line, "A product is a number, for which %%s is no format");
}

int loader_read_derived(
                Loader *l, const ConfLine *line, LoaderAttribute when, void *userdata, ProfileDerived *ret) {
        _cleanup_(profile_derived_done) ProfileDerived d = { .file = line->file, .line = line->line };
        Attribute parts[ATTRIBUTES_MAX];
        bool failed = l->failed;
        int n, r;

        n = loader_attributes(l, line, 2, parts);
        r = loader_variable(l, line, line->words[0], &d.name);
        if (r < 0)
                return r;

        for (int i = 0; i < n; i++) {
                r = parse_part(l, line, &parts[i], when, userdata, &d);
                if (r < 0)
                        return r;
        }
        if (n >= 0 && d.n_factors == 0)
                return loader_error(l, line, "There is no factor");
        if ((l->failed && !failed) || !d.name || n < 0)
                return 0;

        *ret = d;
        d = (ProfileDerived) {};
        return 1;
}
