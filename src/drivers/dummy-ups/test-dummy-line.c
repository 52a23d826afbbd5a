/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-line.h"
#include "model.h"
#include "test-util.h"
#include "time-util.h"

static const struct {
        const char *line, *name, *value;
} values[] = {
        { "ups.mfr: APC", "ups.mfr", "APC" },
        { "  ups.mfr: APC", "ups.mfr", "APC" },
        { "ups.mfr: APC\r", "ups.mfr", "APC" },
        { "ups.mfr:APC", "ups.mfr", "APC" },
        { "ups.mfr:\tAPC", "ups.mfr", "APC" },
        { "ups.mfr:", "ups.mfr", "" },
        { "ups.mfr: ", "ups.mfr", "" },
        { "ups.mfr", "ups.mfr", "" },
        { "ups.mfr APC Inc.", "ups.mfr", "APC Inc." },
        { "ups.mfr:  two  blanks  ", "ups.mfr", " two  blanks  " },
        { "battery.runtime:  1:57", "battery.runtime", " 1:57" },
        { "ups.model: a = \"b\" c\\d", "ups.model", "a = \"b\" c\\d" },
        { "ups.id: 79<><>/\\", "ups.id", "79<><>/\\" },
        { "device.model: POWERWARE UPS   \\\\ 1000i", "device.model", "POWERWARE UPS   \\\\ 1000i" },
        { "input.L1-N.voltage: 230", "input.L1-N.voltage", "230" },

        /* Quoted as a whole. */
        { "ups.model: \"a b\"", "ups.model", "a b" },
        { "ups.model: \"  \"", "ups.model", "  " },
        { "ups.model: \"\"", "ups.model", "" },
        { "ups.model: \"\\\"x\\\" \\\\ \\#\"", "ups.model", "\"x\" \\ #" },
        { "ups.model: \"a  # b\"", "ups.model", "a  # b" },
        { "ups.model: \"a\" # b", "ups.model", "a" },
        { "ups.mfr: \"Exide", "ups.mfr", "\"Exide" },
        { "ups.model: \"a\" \"b\"", "ups.model", "\"a\" \"b\"" },
        { "ups.model: \"a\" ", "ups.model", "\"a\" " },
        { "ups.model: \"a\\\"", "ups.model", "\"a\\\"" },

        /* Comments, and what only looks like one. */
        { "ups.load: 520\t#BAD: +520+ is 52%", "ups.load", "520" },
        { "ups.load: 520\t\t\t#x", "ups.load", "520" },
        { "ups.load: 520\t#x", "ups.load", "520" },
        { "battery.date: 2624/00/02       #<- Huh ?", "battery.date", "2624/00/02" },
        { "ups.temperature: 25.0 #BAD: does not change.", "ups.temperature", "25.0" },
        { "ups.status: OL CAL #COMMENT: in a `test` ", "ups.status", "OL CAL" },
        { "ups.load: 5 # five", "ups.load", "5" },
        { "ups.serial:\t#BAD", "ups.serial", "" },
        { "ups.serial: #BAD", "ups.serial", "" },
        { "ups.model: Unknown #BC1200     (1.650)", "ups.model", "Unknown #BC1200     (1.650)" },
        { "ups.serial: ####", "ups.serial", "####" },
        { "ups.serial: #", "ups.serial", "#" },
        { "ups.serial:#x", "ups.serial", "#x" },
        { "ups.serial: a#b # c", "ups.serial", "a#b" },
        { "ups.serial: a \\# b", "ups.serial", "a # b" },
        { "ups.serial: \\#BAD", "ups.serial", "#BAD" },
        { "charge: 51.0\t#BAD: charger is \"resting\"", "charge", "51.0" },
};

static void test_values(void) {
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                _cleanup_(dummy_line_done) DummyLine l = {};
                const char *problem = NULL;

                ASSERT_OK(dummy_line_parse(values[i].line, strlen(values[i].line), &l, &problem));
                ASSERT_EQ(l.type, DUMMY_LINE_VARIABLE);
                ASSERT_STREQ(l.name, values[i].name);
                ASSERT_STREQ(l.value, values[i].value);
        }
}

static void test_directives(void) {
        static const struct {
                const char *line;
                DummyLineType type;
                const char *value;
                uint64_t delay_usec;
        } rows[] = {
                { "", DUMMY_LINE_EMPTY },
                { " \t \r", DUMMY_LINE_EMPTY },
                { "# ups.status: OL", DUMMY_LINE_EMPTY },
                { "   #x", DUMMY_LINE_EMPTY },
                { "TIMER 5", DUMMY_LINE_TIMER, NULL, 5 * USEC_PER_SEC },
                { "TIMER\t0.5  ", DUMMY_LINE_TIMER, NULL, USEC_PER_SEC / 2 },
                { " TIMER  300 # a while", DUMMY_LINE_TIMER, NULL, 300 * USEC_PER_SEC },
                { "ALARM", DUMMY_LINE_ALARM, "" },
                { "ALARM  ", DUMMY_LINE_ALARM, "" },
                { "ALARM [too warm to charge]", DUMMY_LINE_ALARM, "[too warm to charge]" },
                { "ALARM  Fan failure!  # x", DUMMY_LINE_ALARM, "Fan failure!" },
                { "ALARM \"Fan # 3\"", DUMMY_LINE_ALARM, "Fan # 3" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(dummy_line_done) DummyLine l = {};
                const char *problem = NULL;

                ASSERT_OK(dummy_line_parse(rows[i].line, strlen(rows[i].line), &l, &problem));
                ASSERT_EQ(l.type, rows[i].type);
                ASSERT_STREQ(l.value, rows[i].value);
                ASSERT_EQ(l.delay_usec, rows[i].delay_usec);
        }
}

static void test_bad_lines(void) {
        static const char *const lines[] = {
                "TIMER", "TIMER x", "TIMER -1", "TIMER 5 6", "TIMER 5s", ": value", "\"ups.mfr\": x", "=: x",
                "\x80: x",
        };
        char long_line[DUMMY_LINE_LENGTH_MAX + 1];
        DummyLine l = { .type = 77 };
        const char *problem = NULL;

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                problem = NULL;
                ASSERT_ERROR(dummy_line_parse(lines[i], strlen(lines[i]), &l, &problem), EINVAL);
                ASSERT_TRUE(problem);
                ASSERT_EQ(l.type, 77);
        }

        memset(long_line, 'x', sizeof(long_line));
        ASSERT_ERROR(dummy_line_parse(long_line, sizeof(long_line), &l, &problem), EINVAL);
        ASSERT_ERROR(dummy_line_parse(long_line, VARIABLE_NAME_MAX + 1, &l, &problem), EINVAL);
        ASSERT_ERROR(dummy_line_parse("a: b\0c", 6, &l, &problem), EINVAL);
}

int main(void) {
        test_values();
        test_directives();
        test_bad_lines();
        return 0;
}
