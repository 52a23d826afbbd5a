/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "hid-engine.h"
#include "test-hid-fake.h"
#include "test-util.h"

/* What single rows of a profile make of the device in test-hid-fake.c. */

#define HEAD "[profile]\nengine = hid\ntitle = T\nversion = 1\n[match]\nusb = 1234:*\n"

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_ERR)
                TEST_FAIL("%s:%u: %s in:\n%s", file, line, message, (const char *) userdata);
}

static Model *start(FakeLink *fake, const char *sections, bool fix, HidEngine **ret) {
        _cleanup_(hid_profile_unrefp) HidProfile *profile = NULL;
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_free_ char *text = strjoin(HEAD, sections);
        HidEngineOptions options = { .fix_descriptor = fix, .pipe_events_tolerance = -1 };
        Model *model = model_new();

        ASSERT_TRUE(u && model && text);
        ASSERT_OK(hid_profile_parse("t.profile", text, strlen(text), report, text, &profile));
        ASSERT_OK(hid_engine_new(&fake->link, profile, &options, ret));
        ASSERT_OK(hid_engine_start(*ret, u));
        ASSERT_OK(model_apply(model, u, NULL));
        return model;
}

/* The variable "x" (or what "name" says) under these sections. */
static char *value_of(FakeLink *fake, const char *sections, const char *name) {
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        _cleanup_(model_freep) Model *model = start(fake, sections, true, &e);
        const char *value = model_get(model, name);

        return value ? strdup(value) : NULL;
}

#define S "UPS.PowerSummary."

