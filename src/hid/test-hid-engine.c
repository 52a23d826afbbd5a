/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-hid-bench.h"

static void test_start(void) {
        _cleanup_(bench_close) Bench b = {};
        const Variable *v;

        open_and_start(&b);
        ASSERT_STREQ(GET(&b, "battery.charge"), "98");
        ASSERT_STREQ(GET(&b, "battery.voltage"), "13.64");
        ASSERT_STREQ(GET(&b, "battery.current"), "-2.0");
        ASSERT_STREQ(GET(&b, "battery.type"), "PbAcid");
        ASSERT_STREQ(GET(&b, "battery.mfr.date"), "2024/05/24");

        ASSERT_STREQ(GET(&b, "battery.temperature"), "24.9");
        ASSERT_STREQ(GET(&b, "battery.packs"), NULL);
        ASSERT_STREQ(GET(&b, "battery.charger.status"), "resting");
        ASSERT_STREQ(GET(&b, "battery.runtime"), NULL);
        ASSERT_STREQ(GET(&b, "battery.energy"), "2673.4");
        ASSERT_STREQ(GET(&b, "ups.power.nominal"), NULL);
        ASSERT_STREQ(GET(&b, "ups.mfr"), "Example");
        ASSERT_STREQ(GET(&b, "ups.model"), "Example 700");
        ASSERT_STREQ(GET(&b, "ups.firmware"), "12.3");
        ASSERT_STREQ(GET(&b, "ups.vendorid"), "1234");
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "20");
        ASSERT_STREQ(GET(&b, "ups.timer.shutdown"), "-1");
        ASSERT_STREQ(GET(&b, "ups.status"), "OL CHRG");
        ASSERT_STREQ(GET(&b, "driver.version.data"), "Example HID 1.0");
        ASSERT_EQ(b.n_logged, 0);

        v = model_find(b.model, "battery.charge.low");
        ASSERT_EQ(v->flags, VARIABLE_WRITABLE);
        ASSERT_EQ(v->n_ranges, 1);
        ASSERT_EQ(v->ranges[0].max, 100);
        v = model_find(b.model, "ups.beeper.status");
        ASSERT_EQ(v->flags, VARIABLE_WRITABLE | VARIABLE_STRING);
        ASSERT_EQ(strv_length(v->enums), 3);

        ASSERT_TRUE(hid_engine_has_command(b.engine, "shutdown.return"));
        ASSERT_TRUE(hid_engine_has_command(b.engine, "beeper.off"));
        ASSERT_FALSE(hid_engine_has_command(b.engine, "beeper.mute"));
        ASSERT_STREQ(model_find_command(b.model, "load.off"), "load.off");
        ASSERT_STREQ(model_find_command(b.model, "shutdown.reboot"), "shutdown.reboot");

        /* No report was asked for twice, no string either. (An Input one is asked for as
         * Feature first.) */
        for (size_t i = 0; i < ELEMENTSOF(b.fake->gets); i++)
                ASSERT_TRUE(b.fake->gets[i] <= (i == 0x0a ? 2 : 1));
        ASSERT_EQ(b.fake->n_strings, 1);
}

static void test_polls(void) {
        _cleanup_(bench_close) Bench b = {};
        unsigned before;

        open_and_start(&b);

        /* Quick: charge, status, timer. */
        before = b.fake->n_gets;
        FAKE_FEATURE(b.fake, 0x02, 0x0c);
        FAKE_FEATURE(b.fake, 0x03, 0, 0, 0);
        ASSERT_OK(POLL(&b, false));
        ASSERT_EQ(b.fake->n_gets, before + 3);
        ASSERT_STREQ(GET(&b, "ups.status"), "OB DISCHRG LB");
        ASSERT_STREQ(GET(&b, "battery.voltage"), "13.64");

        ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "battery.voltage"), "0.00");
        ASSERT_EQ(b.fake->gets[0x08], 1);
        /* Neither is asked again what the device refused. */
        ASSERT_EQ(b.fake->gets[0x0a], 2);

        /* An alarm of the profile, and values outside of the range that have all bits set. */
        FAKE_FEATURE(b.fake, 0x01, 100);
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "ups.alarm"), "Too much!");
        FAKE_FEATURE(b.fake, 0x01, 0xff);
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "ups.alarm"), NULL);
        ASSERT_STREQ(GET(&b, "battery.charge"), NULL);
        FAKE_FEATURE(b.fake, 0x01, 101);
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "battery.charge"), "101");

        /* What changes by the state of the device. */
        ASSERT_STREQ(GET(&b, "battery.charger.status"), "idle");
}

