/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "value-function.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "macro.h"
#include "parse-util.h"
#include "string-util.h"

/* A function is a row of the table at the end and a few lines that read text and write text. It knows no
 * device: what it does must make sense to who only reads its name. What it cannot read is -EINVAL, never a
 * guess. Its help stands in docs/PROFILES-LINE.md as well, and test-value-function.c tries it. */

static int give(char *text, char **ret) {
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

static bool is_all(const char *s, const char *characters) {
        return !isempty(s) && s[strspn(s, characters)] == '\0';
}

static bool is_digits(const char *s) {
        return is_all(s, "0123456789");
}

/*** Delays ***/

#define TENTHS_SEC 6.0
#define MINUTE_SEC 60.0
#define MINUTES_MAX 99.0

static int tenths_or_minutes(const char *text, const char *argument, char **ret) {
        double v;

        if (parse_double(text, &v) < 0 || v < 0 || v >= (MINUTES_MAX + 1) * MINUTE_SEC)
                return -EINVAL;
        if (v < MINUTE_SEC)
                return give(strprintf(".%d", (int) (v / TENTHS_SEC)), ret);
        return give(strprintf("%02d", (int) (v / MINUTE_SEC)), ret);
}

/* Back: ".2" is 12, "01" is 60. */
static int from_tenths_or_minutes(const char *text, const char *argument, char **ret) {
        bool tenths = text[0] == '.';
        const char *digits = text + tenths;

        if (!is_digits(digits) || strlen(digits) > (tenths ? 1 : 4))
                return -EINVAL;
        return give(strprintf("%ld", strtol(digits, NULL, 10) * (tenths ? 6 : 60)), ret);
}

/*** Dates and times ***/

static int two(const char *s) {
        return (s[0] - '0') * 10 + s[1] - '0';
}

static bool is_date(int month, int day) {
        return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "20240531", "240531", with anything that is no digit between the parts. */
static int date(const char *text, const char *argument, char **ret) {
        char d[9];
        size_t n = 0;

        for (const char *p = text; *p; p++) {
                if (*p < '0' || *p > '9')
                        continue;
                if (n == 8)
                        return -EINVAL;
                d[n++] = *p;
        }
        if (n != 8 && n != 6)
                return -EINVAL;
        d[n] = '\0';
        if (!is_date(two(d + n - 4), two(d + n - 2)))
                return -EINVAL;
        return give(strprintf("%s%.*s/%.2s/%.2s", n == 6 ? "20" : "", (int) n - 4, d, d + n - 4,
                            d + n - 2),
                ret);
}

static int short_date(const char *text, const char *argument, char **ret) {
        int year, month, day, end = 0;

        if (sscanf(text, "%4d/%2d/%2d%n", &year, &month, &day, &end) != 3 || text[end] != '\0' ||
            year < 2000 || year > 2099 || !is_date(month, day))
                return -EINVAL;
        return give(strprintf("%02d%02d%02d", year - 2000, month, day), ret);
}

static int from_us_date(const char *text, const char *argument, char **ret) {
        int year, month, day, end = 0;

        if (sscanf(text, "%2d/%2d/%4d%n", &month, &day, &year, &end) != 3 || text[end] != '\0' ||
            year < 1000 || !is_date(month, day))
                return -EINVAL;
        return give(strprintf("%04d-%02d-%02d", year, month, day), ret);
}

static int us_date(const char *text, const char *argument, char **ret) {
        int year, month, day, end = 0;

        if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] != '\0' ||
            year < 1000 || !is_date(month, day))
                return -EINVAL;
        return give(strprintf("%02d/%02d/%04d", month, day, year), ret);
}

/* "2359", "23:59", "235959". */
static int clock_time(const char *text, const char *argument, char **ret) {
        char d[7];
        size_t n = 0;

        for (const char *p = text; *p; p++) {
                if (*p == ':' && n > 0)
                        continue;
                if (*p < '0' || *p > '9' || n == 6)
                        return -EINVAL;
                d[n++] = *p;
        }
        d[n] = '\0';
        if ((n != 4 && n != 6) || two(d) > 23 || two(d + 2) > 59 || (n == 6 && two(d + 4) > 59))
                return -EINVAL;
        return give(n == 4 ? strprintf("%.2s:%.2s", d, d + 2) : strprintf("%.2s:%.2s:%.2s", d, d + 2, d + 4),
                ret);
}

