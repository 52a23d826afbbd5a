/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of a line of a HID profile that name something: paths, and what other sections define. */

#include <stdio.h>

#include "parse-util.h"
#include "profile-internal.h"
#include "string-util.h"

void profile_path_done(ProfilePath *path) {
        free(path->steps);
        *path = (ProfilePath) {};
}

static int find_usage(const HidLoader *l, const char *name, uint32_t *ret) {
        for (size_t i = 0; i < l->n_usages; i++)
                if (strcaseeq(l->usages[i].name, name)) {
                        *ret = l->usages[i].usage;
                        return 0;
                }

        return hid_usage_from_name(name, ret);
}

/* The nearest of the profile's own names; of those of the specification there are too many to be helpful. */
static int report_unknown_usage(Loader *l, const ConfLine *line, const char *name) {
        const HidLoader *h = hid_loader(l);
        _cleanup_free_ const char **names = new0(const char *, h->n_usages + 1);

        if (!names)
                return -ENOMEM;

        for (size_t i = 0; i < h->n_usages; i++)
                names[i] = h->usages[i].name;
        return loader_error_unknown(l, line, "usage", name, names);
}

/* Takes "(2)" off the end of a step. 0, or -EINVAL. */
static int cut_instance(char *s, uint16_t *ret) {
        char *open = strrchr(s, '('), *close;
        uint64_t n;

        *ret = 0;
        if (!open)
                return 0;

        close = strchr(open, ')');
        if (!close || close[1] || open == s)
                return -EINVAL;

        *close = '\0';
        if (parse_uint64(open + 1, 1, UINT16_MAX, &n) < 0)
                return -EINVAL;

        *open = '\0';
        *ret = (uint16_t) (n - 1);
        return 0;
}

static int parse_step(Loader *l, const ConfLine *line, char *s, bool any, ProfileStep *ret) {
        ProfileStep step = {};

        if (streq(s, "*") || streq(s, "**")) {
                if (!any && !hid_loader(l)->profile->generic)
                        return loader_error(l, line,
                                        "A * in a path is for [corrections] and generic profiles only");
                *ret = (ProfileStep) { .any = streq(s, "*"), .many = streq(s, "**") };
                return 1;
        }

        step.has_instance = strchr(s, '(');
        if (cut_instance(s, &step.instance) < 0)
                return loader_error(l, line,
                                "\"%s\" is no step of a path: the second of several is Name(2)", s);
        if (find_usage(hid_loader(l), s, &step.usage) < 0)
                return report_unknown_usage(l, line, s);

        *ret = step;
        return 1;
}

int loader_path(Loader *l, const ConfLine *line, const char *s, bool any, ProfilePath *ret) {
        _cleanup_(profile_path_done) ProfilePath path = {};
        _cleanup_strv_free_ char **steps = NULL;
        size_t n, n_many = 0, length = strlen(s);
        int r;

        if (length == 0 || s[0] == '.' || s[length - 1] == '.' || strstr(s, ".."))
                return loader_error(l, line, "\"%s\" is no path: write usages with a . between them", s);

        r = strv_split(s, ".", &steps);
        if (r < 0)
                return r;

        n = strv_length(steps);
        if (n > PROFILE_STEPS_MAX)
                return loader_error(l, line, "A path has at most %u steps", PROFILE_STEPS_MAX);

        path.steps = new0(ProfileStep, n);
        if (!path.steps)
                return -ENOMEM;

        for (; path.n_steps < n; path.n_steps++) {
                r = parse_step(l, line, steps[path.n_steps], any, &path.steps[path.n_steps]);
                if (r <= 0)
                        return r;
                n_many += path.steps[path.n_steps].many;
        }

        if (n_many > 1 || path.steps[n - 1].many)
                return loader_error(l, line, "A path has one ** at most, and not at its end");

        *ret = path;
        path = (ProfilePath) {};
        return 1;
}

int loader_kind(Loader *l, const ConfLine *line, const char *s, int *ret) {
        static const char *const names[] = { "input", "output", "feature", NULL };

        for (int i = 0; names[i]; i++)
                if (streq(names[i], s)) {
                        *ret = i;
                        return 1;
                }

        return loader_error_unknown(l, line, "kind", s, names);
}

int loader_when(Loader *l, const ConfLine *line, const char *s, const ProfileWhen **ret, bool *ret_not) {
        HidProfile *p = hid_loader(l)->profile;
        bool negate = s[0] == '!';
        size_t i;
        int r;

        r = loader_find(l, line, "condition", s + negate, p->whens, p->n_whens, sizeof(ProfileWhen), &i);
        if (r <= 0)
                return r;

        p->whens[i].used = true;
        *ret = &p->whens[i];
        *ret_not = negate;
        return 1;
}

int loader_lookup(Loader *l, const ConfLine *line, const char *s, const ProfileLookup **ret) {
        HidProfile *p = hid_loader(l)->profile;
        size_t i;
        int r;

        r = loader_find(l, line, "lookup", s, p->lookups, p->n_lookups, sizeof(ProfileLookup), &i);
        if (r <= 0)
                return r;

        p->lookups[i].used = true;
        *ret = &p->lookups[i];
        return 1;
}

int loader_curve(Loader *l, const ConfLine *line, const char *s, const ProfileCurve **ret) {
        HidProfile *p = hid_loader(l)->profile;
        size_t i;
        int r;

        r = loader_find(l, line, "curve", s, p->curves, p->n_curves, sizeof(ProfileCurve), &i);
        if (r <= 0)
                return r;

        p->curves[i].used = true;
        *ret = &p->curves[i];
        return 1;
}

int loader_function(Loader *l, const ConfLine *line, const char *s, ProfileFunction *ret) {
        static const char *const names[_PROFILE_FUNCTION_MAX] = {
                [PROFILE_FUNCTION_NONE] = "",
                [PROFILE_FUNCTION_STRING] = "string",
                [PROFILE_FUNCTION_DATE] = "date",
                [PROFILE_FUNCTION_BCD_DATE] = "bcd-date",
                [PROFILE_FUNCTION_HEX] = "hex",
                [PROFILE_FUNCTION_KELVIN] = "kelvin",
                [PROFILE_FUNCTION_ASCII] = "ascii",
                [PROFILE_FUNCTION_VERSION] = "version",
                [PROFILE_FUNCTION_UNIX_DATE] = "unix-date",
                [PROFILE_FUNCTION_UNIX_TIME] = "unix-time",
                [PROFILE_FUNCTION_MINUTES_SECONDS] = "minutes-seconds",
                [PROFILE_FUNCTION_SECONDS_MINUTES] = "seconds-minutes",
                [PROFILE_FUNCTION_SWAPPED_MINUTES] = "swapped-minutes",
        };
        const char *known[_PROFILE_FUNCTION_MAX] = {};

        for (int i = 1; i < _PROFILE_FUNCTION_MAX; i++) {
                known[i - 1] = names[i];
                if (streq(names[i], s)) {
                        *ret = (ProfileFunction) i;
                        return 1;
                }
        }

        return loader_error_unknown(l, line, "function", s, known);
}
