/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-line-bench.h"
#include "time-util.h"

static void test_start(void) {
        _cleanup_(bench_close) Bench b = {};
        const Variable *v;

        start_example(&b);
        ASSERT_SENT(&b, "Q1 F I S? S? T? T? N? N?");
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
        ASSERT_STREQ(GET(&b, "input.voltage.fault"), NULL);
        ASSERT_STREQ(GET(&b, "ups.load"), "16");
        ASSERT_STREQ(GET(&b, "battery.voltage.cell"), NULL);
        ASSERT_STREQ(GET(&b, "battery.packs"), "12");
        ASSERT_STREQ(GET(&b, "battery.voltage"), "27.00");
        ASSERT_STREQ(GET(&b, "ups.temperature"), "25.0");
        ASSERT_STREQ(GET(&b, "input.voltage.nominal"), "230");
        ASSERT_STREQ(GET(&b, "ups.mfr"), "NAME OF MAKER");
        ASSERT_STREQ(GET(&b, "ups.model"), "Example 1000");
        ASSERT_STREQ(GET(&b, "ups.firmware"), "V1.2/NAM");
        ASSERT_STREQ(GET(&b, "input.sensitivity"), "reduced");
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "020");
        ASSERT_STREQ(GET(&b, "ups.id"), NULL);
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "30");
        ASSERT_STREQ(GET(&b, "ups.realpower"), "32");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        ASSERT_STREQ(GET(&b, "driver.version.data"), "Example 1.0");
        ASSERT_STREQ(line_engine_value(b.engine, "battery.voltage.cell"), "2.25");
        ASSERT_STREQ(b.settings.logged, NULL);

        v = model_find(b.model, "battery.charge.low");
        ASSERT_EQ(v->flags, VARIABLE_WRITABLE);
        ASSERT_EQ(v->n_ranges, 2);
        ASSERT_EQ(v->ranges[1].max, 230);
        v = model_find(b.model, "input.sensitivity");
        ASSERT_EQ(v->flags, VARIABLE_WRITABLE | VARIABLE_STRING);
        ASSERT_EQ(strv_length(v->enums), 3);
        ASSERT_TRUE(model_find_command(b.model, "load.cycle"));
        ASSERT_TRUE(line_engine_has_command(b.engine, "beeper.off"));
        ASSERT_FALSE(line_engine_has_command(b.engine, "beeper.on"));
}

