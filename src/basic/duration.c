/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "duration.h"

#include <stdio.h>

#include "macro.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define NUMBER_LENGTH_MAX 32U
#define DURATION_MAX (UINT64_C(100) * 365 * 86400 * USEC_PER_SEC)

typedef struct Unit {
        const char *words[5];
        const char *shown;
        uint64_t usec;
} Unit;

/* The greatest first. */
static const Unit units[] = {
        { { "d", "day", "days" }, "d", 86400 * USEC_PER_SEC },
        { { "h", "hour", "hours" }, "h", 3600 * USEC_PER_SEC },
        { { "min", "m", "minute", "minutes" }, "min", 60 * USEC_PER_SEC },
        { { "s", "sec", "second", "seconds" }, "s", USEC_PER_SEC },
};

static size_t unit_find(const char *word, size_t length) {
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                for (const char *const *w = units[i].words; *w; w++)
                        if (strlen(*w) == length && strncmp(*w, word, length) == 0)
                                return i;

        return ELEMENTSOF(units);
}

static const char *skip_blank(const char *s) {
        return s + (*s == ' ');
}

/* Takes a number off the front of *s. */
static int parse_number(const char **s, double *ret) {
        size_t length = strspn(*s, "0123456789.");
        char number[NUMBER_LENGTH_MAX];
        int r;

        if (length >= sizeof(number))
                return -ERANGE;

        memcpy(number, *s, length);
        number[length] = '\0';
        r = parse_double(number, ret);
        if (r < 0)
                return r;

        *s += length;
        return 0;
}

int duration_parse(const char *s, uint64_t *ret_usec) {
        size_t next = 0; /* the greatest unit that may come now */
        double sum = 0;

        do {
                size_t length, unit;
                double number;
                int r;

                r = parse_number(&s, &number);
                if (r < 0)
                        return r;

                if (next == 0 && *s == '\0')
                        unit = ELEMENTSOF(units) - 1;
                else {
                        s = skip_blank(s);
                        length = strspn(s, "abcdefghijklmnopqrstuvwxyz");
                        unit = unit_find(s, length);
                        s += length;
                }
                if (unit < next || unit >= ELEMENTSOF(units))
                        return -EINVAL;

                next = unit + 1;
                sum += number * (double) units[unit].usec;
                if (sum > (double) DURATION_MAX)
                        return -ERANGE;

                if (*s != '\0')
                        s = skip_blank(s);
                else
                        break;
        } while (true);

        *ret_usec = (uint64_t) sum;
        return 0;
}

void duration_format(char *buffer, size_t size, uint64_t usec) {
        size_t i = 0;

        if (usec == USEC_INFINITY) {
                snprintf(buffer, size, "never");
                return;
        }
        if (usec > 0 && usec < USEC_PER_SEC) {
                snprintf(buffer, size, "%" PRIu64 " ms", usec / USEC_PER_MSEC);
                return;
        }

        while (i < ELEMENTSOF(units) - 1 && usec < units[i].usec)
                i++;

        uint64_t major = usec / units[i].usec, minor = 0;
        if (i < ELEMENTSOF(units) - 1)
                minor = usec % units[i].usec / units[i + 1].usec;

        if (minor > 0)
                snprintf(buffer, size, "%" PRIu64 " %s %" PRIu64 " %s", major, units[i].shown, minor,
                         units[i + 1].shown);
        else
                snprintf(buffer, size, "%" PRIu64 " %s", major, units[i].shown);
}