static void test_events(void) {
        _cleanup_(bench_close) Bench b = {};
        unsigned status, charge;

        open_and_start(&b);
        status = b.fake->gets[2];
        charge = b.fake->gets[1];

        ASSERT_EQ(EVENT(&b), 0);
        FAKE_SEND(b.fake, 0x02, 0x01); /* laid out in another way than the Feature report */
        FAKE_SEND(b.fake, 0x0a, 0x10, 0x0e);
        FAKE_SEND(b.fake, 0x77, 1);
        FAKE_SEND(b.fake, 0x01);
        ASSERT_EQ(EVENT(&b), 1);
        /* Whether it is charging is in the Feature report only. */
        ASSERT_STREQ(GET(&b, "ups.status"), "OB DISCHRG CHRG");
        ASSERT_STREQ(GET(&b, "battery.runtime"), "3600");

        /* The charge did not come by itself, so it is asked for; nor did all of the status. */
        ASSERT_OK(POLL(&b, false));
        ASSERT_EQ(b.fake->gets[1], charge + 1);
        ASSERT_EQ(b.fake->gets[2], status + 1);
        ASSERT_STREQ(GET(&b, "ups.status"), "OL CHRG");

        FAKE_SEND(b.fake, 0x01, 55);
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "battery.charge"), "55");
        ASSERT_EQ(b.fake->gets[1], charge + 1);
        ASSERT_OK(POLL(&b, false));
        ASSERT_EQ(b.fake->gets[1], charge + 2);

        /* A flood is taken in piece by piece. */
        for (unsigned i = 0; i < 100; i++)
                FAKE_SEND(b.fake, 0x01, (uint8_t) i);
        ASSERT_EQ(EVENT(&b), 1);
        ASSERT_STREQ(GET(&b, "battery.charge"), "63");
        ASSERT_EQ(EVENT(&b), 1);
        ASSERT_STREQ(GET(&b, "battery.charge"), "99");

        b.fake->input_error = -ENODEV;
        ASSERT_ERROR(EVENT(&b), ENODEV);
        ASSERT_ERROR(POLL(&b, false), ENODEV);
}

static void test_event_options(void) {
        _cleanup_(bench_close) Bench only_poll = { .options.poll_only = true };
        _cleanup_(bench_close) Bench only_events = { .options.interrupt_only = true };
        _cleanup_(bench_close) Bench no_pipe = { .options.interrupt_only = true };
        _cleanup_(bench_close) Bench tolerant = { .options.pipe_events_tolerance = 2 };
        unsigned before;

        open_and_start(&only_poll);
        FAKE_SEND(only_poll.fake, 0x01, 55);
        ASSERT_EQ(EVENT(&only_poll), 0);
        ASSERT_OK(POLL(&only_poll, false));
        ASSERT_STREQ(GET(&only_poll, "battery.charge"), "98");

        /* The status is read with full polls, as a pipe that is dead says nothing. */
        only_events.fake = fake_link_new();
        only_events.fake->has_fd = true;
        open_and_start(&only_events);
        before = only_events.fake->n_gets;
        FAKE_SEND(only_events.fake, 0x01, 55);
        ASSERT_OK(POLL(&only_events, false));
        ASSERT_STREQ(GET(&only_events, "battery.charge"), "55");
        ASSERT_EQ(only_events.fake->n_gets, before);
        FAKE_FEATURE(only_events.fake, 0x02, 0x04);
        ASSERT_OK(POLL(&only_events, true));
        ASSERT_EQ(only_events.fake->n_gets, before + 1);
        ASSERT_STREQ(GET(&only_events, "ups.status"), "OB DISCHRG");
        only_events.fake->errors[2] = -EPIPE;
        ASSERT_OK(POLL(&only_events, true));
        ASSERT_OK(POLL(&only_events, true));
        ASSERT_ERROR(POLL(&only_events, true), EIO);
        only_events.fake->errors[2] = -ETIMEDOUT;
        ASSERT_ERROR(POLL(&only_events, true), ETIMEDOUT);

        /* Without a pipe there is nothing else than to poll. */
        open_and_start(&no_pipe);
        before = no_pipe.fake->n_gets;
        ASSERT_OK(POLL(&no_pipe, false));
        ASSERT_TRUE(no_pipe.fake->n_gets > before);
        ASSERT_EQ(no_pipe.n_logged, 1);

        open_and_start(&tolerant);
        FAKE_SEND(tolerant.fake, 0x01, 55);
        ASSERT_OK(POLL(&tolerant, false));
        ASSERT_OK(POLL(&tolerant, false));
        ASSERT_OK(POLL(&tolerant, false));
        ASSERT_ERROR(POLL(&tolerant, false), EIO);
}