/* The last part is of the unit that the argument says. */
static int elapsed(const char *text, const char *argument, char **ret) {
        static const unsigned factors[] = { 1, 60, 3600, 86400 };
        size_t unit = streq(argument, "seconds") ? 0 : streq(argument, "minutes") ? 1 : 2;
        unsigned long long sum = 0, parts[ELEMENTSOF(factors)];
        size_t n = 0;

        if (unit == 2 && !streq(argument, "hours"))
                return -EINVAL;
        for (const char *p = text;; p++) {
                char *end;

                if (n + unit >= ELEMENTSOF(factors) || !isdigit((unsigned char) *p))
                        return -EINVAL;
                parts[n] = strtoull(p, &end, 10);
                if (parts[n++] > 1000000 || (*end && *end != ':'))
                        return -EINVAL;
                p = end;
                if (!*p)
                        break;
        }
        for (size_t i = 0; i < n; i++)
                sum += parts[i] * factors[unit + n - 1 - i];
        return give(strprintf("%llu", sum), ret);
}

/* Back, in the longest form. */
static int to_elapsed(const char *text, const char *argument, char **ret) {
        unsigned long long seconds, days;

        if (!is_digits(text) || strlen(text) > 12)
                return -EINVAL;
        seconds = strtoull(text, NULL, 10);
        days = seconds / 86400;
        if (days > 9999)
                return -EINVAL;
        return give(strprintf("%04llu:%02llu:%02llu:%02llu", days, seconds / 3600 % 24, seconds / 60 % 60,
                            seconds % 60),
                ret);
}

/*** Letters ***/

/* "EpashcjDbroegfl": behind E what is on, behind D what is off. */
static int letter_list(const char *text, const char *argument, char **ret) {
        const char *state = NULL, *found = NULL;

        if (strlen(argument) != 1 || !isalpha((unsigned char) argument[0]))
                return -EINVAL;
        for (const char *p = text; *p; p++)
                if (*p == 'E')
                        state = "enabled";
                else if (*p == 'D')
                        state = "disabled";
                else if (!state || !isalpha((unsigned char) *p))
                        return -EINVAL;
                else if (*p == argument[0]) {
                        if (found && found != state)
                                return -EINVAL;
                        found = state;
                }
        return found ? give(strdup(found), ret) : -ENODATA;
}

static int changed_case(const char *text, int (*change)(int), char **ret) {
        char *s = strdup(text);

        for (char *p = s; p && *p; p++)
                *p = (char) change((unsigned char) *p);
        return give(s, ret);
}

static int upper(const char *text, const char *argument, char **ret) {
        return changed_case(text, toupper, ret);
}

static int lower(const char *text, const char *argument, char **ret) {
        return changed_case(text, tolower, ret);
}

static int without(const char *text, const char *argument, char **ret) {
        char *s = strdup(text), *to = s;

        if (!s)
                return -ENOMEM;
        for (const char *p = text; *p; p++)
                if (!strchr(argument, *p))
                        *to++ = *p;
        *to = '\0';
        return give(s, ret);
}

static int digits(const char *text, const char *argument, char **ret) {
        char *s = strdup(text), *to = s;

        if (!s)
                return -ENOMEM;
        for (const char *p = text; *p; p++)
                if (isdigit((unsigned char) *p))
                        *to++ = *p;
        *to = '\0';
        return give(s, ret);
}

/*** Digits of other bases ***/

static int hex_digit(char c) {
        return isdigit((unsigned char) c) ? c - '0' : tolower((unsigned char) c) - 'a' + 10;
}

static bool is_hex(const char *s) {
        return is_all(s, "0123456789abcdefABCDEF");
}

