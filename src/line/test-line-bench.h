/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-line-fake.h"
#include "test-util.h"

/* The device of test-line-fake.c with an engine and a model, and an example of a profile with all it has to
 * answer. */

typedef struct Bench {
        FakeLine *fake;
        FakeSettings settings;
        LineEngine *engine;
        Model *model;
} Bench;

/* A dialect of one question. */
#define SMALL_HEAD                                                                                          \
        "[profile]\nengine = line\ntitle = Example\nversion = 1.0\nprotocol = example\n"                    \
        "[line]\nrefused = NAK\n"                                                                           \
        "[query:Q]\nsend = Q\nwords = 1\nask = quick\n"

#define GET(b, name) model_get((b)->model, name)

#define ASSERT_SENT(b, expected)                                                                            \
        do {                                                                                                \
                _cleanup_free_ char *_sent = fake_line_sent((b)->fake);                                     \
                ASSERT_STREQ(_sent, expected);                                                              \
        } while (0)

static inline void bench_open(Bench *b, const char *profile) {
        b->fake = fake_line_new();
        b->engine = fake_engine(b->fake, profile, &b->settings);
        b->model = model_new();
        ASSERT_TRUE(b->model);
}

static inline void bench_close(Bench *b) {
        line_engine_free(b->engine);
        model_free(b->model);
        free(b->settings.logged);
}

static inline void bench_forget_sent(Bench *b) {
        free(fake_line_sent(b->fake));
}

static inline int bench_apply(Bench *b, int r, Update *u) {
        if (r >= 0)
                ASSERT_OK(model_apply(b->model, u, NULL));
        update_free(u);
        return r;
}

static inline int bench_start(Bench *b) {
        Update *u = update_new();

        return bench_apply(b, line_engine_start(b->engine, u), u);
}

static inline int bench_poll(Bench *b, bool full) {
        Update *u = update_new();

        return bench_apply(b, line_engine_poll(b->engine, full, u), u);
}

static inline int bench_set(Bench *b, const char *variable, const char *value) {
        Update *u = update_new();

        return bench_apply(b, line_engine_set(b->engine, variable, value, u), u);
}

static inline int bench_command(Bench *b, const char *command, const char *argument) {
        Update *u = update_new();

        return bench_apply(b, line_engine_command(b->engine, command, argument, u), u);
}

#define LINE1 "(230.1 000.0 229.9 016 50.0 2.25 25.0 00001001\r"

static const char example_text[] =
        "[profile]\n"
        "engine = line\n"
        "title = Example\n"
        "version = 1.0\n"
        "protocol = example\n"
        "vendor = Maker\n"
        "[line]\n"
        "end = cr\n"
        "refused = NAK\n"
        "silence = done\n"
        "[probe]\n"
        "need = Q1:1\n"
        "need = F:1 when=!norating\n"
        "ready = Q1 is-match=\"[1-9]\"\n"
        "[query:Q1]\n"
        "send = Q1\n"
        "begin = \"(\"\n"
        "length = 46..46\n"
        "words = 8..8\n"
        "ask = quick\n"
        "[query:F]\n"
        "send = F\n"
        "begin = \"\\#\"\n"
        "words = 4..4\n"
        "ask = once\n"
        "when = !norating\n"
        "[query:I]\n"
        "send = I\n"
        "begin = \"\\#\"\n"
        "length = 38\n"
        "ask = once\n"
        "[query:S]\n"
        "send = S?\n"
        "words = 1..1\n"
        "ask = written\n"
        "[query:T]\n"
        "send = T?\n"
        "words = 1..1\n"
        "[query:N]\n"
        "send = N?\n"
        "words = 1..1\n"
        "ask = slow\n"
        "[when:norating]\n"
        "option = norating\n"
        "[when:cells]\n"
        "ratio = battery.voltage.nominal battery.voltage.cell 9..13\n"
        "[variables]\n"
        "input.voltage = Q1:1 format=%.1f\n"
        "input.voltage.fault = Q1:2 plausible=1..1000 format=%.1f\n"
        "output.voltage = Q1:3 format=%.1f\n"
        "ups.load = Q1:4 format=%d\n"
        "battery.voltage.cell = Q1:6 hidden plausible=1..3\n"
        "battery.packs = value=12 when=cells\n"
        "battery.voltage = Q1:6 scale=$battery.packs:1 format=%.2f\n"
        "ups.temperature = Q1:7 invalid=\"--.-\" format=%.1f\n"
        "input.voltage.nominal = F:1 format=%d\n"
        "battery.voltage.nominal = F:3 format=%.1f\n"
        "ups.mfr = I@1-15\n"
        "ups.model = I@17-26 names=models\n"
        "ups.firmware = \"{I@28-37}/{I@1-3}\"\n"
        "input.sensitivity = S:1 lookup=sensitivity rw enum write=\"SS{argument unlook=sensitivity}\"\n"
        "battery.charge.low = T:1 rw range=10..50 range=60..$input.voltage.nominal step=5"
        " write=\"T{argument format=%03d}\" option=lowbatt\n"
        "ups.id = N:1 rw length=8 write=\"N={argument}\"\n"
        "ups.delay.shutdown = held=30 rw range=12..600 option=offdelay\n"
        "ups.delay.start = held=180 rw option=ondelay\n"
        "[derived]\n"
        "ups.realpower = 2 ups.load format=%d\n"
        "[names:models]\n"
        "\"EXAMPLE 1K\" = \"Example 1000\"\n"
        "[lookup:sensitivity]\n"
        "0 = normal\n"
        "1 = reduced\n"
        "02 = low\n"
        "[status]\n"
        "offline = Q1:8@0 is=1\n"
        "online = Q1:8@0 is=0\n"
        "low-battery = Q1:8@1\n"
        "[alarms]\n"
        "\"UPS failed\" = Q1:8@3 is=1\n"
        "[commands]\n"
        "load.on = C\n"
        "load.off = \"S00R0000\"\n"
        "shutdown.return = \"S{$ups.delay.shutdown function=tenths-or-minutes}"
        "R{$ups.delay.start divide=60 format=%04d}\"\n"
        "test.battery.start = \"T{argument:10 format=%02d}\" range=1..99\n"
        "test.battery.stop = CT accepted=ACK silence=failed\n"
        "beeper.disable = Q\n"
        "[command:load.cycle]\n"
        "check = Q1:8@0 is=0 why=\"there are no mains\"\n"
        "send = S01\n"
        "pause = 1.5\n"
        "send = \"R{$ups.delay.start divide=60 format=%04d}\"\n";

static inline void open_example(Bench *b) {
        bench_open(b, example_text);
        fake_line_answer(b->fake, "Q1\r", LINE1);
        fake_line_answer(b->fake, "F\r", "#230.0 004 024.0 50.0\r");
        fake_line_answer(b->fake, "I\r", "#NAME OF MAKER   EXAMPLE 1K V1.2      \r");
        fake_line_answer(b->fake, "S?\r", "1\r");
        fake_line_answer(b->fake, "T?\r", "020\r");
        fake_line_answer(b->fake, "N?\r", "NAK\r");
}

static inline void start_example(Bench *b) {
        open_example(b);
        ASSERT_OK(bench_start(b));
}
