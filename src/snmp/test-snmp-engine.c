/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "string-util.h"
#include "test-snmp-fake.h"

#define HEAD                                                                                            \
        "[profile]\nengine = snmp\ntitle = Test\nversion = 1.0\nmib = test\nvendor = Maker\norder = 1\n"    \
        "[objects]\nex = 1.3.6.1.4.1.99999.2\nmodel = ex.1.1\nplaces = ex.1.2\nvolts = ex.1.3\n"            \
        "mains = ex.1.4\nlow = ex.1.5\nname = ex.1.6\nmac = ex.1.7\nbits = ex.1.8\nalarms = ex.1.9\n"       \
        "unitId = ex.5.1\nunitMains = ex.5.2\nunitLow = ex.5.3\n"                                          \
        "outletName = ex.6.1\noutletState = ex.6.2\nphase = ex.7.1\nalarmId = ex.8.1\nslow = ex.1.20\n"     \
        "[probe]\nneed = model.0\n"

static const char plain_profile[] = HEAD
        "[table:outlets]\nindex = outletName\nask = full\n"
        "[table:phases]\nmembers = 1..3\n"
        "[table:alarms]\nindex = alarmId\ncount = alarms.0\nask = quick\nnumber = position\n"
        "[variables]\n"
        "ups.model = model.0 ask=once\n"
        "input.voltage = volts.0 decimals=places.0 format=%.1f\n"
        "ups.macaddr = name.0\nups.macaddr = mac.0 form=mac\n"
        "experimental.bits = bits.0 form=bits\n"
        "ups.load = $input.voltage divide=2 when=on\n"
        "ups.contacts = slow.0 ask=slow\n"
        "outlet.count = table:outlets\n"
        "outlet.*.name = outletName.* table=outlets\n"
        "outlet.*.status = outletState.* table=outlets lookup=states\n"
        "outlet.*.id = number:outlets table=outlets\n"
        "input.L*.current = phase.* table=phases scale=0.1 format=%.1f\n"
        "[derived]\nups.realpower = 2 input.voltage format=%d\n"
        "[lookup:states]\n1 = on\n2 = off\n"
        "[when:on]\nvalue = mains.0 is=1\n"
        "[status]\nonline = mains.0 is=1\noffline = mains.0 is=2\nlow-battery = low.0 is=1\n"
        "[alarms]\n* = alarmId.* table=alarms lookup=alarm-texts\n\"Low at last\" = low.0 is=1\n"
        "[lookup:alarm-texts]\n7 = \"Too hot\"\n9 = \"Too cold\"\n";

static const char plain_agent[] =
        "1.3.6.1.2.1.1.1.0|4|Example\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.2\n"
        "1.3.6.1.4.1.99999.2.1.1.0|4|Model X  \n"
        "1.3.6.1.4.1.99999.2.1.2.0|2|1\n"
        "1.3.6.1.4.1.99999.2.1.3.0|66|2304\n"
        "1.3.6.1.4.1.99999.2.1.4.0|2|1\n"
        "1.3.6.1.4.1.99999.2.1.5.0|2|2\n"
        "1.3.6.1.4.1.99999.2.1.6.0|4|\n"
        "1.3.6.1.4.1.99999.2.1.7.0|4x|0a0b0c000102\n"
        "1.3.6.1.4.1.99999.2.1.8.0|4x|8180\n"
        "1.3.6.1.4.1.99999.2.1.9.0|66|0\n"
        "1.3.6.1.4.1.99999.2.1.20.0|2|5\n"
        "1.3.6.1.4.1.99999.2.6.1.3|4|Left\n1.3.6.1.4.1.99999.2.6.1.7|4|Right\n"
        "1.3.6.1.4.1.99999.2.6.2.3|2|1\n1.3.6.1.4.1.99999.2.6.2.7|2|2\n"
        "1.3.6.1.4.1.99999.2.7.1.1|2|11\n1.3.6.1.4.1.99999.2.7.1.3|2|33\n"
        "1.3.6.1.4.1.99999.2.8.1.4|2|7\n1.3.6.1.4.1.99999.2.8.1.6|2|9\n"
        "1.3.6.1.4.1.99999.3.1.0|2|1\n";

