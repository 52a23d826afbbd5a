/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "macro.h"

/* Writes JSON to a stream, without line ends. The caller opens and closes in pairs; commas and escapes are
 * done here. A key is NULL inside arrays and for the outermost value. */

typedef struct Json {
        FILE *f;
        bool comma; /* something stands before in the same object or array */
} Json;

void json_object(Json *j, const char *key);
void json_object_end(Json *j);
void json_array(Json *j, const char *key);
void json_array_end(Json *j);

/* A string; NULL becomes null. What is not UTF-8 becomes U+FFFD. */
void json_string(Json *j, const char *key, const char *value);

/* A number; NaN and infinities, which JSON does not know, become null. */
void json_number(Json *j, const char *key, double value);
void json_integer(Json *j, const char *key, int64_t value);
void json_boolean(Json *j, const char *key, bool value);

/* An array of strings. */
void json_strv(Json *j, const char *key, char *const *l);

/* Ends the document with a line end and writes it out. Returns 0 or a negative errno. */
int json_finish(Json *j);