static void test_trouble(void) {
        _cleanup_(bench_close) Bench b = {};

        open_and_start(&b);

        /* One report that fails does no harm; its values are believed for a while. */
        b.fake->errors[1] = -EIO;
        for (unsigned i = 0; i < 2; i++) {
                ASSERT_OK(POLL(&b, false));
                ASSERT_STREQ(GET(&b, "battery.charge"), "98");
        }
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "battery.charge"), NULL);
        ASSERT_EQ(b.n_logged, 1);
        b.fake->errors[1] = 0;
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "battery.charge"), "98");

        /* Wrong id, empty, short. */
        fake_link_put(b.fake, HID_FEATURE, (const uint8_t[]) { 0x03, 1, 2, 3 }, 1);
        ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "battery.voltage"), "13.64");
        fake_link_put(b.fake, HID_FEATURE, (const uint8_t[]) { 0x03, 0xe8, 0x03 }, 3);
        ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "battery.voltage"), "10.00");
        ASSERT_STREQ(GET(&b, "battery.current"), NULL);
        b.fake->reports[HID_FEATURE][3][0] = 0x44;
        ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "battery.voltage"), "10.00");

        /* One lost answer is borne, two in a row are not. */
        b.fake->errors[1] = -ETIMEDOUT;
        ASSERT_OK(POLL(&b, false));
        b.fake->errors[2] = -ETIMEDOUT;
        ASSERT_ERROR(POLL(&b, false), ETIMEDOUT);

        for (size_t i = 0; i < ELEMENTSOF(b.fake->errors); i++)
                b.fake->errors[i] = -EPIPE;
        ASSERT_ERROR(POLL(&b, false), EIO);

        b.fake->errors[1] = -ENODEV;
        ASSERT_ERROR(POLL(&b, false), ENODEV);

        b.cancelled = true;
        ASSERT_ERROR(POLL(&b, false), EINTR);
        ASSERT_STREQ(GET(&b, "ups.status"), "OL CHRG");
}

