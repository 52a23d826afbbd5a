/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-variable.h"

#include "string-util.h"

#define LENGTH_OTHER 32U

/* Texts shorter than LENGTH_OTHER. */
static const struct {
        const char *name;
        uint32_t length;
} short_texts[] = {
        { "input.quality",         6  },
        { "input.sensitivity",     1  },
        { "input.transfer.reason", 1  },
        { "ups.date",              16 },
        { "ups.firmware",          16 },
        { "ups.firmware.aux",      16 },
        { "ups.id",                16 },
        { "ups.mfr.date",          16 },
        { "ups.test.result",       16 },
        { "ups.time",              16 },
};

static const char *const numbers[] = {
        "ambient.humidity",
        "ambient.humidity.alarm",
        "ambient.humidity.high",
        "ambient.humidity.low",
        "ambient.temperature",
        "ambient.temperature.alarm",
        "ambient.temperature.high",
        "ambient.temperature.low",
        "battery.charge",
        "battery.charge.low",
        "battery.charge.restart",
        "battery.current",
        "battery.runtime",
        "battery.runtime.low",
        "battery.temperature",
        "battery.voltage",
        "battery.voltage.nominal",
        "input.frequency",
        "input.transfer.boost.high",
        "input.transfer.boost.low",
        "input.transfer.high",
        "input.transfer.low",
        "input.transfer.trim.high",
        "input.transfer.trim.low",
        "input.voltage",
        "input.voltage.maximum",
        "input.voltage.minimum",
        "input.voltage.nominal",
        "output.current",
        "output.frequency",
        "output.voltage",
        "ups.delay.reboot",
        "ups.delay.shutdown",
        "ups.delay.start",
        "ups.load",
        "ups.temperature",
        "ups.test.interval",
};

static const struct {
        const char *name, *value;
} defaults[] = {
        { "ups.mfr",    "Dummy Manufacturer" },
        { "ups.model",  "Dummy UPS"          },
        { "ups.status", "OL"                 },
};

int dummy_variable_set(Update *u, const char *name, const char *value) {
        uint32_t length = LENGTH_OTHER;
        int r;

        r = update_set(u, name, value);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (strcaseeq(name, numbers[i]))
                        return update_describe(u, name, VARIABLE_WRITABLE, 0);
        for (size_t i = 0; i < ELEMENTSOF(short_texts); i++)
                if (strcaseeq(name, short_texts[i].name))
                        length = short_texts[i].length;

        return update_describe(u, name, VARIABLE_WRITABLE | VARIABLE_STRING, length);
}

int dummy_variable_set_defaults(Update *u) {
        for (size_t i = 0; i < ELEMENTSOF(defaults); i++) {
                int r = dummy_variable_set(u, defaults[i].name, defaults[i].value);

                if (r < 0)
                        return r;
        }

        return 0;
}

const char *dummy_variable_default(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(defaults); i++)
                if (strcaseeq(defaults[i].name, name))
                        return defaults[i].value;
        return NULL;
}
