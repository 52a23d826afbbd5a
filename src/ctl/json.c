/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json.h"

#include <inttypes.h>
#include <math.h>

#include "string-util.h"
#include "text.h"

static void put_string(FILE *f, const char *s) {
        fputc('"', f);

        while (*s) {
                size_t length = utf8_character(s);
                unsigned char c = (unsigned char) *s;

                if (length == 0)
                        fputs("\\ufffd", f);
                else if (c == '"' || c == '\\')
                        fprintf(f, "\\%c", c);
                else if (c < 0x20 || c == 0x7f)
                        fprintf(f, "\\u%04x", c);
                else
                        fwrite(s, 1, length, f);

                s += MAX(length, (size_t) 1);
        }

        fputc('"', f);
}

static void begin(Json *j, const char *key) {
        if (j->comma)
                fputc(',', j->f);
        if (key) {
                put_string(j->f, key);
                fputc(':', j->f);
        }

        j->comma = true;
}

void json_object(Json *j, const char *key) {
        begin(j, key);
        fputc('{', j->f);
        j->comma = false;
}

void json_object_end(Json *j) {
        fputc('}', j->f);
        j->comma = true;
}

void json_array(Json *j, const char *key) {
        begin(j, key);
        fputc('[', j->f);
        j->comma = false;
}

void json_array_end(Json *j) {
        fputc(']', j->f);
        j->comma = true;
}

void json_string(Json *j, const char *key, const char *value) {
        begin(j, key);
        if (value)
                put_string(j->f, value);
        else
                fputs("null", j->f);
}

void json_number(Json *j, const char *key, double value) {
        begin(j, key);
        if (isfinite(value))
                fprintf(j->f, "%.15g", value);
        else
                fputs("null", j->f);
}

void json_integer(Json *j, const char *key, int64_t value) {
        begin(j, key);
        fprintf(j->f, "%" PRIi64, value);
}

void json_boolean(Json *j, const char *key, bool value) {
        begin(j, key);
        fputs(value ? "true" : "false", j->f);
}

void json_strv(Json *j, const char *key, char *const *l) {
        json_array(j, key);
        STRV_FOREACH(s, l)
                json_string(j, NULL, *s);
        json_array_end(j);
}

int json_finish(Json *j) {
        fputc('\n', j->f);
        return fflush(j->f) == EOF ? -errno : 0;
}
