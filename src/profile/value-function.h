/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The named conversions of line profiles: text to text, without memory and without knowledge of any device.
 */

typedef struct ValueFunction {
        const char *name;
        bool takes_argument;
        bool takes_bytes; /* for decode= only: the text is the bytes of the answer in hexadecimal digits */
        const char *help; /* one line, for docs/PROFILES-LINE.md, which a test compares */
        /* 0 with new memory in *ret; -ENODATA: the value is not known; -EINVAL: the text is none for it;
         * -ENOMEM. argument is NULL unless one is taken. */
        int (*run)(const char *text, const char *argument, char **ret);
} ValueFunction;

/* By name; NULL for none. */
const ValueFunction *value_function_find(const char *name);
/* All of them, in the order of the documentation. */
const ValueFunction *value_functions(size_t *ret_n);
