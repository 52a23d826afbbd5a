/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-trust.h"

#include <ctype.h>
#include <math.h>

#include "value-number.h"
#include "string-util.h"

/* What a value may change while it is asked for twice: this part of it, and this much. */
#define CLOSE_PART 0.05
#define CLOSE_AMOUNT 1.0
/* Digits 0 and 1, so many of them, are bits and no number. */
#define BITS_MIN 4U

static char kind_of(char c) {
        return isdigit((unsigned char) c) ? '0' : isalpha((unsigned char) c) ? 'a' : c;
}

static size_t run_of(const char *s) {
        char kind = kind_of(*s);
        size_t n = 1;

        while ((kind == '0' || kind == 'a') && kind_of(s[n]) == kind)
                n++;
        return n;
}

/* Who writes zeros in front means so many digits. */
static bool is_padded(const char *digits, size_t n) {
        return digits[0] == '0' && n > 1;
}

bool line_reply_same_shape(const LineReply *a, const LineReply *b, bool widths) {
        const char *p = a->text, *q = b->text;

        while (*p && kind_of(*p) == kind_of(*q)) {
                size_t n = run_of(p), m = run_of(q);

                if (n != m && (widths || is_padded(p, n) || is_padded(q, m)))
                        return false;
                p += n;
                q += m;
        }
        return !*p && !*q;
}

static bool is_bits(const char *s) {
        return strlen(s) >= BITS_MIN && s[strspn(s, "01")] == '\0';
}

static bool words_agree(const char *a, const char *b) {
        double x, y;

        if (streq(a, b))
                return true;
        if (strlen(a) != strlen(b) && (is_padded(a, strcspn(a, ".")) || is_padded(b, strcspn(b, "."))))
                return false;
        if ((is_bits(a) && is_bits(b)) || !value_number_parse(a, 10, &x) || !value_number_parse(b, 10, &y))
                return false;
        return fabs(x - y) <= CLOSE_AMOUNT + CLOSE_PART * MAX(fabs(x), fabs(y));
}

bool line_reply_agrees(const LineReply *a, const LineReply *b) {
        if (a->n_words != b->n_words)
                return false;
        for (size_t i = 0; i < a->n_words; i++)
                if (!words_agree(a->words[i], b->words[i]))
                        return false;
        return true;
}
