/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of a line that profiles of all engines have: ids, expressions, names. */

#include <regex.h>
#include <stdatomic.h>
#include <stdio.h>

#include "model.h"
#include "names.h"
#include "profile-loader.h"
#include "status-rules.h"
#include "string-util.h"

#define ALARM_LENGTH_MAX 96U
#define NAMES_MAX 1024U

/* Devices on several threads may share a profile. */
struct ProfileRegex {
        _Atomic(regex_t *) compiled; /* NULL: not yet */
};

static void regex_done(regex_t *compiled) {
        if (compiled)
                regfree(compiled);
        free(compiled);
}

void profile_pattern_done(ProfilePattern *p) {
        if (p->regex)
                regex_done(atomic_load(&p->regex->compiled));
        free(p->regex);
        free(p->text);
        *p = (ProfilePattern) {};
}

/* NULL without memory: it was compiled before. */
static const regex_t *pattern_regex(const ProfilePattern *p) {
        regex_t *compiled = atomic_load(&p->regex->compiled), *other = NULL;

        if (compiled)
                return compiled;
        compiled = new0(regex_t, 1);
        if (!compiled)
                return NULL;
        if (regcomp(compiled, p->text, REG_EXTENDED | REG_ICASE) != 0) {
                free(compiled);
                return NULL;
        }
        if (atomic_compare_exchange_strong(&p->regex->compiled, &other, compiled))
                return compiled;
        regex_done(compiled);
        return other;
}

bool profile_patterns_equal(const ProfilePattern *a, const ProfilePattern *b) {
        return a->text && b->text ? strcaseeq(a->text, b->text) : a->text == b->text;
}

void profile_patterns_done(ProfilePatterns *p) {
        for (size_t i = 0; i < p->n_patterns; i++)
                profile_pattern_done(&p->patterns[i]);
        free(p->patterns);
}

bool profile_pattern_matches(const ProfilePattern *p, const char *s) {
        const regex_t *compiled = s ? pattern_regex(p) : NULL;

        return compiled && regexec(compiled, s, 0, NULL, 0) == 0;
}

bool profile_patterns_match(const ProfilePatterns *p, const char *s) {
        for (size_t i = 0; i < p->n_patterns; i++)
                if (profile_pattern_matches(&p->patterns[i], s))
                        return true;

        return p->n_patterns == 0;
}

int profile_pattern_extract(const ProfilePattern *p, const char *s, char **ret) {
        regmatch_t found[2];
        const regmatch_t *m = found;
        const regex_t *compiled = pattern_regex(p);
        char *text;

        if (!compiled)
                return -ENOMEM;
        if (regexec(compiled, s, ELEMENTSOF(found), found, 0) != 0)
                return -ENOENT;
        if (compiled->re_nsub > 0)
                m = &found[1];

        text = m->rm_so < 0 ? strdup("") : strndup(s + m->rm_so, (size_t) (m->rm_eo - m->rm_so));
        if (!text)
                return -ENOMEM;

        *ret = text;
        return 0;
}

int loader_find(Loader *l, const ConfLine *line, const char *kind, const char *name, const void *first,
                size_t n,
                size_t size, size_t *ret) {
        _cleanup_free_ const char **names = new0(const char *, n + 1);

        if (!names)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                memcpy(&names[i], (const uint8_t *) first + i * size, sizeof(char *));
                if (streq(names[i], name)) {
                        *ret = i;
                        return 1;
                }
        }

        return loader_error_unknown(l, line, kind, name, names);
}

int loader_names(Loader *l, const ConfLine *line, const char *s, ProfileNames *names, size_t n,
                const ProfileNames **ret) {
        size_t i;
        int r;

        r = loader_find(l, line, "list of names", s, names, n, sizeof(ProfileNames), &i);
        if (r <= 0)
                return r;

        names[i].used = true;
        *ret = &names[i];
        return 1;
}

