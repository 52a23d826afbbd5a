/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-line-bench.h"

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
        ASSERT_SENT(&b, "Q1 T? N? N?");

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
        fake_line_answer_once(b.fake, "Q1\r", LINE1);
        fake_line_answer(b.fake, "T?\r", NULL);
        fake_line_answer(b.fake, "N?\r", NULL);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_SENT(&b, "Q1 T? T? T?");
        fake_line_answer(b.fake, "Q1\r", NULL);
        fake_line_answer_once(b.fake, "Q1\r", LINE1);
        ASSERT_ERROR(bench_poll(&b, true), ETIMEDOUT);
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
        test_cancel();
        test_not_ready();
        test_probe();
        return 0;
}