static int bits(const char *text, const char *argument, char **ret) {
        char *s, *p;

        if (!is_hex(text))
                return -EINVAL;
        s = p = new(char, strlen(text) * 4 + 1);
        if (!s)
                return -ENOMEM;
        for (; *text; text++)
                for (int bit = 8; bit > 0; bit >>= 1)
                        *p++ = hex_digit(*text) & bit ? '1' : '0';
        *p = '\0';
        return give(s, ret);
}

/* Up to the first zero. */
static int hex_text(const char *text, const char *argument, char **ret) {
        _cleanup_free_ char *s = NULL;
        size_t n = strlen(text) / 2;

        if (!is_hex(text) || strlen(text) % 2 != 0)
                return -EINVAL;
        s = new(char, n + 1);
        if (!s)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                s[i] = (char) (hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
                if (s[i] == '\0')
                        break;
                if ((unsigned char) s[i] < 0x20 || (unsigned char) s[i] >= 0x7f)
                        return -EINVAL;
        }
        s[n] = '\0';
        return give(TAKE_PTR(s), ret);
}

static int bcd(const char *text, const char *argument, char **ret) {
        if (!is_digits(text))
                return -EINVAL;
        while (text[0] == '0' && text[1])
                text++;
        return give(strdup(text), ret);
}

static bool parse_hex(const char *s, unsigned *ret) {
        if (!isxdigit((unsigned char) s[0]) || !isxdigit((unsigned char) s[1]))
                return false;
        *ret = (unsigned) hex_digit(s[0]) << 4 | (unsigned) hex_digit(s[1]);
        return true;
}

/* Words of bytes with blanks between them. So that no byte of them looks like something else, some are sent
 * as two, of which the first is 28. */
static int hex_words(const char *text, const char *argument, char **ret) {
        static const uint8_t escaped[] = { 0x0d, 0x11, 0x13, 0x0a, 0x20 };
        _cleanup_free_ char *s = new(char, strlen(text) + 1);
        char *p = s;

        if (!s)
                return -ENOMEM;
        for (; *text; text += 2) {
                unsigned byte, next;

                if (!parse_hex(text, &byte))
                        return -EINVAL;
                if (byte == 0x20) {
                        *p++ = ' ';
                        continue;
                }
                if (byte == 0x28 && text[2] && parse_hex(text + 2, &next) && next < ELEMENTSOF(escaped)) {
                        byte = escaped[next];
                        text += 2;
                }
                p += sprintf(p, "%02x", byte);
        }
        *p = '\0';
        return give(TAKE_PTR(s), ret);
}

/* Characters as they are, and other bytes as their digits. */
static int mixed(const char *text, const char *argument, char **ret) {
        _cleanup_free_ char *s = new(char, strlen(text) + 1);
        char *p = s;

        if (!s)
                return -ENOMEM;
        for (; *text; text += 2) {
                unsigned byte;

                if (!parse_hex(text, &byte))
                        return -EINVAL;
                p += byte >= 0x20 && byte < 0x7f ? sprintf(p, "%c", (int) byte) : sprintf(p, "%02x", byte);
        }
        *p = '\0';
        return give(TAKE_PTR(s), ret);
}

/*** Several numbers ***/

static double add(double a, double b) {
        return a + b;
}

static double least_of(double a, double b) {
        return MIN(a, b);
}

static double greatest_of(double a, double b) {
        return MAX(a, b);
}

/* Numbers with anything between them that no number has in it. All have to be numbers. */
static int fold(const char *text, double (*f)(double, double), bool mean, char **ret) {
        _cleanup_strv_free_ char **words = NULL;
        double result = 0, v;
        size_t n = 0;
        int r;

        r = strv_split(text, " \t,;/", &words);
        if (r < 0)
                return r;
        STRV_FOREACH(word, words) {
                if (parse_double(*word, &v) < 0)
                        return -EINVAL;
                result = n++ == 0 ? v : f(result, v);
        }
        if (n == 0 || !isfinite(result))
                return -EINVAL;
        return give(strprintf("%.10g", mean ? result / (double) n : result), ret);
}

static int sum(const char *text, const char *argument, char **ret) {
        return fold(text, add, false, ret);
}

static int mean(const char *text, const char *argument, char **ret) {
        return fold(text, add, true, ret);
}

