/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-line-bench.h"

static void start_and_forget(Bench *b) {
        start_example(b);
        ASSERT_OK(bench_poll(b, true));
        bench_forget_sent(b);
}

static void test_set(void) {
        _cleanup_(bench_close) Bench b = {};

        start_and_forget(&b);
        fake_line_answer_once(b.fake, "S?\r", "02\r");
        fake_line_answer(b.fake, "S?\r", "02\r");
        ASSERT_OK(bench_set(&b, "input.sensitivity", "LOW"));
        ASSERT_SENT(&b, "SS02 S? S? S?");
        ASSERT_STREQ(GET(&b, "input.sensitivity"), "low");

        fake_line_answer(b.fake, "T?\r", "045\r");
        ASSERT_OK(bench_set(&b, "battery.charge.low", "47"));
        ASSERT_SENT(&b, "T045 T? S?");
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "045");

        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "9"), EINVAL);
        ASSERT_STREQ(line_engine_why(b.engine), "it can be 10 to 50, 60 to 230");
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "51"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "231"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "20x"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "20\rS01"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "input.sensitivity", "02"), EINVAL);
        ASSERT_TRUE(startswith(line_engine_why(b.engine), "it can be "));
        ASSERT_ERROR(bench_set(&b, "input.voltage", "230"), EOPNOTSUPP);
        ASSERT_ERROR(bench_set(&b, "ups.id", "rack"), EOPNOTSUPP);
        ASSERT_ERROR(bench_set(&b, "no.such", "1"), EOPNOTSUPP);
        ASSERT_SENT(&b, "");
}

static void test_set_fails(void) {
        _cleanup_(bench_close) Bench b = {};

        start_and_forget(&b);
        fake_line_answer(b.fake, "SS0\r", "NAK\r");
        ASSERT_ERROR(bench_set(&b, "input.sensitivity", "normal"), EPIPE);
        ASSERT_STREQ(line_engine_why(b.engine), "the device refused it (sent \"SS0\", answered \"NAK\")");
        fake_line_answer(b.fake, "SS0\r", "SS0\r");
        ASSERT_ERROR(bench_set(&b, "input.sensitivity", "normal"), EPIPE);
        bench_forget_sent(&b);

        /* It takes it and does not do it. */
        fake_line_answer(b.fake, "SS0\r", NULL);
        ASSERT_ERROR(bench_set(&b, "input.sensitivity", "normal"), EREMOTEIO);
        ASSERT_SENT(&b, "SS0 S? S? S?");
        ASSERT_TRUE(strstr(b.settings.logged, "input.sensitivity"));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "input.sensitivity"), "reduced");

        fake_line_fail(b.fake, "SS0\r", -ENODEV);
        ASSERT_ERROR(bench_set(&b, "input.sensitivity", "normal"), ENODEV);
}

static void test_held(void) {
        _cleanup_(bench_close) Bench b = {};

        b.settings.options[0] = "ondelay";
        b.settings.options[1] = "600";
        b.settings.options[2] = "offdelay";
        b.settings.options[3] = "5";
        start_and_forget(&b);
        ASSERT_STREQ(GET(&b, "ups.delay.start"), "600");
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "30");
        ASSERT_TRUE(strstr(b.settings.logged, "ups.delay.shutdown"));
        ASSERT_OK(bench_set(&b, "ups.delay.shutdown", "120"));
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "120");
        ASSERT_ERROR(bench_set(&b, "ups.delay.shutdown", "601"), EINVAL);
        bench_forget_sent(&b);
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_SENT(&b, "S02R0010 S?");
        ASSERT_OK(bench_set(&b, "ups.delay.shutdown", "12"));
        bench_forget_sent(&b);
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_SENT(&b, "S.2R0010 S?");
}