static const struct {
        const char *sections, *name, *value;
} rows[] = {
        /* 13.64 V, raw 1364 */
        { "[variables]\nbattery.voltage = " S "Voltage\n", "battery.voltage", "14" },
        { "[variables]\nbattery.voltage = " S "Voltage raw\n", "battery.voltage", "1364" },
        { "[variables]\nbattery.voltage = " S "Voltage format=%d\n", "battery.voltage", "14" },
        { "[variables]\nbattery.voltage = " S "Voltage scale=2 offset=-1 format=%.2f\n", "battery.voltage",
          "26.28" },
        { "[variables]\nbattery.voltage = " S "Voltage raw mask=0x54\n", "battery.voltage", "84" },
        { "[variables]\nbattery.voltage = " S "Voltage invalid=7,1364\n", "battery.voltage", NULL },
        { "[variables]\nbattery.voltage = " S "Voltage plausible=20..30\n", "battery.voltage", NULL },
        { "[variables]\nbattery.voltage = " S "Voltage plausible=13..14 format=%.1f\n", "battery.voltage",
          "13.6" },
        { "[variables]\nbattery.voltage = " S "Voltage clamp=0..12\n", "battery.voltage", "12" },
        { "[variables]\nbattery.voltage = " S "Voltage value=12\n", "battery.voltage", "12" },
        { "[corrections]\n*.*.Voltage = exponent=6\n[variables]\nbattery.voltage = " S "Voltage\n",
          "battery.voltage", "136" },
        { "[corrections]\n" S "Voltage = exponent=6 if-exponent=7\n[variables]\nbattery.voltage = " S
          "Voltage\n", "battery.voltage", "14" },
        { "[corrections]\n" S "Current = signed=no\n[variables]\nbattery.current = " S "Current\n",
          "battery.current", "254" },
        { "[curve:c]\n1000 = 10\n2000 = 20\n[variables]\nbattery.voltage = " S
          "Voltage raw curve=c format=%.2f\n", "battery.voltage", "13.64" },

        /* Several scales: the one with which it is near to the nominal one. */
        { "[variables]\nbattery.voltage.nominal = " S "Voltage value=136\nbattery.voltage = " S
          "Voltage scale=1,10,100 near=battery.voltage.nominal:0.5..1.5 format=%.1f\n", "battery.voltage",
          "136.4" },
        { "[variables]\nbattery.voltage = " S
          "Voltage scale=1,10 near=battery.voltage.nominal:0.5..1.5 format=%.1f\n", "battery.voltage",
          "13.6" },
        { "[variables]\nbattery.voltage.nominal = " S "Voltage value=900\nbattery.voltage = " S
          "Voltage scale=1,10 near=battery.voltage.nominal:0.5..1.5\n", "battery.voltage", NULL },

        /* Strings */
        { "[variables]\nbattery.type = " S "iDeviceChemistry function=string\n", "battery.type", "PbAc" },
        { "[variables]\nups.model = " S "iProduct function=string join=" S "iDeviceChemistry\n", "ups.model",
          "Example PbAc" },
        { "[variables]\nups.model = " S "iProduct function=string join=" S "WarningCapacityLimit\n",
          "ups.model", "Example 700 FW:12.3 USB FW:4" },
        { "[variables]\nups.model = " S "iProduct function=string match=\"^Ex(...)\"\n", "ups.model",
          "amp" },
        { "[variables]\nbattery.charge = " S "RemainingCapacity\nups.model = @product match=Nothing\n"
          "ups.model = @product match=\"[67]00\"\n",
          "ups.model", "700" },
        { "[variables]\nbattery.charge = " S "RemainingCapacity\nups.serial = @serial\n", "ups.serial",
          NULL },
        { "[names:n]\nPbAc = \"lead acid\"\n[variables]\nbattery.type = " S
          "iDeviceChemistry function=string names=n\n", "battery.type", "lead acid" },

        /* Alternatives: what is not there, what is refused, what means nothing. */
        { "[variables]\nbattery.charge = " S "PercentLoad\nbattery.charge = " S "RemainingCapacity\n",
          "battery.charge", "98" },
        { "[variables]\nbattery.charge = " S "RunTimeToEmpty\nbattery.charge = " S "RemainingCapacity\n",
          "battery.charge", "98" },
        { "[lookup:l]\n7 = seven\n[variables]\nbattery.charge = " S "RemainingCapacity lookup=l\n"
          "battery.charge = " S "RemainingCapacity\n", "battery.charge", "98" },
        { "[lookup:l]\n7 = seven\n* = other\n[variables]\nbattery.charge = " S
          "RemainingCapacity lookup=l\n", "battery.charge", "other" },

        /* Conditions of rows */
        { "[when:w]\nhas = " S "Voltage\n[variables]\nbattery.packs = " S "Voltage value=1 when=!w\n"
          "battery.packs = " S "Voltage value=2 when=w\n", "battery.packs", "2" },
        { "[when:w]\nfield = " S "RemainingCapacity 90..99\n[variables]\nbattery.packs = " S
          "Voltage value=1 when=w\n", "battery.packs", "1" },
        { "[when:w]\nfield = " S "RemainingCapacity 97,99\n[variables]\nbattery.packs = " S
          "Voltage value=1 when=w\n", "battery.packs", NULL },
        { "[when:w]\nfield = " S "PercentLoad\n[variables]\nbattery.packs = " S "Voltage value=1 when=!w\n",
          "battery.packs", "1" },

        /* Derived */
        { "[variables]\nbattery.voltage = " S "Voltage format=%.2f\n[derived]\nups.realpower = 2 "
          "battery.voltage ups.load:10 format=%.1f\n", "ups.realpower", "272.8" },
        { "[variables]\nbattery.voltage = " S "Voltage\n[derived]\nups.realpower = 2 ups.load\n",
          "ups.realpower", NULL },

        /* Status: charging, on line */
        { "[status]\nonline = " S "PresentStatus.ACPresent\n", "ups.status", "OL" },
        { "[status]\nonline = " S "PresentStatus.ACPresent invert\n", "ups.status", "OB" },
        { "[status]\nonline = " S "PresentStatus.Discharging\nonline = " S "PresentStatus.ACPresent\n",
          "ups.status", "OL" },
        { "[status]\nonline = " S "PresentStatus.Discharging\nonline = " S "PresentStatus.ACPresent else\n",
          "ups.status", "OB" },
        { "[status]\nonline = " S "PresentStatus.Good\nonline = " S "PresentStatus.ACPresent else\n",
          "ups.status", "OL" },
        { "[status]\nonline = " S "RemainingCapacity is=3,98\n", "ups.status", "OL" },
        { "[status]\nonline = " S "RemainingCapacity mask=2 is=2\n", "ups.status", "OL" },
        { "[status]\nonline = " S "RemainingCapacity mask=4\n", "ups.status", "OB" },
        { "[status]\nonline = " S "RemainingCapacity invalid=98\n", "ups.status", "" },
        { "[variables]\nbattery.charge = " S "RemainingCapacity\n", "ups.status", "" },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                FakeLink *fake = fake_link_new();
                _cleanup_free_ char *value = value_of(fake, rows[i].sections, rows[i].name);

                if (!streq_ptr(value, rows[i].value))
                        TEST_FAIL("%s is \"%s\", expected \"%s\" in:\n%s", rows[i].name, strempty(value),
                                        strempty(rows[i].value), rows[i].sections);
        }
}

