/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "names.h"

#include <stdio.h>

#include "model.h"
#include "names-table.h"
#include "string-util.h"

/* A name in the form the tables use: lower case, and %d for each part that is a number. It never gets longer
 * than twice the name: only one-digit parts grow. */
typedef struct Key {
        char text[2 * VARIABLE_NAME_MAX + 2];
} Key;

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* Not tolower(): a locale must not change what a name is. */
static char to_lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

static bool key_init(Key *k, const char *name) {
        size_t n = 0;

        if (strlen(name) > VARIABLE_NAME_MAX)
                return false;

        for (const char *part = name; *part;) {
                size_t length = strcspn(part, "."), digits = 0;

                while (is_digit(part[digits]))
                        digits++;

                if (digits > 0 && digits == length)
                        n = (size_t) (stpcpy(k->text + n, "%d") - k->text);
                else
                        for (size_t i = 0; i < length; i++)
                                k->text[n++] = to_lower(part[i]);

                part += length;
                if (*part == '.')
                        k->text[n++] = *part++;
        }

        k->text[n] = '\0';
        return true;
}

static int compare_pattern(const void *key, const void *row) {
        return strcmp(key, ((const Name *) row)->pattern);
}

static const Name *table_find(const Name *table, size_t n, const char *key) {
        return bsearch(key, table, n, sizeof(Name), compare_pattern);
}

/* The row of prefix followed by rest. */
static const Name *table_find_joined(const Name *table, size_t n, const char *prefix, const char *rest) {
        char joined[sizeof(Key) + 32];

        if (snprintf(joined, sizeof(joined), "%s%s", prefix, rest) >= (int) sizeof(joined))
                return NULL;

        return table_find(table, n, joined);
}

static const char *skip_context(const char *s) {
        static const char *const contexts[] = {
                "l1-l2.", "l2-l3.", "l3-l1.", "l1-l3.", "l1-n.", "l2-n.", "l3-n.", "l1.",
                "l2.",    "l3.",    "n.",
        };

        for (size_t i = 0; i < ELEMENTSOF(contexts); i++) {
                const char *rest = startswith(s, contexts[i]);
                if (rest)
                        return rest;
        }

        return NULL;
}

/* DOMAIN[.CONTEXT].SPEC of a three-phase unit. Single-phase units leave the context out. */
static const Name *find_phase(const char *key) {
        static const char *const domains[] = {
                "input.bypass.",  "input.servicebypass.", "output.bypass.", "output.inverter.",
                "output.servicebypass.", "input.%d.", "input.", "output.", "ups.",
        };

        for (size_t i = 0; i < ELEMENTSOF(domains); i++) {
                const char *rest = startswith(key, domains[i]), *spec;
                if (!rest)
                        continue;

                spec = skip_context(rest);
                return table_find_joined(variable_table, n_variable_table, "DOMAIN.CONTEXT.", spec ?: rest);
        }

        return NULL;
}

typedef struct Relative {
        const char *prefix, *instead;
} Relative;

static const Name *find_relative(const Name *table, size_t n, const Relative *relatives, const char *key) {
        for (const Relative *r = relatives; r->prefix; r++) {
                const char *rest = startswith(key, r->prefix);
                const Name *found = rest ? table_find_joined(table, n, r->instead, rest) : NULL;

                if (found)
                        return found;
        }

        return NULL;
}

/* What stands behind a member of a chain or behind a relay; s itself when there is no such part. */
static const char *skip_member(const char *s) {
        const char *rest = startswith(s, "upstream.");

        s = rest ?: s;
        rest = startswith(s, "device.%d.");
        return rest ?: s;
}

static const Name *find_variable_key(const char *key) {
        static const Relative relatives[] = {
                { "outlet.group.%d.", "outlet.%d." },
                { "outlet.", "outlet.%d." },
                { "ambient.%d.", "ambient." },
                { "ambient.", "ambient.%d." },
                { "input.%d.", "input." },
                {},
        };
        const Name *found;

        if (startswith(key, "driver.parameter."))
                return table_find(variable_table, n_variable_table, "driver.parameter.%s");

        found = table_find(variable_table, n_variable_table, key);
        if (!found && startswith(key, "driver.flag."))
                found = table_find(variable_table, n_variable_table, "driver.flag.%s");
        if (!found)
                found = find_relative(variable_table, n_variable_table, relatives, key);

        return found ?: find_phase(key);
}

const Name *variable_name_find(const char *name) {
        const char *rest;
        const Name *found;
        Key key;

        if (!key_init(&key, name))
                return NULL;

        rest = skip_member(key.text);
        found = find_variable_key(rest);
        if (!found && rest != key.text) /* device.1.mfr: the "device." itself belongs to the name */
                found = table_find_joined(variable_table, n_variable_table, "device.", rest);

        return found;
}

const Name *command_name_find(const char *name) {
        static const Relative relatives[] = {
                { "outlet.group.%d.", "outlet.%d." },
                { "outlet.", "outlet.%d." },
                {},
        };
        const char *rest;
        Key key;

        if (!key_init(&key, name))
                return NULL;

        rest = skip_member(key.text);
        return table_find(command_table, n_command_table, rest)
                ?: find_relative(command_table, n_command_table, relatives, rest);
}

const Name *variable_names(size_t *ret_n) {
        *ret_n = n_variable_table;
        return variable_table;
}

const Name *command_names(size_t *ret_n) {
        *ret_n = n_command_table;
        return command_table;
}

const char *name_kind_to_string(NameKind kind) {
        static const char *const names[] = {
                [NAME_STRING] = "string",
                [NAME_NUMBER] = "number",
                [NAME_BOOLEAN] = "boolean",
                [NAME_ENUM] = "enum",
                [NAME_DATE] = "date",
                [NAME_TIME] = "time",
        };

        return names[kind];
}