#define EX "1.3.6.1.4.1.99999.2."

static void check_plain(const Bench *b) {
        ASSERT_STREQ(bench_get(b, "ups.model"), "Model X");
        ASSERT_STREQ(bench_get(b, "input.voltage"), "230.4");
        ASSERT_STREQ(bench_get(b, "ups.load"), "115.2");
        ASSERT_STREQ(bench_get(b, "ups.realpower"), "460");
        ASSERT_STREQ(bench_get(b, "ups.macaddr"), "0a:0b:0c:00:01:02");
        ASSERT_STREQ(bench_get(b, "experimental.bits"), "0,7,8");
        ASSERT_STREQ(bench_get(b, "outlet.count"), "2");
        ASSERT_STREQ(bench_get(b, "outlet.3.name"), "Left");
        ASSERT_STREQ(bench_get(b, "outlet.7.status"), "off");
        ASSERT_STREQ(bench_get(b, "outlet.7.id"), "7");
        ASSERT_STREQ(bench_get(b, "input.L1.current"), "1.1");
        ASSERT_STREQ(bench_get(b, "input.L2.current"), NULL);
        ASSERT_STREQ(bench_get(b, "input.L3.current"), "3.3");
        ASSERT_STREQ(bench_get(b, "ups.mfr"), "Maker");
        ASSERT_STREQ(bench_get(b, "ups.status"), "OL");
}

static void test_plain(bool is_v1) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, is_v1, NULL);
        ASSERT_OK(bench_start(&b));
        check_plain(&b);

        /* What changes is seen, also through others. */
        fake_put(b.fake, EX "1.3.0", 2200);
        fake_put(b.fake, EX "1.5.0", 1);
        fake_put(b.fake, EX "1.9.0", 2);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "input.voltage"), "220.0");
        ASSERT_STREQ(bench_get(&b, "ups.load"), "110");
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OL LB");
        ASSERT_STREQ(bench_get(&b, "ups.alarm"), "Too hot Too cold Low at last");

        /* Quick polls see states, and not the rest. */
        fake_put(b.fake, EX "1.4.0", 2);
        fake_put(b.fake, EX "1.9.0", 0);
        fake_put(b.fake, EX "1.3.0", 2100);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OB LB");
        ASSERT_STREQ(bench_get(&b, "ups.alarm"), "Low at last");
        ASSERT_STREQ(bench_get(&b, "input.voltage"), "220.0");

        /* A member that is gone, and one that is new. */
        fake_drop(b.fake, EX "6.1.3");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "outlet.3.name"), NULL);
        ASSERT_STREQ(bench_get(&b, "outlet.3.status"), NULL);
        ASSERT_STREQ(bench_get(&b, "outlet.count"), "1");
        ASSERT_STREQ(bench_get(&b, "outlet.7.name"), "Right");

        /* A value of another type is what it is; none is none. */
        fake_put_text(b.fake, EX "1.3.0", "not a number");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "input.voltage"), NULL);
        ASSERT_STREQ(bench_get(&b, "ups.realpower"), NULL);
        fake_put_text(b.fake, EX "1.3.0", " 2315 ");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "input.voltage"), "231.5");
        bench_close(&b);
}

static void test_sizes(bool silent) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        b.fake->too_big = 3;
        b.fake->silent_if_big = silent;
        ASSERT_OK(bench_start(&b));
        check_plain(&b);
        b.fake->n_requests = 0;
        b.fake->largest = 0;
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_TRUE(b.fake->largest <= 3);
        check_plain(&b);
        bench_close(&b);
}

static void test_few_requests(void) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        b.fake->n_requests = 0;
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_EQ(b.fake->n_requests, 1);
        bench_close(&b);
}

static void test_bad_objects(void) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        b.fake->general = EX "1.7";
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "ups.macaddr"), NULL);
        ASSERT_STREQ(bench_get(&b, "input.voltage"), "230.4");
        b.fake->general = NULL;
        for (unsigned i = 0; i < 3; i++)
                ASSERT_OK(bench_poll(&b, true));
        check_plain(&b);
        bench_close(&b);
}