/* A device that is not there any more while it is opened, or that answers nothing. */
static void test_start_trouble(void) {
        for (unsigned after = 0; after < 12; after++) {
                _cleanup_(bench_close) Bench b = {};

                bench_open(&b);
                b.fake->errors[after + 1] = -ENODEV;
                if (after + 1 != 0x0a && after + 1 != 0x0b)
                        ASSERT_ERROR(START(&b), ENODEV);
        }

        _cleanup_(bench_close) Bench silent = {};
        bench_open(&silent);
        for (size_t i = 0; i < ELEMENTSOF(silent.fake->errors); i++)
                silent.fake->errors[i] = -ETIMEDOUT;
        ASSERT_ERROR(START(&silent), ETIMEDOUT);
        ASSERT_EQ(silent.fake->n_gets, 2);

        /* One that says nothing to some requests, but answers others: these are not waited for again. */
        _cleanup_(bench_close) Bench shy = {};
        bench_open(&shy);
        for (size_t i = 3; i < 9; i++)
                shy.fake->errors[i] = i == 6 ? 0 : -ETIMEDOUT;
        ASSERT_OK(START(&shy));
        for (unsigned i = 0; i < 12; i++)
                ASSERT_OK(POLL(&shy, true));
        ASSERT_EQ(shy.fake->gets[3], 1);
        ASSERT_STREQ(GET(&shy, "battery.charge"), "98");

        /* What was refused at the start is asked again now and then. */
        _cleanup_(bench_close) Bench b = {};
        bench_open(&b);
        b.fake->errors[3] = -EPIPE;
        ASSERT_OK(START(&b));
        ASSERT_STREQ(GET(&b, "battery.voltage"), NULL);
        b.fake->errors[3] = 0;
        for (unsigned i = 0; i < 11; i++)
                ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "battery.voltage"), "13.64");
        ASSERT_TRUE(b.fake->gets[3] <= 3);
}

/* What the device sent by itself, and what it answers when asked. */
static void test_pushed_and_asked(void) {
        _cleanup_(bench_close) Bench b = {}, older = {}, newer = {};

        /* The answer is newer than what was sent, also when there is none any more. */
        open_and_start(&older);
        FAKE_SEND(older.fake, 0x02, 0x02);
        ASSERT_EQ(EVENT(&older), 1);
        FAKE_FEATURE(older.fake, 0x02, 0x0c);
        ASSERT_OK(POLL(&older, false));
        ASSERT_STREQ(GET(&older, "ups.status"), "OB DISCHRG LB");
        older.fake->errors[2] = -EPIPE;
        for (unsigned i = 0; i < 2; i++) {
                ASSERT_OK(POLL(&older, false));
                ASSERT_STREQ(GET(&older, "ups.status"), "OB DISCHRG LB");
        }
        ASSERT_OK(POLL(&older, false));
        ASSERT_STREQ(GET(&older, "ups.status"), "");

        /* Sent, then never again, while the answers fail for good. */
        open_and_start(&b);
        FAKE_SEND(b.fake, 0x02, 0x01);
        ASSERT_EQ(EVENT(&b), 1);
        b.fake->errors[2] = -EPIPE;
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "ups.status"), "OB DISCHRG CHRG");
        for (unsigned i = 0; i < 3; i++)
                ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "ups.status"), "");

        /* Sent while they fail. */
        open_and_start(&newer);
        newer.fake->errors[2] = -EPIPE;
        ASSERT_OK(POLL(&newer, false));
        FAKE_SEND(newer.fake, 0x02, 0x01);
        for (unsigned i = 0; i < 4; i++)
                ASSERT_OK(POLL(&newer, false));
        ASSERT_STREQ(GET(&newer, "ups.status"), "OB DISCHRG");
}

/* Sent only, or cut short. */
static void test_pushed_only(void) {
        _cleanup_(bench_close) Bench refused = {}, cut = {};

        /* It counts, and is not asked for each time. */
        refused.fake = fake_link_new();
        refused.fake->errors[2] = -EPIPE;
        open_and_start(&refused);
        ASSERT_STREQ(GET(&refused, "ups.status"), "");
        FAKE_SEND(refused.fake, 0x02, 0x01);
        ASSERT_EQ(EVENT(&refused), 1);
        for (unsigned i = 0; i < 30; i++)
                ASSERT_OK(POLL(&refused, false));
        ASSERT_STREQ(GET(&refused, "ups.status"), "OB DISCHRG");
        ASSERT_TRUE(refused.fake->gets[2] < 12);

        /* Cut short: neither takes the place of the whole one nor keeps it from being asked for. */
        cut.fake = fake_link_new();
        fake_link_put(cut.fake, HID_INPUT, (const uint8_t[]) { 0x0a, 0x10, 0x0e }, 3);
        open_and_start(&cut);
        ASSERT_STREQ(GET(&cut, "battery.runtime"), "3600");
        FAKE_SEND(cut.fake, 0x0a, 0x99);
        ASSERT_EQ(EVENT(&cut), 1);
        ASSERT_STREQ(GET(&cut, "battery.runtime"), "3600");
        fake_link_put(cut.fake, HID_INPUT, (const uint8_t[]) { 0x0a, 0x08, 0x07 }, 3);
        ASSERT_OK(POLL(&cut, false));
        ASSERT_STREQ(GET(&cut, "battery.runtime"), "1800");
}

