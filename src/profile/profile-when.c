/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sections [when:NAME], and [link], which is made of them. */

#include "profile-internal.h"
#include "string-util.h"

#define LINES_MAX 256U

static void field_value_done(ProfileFieldValue *v) {
        profile_path_done(&v->path);
        free(v->is);
}

void profile_when_done(ProfileWhen *w) {
        free(w->name);
        free(w->usb);
        profile_patterns_done(&w->vendor);
        profile_patterns_done(&w->product);
        profile_patterns_done(&w->serial);
        profile_patterns_done(&w->firmware);
        profile_patterns_done(&w->model);
        strv_free(w->option);
        for (size_t i = 0; i < w->n_has; i++)
                profile_path_done(&w->has[i]);
        free(w->has);
        for (size_t i = 0; i < w->n_field; i++)
                field_value_done(&w->field[i]);
        free(w->field);
}

static int add_pattern(Loader *l, const ConfLine *line, const char *value, ProfilePatterns *patterns) {
        ProfilePattern *grown = reallocarray(patterns->patterns, patterns->n_patterns + 1, sizeof(*grown));
        int r;

        if (!grown)
                return -ENOMEM;

        patterns->patterns = grown;
        r = loader_pattern(l, line, value, &grown[patterns->n_patterns]);
        patterns->n_patterns += r > 0;
        return r;
}

static int add_usb(Loader *l, const ConfLine *line, const char *value, ProfileWhen *w) {
        ProfileUsb *grown = reallocarray(w->usb, w->n_usb + 1, sizeof(*grown));
        int r;

        if (!grown)
                return -ENOMEM;

        w->usb = grown;
        r = loader_usb(l, line, value, &grown[w->n_usb]);
        w->n_usb += r > 0;
        return r;
}

static int add_path(Loader *l, const ConfLine *line, const char *value, ProfileWhen *w) {
        ProfilePath *grown = reallocarray(w->has, w->n_has + 1, sizeof(*grown));
        int r;

        if (!grown)
                return -ENOMEM;

        w->has = grown;
        r = loader_path(l, line, value, false, &grown[w->n_has]);
        w->n_has += r > 0;
        return r;
}

/* "field = PATH", with values or a range behind it. */
static int add_field(Loader *l, const ConfLine *line, ProfileWhen *w) {
        _cleanup_(field_value_done) ProfileFieldValue v = {};
        ProfileFieldValue *grown;
        int r;

        if (!line->assignment || line->n_words < 3 || line->n_words > 4)
                return loader_error(l, line,
                                "field wants a path, and perhaps values as 1,2 or a range as 100..127");

        r = loader_path(l, line, line->words[2], false, &v.path);
        if (r <= 0)
                return r;

        if (line->n_words == 4) {
                const char *s = line->words[3];

                v.has_range = strstr(s, "..") != NULL;
                r = v.has_range ? profile_range_parse(s, &v.min, &v.max)
                                : profile_numbers_parse(s, &v.is, &v.n_is);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        return loader_error(l, line, "\"%s\" are no values as 1,2 and no range as 100..127",
                                        s);
        }

        grown = reallocarray(w->field, w->n_field + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        w->field = grown;
        grown[w->n_field++] = v;
        v = (ProfileFieldValue) {};
        return 1;
}

int loader_read_when(Loader *l, const ConfLine *line, ProfileWhen *w) {
        static const char *const keys[] = {
                "vendor", "product", "serial", "firmware", "model", "usb", "has", "option", "field", NULL
        };
        ProfilePatterns *const patterns[] = { &w->vendor, &w->product, &w->serial, &w->firmware, &w->model };
        const char *key = line->words[0], *value;
        int r;

        if (line->line - w->line > LINES_MAX)
                return loader_error(l, line, "A condition has at most %u lines", LINES_MAX);
        if (streq(key, "field"))
                return add_field(l, line, w);
        r = loader_value(l, line, &value);
        if (r <= 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(patterns); i++)
                if (streq(key, keys[i]))
                        return add_pattern(l, line, value, patterns[i]);

        if (streq(key, "usb"))
                return add_usb(l, line, value, w);
        if (streq(key, "has"))
                return add_path(l, line, value, w);
        if (streq(key, "option"))
                return strv_extend(&w->option, value);

        return loader_error_unknown(l, line, "key", key, keys);
}

/* Whether a condition can be answered before the device is spoken to. */
static bool is_known_before(const ProfileWhen *w) {
        return w->n_has + w->n_field + strv_length(w->option) == 0 &&
                w->firmware.n_patterns + w->model.n_patterns == 0;
}

int loader_read_link(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "pollonly", "interruptonly", "maxreport", NULL };
        HidProfile *p = hid_loader(l)->profile;
        ProfileLinkHint *const hints[] = { &p->poll_only, &p->interrupt_only, &p->max_report };
        const char *value;
        bool negate = false;
        size_t i = 0;
        int r;

        r = loader_value(l, line, &value);
        if (r <= 0)
                return r;

        while (keys[i] && !streq(keys[i], line->words[0]))
                i++;
        if (!keys[i])
                return loader_error_unknown(l, line, "key", line->words[0], keys);
        if (hints[i]->given)
                return loader_error(l, line, "%s stands here twice", keys[i]);

        hints[i]->given = true;
        if (streq(value, "yes"))
                return 0;
        r = loader_when(l, line, value, &hints[i]->when, &negate);
        if (r > 0 && (negate || !is_known_before(hints[i]->when)))
                return loader_error(l, line, "%s wants a condition of usb, vendor, product and serial only",
                                keys[i]);
        return r;
}
