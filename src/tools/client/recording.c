/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording.h"

#include <stdio.h>

#include "string-util.h"

static size_t name_length(const char *line) {
        return strcspn(line, ":");
}

static bool same_name(const char *a, const char *b) {
        size_t n = name_length(a);

        return n == name_length(b) && strncmp(a, b, n) == 0;
}

static bool has_name(char *const *lines, const char *line) {
        STRV_FOREACH(other, lines)
                if (same_name(*other, line))
                        return true;
        return false;
}

int recording_changes(char *const *before, char *const *after, char **ret) {
        char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        STRV_FOREACH(line, before)
                if (!has_name(after, *line))
                        fprintf(f, "%.*s:\n", (int) name_length(*line), *line);
        STRV_FOREACH(line, after)
                if (!strv_contains(before, *line))
                        fprintf(f, "%s\n", *line);
        if (fclose(f) != 0) {
                free(text);
                return -ENOMEM;
        }

        *ret = text;
        return 0;
}