/* An answer that is lost at the start must not cost the status for good. */
static void test_lost_at_start(void) {
        _cleanup_(bench_close) Bench b = {}, command = {};
        _cleanup_(update_freep) Update *batch = update_new();

        b.fake = fake_link_new();
        b.fake->errors[2] = -ETIMEDOUT;
        open_and_start(&b);
        ASSERT_STREQ(GET(&b, "ups.status"), "");
        ASSERT_TRUE(b.n_logged > 0);
        b.fake->errors[2] = 0;
        ASSERT_OK(POLL(&b, true));
        ASSERT_STREQ(GET(&b, "ups.status"), "OL CHRG");
        FAKE_FEATURE(b.fake, 0x02, 0x04);
        ASSERT_OK(POLL(&b, false));
        ASSERT_STREQ(GET(&b, "ups.status"), "OB DISCHRG");

        command.fake = fake_link_new();
        command.fake->errors[7] = -ETIMEDOUT;
        open_and_start(&command);
        ASSERT_FALSE(hid_engine_has_command(command.engine, "beeper.disable"));
        for (unsigned i = 0; i < 4; i++)
                ASSERT_OK(POLL(&command, true));
        command.fake->errors[7] = 0;
        ASSERT_OK(POLL(&command, true));
        ASSERT_TRUE(hid_engine_has_command(command.engine, "beeper.disable"));

        /* One batch for two readings has the status of the last one only. */
        ASSERT_TRUE(batch);
        ASSERT_OK(hid_engine_poll(b.engine, false, batch));
        FAKE_FEATURE(b.fake, 0x02, 0x01);
        ASSERT_OK(hid_engine_poll(b.engine, false, batch));
        ASSERT_OK(model_apply(b.model, batch, NULL));
        ASSERT_STREQ(GET(&b, "ups.status"), "OL");
}

static void test_options(void) {
        _cleanup_(bench_close) Bench b = { .lowbatt = "33", .offdelay = "90", .flag = "" };

        open_and_start(&b);
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "33");
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "90");
        ASSERT_STREQ(GET(&b, "battery.packs"), "7");
        ASSERT_EQ(b.fake->n_sets, 1);
        /* The neighbour in the report keeps its value. */
        ASSERT_EQ(memcmp(b.fake->sent[0], (const uint8_t[]) { 0x04, 33, 20 }, 3), 0);

        _cleanup_(bench_close) Bench refuses = { .lowbatt = "33", .fake = fake_link_new() };
        refuses.fake->set_error = -EPIPE;
        open_and_start(&refuses);
        ASSERT_STREQ(GET(&refuses, "battery.charge.low"), "10");
        ASSERT_EQ(refuses.n_logged, 1);
}

