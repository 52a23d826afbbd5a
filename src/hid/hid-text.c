/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-text.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "string-util.h"

/* No device counts so far, and no text gets too long. */
#define NUMBER_MAX 1e15
#define ROUNDING 1e-14

char *number_to_text(const char *format, double v) {
        int precision = 0;
        char *s;

        if (!isfinite(v) || fabs(v) > NUMBER_MAX)
                return strdup("");
        if (format && (format[1] == 'd' || format[1] == 'x'))
                return strprintf(format[1] == 'd' ? "%lld" : "%llx", llround(v));
        if (format && format[1] == '.' && format[2] >= '0' && format[2] <= '9')
                precision = format[2] - '0';

        /* Half a step is rounded up although 107.35 is a little less than that in binary. */
        s = strprintf("%.*f", precision, v + v * ROUNDING);
        if (!s)
                return NULL;

        /* The point is one whatever the locale says; nothing is not negative. */
        for (char *p = s; *p; p++)
                if (*p == ',')
                        *p = '.';
        if (s[0] == '-' && s[strspn(s, "-0.")] == '\0')
                memmove(s, s + 1, strlen(s));
        return s;
}

const char *lookup_text(const ProfileLookup *l, double raw, double physical) {
        for (size_t i = 0; i < l->n_entries; i++)
                if (!l->entries[i].any && l->entries[i].raw == raw)
                        return l->entries[i].text;
        for (size_t i = 0; i < l->n_entries; i++)
                if (l->entries[i].any || l->entries[i].raw == physical)
                        return l->entries[i].text;
        return NULL;
}

bool lookup_raw(const ProfileLookup *l, const char *text, double *ret) {
        const ProfileLookupEntry *like = NULL;

        for (size_t i = 0; i < l->n_entries; i++) {
                const ProfileLookupEntry *entry = &l->entries[i];

                if (entry->any || !strcaseeq(entry->text, text))
                        continue;
                if (!like || streq(entry->text, text))
                        like = entry;
                if (streq(entry->text, text))
                        break;
        }

        if (!like)
                return false;
        *ret = like->raw;
        return true;
}

double curve_at(const ProfileCurve *c, double x) {
        if (c->n_points == 0)
                return x;
        if (x <= c->points[0].x)
                return c->points[0].y;

        for (size_t i = 1; i < c->n_points; i++) {
                double x0 = c->points[i - 1].x, y0 = c->points[i - 1].y;
                double x1 = c->points[i].x, y1 = c->points[i].y;

                if (x <= x1)
                        return x1 > x0 ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y1;
        }
        return c->points[c->n_points - 1].y;
}

const char *names_text(const ProfileNames *n, const char *s) {
        size_t start = strspn(s, " "), end = strlen(s);

        while (end > start && s[end - 1] == ' ')
                end--;
        for (char **p = n->pairs; p && p[0] && p[1]; p += 2)
                if (strlen(p[0]) == end - start && strncmp(p[0], s + start, end - start) == 0)
                        return p[1];
        return s;
}

static unsigned from_bcd(uint64_t byte) {
        return (unsigned) (byte & 15U) + 10 * (unsigned) (byte >> 4 & 15U);
}

static uint32_t to_bcd(unsigned n) {
        return n / 10 << 4 | n % 10;
}

static char *date_text(int64_t raw) {
        if (raw == 0)
                return strdup("not set");
        return strprintf("%04lld/%02lld/%02lld", (long long) (1980 + (raw >> 9)),
                        (long long) (raw >> 5 & 15), (long long) (raw & 31));
}

static char *bcd_date_text(int64_t raw) {
        uint64_t u = (uint64_t) raw;
        unsigned year = from_bcd(u);

        if (raw == 0)
                return strdup("not set");
        /* Two digits: from 1970 on. */
        return strprintf("%04u/%02u/%02u", year + (year >= 70 ? 1900 : 2000), from_bcd(u >> 16),
                        from_bcd(u >> 8));
}

static char *ascii_text(int64_t raw, unsigned n_bytes) {
        char text[9];
        size_t n = 0;

        for (unsigned i = 0; i < MIN(n_bytes, 8U); i++) {
                char c = (char) ((uint64_t) raw >> 8 * i & 255);

                if (c <= ' ' || c > '~')
                        break;
                text[n++] = c;
        }
        return strndup(text, n);
}

