/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-snmp-fake.h"

#define EX "1.3.6.1.4.1.99999.2."

static const char profile[] =
        "[profile]\nengine = snmp\ntitle = Test\nversion = 1.0\nmib = test\norder = 1\n"
        "[objects]\nex = 1.3.6.1.4.1.99999.2\nlimit = ex.1.1 integer\nname = ex.1.2 string\nbeep = ex.1.3\n"
        "busy = ex.1.4\nlock = ex.1.5\ngo = ex.1.6 integer\ndelay = ex.1.7\nplaces = ex.1.8\n"
        "shown = ex.1.9\nkept = ex.1.10 string\n"
        "outletState = ex.6.2\noutletControl = ex.6.3\nmissing = ex.9.9\n"
        "secret = ex.9.8 integer\n"
        "[probe]\nneed = limit.0\n"
        "[table:outlets]\nindex = outletState\n"
        "[when:idle]\nvalue = busy.0 is=0\n"
        "[variables]\n"
        "battery.charge.low = limit.0 scale=0.1 rw range=10..90 step=5 option=lowbatt\n"
        "device.contact = name.0 rw length=8\n"
        "device.location = shown.0 rw write=kept.0 length=8\n"
        "ups.beeper.status = beep.0 lookup=beeps rw enum\n"
        "battery.runtime.low = delay.0 decimals=places.0 rw range=0..100\n"
        "ups.delay.shutdown = held=20 rw range=0..600 option=offdelay\n"
        "ups.delay.start = held=30 rw range=0..600\n"
        "outlet.*.status = outletState.* table=outlets lookup=states\n"
        "[lookup:beeps]\n1 = disabled\n2 = enabled\n[lookup:states]\n1 = on\n2 = off\n"
        "[status]\nonline = busy.0 is=0,1\n"
        "[commands]\n"
        "load.off.delay = set=\"go.0:{$ups.delay.shutdown divide=10}\" check=idle\n"
        "shutdown.stop = set=lock.0:{lock.0} set=go.0:-1 together\n"
        "test.battery.start = set=go.0:{argument:7} range=5..9\n"
        "load.on = set=missing.0:1\n"
        "load.off = set=\"go.0:{$ups.delay.shutdown offset=$ups.delay.start}\"\n"
        "load.cycle = set=go.0:{argument:41} when=idle range=40..49\n"
        "load.cycle = set=go.0:{argument:51} when=!idle range=50..59\n"
        "shutdown.reboot = set=go.0:1 when=idle\n"
        "beeper.mute = set=secret.0:3 unread\n"
        "outlet.*.load.off = set=outletControl.*:2 table=outlets verify=outletState.* is=2\n"
        "outlet.*.load.on = set=outletState.*:1 table=outlets verify=outletState.* is=1 within=0.1\n";

static const char agent[] =
        "1.3.6.1.4.1.99999.2.1.1.0|2|200\n1.3.6.1.4.1.99999.2.1.2.0|4|me\n1.3.6.1.4.1.99999.2.1.3.0|2|1\n"
        "1.3.6.1.4.1.99999.2.1.4.0|2|0\n1.3.6.1.4.1.99999.2.1.5.0|2|4711\n1.3.6.1.4.1.99999.2.1.6.0|2|0\n"
        "1.3.6.1.4.1.99999.2.1.7.0|2|250\n1.3.6.1.4.1.99999.2.1.8.0|2|1\n"
        "1.3.6.1.4.1.99999.2.1.9.0|4|here\n1.3.6.1.4.1.99999.2.1.10.0|4|here\n"
        "1.3.6.1.4.1.99999.2.6.2.1|2|1\n1.3.6.1.4.1.99999.2.6.3.1|2|1\n";

static int64_t integer_of(const Bench *b, const char *text) {
        const SnmpValue *v;
        SnmpOid oid;

        ASSERT_OK(snmp_oid_parse(text, &oid));
        v = snmp_walk_find(&b->fake->walk, &oid);
        snmp_oid_done(&oid);
        ASSERT_TRUE(v && v->type == SNMP_TYPE_INTEGER);
        return v->integer;
}

