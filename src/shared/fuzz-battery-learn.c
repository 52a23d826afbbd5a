/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "battery-learn.h"
#include "string-util.h"
#include "test-util.h"
#include "time-util.h"

/* What was learned comes from disk. The check sum would keep all mutations out, so it is put right first;
 * what is taken then has to survive its own text, and readings. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *with_check(const char *text) {
        const char *end = strstr(text, "\nend ");
        uint32_t h = 2166136261U;

        if (!end)
                return strdup(text);
        for (const char *s = text; s <= end; s++)
                h = (h ^ (uint8_t) *s) * 16777619U;
        return strprintf("%.*send %08x\n", (int) (end + 1 - text), text, h);
}

static void use(BatteryLearn *l) {
        BatteryReading r = { .boottime_usec = USEC_PER_SEC, .realtime_sec = l->read_sec + 10, .voltage = 12,
                .voltage_low = 10.4, .load_percent = 40, .on_battery = l->on_battery };
        BatteryForecast f;

        for (unsigned i = 0; i < 3; i++) {
                (void) battery_learn_take(l, &r);
                if (battery_learn_forecast(l, &f))
                        ASSERT_TRUE(f.runtime_low_sec <= f.runtime_sec &&
                                        f.runtime_sec <= f.runtime_high_sec &&
                                        f.charge_percent >= 0 && f.charge_percent <= 100.001);
                r.boottime_usec += 30 * USEC_PER_SEC;
                r.on_battery = !r.on_battery;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = NULL, *checked = NULL, *again = NULL, *twice = NULL;
        BatteryLearn l, other;

        text = strndup((const char *) data, size);
        checked = text ? with_check(text) : NULL;
        if (!checked || battery_learn_parse(checked, &l) < 0)
                return 0;

        ASSERT_OK(battery_learn_format(&l, &again));
        ASSERT_TRUE(strlen(again) <= BATTERY_LEARN_TEXT_MAX);
        ASSERT_OK(battery_learn_parse(again, &other));
        ASSERT_OK(battery_learn_format(&other, &twice));
        ASSERT_STREQ(twice, again);
        use(&l);
        return 0;
}
