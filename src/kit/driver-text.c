/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-text.h"

#include <inttypes.h>

#include "lexer.h"
#include "string-util.h"

static void text_value(FILE *f, const char *keyword, const char *name, const char *value) {
        char escaped[2 * VARIABLE_VALUE_MAX + 1];

        (void) lexer_escape(escaped, sizeof(escaped), value);
        (void) fprintf(f, "%s %s \"%s\"\n", keyword, name, escaped);
}

static void text_description(FILE *f, const Variable *v) {
        STRV_FOREACH(value, v->enums)
                text_value(f, "ADDENUM", v->name, *value);
        for (size_t i = 0; i < v->n_ranges; i++)
                (void) fprintf(f, "ADDRANGE %s %" PRIi64 " %" PRIi64 "\n", v->name, v->ranges[i].min,
                                v->ranges[i].max);
        if (v->length_max > 0)
                (void) fprintf(f, "SETAUX %s %" PRIu32 "\n", v->name, v->length_max);
        if (v->flags & (VARIABLE_WRITABLE | VARIABLE_STRING))
                (void) fprintf(f, "SETFLAGS %s%s%s\n", v->name, v->flags & VARIABLE_WRITABLE ? " RW" : "",
                                v->flags & VARIABLE_STRING ? " STRING" : "");
}

void driver_text_variable(FILE *f, const Variable *v) {
        text_value(f, "SETINFO", v->name, v->value);
        text_description(f, v);
}

void driver_text_freshness(FILE *f, const Model *m) {
        (void) fputs(model_freshness(m) == FRESHNESS_FRESH ? "DATAOK\n" : "DATASTALE\n", f);
}

void driver_text_model(FILE *f, const Model *m) {
        for (size_t i = 0; i < model_n_variables(m); i++)
                driver_text_variable(f, model_variable(m, i));
        STRV_FOREACH(command, model_commands(m))
                (void) fprintf(f, "ADDCMD %s\n", *command);
        driver_text_freshness(f, m);
}

static void text_commands(FILE *f, const Model *m, char ***commands) {
        char *const *present = model_commands(m);
        char **copy;

        if (strv_copy(present, &copy) < 0)
                return;

        STRV_FOREACH(command, *commands)
                if (!strv_contains(present, *command))
                        (void) fprintf(f, "DELCMD %s\n", *command);
        STRV_FOREACH(command, present)
                if (!strv_contains(*commands, *command))
                        (void) fprintf(f, "ADDCMD %s\n", *command);

        strv_free(*commands);
        *commands = copy;
}

void driver_text_change(FILE *f, const Model *m, const Change *change, char ***commands) {
        STRV_FOREACH(name, change->removed)
                (void) fprintf(f, "DELINFO %s\n", *name);

        STRV_FOREACH(name, change->changed) {
                const Variable *v = model_find(m, *name);

                if (v && !strv_contains(change->described, *name))
                        text_value(f, "SETINFO", v->name, v->value);
        }

        /* The protocol can add to a description, but not say that it is another one: so the variable is
         * made anew. */
        STRV_FOREACH(name, change->described) {
                const Variable *v = model_find(m, *name);

                if (!v)
                        continue;
                (void) fprintf(f, "DELINFO %s\n", v->name);
                driver_text_variable(f, v);
        }

        if (change->commands)
                text_commands(f, m, commands);
        if (change->freshness)
                driver_text_freshness(f, m);
}