static void test_silence(void) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));

        /* Nothing at all: the first request tells. */
        b.fake->dead = true;
        b.fake->n_requests = 0;
        ASSERT_ERROR(bench_poll(&b, true), ETIMEDOUT);
        ASSERT_TRUE(b.fake->n_requests <= 2);
        b.fake->dead = false;
        ASSERT_OK(bench_poll(&b, true));
        check_plain(&b);

        /* One object that makes it silent costs what is in its request, for a while; then only itself. */
        b.fake->silent = EX "1.7";
        for (unsigned i = 0; i < 12; i++)
                (void) bench_poll(&b, true);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.macaddr"), NULL);
        ASSERT_STREQ(bench_get(&b, "input.voltage"), "230.4");
        ASSERT_STREQ(bench_get(&b, "outlet.7.status"), "off");
        bench_close(&b);
}

static void test_errors(void) {
        static const int errors[] = {-ECONNREFUSED, -EHOSTUNREACH, -EACCES, -EBADMSG, -EPROTO};

        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                Bench b = {};

                bench_open(&b, plain_profile, plain_agent, false, NULL);
                ASSERT_OK(bench_start(&b));
                b.fake->error = errors[i];
                ASSERT_EQ(bench_poll(&b, true), errors[i]);
                bench_close(&b);
        }
}

static void test_circle(void) {
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        b.fake->circle = EX "6.1";
        ASSERT_OK(bench_start(&b));
        check_plain(&b);
        ASSERT_TRUE(strstr(b.log, "circles"));
        bench_close(&b);
}

static void test_known(void) {
        _cleanup_free_ char *known = NULL, *garbled = NULL;
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_TRUE(snmp_engine_is_news(b.engine));
        ASSERT_OK(snmp_engine_save(b.engine, &known));
        ASSERT_FALSE(snmp_engine_is_news(b.engine));
        bench_close(&b);

        /* With it, there is nothing to walk. */
        bench_open(&b, plain_profile, plain_agent, false, known);
        ASSERT_OK(bench_start(&b));
        check_plain(&b);
        ASSERT_EQ(b.fake->n_requests, 1);
        bench_close(&b);

        /* Another device at the address. */
        bench_open(&b, plain_profile, plain_agent, false, known);
        fake_drop(b.fake, EX "1.1");
        ASSERT_ERROR(bench_start(&b), ENXIO);
        ASSERT_TRUE(snmp_engine_why(b.engine));
        bench_close(&b);

        /* Whatever stands on the disk: all is found anew then. */
        for (size_t cut = 0; cut < strlen(known); cut++) {
                free(garbled);
                garbled = strdup(known);
                garbled[cut] = garbled[cut] == '=' ? ' ' : '=';
                bench_open(&b, plain_profile, plain_agent, false, garbled);
                (void) bench_start(&b);
                bench_close(&b);
                garbled[cut] = '\0';
                bench_open(&b, plain_profile, plain_agent, false, garbled);
                ASSERT_OK(bench_start(&b));
                bench_close(&b);
        }
}

/* What is remembered of tables is believed at first, and looked at once soon after. */
static void test_known_grows(void) {
        static const char profile[] = HEAD
                "[table:outlets]\nindex = outletName\n[table:phases]\nindex = phase\nask = once\n"
                "[variables]\nups.model = model.0\noutlet.count = table:outlets\n"
                "outlet.*.name = outletName.* table=outlets\ninput.phases = table:phases\n"
                "input.L*.current = phase.* table=phases\n";
        _cleanup_free_ char *known = NULL, *lines = NULL;
        unsigned n_requests;
        Bench b = {};

        bench_open(&b, profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(snmp_engine_save(b.engine, &known));
        bench_close(&b);

        lines = strjoin(plain_agent, EX "6.1.8|4|New\n" EX "7.1.2|2|22\n");
        bench_open(&b, profile, lines, false, known);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "outlet.count"), "2");
        ASSERT_EQ(b.fake->n_requests, 1);
        /* The one right behind the start may be answered by what that has read. */
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "outlet.count"), "3");
        ASSERT_STREQ(bench_get(&b, "outlet.8.name"), "New");
        ASSERT_STREQ(bench_get(&b, "input.phases"), "3");
        ASSERT_TRUE(snmp_engine_is_news(b.engine));

        /* Once: of three full polls one is slow, and that walks what is slow. */
        n_requests = b.fake->n_requests;
        for (int i = 0; i < 3; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_EQ(b.fake->n_requests, n_requests + 4);
        bench_close(&b);
}

