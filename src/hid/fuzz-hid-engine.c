/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A hostile device: the first bytes say with which options it is opened and how long its descriptor is; then
 * the descriptor; the rest is what it answers to whatever it is asked, and sends by itself. */

#include <syslog.h>

#include "hid-engine.h"
#include "string-util.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define S "UPS.PowerSummary."
#define POLLS 6

static const char profile_text[] =
        "[profile]\nengine = hid\ntitle = T\nversion = 1\nvendor = V\n[match]\nusb = 1234:*\n"
        "[when:on]\nfield = " S "PresentStatus.ACPresent\n"
        "[when:model]\nmodel = \"[0-9]+\"\n"
        "[corrections]\n*.*.Current = exponent=-9 signed=no\n*.*.Voltage = widen\n"
        "[variables]\n"
        "battery.charge = " S "RemainingCapacity quick\n"
        "battery.charge = UPS.Battery.RemainingCapacity\n"
        "battery.charge.low = " S "RemainingCapacityLimit rw option=lowbatt\n"
        "battery.voltage = " S "Voltage scale=1,0.1 near=battery.voltage.nominal:0.5..1.5 format=%.2f\n"
        "battery.voltage.nominal = " S "ConfigVoltage\n"
        "battery.current = " S "Current format=%.1f\n"
        "battery.runtime = " S "RunTimeToEmpty slow\n"
        "battery.type = " S "iDeviceChemistry function=string once\n"
        "battery.mfr.date = " S "ManufacturerDate function=date rw length=10\n"
        "battery.date = " S "ManufacturerDate function=bcd-date\n"
        "battery.temperature = " S "Temperature function=kelvin when=model\n"
        "ups.id = " S "Temperature function=ascii\n"
        "ups.firmware = " S "Temperature function=version\n"
        "ups.debug = " S "Temperature function=hex\n"
        "ups.date = " S "Temperature function=unix-date\n"
        "ups.time = " S "Temperature function=unix-time when=on\n"
        "ups.timer.start = " S "DelayBeforeStartup function=minutes-seconds\n"
        "ups.model = " S "iProduct function=string join=" S "iDeviceChemistry match=\"(.*)\"\n"
        "ups.beeper.status = " S "AudibleAlarmControl lookup=beeper rw enum\n"
        "ups.delay.shutdown = " S "DelayBeforeShutdown held=20 option=offdelay rw length=10\n"
        "ups.timer.shutdown = " S "DelayBeforeShutdown quick rw\n"
        "[derived]\nups.realpower = battery.voltage battery.current format=%.3f\n"
        "[status]\nonline = " S "PresentStatus.ACPresent\nonline = " S "ACPresent else\n"
        "charging = " S "PresentStatus.Charging invert\ndischarging = " S "PresentStatus.Discharging\n"
        "low-battery = " S "PresentStatus.BelowRemainingCapacityLimit when=!on\n"
        "overload = " S "RemainingCapacity mask=0x10\n"
        "[alarms]\nOdd = " S "RemainingCapacity is=3\n"
        "[commands]\nload.off.delay = " S "DelayBeforeShutdown value=argument:20\n"
        "load.on.delay = " S "DelayBeforeStartup value=argument function=seconds-minutes bits=0x40\n"
        "beeper.disable = " S "AudibleAlarmControl value=1\n";

typedef struct HostileLink {
        HidLink link;
        const uint8_t *data;
        size_t n;
} HostileLink;

/* The next answer: a byte that says what kind, and how long. */
static int answer(HidLink *l, uint8_t id, uint8_t *buffer, size_t size) {
        HostileLink *h = (HostileLink *) l;
        static const int errors[] = { -EPIPE, -EIO, -ETIMEDOUT, -EPIPE };
        uint8_t what;
        size_t n;

        if (h->n == 0)
                return -EPIPE;
        what = h->data[0];
        h->data++;
        h->n--;
        if (what >= 0xfc)
                return errors[what - 0xfc];

        n = MIN(MIN((size_t) (what & 31), h->n), size);
        memcpy(buffer, h->data, n);
        h->data += n;
        h->n -= n;
        if (n > 0 && what & 0x20)
                buffer[0] = id;
        return (int) n;
}