static void test_corrections_are_optional(void) {
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        _cleanup_(model_freep) Model *model = start(fake_link_new(),
                        "[corrections]\n*.*.Voltage = exponent=7\n[variables]\nbattery.voltage = " S
                        "Voltage format=%.1f\n",
                        false, &e);

        ASSERT_STREQ(model_get(model, "battery.voltage"), "13.6");
}

static void test_hints(void) {
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        FakeLink *fake = fake_link_new();
        _cleanup_(model_freep) Model *model = start(fake,
                        "[when:w]\nproduct = Example\n[link]\npollonly = w\n"
                        "[variables]\nbattery.charge = " S "RemainingCapacity\n",
                        true, &e);
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(model && u);
        FAKE_SEND(fake, 0x01, 5);
        ASSERT_EQ(hid_engine_event(e, u), 0);
        ASSERT_EQ(hid_engine_fd(e), -1);
}

/* Packed, raised, mapped and marked values of commands. */
static void test_command_values(void) {
        static const struct {
                const char *attributes, *argument;
                int result;
                unsigned sent;
        } cases[] = {
                { "value=5",                                                  NULL,   0, 5      },
                { "value=argument",                                           "7",    0, 7      },
                { "value=argument",                                           NULL,   -EINVAL, 0 },
                { "value=argument:9",                                         "",     0, 9      },
                { "value=-1",                                                 NULL,   0, 0xffff },
                { "value=argument function=minutes-seconds bits=0x40",        "90",   0, 0x015e },
                { "value=argument function=seconds-minutes bits=0x4000",      "90",   0, 0x5e01 },
                { "value=argument minimum=60",                                "30",   0, 60     },
                { "value=argument scale=2 offset=1",                          "10",   0, 21     },
                { "value=argument raw curve=c",                               "15",   0, 2      },
                { "value=argument lookup=l",                                  "deep", 0, 2      },
                { "value=argument lookup=l",                                  "odd",  -EINVAL, 0 },
                { "value=$battery.charge",                                    NULL,   0, 98     },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                FakeLink *fake = fake_link_new();
                _cleanup_(hid_engine_freep) HidEngine *e = NULL;
                _cleanup_(update_freep) Update *u = update_new();
                _cleanup_free_ char *sections = strjoin(
                                "[curve:c]\n12 = 1\n13 = 2\n18 = 2\n[lookup:l]\n1 = quick\n2 = deep\n"
                                "[variables]\nbattery.charge = " S "RemainingCapacity\n"
                                "[commands]\nload.off.delay = " S "DelayBeforeShutdown ",
                                cases[i].attributes, "\n");
                _cleanup_(model_freep) Model *model = start(fake, sections, true, &e);

                ASSERT_STREQ(model_get(model, "battery.charge"), "98");
                ASSERT_EQ(hid_engine_command(e, "load.off.delay", cases[i].argument, u), cases[i].result);
                ASSERT_EQ(fake->n_sets, cases[i].result == 0);
                if (cases[i].result == 0)
                        ASSERT_EQ(fake->sent[0][1] | fake->sent[0][2] << 8, cases[i].sent);
        }
}

/* UPS.PowerSummary with 01 DelayBeforeShutdown, 16 bits, -1..32767, tens of seconds; 02 DelayBeforeStartup,
 * 8 bits, 0..255, which are 0 to 15300 seconds; 03 and 04 two outlets with a DelayBeforeShutdown. */
