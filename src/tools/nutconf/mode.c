/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mode.h"

#include "string-util.h"

#define BLANKS " \t"

/* Where the = of a line "MODE=..." is, or NULL. */
static const char *find_equals(const char *line) {
        const char *s = line + strspn(line, BLANKS), *export = startswith(s, "export");

        if (export && strspn(export, BLANKS) > 0)
                s = export + strspn(export, BLANKS);
        s = startswith(s, "MODE");
        s = s ? s + strspn(s, BLANKS) : NULL;
        return s && *s == '=' ? s : NULL;
}

/* The = of the last such line. */
static const char *find_last(const char *text) {
        const char *found = NULL;

        for (const char *line = text; line;) {
                const char *end = strchr(line, '\n');

                found = find_equals(line) ?: found;
                line = end ? end + 1 : NULL;
        }
        return found;
}

bool mode_is_given(const char *text) {
        return find_last(text);
}

/* What comes behind the value: the blanks and the comment, or the line end. */
static const char *find_rest(const char *value) {
        const char *rest = value + strspn(value, BLANKS);
        char quote = '\0';

        for (; *rest && *rest != '\n' && (quote || !strchr(" \t\r", *rest)); rest++)
                if (quote ? *rest == quote : *rest == '"' || *rest == '\'')
                        quote = quote ? '\0' : *rest;
        return rest;
}

char *mode_replace(const char *text, NutMode mode) {
        const char *equals = find_last(text), *name = nut_mode_to_string(mode);
        size_t n = strlen(text);

        if (!equals)
                return strjoin(text, n > 0 && text[n - 1] != '\n' ? "\n" : "", "MODE=", name, "\n");

        size_t before = (size_t) (equals - text);
        while (before > 0 && strchr(BLANKS, text[before - 1]))
                before--;

        _cleanup_free_ char *head = strndup(text, before);
        return head ? strjoin(head, "=", name, find_rest(equals + 1)) : NULL;
}
