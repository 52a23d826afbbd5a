/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sched-protocol.h"
#include "test-util.h"
#include "time-util.h"

static int parse(Lexer *l, const char *line, SchedRequest *ret) {
        const char *why = NULL;
        size_t consumed;
        int r;

        ASSERT_EQ(lexer_feed(l, line, strlen(line), &consumed), 1);
        r = sched_request_parse(l, ret, &why);
        ASSERT_EQ(r < 0, why != NULL);
        return r;
}

static const struct {
        const char *line;
        int result;
        SchedVerb verb;
        const char *name, *command;
        uint64_t seconds;
        const char *system;
} cases[] = {
        { "EVENT ONBATT ups \"a b\"\n", 0, SCHED_EVENT, .system = "ups" },
        { "EVENT onbatt \"\" \"\"\n", 0, SCHED_EVENT, .system = "" },
        { "EVENT BOGUS ups m\n", -EINVAL },
        { "EVENT ONBATT ups\n", -EINVAL },
        { "START t 5 ONBATT ups m\n", 0, SCHED_START, "t", NULL, 5, "ups" },
        { "START t 0 \"\" \"\" \"\"\n", 0, SCHED_START, "t", NULL, 0, "" },
        { "START t -5 ONBATT ups m\n", -EINVAL },
        { "START t 5s ONBATT ups m\n", -EINVAL },
        { "START t 99999999999999 ONBATT ups m\n", -EINVAL },
        { "START \"\" 5 ONBATT ups m\n", -EINVAL },
        { "START t 5\n", -EINVAL },
        { "START-SHARED t 5 ONBATT ups m\n", 0, SCHED_START_SHARED, "t", NULL, 5, "ups" },
        { "CANCEL t cmd ONLINE ups m\n", 0, SCHED_CANCEL, "t", "cmd", 0, "ups" },
        { "CANCEL t \"\" ONLINE ups m\n", 0, SCHED_CANCEL, "t", "", 0, "ups" },
        { "CANCEL-MATCHED t cmd ONLINE ups m\n", 0, SCHED_CANCEL_MATCHED, "t", "cmd", 0, "ups" },
        { "LIST-TIMERS\n", 0, SCHED_LIST_TIMERS },
        { "LIST-TIMERS now\n", -EINVAL },
        { "list-timers\n", -EINVAL },
        { "\"\"\n", -EINVAL },
};

static void test_parse(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
                SchedRequest request = {};

                ASSERT_EQ(parse(l, cases[i].line, &request), cases[i].result);
                if (cases[i].result < 0)
                        continue;
                ASSERT_EQ(request.verb, cases[i].verb);
                ASSERT_STREQ(request.name, cases[i].name);
                ASSERT_STREQ(request.command, cases[i].command);
                ASSERT_EQ(request.delay_usec, cases[i].seconds * USEC_PER_SEC);
                ASSERT_STREQ(request.event.system, cases[i].system);
        }
}

/* What is written is read as it was, or cut to what a word can have. */
static void test_format(void) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        _cleanup_free_ char *line = NULL, *long_line = NULL;
        char longest[2 * LEXER_WORD_LENGTH_MAX];
        SchedRequest request = {
                .verb = SCHED_CANCEL_MATCHED,
                .name = "a \"timer\" \\ #1",
                .event = { "ONLINE", "ups@far", "say \"hi\"" },
        }, read;

        line = sched_request_format(&request);
        ASSERT_OK(parse(l, line, &read));
        ASSERT_STREQ(read.name, request.name);
        ASSERT_STREQ(read.command, "");
        ASSERT_STREQ(read.event.message, request.event.message);

        memset(longest, '\\', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        request.event.message = longest;
        request.verb = SCHED_START;
        request.delay_usec = 7 * USEC_PER_SEC;
        long_line = sched_request_format(&request);
        ASSERT_OK(parse(l, long_line, &read));
        ASSERT_EQ(strlen(read.event.message), LEXER_WORD_LENGTH_MAX);
        ASSERT_EQ(read.delay_usec, 7 * USEC_PER_SEC);
}

static void test_print(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        ASSERT_OK(timers_start(t, "a", 30 * USEC_PER_SEC, true, &(TimerEvent) { "ONBATT", "x", "m1" }));
        ASSERT_OK(timers_start(t, "a", 30 * USEC_PER_SEC, true, &(TimerEvent) { "FSD", "y", "m\t2" }));
        ASSERT_OK(timers_start(t, "b", 5 * USEC_PER_SEC, false, &(TimerEvent) {}));

        f = open_memstream(&text, &size);
        timers_print(t, 10 * USEC_PER_SEC, 1000 * USEC_PER_SEC, f);
        ASSERT_EQ(fclose(f), 0);
        ASSERT_STREQ(text, "a\t1020\t20\tONBATT,FSD\tx,y\tm1.\tm 2\n"
                           "b\t1000\t0\t\"\"\t\"\"\t\"\"\n");
}

int main(void) {
        test_parse();
        test_format();
        test_print();
        return EXIT_SUCCESS;
}