static char *version_text(int64_t raw, unsigned n_bytes) {
        char text[32];
        size_t n = 0;

        text[0] = '\0';
        for (unsigned i = MIN(MAX(n_bytes, 1U), 4U); i-- > 0;)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%u", n > 0 ? "." : "",
                                (unsigned) ((uint64_t) raw >> 8 * i & 255));
        return strdup(text);
}

/* The device counts seconds; people want their own time of day. */
static char *clock_text(ProfileFunction function, int64_t raw) {
        time_t t = (time_t) raw;
        struct tm tm;

        if (raw <= 0 || !localtime_r(&t, &tm))
                return strdup("");
        if (function == PROFILE_FUNCTION_UNIX_DATE)
                return strprintf("%04d/%02d/%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
        return strprintf("%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

double delay_unpack(ProfileFunction function, int64_t raw) {
        unsigned low = (unsigned) raw & 255U, high = (unsigned) (raw >> 8) & 255U;

        switch (function) {
        case PROFILE_FUNCTION_MINUTES_SECONDS:
                return 60 * high + low;
        case PROFILE_FUNCTION_SECONDS_MINUTES:
                return 60 * low + high;
        case PROFILE_FUNCTION_SWAPPED_MINUTES:
                return 60.0 * (low << 8 | high);
        default:
                return (double) raw;
        }
}

int64_t delay_pack(ProfileFunction function, double seconds) {
        int64_t s = llround(CLAMP(seconds, 0, 4e6)), minutes = MIN(s / 60, INT64_C(65535));

        switch (function) {
        case PROFILE_FUNCTION_MINUTES_SECONDS:
                return MIN(minutes, INT64_C(255)) << 8 | s % 60;
        case PROFILE_FUNCTION_SECONDS_MINUTES:
                return s % 60 << 8 | MIN(minutes, INT64_C(255));
        case PROFILE_FUNCTION_SWAPPED_MINUTES:
                return (minutes & 255) << 8 | minutes >> 8;
        default:
                return llround(seconds);
        }
}

char *function_text(ProfileFunction function, int64_t raw, unsigned size_bits) {
        unsigned n_bytes = (size_bits + 7) / 8;

        switch (function) {
        case PROFILE_FUNCTION_DATE:
                return date_text(raw);
        case PROFILE_FUNCTION_BCD_DATE:
                return bcd_date_text(raw);
        case PROFILE_FUNCTION_HEX:
                return strprintf("%08llx", (unsigned long long) raw &
                                (UINT64_MAX >> (64 - CLAMP(size_bits, 1U, 64U))));
        case PROFILE_FUNCTION_ASCII:
                return ascii_text(raw, n_bytes);
        case PROFILE_FUNCTION_VERSION:
                return version_text(raw, n_bytes);
        case PROFILE_FUNCTION_UNIX_DATE:
        case PROFILE_FUNCTION_UNIX_TIME:
                return clock_text(function, raw);
        default:
                return strdup("");
        }
}

bool function_makes_text(ProfileFunction function) {
        switch (function) {
        case PROFILE_FUNCTION_DATE:
        case PROFILE_FUNCTION_BCD_DATE:
        case PROFILE_FUNCTION_HEX:
        case PROFILE_FUNCTION_ASCII:
        case PROFILE_FUNCTION_VERSION:
        case PROFILE_FUNCTION_UNIX_DATE:
        case PROFILE_FUNCTION_UNIX_TIME:
                return true;
        default:
                return false;
        }
}

int date_parse(ProfileFunction function, const char *text, int64_t *ret) {
        unsigned year, month, day;
        int end = -1;

        if (sscanf(text, "%4u/%2u/%2u%n", &year, &month, &day, &end) != 3 || end < 0 ||
            text[end] != '\0' || month < 1 || month > 12 || day < 1 || day > 31)
                return -EINVAL;

        if (function == PROFILE_FUNCTION_DATE) {
                if (year < 1980 || year > 2107)
                        return -EINVAL;
                *ret = (int64_t) (year - 1980) << 9 | month << 5 | day;
                return 0;
        }

        if (year < 1970 || year > 2069)
                return -EINVAL;
        *ret = (int64_t) (to_bcd(month) << 16 | to_bcd(day) << 8 | to_bcd(year % 100));
        return 0;
}