static void test_options(void) {
        _cleanup_(bench_close) Bench b = {};

        b.settings.options[0] = "lowbatt";
        b.settings.options[1] = "35";
        open_example(&b);
        fake_line_answer(b.fake, "T035\r", NULL);
        fake_line_answer_once(b.fake, "T?\r", "020\r");
        fake_line_answer(b.fake, "T?\r", "035\r");
        fake_line_answer_once(b.fake, "T?\r", "020\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "035");
        ASSERT_STREQ(b.settings.logged, NULL);
}

static void test_commands(void) {
        _cleanup_(bench_close) Bench b = {};

        start_and_forget(&b);
        ASSERT_OK(bench_command(&b, "load.off", NULL));
        ASSERT_SENT(&b, "S00R0000 S?");
        ASSERT_OK(bench_command(&b, "BEEPER.off", NULL));
        ASSERT_SENT(&b, "Q S?");
        ASSERT_OK(bench_command(&b, "test.battery.start", NULL));
        ASSERT_SENT(&b, "T10 S?");
        ASSERT_OK(bench_command(&b, "test.battery.start", "7"));
        ASSERT_SENT(&b, "T07 S?");
        ASSERT_ERROR(bench_command(&b, "test.battery.start", "100"), EINVAL);
        ASSERT_ERROR(bench_command(&b, "test.battery.start", "x"), EINVAL);
        ASSERT_ERROR(bench_command(&b, "no.such", NULL), EOPNOTSUPP);
        ASSERT_ERROR(bench_command(&b, "load.off", "1"), EINVAL);
        ASSERT_SENT(&b, "");

        ASSERT_ERROR(bench_command(&b, "test.battery.stop", NULL), ETIMEDOUT);
        fake_line_answer(b.fake, "CT\r", "ACK\r");
        ASSERT_OK(bench_command(&b, "test.battery.stop", NULL));
        fake_line_answer(b.fake, "CT\r", "NAK\r");
        ASSERT_ERROR(bench_command(&b, "test.battery.stop", NULL), EPIPE);
        fake_line_answer(b.fake, "CT\r", "AC\r");
        ASSERT_ERROR(bench_command(&b, "test.battery.stop", NULL), EBADMSG);
        fake_line_answer(b.fake, "C\r", "C\r");
        ASSERT_ERROR(bench_command(&b, "load.on", NULL), EPIPE);
}

static void test_steps(void) {
        _cleanup_(bench_close) Bench b = {};

        start_and_forget(&b);
        b.settings.paused_usec = 0;
        ASSERT_OK(bench_command(&b, "load.cycle", NULL));
        ASSERT_SENT(&b, "Q1 S01 R0003 S?");
        ASSERT_TRUE(b.settings.paused_usec >= 1500000);

        fake_line_answer(b.fake, "Q1\r", "(000.0 000.0 229.9 016 50.0 2.25 25.0 10001001\r");
        ASSERT_ERROR(bench_command(&b, "load.cycle", NULL), EBUSY);
        ASSERT_SENT(&b, "Q1");
        ASSERT_STREQ(b.settings.logged, "nothing was sent: there are no mains");
        fake_line_answer(b.fake, "Q1\r", NULL);
        ASSERT_ERROR(bench_command(&b, "load.cycle", NULL), ETIMEDOUT);
        ASSERT_SENT(&b, "Q1 Q1 Q1");
}

static void test_command_is_done(void) {
        _cleanup_(bench_close) Bench b = {};

        /* Whatever the device does then. */
        start_and_forget(&b);
        fake_line_fail(b.fake, "S?\r", -ENODEV);
        ASSERT_OK(bench_command(&b, "load.off", NULL));
        ASSERT_ERROR(bench_poll(&b, true), ENODEV);
}

/* The load is to be cut, and the device takes orders but says nothing. */
static void test_deaf_device(void) {
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, example_text);
        ASSERT_ERROR(bench_poll(&b, false), ETIMEDOUT);
        bench_forget_sent(&b);
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_SENT(&b, "S.5R0003 S? S?");
}

/* An offset that is a variable, and what it is while that is not known. */
static void test_offset(void) {
        static const char text[] = SMALL_HEAD "[variables]\nups.load = Q:1 offset=$ups.power\n"
                "ups.temperature = Q:1 offset=$ups.power:100\nups.power = Q:2\n";
        _cleanup_(bench_close) Bench b = {};

        bench_open(&b, text);
        fake_line_answer(b.fake, "Q\r", "7 -3\r");
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(GET(&b, "ups.load"), "4");
        ASSERT_STREQ(GET(&b, "ups.temperature"), "4");
        fake_line_answer(b.fake, "Q\r", "7\r");
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(GET(&b, "ups.load"), NULL);
        ASSERT_STREQ(GET(&b, "ups.temperature"), "107");
}

int main(void) {
        test_offset();
        test_set();
        test_set_fails();
        test_held();
        test_options();
        test_commands();
        test_steps();
        test_command_is_done();
        test_deaf_device();
        return 0;
}