static void test_set(void) {
        Bench b = {};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "battery.charge.low"), "20");
        ASSERT_STREQ(bench_get(&b, "battery.runtime.low"), "25");
        ASSERT_TRUE(model_find(b.model, "battery.charge.low")->flags & VARIABLE_WRITABLE);
        ASSERT_EQ(model_find(b.model, "device.contact")->length_max, 8);

        ASSERT_OK(bench_set(&b, "battery.charge.low", "37"));
        ASSERT_EQ(integer_of(&b, EX "1.1.0"), 350);
        ASSERT_STREQ(bench_get(&b, "battery.charge.low"), "35");
        ASSERT_OK(bench_set(&b, "battery.runtime.low", "12.5"));
        ASSERT_EQ(integer_of(&b, EX "1.7.0"), 125);
        ASSERT_OK(bench_set(&b, "ups.beeper.status", "Enabled"));
        ASSERT_EQ(integer_of(&b, EX "1.3.0"), 2);
        ASSERT_STREQ(bench_get(&b, "ups.beeper.status"), "enabled");
        ASSERT_OK(bench_set(&b, "device.contact", "you"));
        ASSERT_STREQ(bench_get(&b, "device.contact"), "you");
        /* Taken where it is set, and not shown yet where it is read. */
        ASSERT_OK(bench_set(&b, "device.location", "there"));
        ASSERT_STREQ(bench_get(&b, "device.location"), "here");
        ASSERT_OK(bench_set(&b, "ups.delay.shutdown", "60"));
        ASSERT_STREQ(bench_get(&b, "ups.delay.shutdown"), "60");

        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "95"), EINVAL);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "10 to 90"));
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "x"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "device.contact", "much too long"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "ups.beeper.status", "loud"), EINVAL);
        ASSERT_ERROR(bench_set(&b, "outlet.1.status", "off"), EOPNOTSUPP);
        ASSERT_ERROR(bench_set(&b, "no.such", "1"), EOPNOTSUPP);

        b.fake->refuse = 17;
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "50"), EPIPE);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "notWritable"));
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "limit.0"));
        b.fake->refuse = 0;
        b.fake->is_deaf = true;
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "50"), EREMOTEIO);
        ASSERT_TRUE(strstr(b.log, "but the device has 35"));
        ASSERT_ERROR(bench_set(&b, "device.location", "away"), EREMOTEIO);
        b.fake->dead = true;
        ASSERT_ERROR(bench_set(&b, "battery.charge.low", "50"), ETIMEDOUT);
        bench_close(&b);
}

static void test_options(void) {
        static const char *const options[] = {"lowbatt", "40", "offdelay", "30", NULL};
        static const char *const bad[] = {"lowbatt", "5", "offdelay", "9999", NULL};
        Bench b = {.options = options};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_EQ(integer_of(&b, EX "1.1.0"), 400);
        ASSERT_STREQ(bench_get(&b, "battery.charge.low"), "40");
        ASSERT_STREQ(bench_get(&b, "ups.delay.shutdown"), "30");
        bench_close(&b);

        b.options = bad;
        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_EQ(b.fake->n_sets, 0);
        ASSERT_STREQ(bench_get(&b, "battery.charge.low"), "20");
        ASSERT_STREQ(bench_get(&b, "ups.delay.shutdown"), "20");
        ASSERT_TRUE(strstr(b.log, "cannot set lowbatt to 5"));
        bench_close(&b);
}

