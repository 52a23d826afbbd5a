/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "conf.h"

/* Files of lines "KEYWORD value...", without sections: a table of the keywords says what each does. */

typedef struct Directive Directive;

/* One line on its way into the settings. */
typedef struct DirectiveContext {
        const ConfLine *line;
        ConfReport report;
        void *userdata;
        void *settings; /* what the offsets of the table are of */
        bool wrong;     /* of a safeguard: there is something wrong with the line as a whole */
} DirectiveContext;

struct Directive {
        const char *name;
        size_t min_values, max_values;
        /* Takes the values. 0, or -ENOMEM; what is wrong with the text is reported. */
        int (*apply)(const DirectiveContext *c, const Directive *d);
        size_t offset; /* of the member that apply() sets */
        int64_t min, max;
        /* No line of it is ignored: it is for security's sake, and one that is written wrongly asks for the
         * most that it could. apply() gets it whatever it looks like, with c->wrong set when that was
         * reported. */
        bool safeguard;
};

/* Applies all lines of a file by the table. What no keyword fits is reported. 0 or -ENOMEM. */
int directives_apply(const Directive *table, size_t n, const Conf *lines, ConfReport report, void *userdata,
                void *settings);

/* Reports that a line is not taken, and why. Returns 0. */
int directive_refuse(const DirectiveContext *c, const Directive *d, const char *what);

/* For the table. Numbers must be whole; what is out of bounds is brought in, with a warning. */
int directive_apply_unsigned(const DirectiveContext *c, const Directive *d); /* unsigned */
int directive_apply_seconds(const DirectiveContext *c, const Directive *d);  /* uint64_t, microseconds;
                                                                              * UINT64_MAX below 0 */
int directive_apply_boolean(const DirectiveContext *c, const Directive *d);  /* bool */
int directive_apply_string(const DirectiveContext *c, const Directive *d);   /* char *; not empty */
int directive_apply_path(const DirectiveContext *c, const Directive *d);     /* char *; absolute */
int directive_apply_nothing(const DirectiveContext *c, const Directive *d);

/* char *: a command as a shell's command line: the first value as it is, since it may hold arguments of its
 * own, and all further ones in single quotes. */
int directive_apply_command(const DirectiveContext *c, const Directive *d);

/* Value i (from 1) as a whole number between the directive's bounds, or brought there with a warning.
 * -EINVAL, reported, for anything else. */
int directive_number(const DirectiveContext *c, const Directive *d, size_t i, int64_t *ret);

/* s in single quotes, for a shell; NULL without memory. */
char *shell_quote(const char *s);