static const uint8_t coarse[] = {
        0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x09, 0x24, 0xa1, 0x02, 0x95, 0x01, 0x66, 0x01, 0x10, 0x55, 0x01,
        0x85, 0x01, 0x75, 0x10, 0x15, 0xff, 0x26, 0xff, 0x7f, 0x09, 0x57, 0xb1, 0x82,
        0x85, 0x02, 0x75, 0x08, 0x15, 0x00, 0x26, 0xff, 0x00, 0x55, 0x00, 0x35, 0x00, 0x46, 0xc4, 0x3b,
        0x09, 0x56, 0xb1, 0x82, 0xc0,
        0x35, 0x00, 0x45, 0x00, 0x09, 0x20, 0xa1, 0x02, 0x85, 0x03, 0x09, 0x57, 0xb1, 0x82, 0xc0, 0xc0,
};

#define COARSE                                                                                       \
        "[commands]\n"                                                                               \
        "load.off.delay = " S "DelayBeforeShutdown value=argument:20\n"                              \
        "load.on.delay = " S "DelayBeforeStartup value=argument:30\n"                                \
        "shutdown.stop = " S "DelayBeforeShutdown value=-1\n"                                        \
        "outlet.1.load.off = UPS.Outlet(1).DelayBeforeShutdown value=0\n"                            \
        "outlet.2.load.off = UPS.Outlet(2).DelayBeforeShutdown value=0\n"                            \
        "[variables]\n"                                                                              \
        "ups.delay.shutdown = " S "DelayBeforeShutdown held=20 rw\n"                                 \
        "ups.delay.start = " S "DelayBeforeStartup held=30 rw\n"                                     \
        "ups.timer.shutdown = " S "DelayBeforeShutdown\n"

static void assert_sent(const FakeLink *fake, unsigned i, uint8_t a, uint8_t b, uint8_t c) {
        ASSERT_TRUE(i < fake->n_sets);
        if (memcmp(fake->sent[i], (const uint8_t[]) { a, b, c }, 3) != 0)
                TEST_FAIL("%02x %02x %02x was sent, not %02x %02x %02x", fake->sent[i][0], fake->sent[i][1],
                                fake->sent[i][2], a, b, c);
}

/* Where a device does not count in seconds, "never" stays never, and short does not become at once. */
static void test_coarse_delays(void) {
        FakeLink *fake = fake_link_new_with(coarse, sizeof(coarse));
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_(model_freep) Model *model = NULL;

        FAKE_FEATURE(fake, 0x01, 0x0a, 0);
        FAKE_FEATURE(fake, 0x02, 0x05);
        FAKE_FEATURE(fake, 0x03, 0x05);
        model = start(fake, COARSE, true, &e);
        ASSERT_STREQ(model_get(model, "ups.timer.shutdown"), "100");

        ASSERT_OK(hid_engine_command(e, "shutdown.stop", NULL, u));
        assert_sent(fake, 0, 1, 0xff, 0xff);
        ASSERT_OK(hid_engine_command(e, "load.off.delay", "3", u));
        assert_sent(fake, 1, 1, 1, 0);
        ASSERT_OK(hid_engine_command(e, "load.off.delay", "0", u));
        assert_sent(fake, 2, 1, 0, 0);
        ASSERT_OK(hid_engine_command(e, "load.off.delay", "1000000", u));
        assert_sent(fake, 3, 1, 0xff, 0x7f);
        ASSERT_OK(hid_engine_command(e, "load.on.delay", "5", u));
        assert_sent(fake, 4, 2, 1, 0);
        ASSERT_OK(hid_engine_command(e, "load.on.delay", "-1", u));
        assert_sent(fake, 5, 2, 0xff, 0);
        ASSERT_OK(hid_engine_command(e, "load.on.delay", "600", u));
        assert_sent(fake, 6, 2, 10, 0);
        ASSERT_ERROR(hid_engine_command(e, "load.on.delay", "-3", u), EINVAL);
        ASSERT_OK(hid_engine_command(e, "shutdown.stayoff", NULL, u));
        assert_sent(fake, 7, 2, 0xff, 0);
        assert_sent(fake, 8, 1, 2, 0);

        ASSERT_ERROR(hid_engine_set(e, "ups.delay.shutdown", "-1", u), EINVAL);
        ASSERT_ERROR(hid_engine_set(e, "ups.delay.shutdown", "400000", u), EINVAL);
        ASSERT_ERROR(hid_engine_set(e, "ups.delay.start", "15301", u), EINVAL);
        ASSERT_OK(hid_engine_set(e, "ups.delay.start", "15300", u));

        /* There is but one outlet. */
        ASSERT_TRUE(hid_engine_has_command(e, "outlet.1.load.off"));
        ASSERT_FALSE(hid_engine_has_command(e, "outlet.2.load.off"));
}