static int hostile_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        return answer(l, id, buffer, size);
}

static int hostile_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n) {
        ASSERT_TRUE(n >= 1 && n <= HID_REPORT_SIZE_MAX);
        return 0;
}

static int hostile_read_input(HidLink *l, uint8_t *buffer, size_t size) {
        return answer(l, 1, buffer, size);
}

static int hostile_get_string(HidLink *l, uint8_t index, char **ret) {
        uint8_t buffer[64] = {};
        int n = answer(l, index, buffer, sizeof(buffer) - 1);

        if (n < 0)
                return n;
        *ret = strndup((const char *) buffer, (size_t) n);
        return *ret ? 0 : -ENOMEM;
}

static HidLink *hostile_link(const uint8_t *descriptor, size_t n_descriptor, const uint8_t *data, size_t n) {
        static const HidLinkOps ops = {
                .name = "hostile",
                .get_report = hostile_get_report,
                .set_report = hostile_set_report,
                .read_input = hostile_read_input,
                .get_string = hostile_get_string,
        };
        HostileLink *h = new0(HostileLink, 1);

        ASSERT_TRUE(h);
        h->link.ops = &ops;
        h->link.descriptor = new0(uint8_t, n_descriptor);
        ASSERT_TRUE(h->link.descriptor);
        if (n_descriptor > 0)
                memcpy(h->link.descriptor, descriptor, n_descriptor);
        h->link.descriptor_size = n_descriptor;
        h->data = data;
        h->n = n;
        return &h->link;
}

static void ignore_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        if (level <= LOG_ERR)
                TEST_FAIL("%s:%u: %s", file, line, message);
}

static const char *option(const void *userdata, const char *name) {
        return streq(name, "lowbatt") ? "30" : NULL;
}

static void apply(Model *m, int result, Update *u) {
        if (result >= 0) {
                ASSERT_OK(update_error(u));
                ASSERT_OK(model_apply(m, u, NULL));
        }
        update_free(u);
}

/* Writes each variable that can be, and runs each command. */
static void write_all(HidEngine *e, const Model *m) {
        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);
                _cleanup_(update_freep) Update *u = update_new();

                if (v->flags & VARIABLE_WRITABLE)
                        (void) hid_engine_set(e, v->name, v->enums ? v->enums[0] : "17", u);
        }

        STRV_FOREACH(command, model_commands(m))
                if (!startswith(*command, "shutdown.")) { /* these pause */
                        _cleanup_(update_freep) Update *u = update_new();

                        ASSERT_TRUE(hid_engine_has_command(e, *command));
                        (void) hid_engine_command(e, *command, "12", u);
                }
}

static void drive(HidEngine *e) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_free_ char *text = NULL;
        Update *u = update_new();
        int r = hid_engine_start(e, u);

        apply(m, r, u);
        if (r < 0)
                return;

        for (unsigned i = 0; i < POLLS; i++) {
                u = update_new();
                apply(m, hid_engine_event(e, u), u);
                u = update_new();
                apply(m, hid_engine_poll(e, i % 2 == 0, u), u);
        }
        write_all(e, m);
        ASSERT_OK(hid_engine_describe(e, &text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(hid_profile_unrefp) HidProfile *profile = NULL;
        HidEngineOptions options = { .option = option, .pipe_events_tolerance = -1 };
        HidEngine *e = NULL;
        size_t n_descriptor;
        HidLink *link;

        if (size < 3)
                return 0;
        options.explore = data[0] & 1;
        options.fix_descriptor = data[0] & 2;
        options.interrupt_only = data[0] & 4;
        options.max_report = data[0] & 8;
        n_descriptor = MIN((size_t) data[1] << 8 | data[2], size - 3);
        link = hostile_link(data + 3, n_descriptor, data + 3 + n_descriptor, size - 3 - n_descriptor);

        ASSERT_OK(hid_profile_parse("t.profile", profile_text, strlen(profile_text), ignore_report, NULL,
                        &profile));
        if (hid_engine_new(link, profile, &options, &e) < 0) {
                hid_link_free(link);
                return 0;
        }

        drive(e);
        hid_engine_free(e);
        return 0;
}
