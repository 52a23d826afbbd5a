/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

/* What an Update is made of; for update.c, which builds it, and model.c, which applies it. */

/* Copies a text from outside so that any client can bear it: one '?' for a control byte and for each
 * character that is not ASCII, and no more than VARIABLE_VALUE_MAX of it. NULL without memory. */
char *text_sanitize(const char *s);

typedef enum UpdateOpType {
        UPDATE_SET,
        UPDATE_UNSET,
        UPDATE_DESCRIBE,
        UPDATE_ENUM,
        UPDATE_RANGE,
        UPDATE_COMMAND,
        UPDATE_COMMAND_REMOVE,
} UpdateOpType;

typedef struct UpdateOp {
        UpdateOpType type;
        char *name;
        char *value; /* SET, ENUM */
        union {
                struct {
                        VariableFlags flags;
                        uint32_t length_max;
                }; /* DESCRIBE */
                Range range; /* RANGE */
        };
} UpdateOp;

struct Update {
        UpdateOp *ops;
        size_t n_ops, n_allocated;
        bool replace;
        char *keep_prefix;
        char **status; /* strv, if status_given */
        char **alarms; /* strv, if alarms_given */
        bool status_given, alarms_given;
        Freshness freshness; /* _FRESHNESS_INVALID: not given */
        int error;
};