static int least(const char *text, const char *argument, char **ret) {
        return fold(text, least_of, false, ret);
}

static int greatest(const char *text, const char *argument, char **ret) {
        return fold(text, greatest_of, false, ret);
}

static double product_of(double a, double b) {
        return a * b;
}

static double difference_of(double a, double b) {
        return a - b;
}

/* One after the other, divided by the next. */
static double quotient_of(double a, double b) {
        return b != 0 ? a / b : INFINITY;
}

static int quotient(const char *text, const char *argument, char **ret) {
        return fold(text, quotient_of, false, ret);
}

static int product(const char *text, const char *argument, char **ret) {
        return fold(text, product_of, false, ret);
}

static int difference(const char *text, const char *argument, char **ret) {
        return fold(text, difference_of, false, ret);
}

static const ValueFunction functions[] = {
        { "tenths-or-minutes", .run = tenths_or_minutes,
          .help = "seconds as `.N`, tenths of a minute, below a minute, and as `NN`, whole minutes, "
                  "from then on" },
        { "seconds-of-tenths", .run = from_tenths_or_minutes,
          .help = "the way back: `.2` is 12, `01` is 60" },
        { "date", .run = date,
          .help = "`20240531` or `240531`, with or without separators, as `2024/05/31`" },
        { "short-date", .run = short_date, .help = "the way back: `2024/05/31` as `240531`" },
        { "from-us-date", .run = from_us_date, .help = "`05/31/2024` as `2024-05-31`" },
        { "us-date", .run = us_date, .help = "the way back: `2024-05-31` as `05/31/2024`" },
        { "time", .run = clock_time,
          .help = "`2359` or `235959`, with or without colons, as `23:59` or `23:59:59`" },
        { "elapsed", .takes_argument = true, .run = elapsed,
          .help = "`1:02:03` in seconds, the last part counting `elapsed:seconds`, `elapsed:minutes` or "
                  "`elapsed:hours`" },
        { "to-elapsed", .run = to_elapsed,
          .help = "the way back: seconds as `0001:02:03:04`, days in front" },
        { "letter-list", .takes_argument = true, .run = letter_list,
          .help = "`letter-list:p` of `EpaDb`: `enabled` if the letter is behind E, `disabled` if "
                  "behind D, else unknown" },
        { "upper", .run = upper, .help = "in capital letters" },
        { "lower", .run = lower, .help = "in small letters" },
        { "digits", .run = digits, .help = "without all that is no digit" },
        { "without", .takes_argument = true, .run = without,
          .help = "`without:CHARACTERS`, wherever they stand" },
        { "bits", .run = bits, .help = "hexadecimal digits, each as four digits 0 or 1" },
        { "hex-text", .run = hex_text,
          .help = "pairs of hexadecimal digits as the characters they stand for, up to 00" },
        { "bcd", .run = bcd, .help = "hexadecimal digits that are a decimal number" },
        { "hex-words", .takes_bytes = true, .run = hex_words,
          .help = "for `decode`: words of any bytes, with blanks between them, as hexadecimal digits; "
                  "28 00 to 28 04 in them stand for 0d, 11, 13, 0a, 20" },
        { "mixed", .takes_bytes = true, .run = mixed,
          .help = "for `decode`: text, with two hexadecimal digits for each byte in it that is no "
                  "character" },
        { "sum", .run = sum, .help = "of all numbers in the text" },
        { "mean", .run = mean, .help = "of all numbers in the text" },
        { "least", .run = least, .help = "of all numbers in the text" },
        { "greatest", .run = greatest, .help = "of all numbers in the text" },
        { "product", .run = product, .help = "of all numbers in the text" },
        { "difference", .run = difference, .help = "the first number in the text less all others" },
        { "quotient", .run = quotient, .help = "the first number in the text divided by all others" },
};

const ValueFunction *value_function_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(functions); i++)
                if (streq(functions[i].name, name))
                        return &functions[i];
        return NULL;
}

const ValueFunction *value_functions(size_t *ret_n) {
        *ret_n = ELEMENTSOF(functions);
        return functions;
}
