/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "value-number.h"

#include <math.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"

/* What an integer of a format is at most, so that no device makes a text of hundreds of digits. */
#define NUMBER_MAX 9e15
#define SAME 1e-9

static bool parse_digits(const char *s, unsigned base, double *ret) {
        const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "01";
        unsigned long long v;
        char *end;

        if (isempty(s) || s[strspn(s, digits)] != '\0')
                return false;
        errno = 0;
        v = strtoull(s, &end, (int) base);
        if (errno != 0 || *end != '\0')
                return false;
        *ret = (double) v;
        return true;
}

bool value_number_parse(const char *s, unsigned base, double *ret) {
        if (base == 16 || base == 2)
                return parse_digits(s, base, ret);
        /* An exponent is noise. */
        return s[strspn(s, "+-0123456789.")] == '\0' && parse_double(s, ret) >= 0;
}

/* %d, %0Nd, %x, %.Nf, %0N.Mf, as the parser has checked them. */
char *value_number_text(const char *format, double v) {
        const char *p = format ? format + 1 : NULL;
        bool zeros = p && *p == '0';
        unsigned long width = 0, precision = 0;
        char *end;

        if (!isfinite(v) || fabs(v) > NUMBER_MAX)
                return strdup("");
        if (v == 0)
                v = 0; /* no minus sign */
        if (!format)
                return strprintf("%.10g", v);

        if (*p >= '0' && *p <= '9') {
                width = MIN(strtoul(p, &end, 10), 32UL);
                p = end;
        }
        if (*p == '.') {
                precision = MIN(strtoul(p + 1, &end, 10), 15UL);
                p = end;
        }
        switch (*p) {
        case 'f':
                /* What would be shown as minus nothing. */
                if (v < 0 && v > -0.5 * pow(10, -(double) precision))
                        v = 0;
                return zeros ? strprintf("%0*.*f", (int) width, (int) precision, v)
                             : strprintf("%*.*f", (int) width, (int) precision, v);
        case 'x':
        case 'X':
                if (v < 0)
                        return strdup("");
                return *p == 'x' ? strprintf("%0*llx", (int) MAX(width, 1UL), (unsigned long long) v)
                                 : strprintf("%0*llX", (int) MAX(width, 1UL), (unsigned long long) v);
        default:
                /* A number that is a whole one but for what computers make of tenths. */
                v = fabs(v - round(v)) < SAME * MAX(1.0, fabs(v)) ? round(v) : trunc(v);
                return zeros ? strprintf("%0*lld", (int) width, (long long) v)
                             : strprintf("%*lld", (int) width, (long long) v);
        }
}

const char *value_lookup_text(const ValueLookup *l, const char *word) {
        const char *any = NULL;
        double v;
        bool is_number = value_number_parse(word, 10, &v);

        for (size_t i = 0; i < l->n_entries; i++)
                if (l->entries[i].word && streq(l->entries[i].word, word))
                        return l->entries[i].text;
        for (size_t i = 0; i < l->n_entries; i++) {
                const ValueLookupEntry *entry = &l->entries[i];

                if (!entry->word && !entry->is_number)
                        any = entry->text;
                else if (is_number && entry->is_number && fabs(entry->number - v) < SAME)
                        return entry->text;
        }
        return any;
}

const ValueLookupEntry *value_lookup_entry(const ValueLookup *l, const char *text) {
        const ValueLookupEntry *other = NULL;

        for (size_t i = 0; i < l->n_entries; i++) {
                const ValueLookupEntry *entry = &l->entries[i];

                if (!entry->word)
                        continue;
                if (streq(entry->text, text))
                        return entry;
                if (!other && strcaseeq(entry->text, text))
                        other = entry;
        }
        return other;
}

const char *value_lookup_word(const ValueLookup *l, const char *text) {
        const ValueLookupEntry *entry = value_lookup_entry(l, text);

        return entry ? entry->word : NULL;
}