static void test_commands(void) {
        Bench b = {};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_TRUE(model_find_command(b.model, "load.off.delay"));
        ASSERT_FALSE(model_find_command(b.model, "load.on"));
        ASSERT_ERROR(bench_command(&b, "load.on", NULL), EOPNOTSUPP);
        ASSERT_TRUE(model_find_command(b.model, "beeper.mute"));
        /* Nobody has looked whether it is there: the agent is asked, and it is another
         * one than was thought. */
        ASSERT_ERROR(bench_command(&b, "beeper.mute", NULL), EPIPE);
        ASSERT_EQ(b.fake->n_sets, 1);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "secret.0"));

        ASSERT_OK(bench_command(&b, "load.off.delay", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 2);
        fake_put(b.fake, EX "1.4.0", 1);
        ASSERT_ERROR(bench_command(&b, "load.off.delay", NULL), EBUSY);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "idle"));

        /* The lock is what it is now, not what it was. */
        fake_put(b.fake, EX "1.5.0", 4712);
        b.fake->n_sets = 0;
        ASSERT_ERROR(bench_command(&b, "shutdown.stop", "3"), EINVAL);
        ASSERT_OK(bench_command(&b, "shutdown.stop", NULL));
        ASSERT_EQ(b.fake->n_sets, 1);
        ASSERT_EQ(integer_of(&b, EX "1.5.0"), 4712);
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), -1);

        ASSERT_OK(bench_command(&b, "test.battery.start", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 7);
        ASSERT_OK(bench_command(&b, "test.battery.start", "9"));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 9);
        ASSERT_ERROR(bench_command(&b, "test.battery.start", "10"), EINVAL);

        b.fake->refuse = 6;
        ASSERT_ERROR(bench_command(&b, "test.battery.start", NULL), EPIPE);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "noAccess"));
        b.fake->refuse = 0;
        fake_put(b.fake, EX "6.2.1", 2);
        ASSERT_OK(bench_command(&b, "outlet.1.load.on", NULL));
        ASSERT_STREQ(bench_get(&b, "outlet.1.status"), "on");
        b.fake->is_deaf = true;
        fake_put(b.fake, EX "6.2.1", 2);
        ASSERT_ERROR(bench_command(&b, "outlet.1.load.on", NULL), EREMOTEIO);
        bench_close(&b);
}

/* With two rows of a name that is run which fits the device as it is, not as it was at the last poll. */
static void test_choice(void) {
        Bench b = {};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_command(&b, "load.cycle", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 41);
        fake_put(b.fake, EX "1.4.0", 1);
        ASSERT_OK(bench_command(&b, "load.cycle", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 51);
        fake_put(b.fake, EX "1.4.0", 0);
        ASSERT_OK(bench_command(&b, "load.cycle", ""));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 41);

        /* The argument has to fit as well, and no row at all is right any more. */
        fake_put(b.fake, EX "1.4.0", 1);
        b.fake->n_sets = 0;
        ASSERT_ERROR(bench_command(&b, "load.cycle", "42"), EINVAL);
        fake_put(b.fake, EX "1.4.0", 0);
        ASSERT_OK(bench_poll(&b, false));
        fake_put(b.fake, EX "1.4.0", 1);
        ASSERT_ERROR(bench_command(&b, "shutdown.reboot", NULL), EBUSY);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "no state for it"));
        ASSERT_EQ(b.fake->n_sets, 0);

        /* Not known is not as before either. */
        b.fake->dead = true;
        ASSERT_ERROR(bench_command(&b, "load.cycle", NULL), ETIMEDOUT);
        ASSERT_EQ(b.fake->n_sets, 0);
        bench_close(&b);
}

static void test_offset(void) {
        Bench b = {};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_command(&b, "load.off", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 50);
        ASSERT_OK(bench_set(&b, "ups.delay.start", "500"));
        ASSERT_OK(bench_command(&b, "load.off", NULL));
        ASSERT_EQ(integer_of(&b, EX "1.6.0"), 520);
        bench_close(&b);
}

/* All that a command may wait for is in its time, of its longest row. */
static void test_usec(void) {
        Bench b = {};

        bench_open(&b, profile, agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_EQ(snmp_engine_command_usec(b.engine, "no.such", 1000), 0);
        /* Two requests each before and behind; one step; what is sent together is one. */
        ASSERT_EQ(snmp_engine_command_usec(b.engine, "test.battery.start", 1000), 5000);
        ASSERT_EQ(snmp_engine_command_usec(b.engine, "shutdown.stop", 1000), 5000);
        /* Within five seconds, and a last look. */
        ASSERT_EQ(snmp_engine_command_usec(b.engine, "outlet.1.load.off", 1000), 5506000);
        ASSERT_TRUE(snmp_engine_set_usec(b.engine, 1000) > 2000000);
        bench_close(&b);
}

int main(void) {
        test_set();
        test_options();
        test_commands();
        test_choice();
        test_offset();
        test_usec();
        return 0;
}
