/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shell-text.h"

#include <assert.h>
#include <stdio.h>

#include "string-util.h"

static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+:,./_-";

static bool is_control(char c) {
        return (unsigned char) c < ' ' || c == '\x7f';
}

/* $'...', which bash, zsh and the shells of BSD know. */
static char *escaped(const char *s) {
        char *word = new(char, strlen(s) * 4 + 4), *t = word;

        if (!word)
                return NULL;
        t = stpcpy(t, "$'");
        for (; *s; s++)
                if (is_control(*s))
                        t += sprintf(t, "\\%03o", (unsigned) (unsigned char) *s);
                else {
                        if (*s == '\'' || *s == '\\')
                                *t++ = '\\';
                        *t++ = *s;
                }
        (void) stpcpy(t, "'");
        return word;
}

static char *quoted(const char *s) {
        char *word = new(char, strlen(s) * 4 + 3), *t = word;

        if (!word)
                return NULL;
        *t++ = '\'';
        for (; *s; s++)
                if (*s == '\'')
                        t = stpcpy(t, "'\\''");
                else
                        *t++ = *s;
        (void) stpcpy(t, "'");
        return word;
}

char *shell_word(const char *s) {
        if (*s && s[strspn(s, safe)] == '\0')
                return strdup(s);
        for (const char *c = s; *c; c++)
                if (is_control(*c))
                        return escaped(s);
        return quoted(s);
}

char *shell_format(const char *fmt, va_list ap) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        bool good = f;

        for (; good && *fmt; fmt++) {
                const char *spec;

                if (*fmt != '%') {
                        good = fputc(*fmt, f) != EOF;
                        continue;
                }
                if ((spec = startswith(fmt, "%s"))) {
                        _cleanup_free_ char *word = shell_word(strempty(va_arg(ap, const char *)));

                        good = word && fputs(word, f) >= 0;
                } else if ((spec = startswith(fmt, "%d")))
                        good = fprintf(f, "%d", va_arg(ap, int)) >= 0;
                else if ((spec = startswith(fmt, "%u")))
                        good = fprintf(f, "%u", va_arg(ap, unsigned)) >= 0;
                else if ((spec = startswith(fmt, "%04x")))
                        good = fprintf(f, "%04x", va_arg(ap, unsigned)) >= 0;
                else {
                        spec = startswith(fmt, "%%");
                        assert(spec);
                        good = fputc('%', f) != EOF;
                }
                fmt = spec - 1;
        }
        if (f && fclose(f) != 0)
                good = false;
        return good ? TAKE_PTR(text) : NULL;
}
