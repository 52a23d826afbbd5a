/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <syslog.h>

#include "hid-engine.h"
#include "test-hid-fake.h"
#include "test-util.h"

/* The device of test-hid-fake.c with a profile and a model, for test-hid-engine.c. */

static const char profile_text[] =
        "[profile]\nengine = hid\ntitle = \"Example HID\"\nversion = 1.0\nvendor = Example\n"
        "[match]\nusb = 1234:5678\n"
        "[when:pb]\nmodel = \"^Example [67]00$\"\n"
        "[when:ac]\nfield = UPS.PowerSummary.PresentStatus.ACPresent\n"
        "[when:flag]\noption = flag\n"
        "[variables]\n"
        "battery.charge = UPS.PowerSummary.RemainingCapacity quick\n"
        "battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt\n"
        "battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow rw length=5\n"
        "battery.voltage = UPS.PowerSummary.Voltage format=%.2f\n"
        "battery.current = UPS.PowerSummary.Current format=%.1f\n"
        "battery.runtime = UPS.PowerSummary.RunTimeToEmpty\n"
        "battery.type = UPS.PowerSummary.iDeviceChemistry function=string once names=chemistry\n"
        "battery.mfr.date = UPS.PowerSummary.ManufacturerDate function=date rw length=10\n"
        "battery.temperature = UPS.PowerSummary.Temperature function=kelvin when=pb\n"
        "battery.packs = UPS.PowerSummary.Temperature value=7 when=flag\n"
        "battery.charger.status = UPS.PowerSummary.RemainingCapacity value=resting when=ac\n"
        "battery.charger.status = UPS.PowerSummary.RemainingCapacity value=idle when=!ac\n"
        "ups.model = @product match=\"^([^:]*) FW:\"\n"
        "ups.model = @product\n"
        "ups.firmware = @product match=\" FW:([^ ]*)\"\n"
        "ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper rw enum\n"
        "ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 option=offdelay rw length=10\n"
        "ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 option=ondelay rw length=10\n"
        "ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick\n"
        "ups.power.nominal = UPS.PowerSummary.ConfigApparentPower\n"
        "[derived]\nbattery.energy = 2 battery.voltage battery.charge:100 format=%.1f\n"
        "[names:chemistry]\nPbAc = PbAcid\n"
        "[status]\n"
        "online = UPS.PowerSummary.PresentStatus.ACPresent\n"
        "charging = UPS.PowerSummary.PresentStatus.Charging\n"
        "discharging = UPS.PowerSummary.PresentStatus.Discharging\n"
        "low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit\n"
        "replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement\n"
        "[alarms]\n\"Too much!\" = UPS.PowerSummary.RemainingCapacity is=100\n"
        "[commands]\n"
        "beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1\n"
        "load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20\n"
        "load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30\n"
        "test.battery.start = UPS.PowerSummary.Test value=argument:1\n"
        "[command:shutdown.reboot]\n"
        "set = UPS.PowerSummary.DelayBeforeStartup value=$ups.delay.start minimum=60\n"
        "set = UPS.PowerSummary.DelayBeforeReboot value=1 optional\n"
        "set = UPS.PowerSummary.DelayBeforeShutdown value=0\n";

static void profile_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_ERR)
                TEST_FAIL("%s:%u: %s", file, line, message);
}

static HidProfile *parse_profile(const char *text) {
        HidProfile *p = NULL;

        ASSERT_OK(hid_profile_parse("/x/example.profile", text, strlen(text), profile_report, NULL, &p));
        return p;
}

typedef struct Bench {
        FakeLink *fake;
        HidEngine *engine;
        Model *model;
        const char *lowbatt, *offdelay, *flag;
        unsigned n_logged;
        bool cancelled;
        HidEngineOptions options;
} Bench;

static const char *bench_option(const void *userdata, const char *name) {
        const Bench *b = userdata;

        if (streq(name, "lowbatt"))
                return b->lowbatt;
        if (streq(name, "flag"))
                return b->flag;
        return streq(name, "offdelay") ? b->offdelay : NULL;
}

static void bench_log(const void *userdata, int level, int error, const char *message) {
        Bench *b = (Bench *) userdata;

        ASSERT_FALSE(isempty(message));
        if (level <= LOG_WARNING)
                b->n_logged++;
}

static bool bench_cancelled(const void *userdata) {
        return ((const Bench *) userdata)->cancelled;
}

static void bench_open(Bench *b) {
        _cleanup_(hid_profile_unrefp) HidProfile *profile = parse_profile(profile_text);

        if (!b->fake)
                b->fake = fake_link_new();
        b->options.option = bench_option;
        b->options.log = bench_log;
        b->options.is_cancelled = bench_cancelled;
        b->options.userdata = b;
        b->options.fix_descriptor = true;
        if (b->options.pipe_events_tolerance == 0)
                b->options.pipe_events_tolerance = -1;
        b->options.rules.online_discharge_log_throttle_sec = -2;
        b->options.rules.online_discharge_log_throttle_hovercharge = 100;
        ASSERT_OK(hid_engine_new(&b->fake->link, profile, &b->options, &b->engine));
        b->model = model_new();
        ASSERT_TRUE(b->model);
}

static void bench_close(Bench *b) {
        hid_engine_free(b->engine);
        model_free(b->model);
}

/* Takes in what a call of the engine says, as the kit does: only when it succeeded. */
static int bench_apply(Bench *b, int result, const Update *u) {
        if (result >= 0) {
                ASSERT_OK(update_error(u));
                ASSERT_OK(model_apply(b->model, u, NULL));
        }
        return result;
}

#define RUN(b, call)                                                    \
        ({                                                              \
                _cleanup_(update_freep) Update *u = update_new();       \
                int _k = (call);                                        \
                bench_apply(b, _k, u);                                  \
        })
#define START(b) RUN(b, hid_engine_start((b)->engine, u))
#define POLL(b, full) RUN(b, hid_engine_poll((b)->engine, full, u))
#define EVENT(b) RUN(b, hid_engine_event((b)->engine, u))
#define SET(b, name, value) RUN(b, hid_engine_set((b)->engine, name, value, u))
#define COMMAND(b, name, argument) RUN(b, hid_engine_command((b)->engine, name, argument, u))
#define GET(b, name) model_get((b)->model, name)

static void open_and_start(Bench *b) {
        bench_open(b);
        ASSERT_OK(START(b));
        /* The reading at the start stands in for the first poll. */
        ASSERT_OK(POLL(b, true));
}