static void test_schedule(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        bench_forget_sent(&b);
        /* What was read at start counts. */
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1 T?");
        for (unsigned i = 0; i < 8; i++)
                ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1 T? N?");

        fake_line_answer(b.fake, "N?\r", "rack\r");
        for (unsigned i = 0; i < 10; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.id"), "rack");
}

static void test_changes(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        ASSERT_OK(bench_poll(&b, true));
        fake_line_answer(b.fake, "Q1\r", "(000.0 185.0 229.9 120 50.0 24.0 --.- 11010001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(GET(&b, "ups.status"), "ALARM OB LB");
        ASSERT_STREQ(GET(&b, "ups.alarm"), "UPS failed");
        ASSERT_STREQ(GET(&b, "input.voltage"), "0.0");
        ASSERT_STREQ(GET(&b, "input.voltage.fault"), "185.0");
        ASSERT_STREQ(GET(&b, "battery.packs"), NULL);
        ASSERT_STREQ(GET(&b, "battery.voltage"), "24.00");
        ASSERT_STREQ(GET(&b, "ups.temperature"), NULL);
        ASSERT_STREQ(GET(&b, "ups.realpower"), "240");
}

static void test_bad_answers(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);

        /* One of any kind is made good. */
        fake_line_answer_once(b.fake, "Q1\r", NULL);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        fake_line_answer_once(b.fake, "Q1\r", "(231.1 000.0\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        fake_line_answer_once(b.fake, "Q1\r", NULL);
        fake_line_answer_once(b.fake, "Q1\r", "\xff\xff(231.1 000.0 22");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1 Q1");
        fake_line_answer_once(b.fake, "Q1\r", "NAK\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
        ASSERT_TRUE(b.settings.paused_usec > 0);

        /* What comes of one that stays bad is unknown; the rest is there. */
        fake_line_answer(b.fake, "T?\r", "02 0\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "battery.charge.low"), NULL);
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
        fake_line_answer(b.fake, "T?\r", "030\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "030");

        fake_line_answer(b.fake, "Q1\r", "(231.1 000.0\r");
        ASSERT_ERROR(bench_poll(&b, false), EBADMSG);
        fake_line_answer(b.fake, "Q1\r", "NAK\r");
        ASSERT_ERROR(bench_poll(&b, false), EBADMSG);
        fake_line_answer(b.fake, "Q1\r", NULL);
        bench_forget_sent(&b);
        ASSERT_ERROR(bench_poll(&b, true), ETIMEDOUT);
        ASSERT_SENT(&b, "Q1 Q1 Q1");
        fake_line_fail(b.fake, "Q1\r", -ENODEV);
        ASSERT_ERROR(bench_poll(&b, true), ENODEV);
        ASSERT_SENT(&b, "Q1");
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");

        fake_line_answer(b.fake, "Q1\r", LINE1);
        ASSERT_OK(bench_poll(&b, false));
}

/* Once noise was seen, an answer is not enough for some time if it does not go with the one before. */
static void test_noise(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);
        fake_line_answer_once(b.fake, "Q1\r", "(230.1 000.0 22\x81.9 016 50.0 2.25 25.0\r");
        fake_line_answer_once(b.fake, "Q1\r", "(930.1 000.0 229.9 016 50.0 2.25 25.0 00001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1 Q1");
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");

        /* Readings that change a little are none. */
        fake_line_answer_once(b.fake, "Q1\r", "(231.5 000.0 229.9 017 50.0 2.25 25.0 00001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1");
        fake_line_answer_once(b.fake, "Q1\r", "(230.1 000.0 229.9 016 50.0 2.25 25.0 10001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 229.9 016 50.0 2.25 25.0 10001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        ASSERT_STREQ(GET(&b, "ups.status"), "OB");
        fake_line_answer(b.fake, "Q1\r", LINE1);

        for (unsigned i = 0; i < 50; i++)
                ASSERT_OK(bench_poll(&b, false));
        bench_forget_sent(&b);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1");

        /* A character that is none of its place is noise, unless it stays. */
        fake_line_answer_once(b.fake, "Q1\r", "(23x.1 000.0 229.9 016 50.0 2.25 25.0 00001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
        fake_line_answer(b.fake, "Q1\r", "(---.- 000.0 229.9 016 50.0 2.25 25.0 00001001\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1 Q1");
        ASSERT_STREQ(GET(&b, "input.voltage"), NULL);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q1");
}

/* A byte that is no character is noise, unless the device says it each time. */
static void test_doubtful(void) {
        _cleanup_(bench_close) Bench b = {};

        open_example(&b);
        fake_line_answer(b.fake, "I\r", "#NAME OF MAKER   EXAMPLE 2K\x01V1.2      \r");
        fake_line_answer_once(b.fake, "F\r", "#230.0 004 024.\xb0 50.0\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_SENT(&b, "Q1 F F I I S? S? T? T? N? N?");
        ASSERT_STREQ(GET(&b, "ups.model"), "EXAMPLE 2K");
        ASSERT_STREQ(GET(&b, "battery.voltage.nominal"), "24.0");
}

/* An answer that came twice is not that to the next question. */
static void test_doubled(void) {
        _cleanup_(bench_close) Bench b = {};

        open_example(&b);
        fake_line_answer_once(b.fake, "T?\r", "1\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_SENT(&b, "Q1 F I S? S? T? T? T? N? N?");
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "020");
}

static void test_silence(void) {
        _cleanup_(bench_close) Bench b = {};

        /* It knows but one question. */
        bench_open(&b, example_text);
        fake_line_answer(b.fake, "Q1\r", LINE1);
        ASSERT_OK(bench_start(&b));
        ASSERT_SENT(&b, "Q1 F F I I Q1 S? S? T? T? Q1 N? N?");
        ASSERT_STREQ(GET(&b, "ups.mfr"), "Maker");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1");

        /* It falls silent. */
        fake_line_answer(b.fake, "Q1\r", NULL);
        ASSERT_ERROR(bench_poll(&b, true), ETIMEDOUT);
}

static void test_silent_in_the_middle(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        ASSERT_OK(bench_poll(&b, true));
        for (unsigned i = 0; i < 8; i++)
                ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);
        fake_line_answer(b.fake, "T?\r", NULL);
        fake_line_answer(b.fake, "N?\r", NULL);
        ASSERT_OK(bench_poll(&b, true));
        /* So much time is lost that the rest has to wait, if the device is still there. */
        ASSERT_SENT(&b, "Q1 T? T? T? Q1");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1 N?");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1 T?");
        fake_line_answer(b.fake, "T?\r", "020\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(bench_poll(&b, true));
        fake_line_answer(b.fake, "T?\r", NULL);
        fake_line_answer(b.fake, "Q1\r", NULL);
        fake_line_answer_once(b.fake, "Q1\r", LINE1);
        ASSERT_ERROR(bench_poll(&b, true), ETIMEDOUT);
}

/* Once it has been answered, its failure is that of the poll. */
static void test_vital(void) {
        static const char text[] = SMALL_HEAD "[query:M]\nsend = M\nanswer = \"^[LB]$\"\nask = quick\n"
                                              "optional\nvital\n"
                                              "[query:V]\nsend = V\nanswer = \"^[0-9]$\"\nvital\n"
                                              "[variables]\nups.load = Q:1\nups.id = V:1\n"
                                              "[status]\noffline = M is=B\nonline = M is=L\n";
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.load"), "7");

        fake_line_answer(b.fake, "M\r", "L\r");
        for (unsigned i = 0; i < 2; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        fake_line_answer(b.fake, "M\r", NULL);
        ASSERT_ERROR(bench_poll(&b, false), ETIMEDOUT);
        fake_line_answer(b.fake, "M\r", "NAK\r");
        ASSERT_ERROR(bench_poll(&b, false), EBADMSG);
        fake_line_answer(b.fake, "M\r", "x\r");
        ASSERT_ERROR(bench_poll(&b, false), EBADMSG);
        fake_line_answer(b.fake, "M\r", "B\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(GET(&b, "ups.status"), "OB");

        fake_line_answer(b.fake, "V\r", "5\r");
        for (unsigned i = 0; i < 20; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.id"), "5");
        fake_line_answer(b.fake, "V\r", "NAK\r");
        ASSERT_ERROR(bench_poll(&b, true), EBADMSG);
        ASSERT_ERROR(bench_poll(&b, true), EBADMSG);
        ASSERT_OK(bench_poll(&b, false));
}

/* The device goes in the very exchange that is to tell whether it is there. */
static void test_unplugged_while_checked(void) {
        static const int errors[] = {-ENODEV, -EINTR, -ENOMEM};

        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                static const char text[] = SMALL_HEAD "optional\n[query:A]\nsend = A\n[query:B]\nsend = B\n"
                                                      "[variables]\nups.load = Q:1\nups.id = A:1\n"
                                                      "ups.model = B:1\n";
                _cleanup_(bench_close) Bench b = {};

                bench_open(&b, text);
                fake_line_answer(b.fake, "Q\r", "7\r");
                fake_line_answer(b.fake, "A\r", "7\r");
                fake_line_answer(b.fake, "B\r", "7\r");
                ASSERT_OK(bench_start(&b));
                ASSERT_OK(bench_poll(&b, true));
                bench_forget_sent(&b);
                fake_line_answer(b.fake, "A\r", NULL);
                fake_line_answer(b.fake, "B\r", NULL);
                fake_line_fail(b.fake, "Q\r", errors[i]);
                fake_line_answer_once(b.fake, "Q\r", "7\r");
                ASSERT_EQ(bench_poll(&b, true), errors[i]);
                ASSERT_SENT(&b, "Q A A A Q");
        }
}

#define NAMES(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)

/* A device that knows one question only costs a poll no more than one try of another, in turn. */
static void test_mostly_silent(void) {
#define QUERY(n) "[query:S" #n "]\nsend = S" #n "\n"
#define ROW(n) "ups.x" #n " = S" #n ":1\n"
        static const char text[] = SMALL_HEAD NAMES(QUERY) "[query:O]\nsend = O\nask = quick\noptional\n"
                                                           "[variables]\nups.load = Q:1\n"
                                                           "ups.y = O:1\n" NAMES(ROW);
        _cleanup_(bench_close) Bench b = {};
        _cleanup_free_ char *all = NULL;

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);
        for (unsigned i = 0; i < 9; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q Q Q Q Q Q Q Q Q Q");
        for (unsigned i = 0; i < 12; i++)
                ASSERT_OK(bench_poll(&b, true));
        all = fake_line_sent(b.fake);
        ASSERT_STREQ(all, "Q S1 Q S2 Q S3 Q S4 Q S5 Q S6 Q S7 Q S8 Q S9 Q O Q S1 Q S2");

        /* What answers then is there from then on. */
        fake_line_answer(b.fake, "S3\r", "5\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.x3"), "5");
        bench_forget_sent(&b);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q S3 S4");
}

/* Without a check one bad answer is not enough for an outage. */
static void test_mains(void) {
        static const char text[] = SMALL_HEAD "[query:M]\nsend = M\nanswer = \"^[01][01]$\"\nask = quick\n"
                                              "[variables]\nups.load = Q:1\n"
                                              "[status]\noffline = M@0\nonline = M@1\n";
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        fake_line_answer(b.fake, "M\r", "01\r");
        fake_line_answer_once(b.fake, "M\r", "10\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_SENT(&b, "Q Q M M");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        ASSERT_OK(bench_poll(&b, true));

        /* Noise, then conditions that contradict each other, then an outage: within one poll. */
        for (unsigned i = 0; i < 2; i++) {
                fake_line_answer_once(b.fake, "M\r", i == 0 ? "00\r" : "11\r");
                ASSERT_OK(bench_poll(&b, false));
                ASSERT_SENT(&b, "Q M M");
                ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        }
        fake_line_answer(b.fake, "M\r", "10\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q M M");
        ASSERT_STREQ(GET(&b, "ups.status"), "OB");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q M");
        fake_line_answer(b.fake, "M\r", "01\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_SENT(&b, "Q M M");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");

        /* What is never the same twice is nothing. */
        fake_line_answer(b.fake, "M\r", "10\r");
        fake_line_answer_once(b.fake, "M\r", "10\r");
        fake_line_answer_once(b.fake, "M\r", "11\r");
        fake_line_answer_once(b.fake, "M\r", "10\r");
        fake_line_answer_once(b.fake, "M\r", "11\r");
        ASSERT_ERROR(bench_poll(&b, false), EBADMSG);
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
}

/* The contrary of what is not known is not known either. */
static void test_invert(void) {
        static const char text[] = SMALL_HEAD "[query:M]\nsend = M\nask = quick\noptional\n"
                                              "[when:other]\nvalue = M is=L,B invert\n"
                                              "[when:no]\noption = no\n[when:some]\nany = !other no\n"
                                              "[variables]\nups.load = Q:1\nups.a = value=yes when=other\n"
                                              "ups.b = value=yes when=!other\nups.c = value=yes when=some\n"
                                              "ups.d = value=yes when=!some\n"
                                              "[status]\nonline = M is=B invert\n";
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        fake_line_answer(b.fake, "M\r", "L\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_TRUE(!GET(&b, "ups.a") && GET(&b, "ups.b") && GET(&b, "ups.c") && !GET(&b, "ups.d"));
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
        ASSERT_OK(bench_poll(&b, true));
        fake_line_answer(b.fake, "M\r", "x\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_TRUE(GET(&b, "ups.a") && !GET(&b, "ups.b") && !GET(&b, "ups.c") && GET(&b, "ups.d"));
        fake_line_answer(b.fake, "M\r", NULL);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_TRUE(!GET(&b, "ups.a") && !GET(&b, "ups.b") && !GET(&b, "ups.c") && !GET(&b, "ups.d"));
        ASSERT_TRUE(!GET(&b, "ups.status") || !*GET(&b, "ups.status"));
}

/* As deep as a profile may be, in the order that is worst, and then from its end on not there any more. */
static void test_deep(void) {
        _cleanup_free_ char *text = strdup(SMALL_HEAD "[query:M]\nsend = M\nask = quick\nwhen = w27\n"
                                                      "[when:w0]\nvariable = ups.v0 1..9\n"
                                                      "[variables]\nups.v0 = Q:1\nups.m = M:1\n");
        _cleanup_(bench_close) Bench b = {};

        for (unsigned i = 27; i > 0; i--) {
                char *longer = NULL;

                ASSERT_TRUE(asprintf(&longer,
                                    "%s[variables]\nups.v%u = $ups.v%u offset=1\n[when:w%u]\nall = w%u\n",
                                    text, i, i - 1, i, i - 1) > 0);
                free(text);
                text = longer;
        }

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        fake_line_answer(b.fake, "M\r", "5\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(GET(&b, "ups.v27"), "34");
        ASSERT_STREQ(GET(&b, "ups.m"), "5");
        ASSERT_OK(bench_poll(&b, true));
        fake_line_answer(b.fake, "Q\r", "0\r");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.v27"), "27");
        ASSERT_STREQ(GET(&b, "ups.m"), NULL);
        ASSERT_STREQ(b.settings.logged, NULL);
}

/* What is shown goes when a row takes over that is not. */
static void test_hidden(void) {
        static const char text[] = SMALL_HEAD "[variables]\nups.load = Q:1 plausible=0..9\n"
                                              "ups.load = Q:1 hidden\n";
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.load"), "7");
        fake_line_answer(b.fake, "Q\r", "12\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(GET(&b, "ups.load"), NULL);
        ASSERT_STREQ(line_engine_value(b.engine, "ups.load"), "12");
}

static void test_cancel(void) {
        _cleanup_(bench_close) Bench b = {};

        start_example(&b);
        ASSERT_OK(bench_poll(&b, true));
        bench_forget_sent(&b);
        b.settings.cancelled = true;
        ASSERT_ERROR(bench_poll(&b, true), EINTR);
        ASSERT_SENT(&b, "");
}

static void test_not_ready(void) {
        _cleanup_(bench_close) Bench b = {};

        open_example(&b);
        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 000.0 000 00.0 0.00 00.0 00000000\r");
        ASSERT_ERROR(bench_start(&b), EAGAIN);
        ASSERT_TRUE(strstr(b.settings.logged, "not ready"));
        fake_line_answer(b.fake, "Q1\r", LINE1);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 000.0 000 00.0 0.00 00.0 00000000\r");
        ASSERT_ERROR(bench_poll(&b, false), EAGAIN);
        ASSERT_STREQ(GET(&b, "input.voltage"), "230.1");
}

/* That is in the log already, when the device is opened anew. */
static void test_still_not_ready(void) {
        _cleanup_(bench_close) Bench b = { .settings.is_known_not_ready = true };

        open_example(&b);
        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 000.0 000 00.0 0.00 00.0 00000000\r");
        ASSERT_ERROR(bench_start(&b), EAGAIN);
        ASSERT_TRUE(b.settings.logged == NULL);
}

/* Only what a command hangs on. */
static void test_need_only(void) {
        static const char text[] = SMALL_HEAD "[query:A]\nsend = A\nwords = 1\nask = once\n"
                                              "[query:B]\nsend = B\nwords = 1\nask = once\n"
                                              "[query:C]\nsend = C\nwords = 1\nask = once\n"
                                              "[when:able]\nvariable = ups.id 1\n"
                                              "[variables]\nups.load = Q:1\nups.id = A:1\n"
                                              "ups.model = C:1\nups.delay.shutdown = B:1\n"
                                              "[status]\nonline = Q:1 is=7\n"
                                              "[commands]\nshutdown.return = "
                                              "\"S{$ups.delay.shutdown}\" when=able\n"
                                              "load.on = ON\n";
        static const char *const off[] = { "shutdown.return", "no.such", NULL };
        static const char *const on[] = { "load.on", NULL };
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "A\r", "1\r");
        fake_line_answer(b.fake, "B\r", "30\r");
        line_engine_need_only(b.engine, on);
        (void) bench_poll(&b, false);
        ASSERT_SENT(&b, "");
        line_engine_need_only(b.engine, off);
        (void) bench_poll(&b, false);
        ASSERT_TRUE(line_engine_has_command(b.engine, "shutdown.return"));
        ASSERT_EQ(line_engine_command_usec(b.engine, "shutdown.return"), 1000000U);
        ASSERT_EQ(line_engine_command_usec(b.engine, "no.such"), 0U);
        bench_forget_sent(&b);
        ASSERT_ERROR(bench_command(&b, "shutdown.return", NULL), ETIMEDOUT);
        ASSERT_SENT(&b, "S30");
}

static int probe(Bench *b) {
        LineEngineOptions options = fake_options(&b->settings);
        _cleanup_(line_profile_unrefp) LineProfile *p = fake_profile(example_text);

        return line_engine_probe(&b->fake->link, p, &options);
}

static void test_probe(void) {
        _cleanup_(bench_close) Bench b = {};

        open_example(&b);
        ASSERT_OK(probe(&b));
        ASSERT_SENT(&b, "Q1 F");
        fake_line_answer(b.fake, "F\r", "#230.0 004 024.0\r");
        ASSERT_ERROR(probe(&b), ENODEV);
        ASSERT_SENT(&b, "Q1 F F F");
        b.settings.options[0] = "norating";
        b.settings.options[1] = "";
        ASSERT_OK(probe(&b));
        ASSERT_SENT(&b, "Q1");
        fake_line_answer(b.fake, "Q1\r", "Q1\r");
        ASSERT_ERROR(probe(&b), ENODEV);
        fake_line_answer(b.fake, "Q1\r", NULL);
        ASSERT_ERROR(probe(&b), ETIMEDOUT);
        fake_line_fail(b.fake, "Q1\r", -ENODEV);
        ASSERT_ERROR(probe(&b), ENODEV);
        /* Zeros are no reason not to be it. */
        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 000.0 000 00.0 0.00 00.0 00000000\r");
        ASSERT_OK(probe(&b));
}

int main(void) {
        test_start();
        test_schedule();
        test_changes();
        test_bad_answers();
        test_noise();
        test_doubtful();
        test_doubled();
        test_silence();
        test_silent_in_the_middle();
        test_vital();
        test_unplugged_while_checked();
        test_mostly_silent();
        test_mains();
        test_invert();
        test_deep();
        test_hidden();
        test_cancel();
        test_not_ready();
        test_still_not_ready();
        test_need_only();
        test_probe();
        return 0;
}
