/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "directive.h"

#include <syslog.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

int directive_refuse(const DirectiveContext *c, const Directive *d, const char *what) {
        conf_line_report(c->line, c->report, c->userdata, LOG_ERR, "%s %s, ignoring the line", d->name,
                        what);
        return 0;
}

static void *member(const DirectiveContext *c, const Directive *d) {
        return (uint8_t *) c->settings + d->offset;
}

int directive_number(const DirectiveContext *c, const Directive *d, size_t i, int64_t *ret) {
        int64_t v;
        int r;

        /* The words themselves are not shown: one that is at the wrong place may be a password. */
        r = parse_int64(c->line->words[i], INT64_MIN, INT64_MAX, &v);
        if (r == -ERANGE)
                v = c->line->words[i][0] == '-' ? INT64_MIN : INT64_MAX;
        else if (r < 0) {
                (void) directive_refuse(c, d, "wants a whole number");
                return -EINVAL;
        }

        *ret = CLAMP(v, d->min, d->max);
        if (*ret != v)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "%s must be from %lld to %lld, taking %lld", d->name, (long long) d->min,
                                (long long) d->max, (long long) *ret);
        return 0;
}

int directive_apply_unsigned(const DirectiveContext *c, const Directive *d) {
        int64_t v;

        if (directive_number(c, d, 1, &v) >= 0)
                *(unsigned *) member(c, d) = (unsigned) v;
        return 0;
}

int directive_apply_seconds(const DirectiveContext *c, const Directive *d) {
        int64_t v;

        if (directive_number(c, d, 1, &v) >= 0)
                *(uint64_t *) member(c, d) = v < 0 ? USEC_INFINITY : (uint64_t) v * USEC_PER_SEC;
        return 0;
}

int directive_apply_boolean(const DirectiveContext *c, const Directive *d) {
        bool b;

        if (parse_boolean(c->line->words[1], &b) < 0)
                return directive_refuse(c, d, "wants yes or no");

        *(bool *) member(c, d) = b;
        return 0;
}

int directive_apply_string(const DirectiveContext *c, const Directive *d) {
        if (isempty(c->line->words[1]))
                return directive_refuse(c, d, "wants a value");

        return free_and_strdup(member(c, d), c->line->words[1]);
}

int directive_apply_path(const DirectiveContext *c, const Directive *d) {
        if (c->line->words[1][0] != '/')
                return directive_refuse(c, d, "wants an absolute path");

        return free_and_strdup(member(c, d), c->line->words[1]);
}

int directive_apply_nothing(const DirectiveContext *c, const Directive *d) {
        return 0;
}

char *shell_quote(const char *s) {
        char *quoted = new(char, strlen(s) * 4 + 3), *t = quoted;

        if (!quoted)
                return NULL;

        *t++ = '\'';
        for (; *s; s++)
                if (*s == '\'')
                        t = stpcpy(t, "'\\''");
                else
                        *t++ = *s;

        *t++ = '\'';
        *t = '\0';
        return quoted;
}

int directive_apply_command(const DirectiveContext *c, const Directive *d) {
        _cleanup_free_ char *command = NULL;

        if (c->line->words[1][strspn(c->line->words[1], " \t")] == '\0')
                return directive_refuse(c, d, "wants a command");

        command = strdup(c->line->words[1]);
        for (size_t i = 2; command && i < c->line->n_words; i++) {
                _cleanup_free_ char *front = command, *quoted = shell_quote(c->line->words[i]);

                command = quoted ? strjoin(front, " ", quoted) : NULL;
        }
        if (!command)
                return -ENOMEM;

        free(*(char **) member(c, d));
        *(char **) member(c, d) = TAKE_PTR(command);
        return 0;
}

/* As with NUT only DEBUG_MIN may be spelt in any case; and what protects, lest it be passed over. */
static const Directive *table_find(const Directive *table, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (streq(table[i].name, name) ||
                    (strcaseeq(table[i].name, name) && (table[i].safeguard || strcaseeq(name, "DEBUG_MIN"))))
                        return table + i;
        return NULL;
}

static int report_unknown(const Directive *table, size_t n, const DirectiveContext *c) {
        _cleanup_free_ const char **names = new0(const char *, n + 1);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                names[i] = table[i].name;

        conf_line_report_unknown_key(c->line, c->report, c->userdata, "directive", names);
        return 0;
}

/* What keeps a line of a known directive from being taken, or NULL. */
static const char *line_problem(const Directive *d, const ConfLine *l) {
        if (l->section)
                return "stands in a section, of which this file has none";
        if (l->assignment)
                return "is written without =";
        if (l->n_words - 1 < d->min_values)
                return d->min_values == 1 ? "wants a value" : "wants more values";
        return NULL;
}

static void warn_of_surplus(const DirectiveContext *c, const Directive *d) {
        if (c->line->n_words - 1 > d->max_values)
                conf_line_report(c->line, c->report, c->userdata, LOG_WARNING,
                                "%s takes no more than %zu value%s, ignoring the rest: put text with blanks "
                                "into quotes", d->name, d->max_values, d->max_values == 1 ? "" : "s");
}

static int apply_safeguard(const DirectiveContext *c, const Directive *d) {
        const char *problem = line_problem(d, c->line);
        DirectiveContext wrong = *c;

        if (!problem) {
                warn_of_surplus(c, d);
                return d->apply(c, d);
        }

        conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                        "%s %s, taking all that it can ask for to be safe", d->name, problem);
        wrong.wrong = true;
        return d->apply(&wrong, d);
}

static int apply_line(const Directive *table, size_t n, const DirectiveContext *c) {
        const Directive *d = table_find(table, n, c->line->words[0]);
        const char *problem;

        if (d && d->safeguard)
                return apply_safeguard(c, d);
        if (c->line->section) {
                conf_line_report(c->line, c->report, c->userdata, LOG_ERR,
                                "This file has no sections, ignoring the line in [%s]", c->line->section);
                return 0;
        }

        if (!d)
                return report_unknown(table, n, c);

        problem = line_problem(d, c->line);
        if (problem)
                return directive_refuse(c, d, problem);
        warn_of_surplus(c, d);
        return d->apply(c, d);
}

int directives_apply(const Directive *table, size_t n, const Conf *lines, ConfReport report, void *userdata,
                void *settings) {
        for (size_t i = 0; i < conf_n_lines(lines); i++) {
                int r = apply_line(table, n, &(DirectiveContext) {
                        .line = conf_line(lines, i),
                        .report = report,
                        .userdata = userdata,
                        .settings = settings,
                });

                if (r < 0)
                        return r;
        }

        return 0;
}
