/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why something that was to be written or done was not, in words. */

#include <stdarg.h>

#include "line-engine-internal.h"
#include "value-number.h"
#include "string-util.h"

/* So much of what was sent or answered is shown. */
#define SHOWN_MAX 60U
/* And so many values of an enumeration. */
#define VALUES_MAX 20U

const char *line_engine_why(const LineEngine *e) {
        return e->why;
}

void line_explain(LineEngine *e, char *text) {
        free(e->why);
        e->why = text;
}

/* Bytes as people read them, without their end. */
static char *show(const uint8_t *data, size_t n) {
        static const char digits[] = "0123456789abcdef";
        char *text;
        size_t k = 0;

        while (n > 0 && (data[n - 1] == '\r' || data[n - 1] == '\n' || data[n - 1] == '\0'))
                n--;
        n = MIN(n, (size_t) SHOWN_MAX);
        text = malloc(4 * n + 1);
        if (!text)
                return NULL;
        for (size_t i = 0; i < n; i++)
                if (data[i] >= 0x20 && data[i] < 0x7f && data[i] != '\\' && data[i] != '"')
                        text[k++] = (char) data[i];
                else {
                        text[k++] = '\\';
                        text[k++] = 'x';
                        text[k++] = digits[data[i] >> 4];
                        text[k++] = digits[data[i] & 15];
                }
        text[k] = '\0';
        return text;
}

void line_explain_order(LineEngine *e, const LineOrder *o, int error, const uint8_t *answer, size_t n) {
        _cleanup_free_ char *sent = show(o->text, o->n), *answered = show(answer, n);

        if (!sent || !answered)
                line_explain(e, NULL);
        else if (error == -ETIMEDOUT)
                line_explain(e, strprintf("the device did not answer (sent \"%s\")", sent));
        else if (error != -EPIPE && error != -EBADMSG)
                line_explain(e, NULL);
        else
                line_explain(e, strprintf("%s (sent \"%s\"%s%s%s)",
                                        error == -EPIPE ? "the device refused it"
                                                        : "the device said neither yes nor no",
                                        sent, n > 0 ? ", answered \"" : "", answered, n > 0 ? "\"" : ""));
}

static char *ranges_text(LineEngine *e, const ValueRange *ranges, size_t n) {
        _cleanup_strv_free_ char **texts = NULL;

        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *from = NULL, *to = NULL;
                double min, max;
                char *text;

                if (!line_number(e, &ranges[i].min, &min) || !line_number(e, &ranges[i].max, &max))
                        continue;
                from = value_number_text(NULL, min);
                to = value_number_text(NULL, max);
                text = from && to ? strjoin(from, " to ", to) : NULL;
                if (!text || strv_consume(&texts, text) < 0)
                        return NULL;
        }
        return texts ? strv_join(texts, ", ") : NULL;
}

static char *lookup_text(const ValueLookup *l) {
        _cleanup_strv_free_ char **texts = NULL;

        for (size_t i = 0; i < l->n_entries && strv_length(texts) < VALUES_MAX; i++)
                if (l->entries[i].word && !strv_contains(texts, l->entries[i].text) &&
                        strv_extend(&texts, l->entries[i].text) < 0)
                        return NULL;
        return texts ? strv_join(texts, ", ") : NULL;
}

void line_explain_value(
        LineEngine *e, const ValueLookup *lookup, const ValueRange *ranges, size_t n, size_t length) {
        _cleanup_free_ char *text = lookup  ? lookup_text(lookup)
                                    : n > 0 ? ranges_text(e, ranges, n)
                                    : length > 0 ? strprintf("at most %zu characters", length)
                                                 : strdup("a number");

        line_explain(e, text ? strjoin("it can be ", text) : NULL);
}