/* A row that would come first is used once its report answers; so is what the driver keeps when it counts
 * again. */
static void test_late_rows(void) {
        FakeLink *fake = fake_link_new();
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        _cleanup_(model_freep) Model *model = NULL;

        fake->errors[1] = -EPIPE;
        model = start(fake,
                        "[when:ac]\nfield = " S "PresentStatus.ACPresent\n"
                        "[variables]\nbattery.charge = " S "RemainingCapacity\n"
                        "battery.charge = " S "WarningCapacityLimit\n"
                        "ups.delay.start = held=5 rw when=ac\n"
                        "ups.delay.start = " S "RemainingCapacityLimit when=!ac\n",
                        true, &e);
        ASSERT_STREQ(model_get(model, "battery.charge"), "20");
        fake->errors[1] = 0;

        for (unsigned i = 0; i < 12; i++) {
                _cleanup_(update_freep) Update *u = update_new();

                ASSERT_OK(i == 0 ? hid_engine_set(e, "ups.delay.start", "44", u)
                                 : hid_engine_poll(e, true, u));
                ASSERT_OK(model_apply(model, u, NULL));
                ASSERT_STREQ(model_get(model, "ups.delay.start"), i > 2 && i < 6 ? "10" : "44");
                FAKE_FEATURE(fake, 0x02, i >= 2 && i < 5 ? 0x02 : 0x03);
        }
        ASSERT_STREQ(model_get(model, "battery.charge"), "98");
}

/* A device that loses the question what its status is, and cannot say so by itself, is not started. */
static void test_no_mains(void) {
        static const struct {
                int error;
                const char *kind;
                int result;
        } cases[] = {
                { -ETIMEDOUT, "kind=feature", -EAGAIN },
                { -EIO,       "kind=feature", -EAGAIN },
                { -EPIPE,     "kind=feature", 0       },
                { -ETIMEDOUT, "",             0       },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(hid_profile_unrefp) HidProfile *profile = NULL;
                _cleanup_(update_freep) Update *u = update_new();
                _cleanup_(hid_engine_freep) HidEngine *e = NULL;
                _cleanup_free_ char *text = strjoin(HEAD "[variables]\nbattery.charge = " S
                                "RemainingCapacity\n[status]\nonline = " S "PresentStatus.ACPresent ",
                                cases[i].kind, "\n");
                HidEngineOptions options = { .pipe_events_tolerance = -1 };
                FakeLink *fake = fake_link_new();

                ASSERT_OK(hid_profile_parse("t.profile", text, strlen(text), report, text, &profile));
                ASSERT_OK(hid_engine_new(&fake->link, profile, &options, &e));
                fake->errors[2] = cases[i].error;
                ASSERT_EQ(hid_engine_start(e, u), cases[i].result);
                ASSERT_TRUE(fake->gets[2] >= 2);
        }
}

/* A device of one report: that it is refused once is no reason to open it anew. */
static void test_single_report(void) {
        FakeLink *fake = fake_link_new();
        _cleanup_(hid_engine_freep) HidEngine *e = NULL;
        _cleanup_(model_freep) Model *model = start(fake,
                        "[variables]\nbattery.charge = " S "RemainingCapacity quick\n", true, &e);
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(model && u);
        ASSERT_OK(hid_engine_poll(e, false, u));
        fake->errors[1] = -EPIPE;
        ASSERT_OK(hid_engine_poll(e, false, u));
        ASSERT_OK(hid_engine_poll(e, false, u));
        ASSERT_ERROR(hid_engine_poll(e, false, u), EIO);
        fake->errors[1] = 0;
        ASSERT_OK(hid_engine_poll(e, false, u));
        fake->errors[1] = -ETIMEDOUT;
        ASSERT_OK(hid_engine_poll(e, false, u));
        ASSERT_ERROR(hid_engine_poll(e, false, u), ETIMEDOUT);
}

int main(void) {
        test_no_mains();
        test_single_report();
        test_coarse_delays();
        test_late_rows();
        test_rows();
        test_corrections_are_optional();
        test_hints();
        test_command_values();
        return 0;
}