/* A name that nobody has given yet is there to be given, but stands behind any that there is. */
static void test_blank(void) {
        Bench b = {};

        bench_open(&b,
                HEAD "[variables]\n"
                     "ups.id = name.0 rw length=8\n"
                     "device.location = name.0 rw length=8\ndevice.location = model.0\n"
                     "device.part = name.0\n"
                     "device.contact = 1.3.6.1.4.1.99999.2.1.99.0 rw length=8\n"
                     "[status]\nonline = mains.0 is=1\n",
                plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "ups.id"), "");
        ASSERT_STREQ(bench_get(&b, "device.location"), "Model X");
        ASSERT_STREQ(bench_get(&b, "device.part"), NULL);
        ASSERT_STREQ(bench_get(&b, "device.contact"), NULL);
        fake_put_text(b.fake, EX "1.6.0", "One");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.id"), "One");
        ASSERT_STREQ(bench_get(&b, "device.location"), "One");
        fake_put_text(b.fake, EX "1.6.0", "");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.id"), "");
        bench_close(&b);
}

/*** Chains ***/

static const char chain_profile[] = HEAD
        "[table:units]\nindex = unitId\nchain\n"
        "[table:outlets]\nindex = outletName\nparent = units\n"
        "[variables]\n"
        "ups.model = model.0\n"
        "device.serial = unitId.* table=units\n"
        "outlet.count = table:outlets table=units\n"
        "outlet.*.name = outletName.* table=outlets\n"
        "outlet.*.desc = $device.serial table=outlets\n"
        "[status]\nonline = unitMains.* table=units is=1\noffline = unitMains.* table=units is=2\n"
        "low-battery = unitLow.* table=units is=1\n"
        "[alarms]\n\"Unit is low\" = unitLow.* table=units is=1\n"
        "[commands]\noutlet.*.load.off = set=outletState.*:2 table=outlets\n";

static const char chain_agent[] =
        "1.3.6.1.4.1.99999.2.1.1.0|4|Chain\n"
        "1.3.6.1.4.1.99999.2.5.1.1|4|AAA\n1.3.6.1.4.1.99999.2.5.1.2|4|BBB\n"
        "1.3.6.1.4.1.99999.2.5.2.1|2|1\n1.3.6.1.4.1.99999.2.5.2.2|2|1\n"
        "1.3.6.1.4.1.99999.2.5.3.1|2|2\n1.3.6.1.4.1.99999.2.5.3.2|2|2\n"
        "1.3.6.1.4.1.99999.2.6.1.1.1|4|a1\n1.3.6.1.4.1.99999.2.6.1.1.2|4|a2\n"
        "1.3.6.1.4.1.99999.2.6.1.2.1|4|b1\n"
        "1.3.6.1.4.1.99999.2.6.2.1.1|2|1\n1.3.6.1.4.1.99999.2.6.2.1.2|2|1\n"
        "1.3.6.1.4.1.99999.2.6.2.2.1|2|1\n";