static void test_set(void) {
        _cleanup_(bench_close) Bench b = {};

        open_and_start(&b);
        ASSERT_OK(SET(&b, "Battery.Charge.Low", "42"));
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "42");
        ASSERT_OK(SET(&b, "ups.beeper.status", "muted"));
        ASSERT_EQ(b.fake->reports[HID_FEATURE][7][1], 3);
        ASSERT_OK(SET(&b, "battery.mfr.date", "2025/12/31"));
        ASSERT_STREQ(GET(&b, "battery.mfr.date"), "2025/12/31");
        ASSERT_OK(SET(&b, "ups.delay.shutdown", "45"));
        ASSERT_STREQ(GET(&b, "ups.delay.shutdown"), "45");
        ASSERT_EQ(b.fake->n_sets, 3);

        ASSERT_ERROR(SET(&b, "battery.charge.low", "x"), EINVAL);
        ASSERT_ERROR(SET(&b, "battery.charge.low", "256"), EINVAL);
        ASSERT_ERROR(SET(&b, "ups.beeper.status", "loud"), EINVAL);
        ASSERT_ERROR(SET(&b, "battery.mfr.date", "yesterday"), EINVAL);
        ASSERT_ERROR(SET(&b, "ups.delay.shutdown", "soon"), EINVAL);
        ASSERT_ERROR(SET(&b, "ups.delay.shutdown", "-1"), EINVAL);
        ASSERT_ERROR(SET(&b, "battery.charge", "1"), EOPNOTSUPP);
        ASSERT_ERROR(SET(&b, "no.such", "1"), EOPNOTSUPP);
        ASSERT_ERROR(SET(&b, "ups.power.nominal", "1"), EOPNOTSUPP);
        ASSERT_EQ(b.fake->n_sets, 3);

        /* Taken, but not kept. */
        b.fake->deaf = true;
        ASSERT_OK(SET(&b, "battery.charge.low", "77"));
        ASSERT_STREQ(GET(&b, "battery.charge.low"), "42");
        b.fake->set_error = -EPIPE;
        ASSERT_ERROR(SET(&b, "battery.charge.low", "77"), EPIPE);
        b.fake->set_error = -ENODEV;
        ASSERT_ERROR(SET(&b, "battery.charge.low", "77"), ENODEV);
        /* The neighbours cannot be read, so nothing is written. */
        b.fake->set_error = 0;
        b.fake->errors[4] = -EPIPE;
        ASSERT_ERROR(SET(&b, "battery.charge.low", "78"), EIO);

        /* Nor if they come cut short, twice; zeros would be written to them. */
        b.fake->errors[4] = 0;
        b.fake->n_sets = 0;
        b.fake->short_id = 4;
        b.fake->short_gets = 2;
        ASSERT_ERROR(SET(&b, "battery.charge.low", "78"), EIO);
        ASSERT_EQ(b.fake->n_sets, 0);
        b.fake->short_gets = 1;
        ASSERT_OK(SET(&b, "battery.charge.low", "78"));
        ASSERT_EQ(memcmp(b.fake->sent[0], (const uint8_t[]) { 0x04, 78, 20 }, 3), 0);
}

static void assert_sent(const Bench *b, unsigned i, uint8_t id, unsigned value) {
        ASSERT_TRUE(b->fake->n_sets > i);
        ASSERT_EQ(b->fake->sent[i][0], id);
        ASSERT_EQ(b->fake->sent[i][1] | b->fake->sent[i][2] << 8, value);
}

static void test_commands(void) {
        _cleanup_(bench_close) Bench b = { .offdelay = "90" };

        open_and_start(&b);
        ASSERT_OK(COMMAND(&b, "shutdown.return", NULL));
        assert_sent(&b, 0, 0x06, 30);
        assert_sent(&b, 1, 0x05, 90);
        ASSERT_STREQ(GET(&b, "ups.timer.shutdown"), "90");

        b.fake->n_sets = 0;
        ASSERT_OK(COMMAND(&b, "shutdown.stayoff", NULL));
        assert_sent(&b, 0, 0x06, 0xffff);
        assert_sent(&b, 1, 0x05, 90);

        b.fake->n_sets = 0;
        ASSERT_OK(COMMAND(&b, "load.off", NULL));
        ASSERT_OK(COMMAND(&b, "load.off.delay", "120"));
        ASSERT_OK(COMMAND(&b, "load.off.delay", NULL));
        ASSERT_OK(COMMAND(&b, "test.battery.start", NULL));
        assert_sent(&b, 0, 0x05, 0);
        assert_sent(&b, 1, 0x05, 120);
        assert_sent(&b, 2, 0x05, 20);
        assert_sent(&b, 3, 0x0b, 1);

        b.fake->n_sets = 0;
        ASSERT_OK(COMMAND(&b, "shutdown.reboot", NULL));
        assert_sent(&b, 0, 0x06, 60);
        assert_sent(&b, 1, 0x05, 0);
        ASSERT_OK(COMMAND(&b, "beeper.off", NULL));
        ASSERT_STREQ(GET(&b, "ups.beeper.status"), "disabled");

        b.fake->n_sets = 0;
        ASSERT_ERROR(COMMAND(&b, "load.off.delay", "soon"), EINVAL);
        ASSERT_ERROR(COMMAND(&b, "load.off.delay", "1e99"), EINVAL);
        ASSERT_ERROR(COMMAND(&b, "load.off.delay", "-7"), EINVAL);
        ASSERT_ERROR(COMMAND(&b, "no.such", NULL), EOPNOTSUPP);
        ASSERT_EQ(b.fake->n_sets, 0);
        /* The longest that the device can count, and not what is left of it in 16 bits. */
        ASSERT_OK(COMMAND(&b, "load.off.delay", "99999"));
        assert_sent(&b, 0, 0x05, 0x7fff);

        /* The second step of two fails: so does the command. */
        b.fake->set_error = -EPIPE;
        ASSERT_ERROR(COMMAND(&b, "shutdown.return", NULL), EPIPE);
}

