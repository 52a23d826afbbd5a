/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text.h"

#include <math.h>

#include "test-util.h"

static void test_width(void) {
        ASSERT_EQ(text_width("\xc3\xa9\xe2\x82\xac" "a"), 3);
}

static void test_status(void) {
        static const struct {
                const char *tokens, *words;
                Color color;
        } cases[] = {
                { "", "", COLOR_NONE },
                { "OL", "on line", COLOR_GOOD },
                { "OL CHRG", "on line, charging", COLOR_GOOD },
                { "OB DISCHRG", "ON BATTERY, discharging", COLOR_WARNING },
                { "ALARM OB LB", "alarm, ON BATTERY, LOW BATTERY", COLOR_BAD },
                { "OL SOMETHING", "on line, SOMETHING", COLOR_GOOD },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_strv_free_ char **tokens = NULL;
                _cleanup_free_ char *words = NULL;

                ASSERT_OK(strv_split(cases[i].tokens, " ", &tokens));
                words = status_words(tokens);
                ASSERT_STREQ(words, cases[i].words);
                ASSERT_EQ(status_color(tokens), cases[i].color);
        }
}

static void test_runtime(void) {
        static const struct {
                double seconds;
                const char *text;
        } cases[] = {
                { 0, "0:00" },
                { 59, "0:00" },
                { 60, "0:01" },
                { 2580, "0:43" },
                { 3600, "1:00" },
                { 360000, "100:00" },
                { -1, "-" },
                { 1e300, "-" },
                { NAN, "-" },
                { INFINITY, "-" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buffer[32];

                format_runtime(buffer, sizeof(buffer), cases[i].seconds);
                ASSERT_STREQ(buffer, cases[i].text);
        }
}

static void test_time(void) {
        static const struct {
                uint64_t usec;
                const char *time, *clock;
        } cases[] = {
                { 0, "1970-01-01 00:00:00", "00:00:00" },
                { UINT64_C(1700000065999999), "2023-11-14 22:14:25", "22:14:25" },
        };
        char buffer[32];

        ASSERT_OK(setenv("TZ", "UTC", true));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                format_time(buffer, sizeof(buffer), cases[i].usec);
                ASSERT_STREQ(buffer, cases[i].time);
                format_clock(buffer, sizeof(buffer), cases[i].usec);
                ASSERT_STREQ(buffer, cases[i].clock);
        }

        format_time(buffer, sizeof(buffer), UINT64_MAX);
        ASSERT_FALSE(isempty(buffer));
        format_time(buffer, 5, 0);
        ASSERT_STREQ(buffer, "?");
}

static void test_bar(void) {
        static const struct {
                double percent;
                const char *bar;
        } cases[] = {
                { 0, "----------" },
                { 4, "----------" },
                { 50, "#####-----" },
                { 96, "##########" },
                { 100, "##########" },
                { 250, "##########" },
                { -5, "----------" },
                { NAN, "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buffer[11];

                format_bar(buffer, sizeof(buffer), cases[i].percent, 10);
                ASSERT_STREQ(buffer, cases[i].bar);
        }

        /* One that does not fit is none. */
        char small[10];
        format_bar(small, sizeof(small), 50, 10);
        ASSERT_STREQ(small, "");
}

static void check_table(const Table *t, bool aligned, bool color, const char *expected) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ASSERT_TRUE(f);
        ASSERT_OK(table_print(t, f, aligned, color));
        fclose(f);
        ASSERT_STREQ(text, expected);
}

static void test_table(void) {
        _cleanup_(table_freep) Table *t = table_new(3);

        ASSERT_TRUE(t);
        check_table(t, true, true, "");

        table_align_right(t, 1);
        table_add_titles(t, "A", "B", "");
        table_add(t, COLOR_NONE, "a");
        table_addf(t, COLOR_GOOD, "%d", 1);
        table_add(t, COLOR_NONE, "first");
        table_add_note(t, COLOR_BAD, "what was that");
        table_add(t, COLOR_NONE, "b\xc3\xa9\x1b");
        table_addf(t, COLOR_NONE, "%d", 200);
        table_add(t, COLOR_NONE, "");

        check_table(t, true, false,
                    "A      B  \n"
                    "a      1  first\n"
                    "  what was that\n"
                    "b\xc3\xa9?  200  \n");
        check_table(t, true, true,
                    "\x1b[2mA\x1b[0m      \x1b[2mB\x1b[0m  \n"
                    "a      \x1b[32m1\x1b[0m  first\n"
                    "  \x1b[1;31mwhat was that\x1b[0m\n"
                    "b\xc3\xa9?  200  \n");
        check_table(t, false, false,
                    "A\tB\t\n"
                    "a\t1\tfirst\n"
                    "  what was that\n"
                    "b\xc3\xa9?\t200\t\n");
}

int main(void) {
        test_width();
        test_status();
        test_runtime();
        test_time();
        test_bar();
        test_table();
        return 0;
}
