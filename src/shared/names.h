/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* NUT's vocabulary: every variable and command with its unit, kind and description. Facts: NUT's
 * nut-names document and the variables its drivers use; the descriptions are ours. Patterns stand for
 * families: %d is a number from 0 up (outlet.%d.status), and a phase row stands once for all
 * DOMAIN.CONTEXT.SPEC of three-phase units. */

typedef enum NameKind {
        NAME_STRING,
        NAME_NUMBER,
        NAME_BOOLEAN, /* yes/no, on/off, enabled/disabled */
        NAME_ENUM,    /* one of a few words */
        NAME_DATE,
        NAME_TIME,
} NameKind;

typedef struct Name {
        const char *pattern;
        const char *unit; /* "V", "A", "W", "VA", "Hz", "%", "s", "°C", ...; "" for none */
        NameKind kind;
        const char *description; /* one English sentence part in ASCII, without a full stop */
} Name;

/* The row for a variable, ignoring case and a leading "upstream." or "device.N."; NULL for an unknown
 * name. */
const Name *variable_name_find(const char *name);

/* The row for an instant command; NULL for an unknown one. */
const Name *command_name_find(const char *name);

/* The tables, for documentation and tests. */
const Name *variable_names(size_t *ret_n);
const Name *command_names(size_t *ret_n);

/* "string", "number", ... */
const char *name_kind_to_string(NameKind kind) _const_;