static void test_chain(void) {
        Bench b = {};

        bench_open(&b, chain_profile, chain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "device.count"), "2");
        ASSERT_STREQ(bench_get(&b, "ups.model"), "Chain");
        ASSERT_STREQ(bench_get(&b, "device.2.serial"), "BBB");
        ASSERT_STREQ(bench_get(&b, "device.1.outlet.count"), "2");
        ASSERT_STREQ(bench_get(&b, "device.2.outlet.count"), "1");
        ASSERT_STREQ(bench_get(&b, "device.1.outlet.2.name"), "a2");
        ASSERT_STREQ(bench_get(&b, "device.2.outlet.1.name"), "b1");
        ASSERT_STREQ(bench_get(&b, "device.2.outlet.1.desc"), "BBB");
        ASSERT_STREQ(bench_get(&b, "device.2.ups.status"), "OL");
        ASSERT_STREQ(bench_get(&b, "ups.status"), "OL");
        ASSERT_TRUE(model_find_command(b.model, "device.2.outlet.1.load.off"));
        ASSERT_OK(bench_command(&b, "device.2.outlet.1.load.off", NULL));
        ASSERT_EQ(b.fake->n_sets, 1);

        fake_put(b.fake, EX "5.2.2", 2);
        fake_put(b.fake, EX "5.3.2", 1);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "device.1.ups.status"), "OL");
        ASSERT_STREQ(bench_get(&b, "device.2.ups.status"), "ALARM OB LB");
        ASSERT_STREQ(bench_get(&b, "device.2.ups.alarm"), "Unit is low");
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OB LB");
        ASSERT_STREQ(bench_get(&b, "ups.alarm"), "2: Unit is low");

        /* With one member left, names are as they are. */
        fake_put(b.fake, EX "5.2.2", 1);
        fake_drop(b.fake, EX "5.1.2");
        for (unsigned i = 0; i < 3; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "device.count"), NULL);
        ASSERT_STREQ(bench_get(&b, "device.2.serial"), NULL);
        ASSERT_STREQ(bench_get(&b, "device.1.ups.status"), NULL);
        ASSERT_STREQ(bench_get(&b, "device.2.ups.alarm"), NULL);
        ASSERT_STREQ(bench_get(&b, "device.serial"), "AAA");
        ASSERT_STREQ(bench_get(&b, "outlet.2.name"), "a2");
        ASSERT_STREQ(bench_get(&b, "ups.status"), "OL");
        ASSERT_FALSE(model_find_command(b.model, "device.2.outlet.1.load.off"));
        ASSERT_TRUE(model_find_command(b.model, "outlet.1.load.off"));
        bench_close(&b);
}

/* What stands where a number should be, and a number that the profile does not know. */
static void test_odd_values(void) {
        static const char *const odd[] = {"n/a", "-", "--", "unknown", "1x", ""};
        Bench b = {};

        bench_open(&b, plain_profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
                fake_put_text(b.fake, EX "1.4.0", odd[i]);
                fake_put_text(b.fake, EX "1.5.0", odd[i]);
                fake_put_text(b.fake, EX "7.1.1", odd[i]);
                ASSERT_OK(bench_poll(&b, true));
                ASSERT_STREQ(bench_get(&b, "ups.status"), "");
                ASSERT_STREQ(bench_get(&b, "ups.alarm"), NULL);
                ASSERT_STREQ(bench_get(&b, "input.L1.current"), NULL);
        }
        fake_put(b.fake, EX "1.4.0", 99);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "");
        fake_put_text(b.fake, EX "1.4.0", "2");
        fake_put(b.fake, EX "7.1.1", 12);
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "OB");
        ASSERT_STREQ(bench_get(&b, "input.L1.current"), "1.2");
        bench_close(&b);
}

static const char number_profile[] = HEAD
        "[table:outlets]\nindex = outletName\n"
        "[variables]\nups.timer.shutdown = volts.0\noutlet.*.timer.start = outletState.* table=outlets\n"
        "ups.id = mac.0\nups.firmware = volts.0\n";

/* The variable says that it is a number, whatever attributes its row has; of a device that says nothing of
 * its state there is no status. */
static void test_numbers(void) {
        Bench b = {};

        bench_open(&b, number_profile, plain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "ups.timer.shutdown"), "2304");
        ASSERT_STREQ(bench_get(&b, "outlet.7.timer.start"), "2");
        ASSERT_STREQ(bench_get(&b, "ups.status"), NULL);
        fake_put_text(b.fake, EX "1.3.0", "n/a");
        fake_put_text(b.fake, EX "6.2.7", "-");
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.timer.shutdown"), NULL);
        ASSERT_STREQ(bench_get(&b, "outlet.7.timer.start"), NULL);
        ASSERT_STREQ(bench_get(&b, "ups.firmware"), "n/a");
        ASSERT_STREQ(bench_get(&b, "ups.status"), NULL);
        bench_close(&b);
}

int main(void) {
        test_odd_values();
        test_numbers();
        test_plain(false);
        test_plain(true);
        test_sizes(false);
        test_sizes(true);
        test_few_requests();
        test_bad_objects();
        test_silence();
        test_errors();
        test_circle();
        test_known();
        test_known_grows();
        test_blank();
        test_chain();
        return 0;
}
