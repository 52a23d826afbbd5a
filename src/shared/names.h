/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* NUT's vocabulary: every variable and command with its unit, kind and description. Facts: NUT's nut-names
 * document and the variables its drivers use; the descriptions are ours. Patterns stand for families: %d is
 * a number from 0 up (outlet.%d.status), %s the rest of a name (driver.parameter.%s), and a row that begins
 * with DOMAIN.CONTEXT stands for each point of a three-phase unit: DOMAIN is input or output, perhaps with
 * .bypass, .servicebypass or .inverter, and CONTEXT is L1, L2, L3, N, L1-L2, L2-L3, L3-L1, L1-N, L2-N
 * or L3-N. */

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
        const char *unit; /* "V", "A", "W", "VA", "Ah", "Hz", "%", "s", "min", "°C", "°"; "" for none. That
                           * of a command is the unit of its argument */
        NameKind kind;    /* NAME_STRING for a command without argument */
        const char *description; /* an English phrase in ASCII, without a full stop */
} Name;

/* The row for a variable, ignoring case. A leading "upstream." or "device.N." is looked through, and a
 * member of a family that has no row of its own gets that of its relative: input.2.voltage that of
 * input.voltage, outlet.group.1.load that of outlet.%d.load. NULL for an unknown name. The result is
 * static. */
const Name *variable_name_find(const char *name);

/* The row for an instant command, in the same way. */
const Name *command_name_find(const char *name);

/* The tables, for documentation and tests. */
const Name *variable_names(size_t *ret_n);
const Name *command_names(size_t *ret_n);

/* "string", "number", ... */
const char *name_kind_to_string(NameKind kind) _const_;