/* What the device cannot be asked for is not offered, but for what may have to cut the power. */
static void test_refused_commands(void) {
        _cleanup_(bench_close) Bench b = { .fake = fake_link_new() };

        b.fake->errors[6] = -EPIPE;
        b.fake->errors[7] = -EPIPE;
        open_and_start(&b);
        ASSERT_TRUE(hid_engine_has_command(b.engine, "load.off"));
        ASSERT_TRUE(hid_engine_has_command(b.engine, "load.on"));
        ASSERT_TRUE(hid_engine_has_command(b.engine, "shutdown.return"));
        ASSERT_FALSE(hid_engine_has_command(b.engine, "beeper.disable"));
        ASSERT_ERROR(COMMAND(&b, "beeper.disable", NULL), EOPNOTSUPP);
}

static void test_nothing_bound(void) {
        static const uint8_t mouse[] = { 0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x30, 0x75, 0x08,
                                         0x95, 0x01, 0x81, 0x02, 0xc0 };
        _cleanup_(hid_profile_unrefp) HidProfile *profile = parse_profile(profile_text);
        HidEngineOptions options = { .pipe_events_tolerance = -1 };
        FakeLink *fake = fake_link_new_with(mouse, sizeof(mouse));
        HidEngine *e = NULL;

        ASSERT_ERROR(hid_engine_new(&fake->link, profile, &options, &e), ENODEV);
        hid_link_free(&fake->link);

        fake = fake_link_new_with(mouse, 0);
        ASSERT_ERROR(hid_engine_new(&fake->link, profile, &options, &e), EBADMSG);
        hid_link_free(&fake->link);
}

static void test_explore(void) {
        _cleanup_(bench_close) Bench b = { .options.explore = true };
        _cleanup_free_ char *text = NULL;

        open_and_start(&b);
        ASSERT_STREQ(GET(&b, "unmapped.ups.powersummary.voltage"), "13.64");
        ASSERT_STREQ(GET(&b, "unmapped.ups.powersummary.presentstatus.acpresent"), "1");

        ASSERT_OK(hid_engine_describe(b.engine, &text));
        ASSERT_TRUE(strstr(text, ".Voltage [0..65535] = 1364 (13.64)  battery.voltage=\"13.64\""));
        ASSERT_TRUE(strstr(text, "load.off.delay()"));
        ASSERT_TRUE(strstr(text, "[discharging]"));
}

int main(void) {
        test_start();
        test_polls();
        test_events();
        test_event_options();
        test_trouble();
        test_start_trouble();
        test_pushed_and_asked();
        test_pushed_only();
        test_lost_at_start();
        test_options();
        test_set();
        test_commands();
        test_refused_commands();
        test_nothing_bound();
        test_explore();
        return 0;
}