void profile_names_done(ProfileNames *n) {
        strv_free(n->pairs);
        free(n->name);
        *n = (ProfileNames) {};
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
        regex_t compiled;
        int r;

        if (isempty(s) || strlen(s) > PROFILE_PATTERN_MAX)
                return loader_error(l, line, "A regular expression has 1 to %u characters",
                                PROFILE_PATTERN_MAX);
        if (is_costly(s))
                return loader_error(l, line,
                                "\"%s\": repeat counts and back references are not for profiles", s);

        r = regcomp(&compiled, s, REG_EXTENDED | REG_ICASE);
        if (r == REG_ESPACE)
                return -ENOMEM;
        if (r != 0) {
                char message[128];

                (void) regerror(r, &compiled, message, sizeof(message));
                return loader_error(l, line, "\"%s\" is no regular expression: %s", s, message);
        }
        regfree(&compiled);

        p.regex = new0(struct ProfileRegex, 1);
        p.text = strdup(s);
        if (!p.regex || !p.text) {
                profile_pattern_done(&p);
                return -ENOMEM;
        }

        *ret = p;
        return 1;
}

int loader_read_names(Loader *l, const ConfLine *line, ProfileNames *names) {
        const char *value, *key = line->words[0];
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;
        if (startswith(key, " ") || endswith(key, " "))
                return loader_error(l, line, "What a device says has no blanks at its ends, so \"%s\" would "
                                "never be found", key);
        if (strv_length(names->pairs) >= 2 * (size_t) NAMES_MAX)
                return loader_error(l, line, "There are at most %u lines in [names:%s]", NAMES_MAX,
                                names->name);

        for (char **pair = names->pairs; pair && *pair; pair += 2)
                if (streq(pair[0], line->words[0]))
                        return loader_error(l, line, "\"%s\" stands here twice", line->words[0]);

        r = strv_extend(&names->pairs, line->words[0]);
        return r < 0 ? r : strv_extend(&names->pairs, value);
}

int loader_text(Loader *l, const ConfLine *line, const char *value, char **field) {
        if (*field)
                return loader_error(l, line, "\"%s\" stands here twice", line->words[0]);
        if (isempty(value))
                return loader_error(l, line, "\"%s\" is empty", line->words[0]);

        return free_and_strdup(field, value);
}

int loader_command_name(Loader *l, const ConfLine *line, const char *s, char **ret) {
        int r;

        if (!variable_name_is_valid(s))
                return loader_error(l, line, "\"%s\" cannot be the name of a command", s);
        if (!command_name_find(s) && !startswith(s, "experimental."))
                loader_warn(l, line, "\"%s\" is no command of busbar-names(7)", s);

        r = free_and_strdup(ret, s);
        return r < 0 ? r : 1;
}

int loader_condition(Loader *l, const ConfLine *line, const char *s, int *ret) {
        const char *names[_CONDITION_MAX + 1] = {};
        Condition condition = condition_from_string(s);

        for (Condition c = 0; c < _CONDITION_MAX; c++)
                names[c] = condition_to_string(c);
        if (condition < 0)
                return loader_error_unknown(l, line, "condition", s, names);

        *ret = (int) condition;
        return 1;
}

int loader_alarm(Loader *l, const ConfLine *line, const char *s) {
        if (isempty(s) || strlen(s) > ALARM_LENGTH_MAX)
                return loader_error(l, line, "The text of an alarm has 1 to %u characters",
                                ALARM_LENGTH_MAX);

        return 1;
}

void loader_check_used(Loader *l, unsigned line, bool used, bool empty, const char *kind, const char *name) {
        ConfLine place = { .file = l->file, .line = line };

        if (line == 0)
                return;
        if (empty)
                (void) loader_error(l, &place, "[%s:%s] is empty", kind, name);
        else if (!used && !l->failed && !profile_line_is_included(line))
                loader_warn(l, &place, "[%s:%s] is not used", kind, name);
}

bool loader_belongs(Loader *l, const ConfLine *line, unsigned defined) {
        if (line->section_line == defined)
                return true;

        _cleanup_free_ char *where = loader_describe_line(l, line, defined);

        (void) loader_error(l, line, "[%s] stands in %s already", line->section, strempty(where));
        return false;
}

const ProfileBuiltinLookup *profile_builtin_lookups(size_t *ret_n) {
        static const ProfileBuiltinLookup lookups[] = {
                { "beeper", 1, { "disabled", "enabled", "muted" } },
                { "test-write", 0, { "No test", "Quick test", "Deep test", "Abort test" } },
                { "test-read", 1,
                  { "Done and passed", "Done and warning", "Done and error", "Aborted", "In progress",
                    "No test initiated", "Test scheduled" } },
                { "yes-no", 0, { "no", "yes" } },
                { "on-off", 0, { "off", "on" } },
        };

        *ret_n = ELEMENTSOF(lookups);
        return lookups;
}
