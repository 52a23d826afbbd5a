/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text.h"

#include <math.h>

#include "string-util.h"
#include "time-util.h"

size_t text_width(const char *s) {
        size_t n = 0;

        for (; *s; s++)
                if (((unsigned char) *s & 0xc0) != 0x80)
                        n++;

        return n;
}

const char *color_sequence(bool enabled, Color color) {
        static const char *const sequences[] = {
                [COLOR_NONE] = "\x1b[0m",
                [COLOR_GOOD] = "\x1b[32m",
                [COLOR_WARNING] = "\x1b[33m",
                [COLOR_BAD] = "\x1b[1;31m",
                [COLOR_FAINT] = "\x1b[2m",
                [COLOR_BOLD] = "\x1b[1m",
        };

        return enabled ? sequences[color] : "";
}

typedef struct Token {
        const char *token, *words;
        Color color;
} Token;

static const Token tokens_table[] = {
        { "ALARM", "alarm", COLOR_BAD },
        { "FSD", "FORCED SHUTDOWN", COLOR_BAD },
        { "OL", "on line", COLOR_GOOD },
        { "OB", "ON BATTERY", COLOR_WARNING },
        { "LB", "LOW BATTERY", COLOR_BAD },
        { "HB", "high battery", COLOR_WARNING },
        { "RB", "replace the battery", COLOR_BAD },
        { "CHRG", "charging", COLOR_GOOD },
        { "DISCHRG", "discharging", COLOR_GOOD },
        { "BYPASS", "on bypass", COLOR_WARNING },
        { "CAL", "calibrating", COLOR_WARNING },
        { "OFF", "output off", COLOR_WARNING },
        { "OVER", "OVERLOADED", COLOR_BAD },
        { "TRIM", "trimming the voltage", COLOR_GOOD },
        { "BOOST", "boosting the voltage", COLOR_GOOD },
        { "ECO", "economy mode", COLOR_GOOD },
        { "TEST", "testing", COLOR_GOOD },
        { "WAIT", "waiting for data", COLOR_WARNING },
};

static const Token *token_find(const char *token) {
        for (size_t i = 0; i < ELEMENTSOF(tokens_table); i++)
                if (streq(tokens_table[i].token, token))
                        return &tokens_table[i];

        return NULL;
}

char *status_words(char *const *tokens) {
        _cleanup_strv_free_ char **words = NULL;

        STRV_FOREACH(s, tokens) {
                const Token *t = token_find(*s);

                if (strv_extend(&words, t ? t->words : *s) < 0)
                        return NULL;
        }

        return strv_join(words, ", ");
}

Color status_color(char *const *tokens) {
        Color worst = COLOR_NONE;

        STRV_FOREACH(s, tokens) {
                const Token *t = token_find(*s);

                if (t)
                        worst = MAX(worst, t->color);
        }

        return worst;
}

void format_runtime(char *buffer, size_t size, double seconds) {
        if (!(seconds >= 0 && seconds < 1e9)) {
                snprintf(buffer, size, "-");
                return;
        }

        unsigned minutes = (unsigned) (seconds / 60);
        snprintf(buffer, size, "%u:%02u", minutes / 60, minutes % 60);
}

void format_time(char *buffer, size_t size, uint64_t usec) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&t, &tm) || strftime(buffer, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
                snprintf(buffer, size, "?");
}

void format_clock(char *buffer, size_t size, uint64_t usec) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&t, &tm) || strftime(buffer, size, "%H:%M:%S", &tm) == 0)
                snprintf(buffer, size, "?");
}

void format_bar(char *buffer, size_t size, double percent, unsigned columns) {
        unsigned filled;

        if (size == 0)
                return;

        buffer[0] = '\0';
        if (isnan(percent) || columns >= size)
                return;

        filled = (unsigned) lround(CLAMP(percent, 0.0, 100.0) * columns / 100);
        memset(buffer, '#', filled);
        memset(buffer + filled, '-', columns - filled);
        buffer[columns] = '\0';
}
