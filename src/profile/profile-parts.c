/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of a line that name something: paths, ids, expressions, and what other sections define. */

#include <stdio.h>

#include "model.h"
#include "names.h"
#include "parse-util.h"
#include "profile-internal.h"
#include "string-util.h"

void profile_path_done(ProfilePath *path) {
        free(path->steps);
        *path = (ProfilePath) {};
}

void profile_pattern_done(ProfilePattern *p) {
        if (p->text)
                regfree(&p->compiled);
        free(p->text);
        *p = (ProfilePattern) {};
}

bool profile_patterns_equal(const ProfilePattern *a, const ProfilePattern *b) {
        return a->text && b->text ? strcaseeq(a->text, b->text) : a->text == b->text;
}

static int find_usage(const Loader *l, const char *name, uint32_t *ret) {
        for (size_t i = 0; i < l->n_usages; i++)
                if (strcaseeq(l->usages[i].name, name)) {
                        *ret = l->usages[i].usage;
                        return 0;
                }

        return hid_usage_from_name(name, ret);
}

/* The nearest of the profile's own names; of those of the specification there are too many to be helpful. */
static int report_unknown_usage(Loader *l, const ConfLine *line, const char *name) {
        _cleanup_free_ const char **names = new0(const char *, l->n_usages + 1);

        if (!names)
                return -ENOMEM;

        for (size_t i = 0; i < l->n_usages; i++)
                names[i] = l->usages[i].name;
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
                if (!any && !l->profile->generic)
                        return loader_error(l, line,
                                        "A * in a path is for [corrections] and generic profiles only");
                *ret = (ProfileStep) { .any = streq(s, "*"), .many = streq(s, "**") };
                return 1;
        }

        step.has_instance = strchr(s, '(');
        if (cut_instance(s, &step.instance) < 0)
                return loader_error(l, line,
                                "\"%s\" is no step of a path: the second of several is Name(2)", s);
        if (find_usage(l, s, &step.usage) < 0)
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

/* Names of the things of one kind, for a report; element i stands at first + i * size and begins with its
 * name. */
static int report_undefined(
                Loader *l,
                const ConfLine *line,
                const char *kind,
                const char *name,
                const void *first,
                size_t n,
                size_t size) {
        _cleanup_free_ const char **names = new0(const char *, n + 1);

        if (!names)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++)
                memcpy(&names[i], (const uint8_t *) first + i * size, sizeof(char *));
        return loader_error_unknown(l, line, kind, name, names);
}

int loader_when(Loader *l, const ConfLine *line, const char *s, const ProfileWhen **ret, bool *ret_not) {
        bool negate = s[0] == '!';
        HidProfile *p = l->profile;

        for (size_t i = 0; i < p->n_whens; i++)
                if (streq(p->whens[i].name, s + negate)) {
                        p->whens[i].used = true;
                        *ret = &p->whens[i];
                        *ret_not = negate;
                        return 1;
                }

        return report_undefined(l, line, "condition", s + negate, p->whens, p->n_whens, sizeof(ProfileWhen));
}

int loader_lookup(Loader *l, const ConfLine *line, const char *s, const ProfileLookup **ret) {
        HidProfile *p = l->profile;

        for (size_t i = 0; i < p->n_lookups; i++)
                if (streq(p->lookups[i].name, s)) {
                        p->lookups[i].used = true;
                        *ret = &p->lookups[i];
                        return 1;
                }

        return report_undefined(l, line, "lookup", s, p->lookups, p->n_lookups, sizeof(ProfileLookup));
}

int loader_curve(Loader *l, const ConfLine *line, const char *s, const ProfileCurve **ret) {
        HidProfile *p = l->profile;

        for (size_t i = 0; i < p->n_curves; i++)
                if (streq(p->curves[i].name, s)) {
                        p->curves[i].used = true;
                        *ret = &p->curves[i];
                        return 1;
                }

        return report_undefined(l, line, "curve", s, p->curves, p->n_curves, sizeof(ProfileCurve));
}

int loader_names(Loader *l, const ConfLine *line, const char *s, const ProfileNames **ret) {
        HidProfile *p = l->profile;

        for (size_t i = 0; i < p->n_names; i++)
                if (streq(p->names[i].name, s)) {
                        p->names[i].used = true;
                        *ret = &p->names[i];
                        return 1;
                }

        return report_undefined(l, line, "list of names", s, p->names, p->n_names, sizeof(ProfileNames));
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

void profile_check_name(Loader *l, const ConfLine *line, const char *s) {
        if (!variable_name_find(s) && !startswith(s, "experimental."))
                loader_warn(l, line, "\"%s\" is no variable of busbar-names(7)", s);
}

int loader_variable(Loader *l, const ConfLine *line, const char *s, char **ret) {
        int r;

        if (!variable_name_is_valid(s))
                return loader_error(l, line, "\"%s\" cannot be the name of a variable", s);
        profile_check_name(l, line, s);

        r = free_and_strdup(ret, s);
        return r < 0 ? r : 1;
}

/* Four hexadecimal digits, or * for any, then end. Returns their length. */
static int parse_id(const char *s, char end, int *ret) {
        int id = 0;

        if (s[0] == '*' && s[1] == end) {
                *ret = -1;
                return 1;
        }

        for (size_t i = 0; i < 4; i++) {
                char c = (char) (s[i] | 0x20);

                if (s[i] >= '0' && s[i] <= '9')
                        id = id << 4 | (s[i] - '0');
                else if (c >= 'a' && c <= 'f')
                        id = id << 4 | (c - 'a' + 10);
                else
                        return -EINVAL;
        }
        if (s[4] != end)
                return -EINVAL;

        *ret = id;
        return 4;
}

int loader_usb(Loader *l, const ConfLine *line, const char *s, ProfileUsb *ret) {
        ProfileUsb usb;
        int n = parse_id(s, ':', &usb.vendor_id);

        if (n < 0 || usb.vendor_id < 0 || parse_id(s + n + 1, '\0', &usb.product_id) < 0)
                return loader_error(l, line,
                                "\"%s\" are no USB ids: write 051d:0002, or 051d:* for any product",
                                s);

        *ret = usb;
        return 1;
}

/* Expressions that take more time or memory than they are worth: repeat counts multiply when nested, and
 * back references need backtracking. */
static bool is_costly(const char *s) {
        for (; *s; s++) {
                if (*s == '{')
                        return true;
                if (*s == '\\') {
                        if (s[1] >= '0' && s[1] <= '9')
                                return true;
                        s += s[1] != '\0';
                }
        }

        return false;
}

int loader_pattern(Loader *l, const ConfLine *line, const char *s, ProfilePattern *ret) {
        ProfilePattern p = {};
        int r;

        if (isempty(s) || strlen(s) > PROFILE_PATTERN_MAX)
                return loader_error(l, line, "A regular expression has 1 to %u characters",
                                PROFILE_PATTERN_MAX);
        if (is_costly(s))
                return loader_error(l, line,
                                "\"%s\": repeat counts and back references are not for profiles", s);

        r = regcomp(&p.compiled, s, REG_EXTENDED | REG_ICASE);
        if (r == REG_ESPACE)
                return -ENOMEM;
        if (r != 0) {
                char message[128];

                (void) regerror(r, &p.compiled, message, sizeof(message));
                return loader_error(l, line, "\"%s\" is no regular expression: %s", s, message);
        }

        p.text = strdup(s);
        if (!p.text) {
                regfree(&p.compiled);
                return -ENOMEM;
        }

        *ret = p;
        return 1;
}
