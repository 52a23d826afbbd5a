/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parse-util.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>

#include "macro.h"
#include "string-util.h"
#include "time-util.h"

static int parse_digits(const char *s, uint64_t *ret) {
        uint64_t v = 0;

        if (isempty(s))
                return -EINVAL;

        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                if (__builtin_mul_overflow(v, 10, &v) ||
                    __builtin_add_overflow(v, (uint64_t) (*s - '0'), &v))
                        return -ERANGE;
        }

        *ret = v;
        return 0;
}

int parse_uint64(const char *s, uint64_t min, uint64_t max, uint64_t *ret) {
        uint64_t v;
        int r;

        r = parse_digits(s, &v);
        if (r < 0)
                return r;
        if (v < min || v > max)
                return -ERANGE;

        *ret = v;
        return 0;
}

int parse_int64(const char *s, int64_t min, int64_t max, int64_t *ret) {
        bool negative = s && s[0] == '-';
        uint64_t magnitude;
        int64_t v;
        int r;

        r = parse_digits(s ? s + negative : NULL, &magnitude);
        if (r < 0)
                return r;
        if (magnitude > (uint64_t) INT64_MAX + negative)
                return -ERANGE;

        v = negative ? (int64_t) (0 - magnitude) : (int64_t) magnitude;
        if (v < min || v > max)
                return -ERANGE;

        *ret = v;
        return 0;
}

int parse_double(const char *s, double *ret) {
        locale_t c;
        char *end;
        double v;

        if (isempty(s) || strspn(s, "0123456789.eE+-") != strlen(s))
                return -EINVAL;

        c = newlocale(LC_NUMERIC_MASK, "C", NULL);
        if (!c)
                return -ENOMEM;
        v = strtod_l(s, &end, c);
        freelocale(c);

        if (end == s || *end != '\0')
                return -EINVAL;
        if (!isfinite(v))
                return -ERANGE;

        *ret = v;
        return 0;
}

int parse_boolean(const char *s, bool *ret) {
        static const char *const words[][2] = {
                { "0", "1" },        { "no", "yes" },           { "off", "on" },
                { "false", "true" }, { "disabled", "enabled" },
        };

        if (!s)
                return -EINVAL;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (size_t value = 0; value < 2; value++)
                        if (strcaseeq(s, words[i][value])) {
                                *ret = value;
                                return 0;
                        }

        return -EINVAL;
}

int parse_seconds(const char *s, uint64_t *ret_usec) {
        double v;
        int r;

        r = parse_double(s, &v);
        if (r < 0)
                return r;
        if (v < 0 || v > (double) (UINT64_MAX / USEC_PER_SEC / 2))
                return -ERANGE;

        *ret_usec = (uint64_t) (v * (double) USEC_PER_SEC);
        return 0;
}
