/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-battery.h"

#include <stdio.h>

#include "string-util.h"
#include "time-util.h"

static void read_option(LineBattery *b,
        int level,
        const char *name,
        int (*parse)(const char *s, BatteryGuessSettings *settings, const char **ret_why)) {
        const char *value = b->option(b->userdata, name), *place, *why = NULL;

        if (!value || parse(value, &b->settings, &why) >= 0)
                return;

        place = device_option_place(b->device, name);
        (void) log_device(b->device, level, 0, "%s%s%s=%s is left out: %s", strempty(place),
                place ? ": " : "", name, value, strempty(why));
}

void line_battery_init(LineBattery *b,
        Device *d,
        int level,
        const char *(*option)(const void *userdata, const char *name),
        const void *userdata) {
        const char *one_pack;

        *b = (LineBattery){ .device = d, .level = level, .option = option, .userdata = userdata };
        battery_guess_settings_init(&b->settings);
        battery_guess_memory_init(&b->memory);
        one_pack = option(userdata, "battery_voltage_reports_one_pack");
        b->settings.one_pack = one_pack && !streq(one_pack, "0");
        read_option(b, level, "runtimecal", battery_runtimecal_parse);
        read_option(b, level, "chargetime", battery_charge_time_parse);
        read_option(b, level, "idleload", battery_idle_load_parse);
        if (!b->settings.has_points && (option(userdata, "chargetime") || option(userdata, "idleload")))
                (void) log_device(d, level, 0,
                                "chargetime and idleload have no effect without runtimecal, which says how "
                                "long the battery lasts.");
}

static const char *fixed_value(const void *userdata, const char *name) {
        const LineBattery *b = userdata;

        return device_fixed(b->device, name) ?: b->option(b->userdata, name);
}

/* A text that cannot be read is as good as none. */
static void load_learned(LineBattery *b) {
        _cleanup_free_ char *text = NULL;
        int r;

        battery_learn_init(&b->learned);
        b->loaded = true;
        r = device_load_saved(b->device, &text);
        if (r >= 0)
                r = battery_learn_parse(text, &b->learned);
        if (r < 0 && r != -ENOENT)
                (void) log_device(b->device, LOG_WARNING, r,
                                "What was learned of the battery is lost, it cannot be read: %m");
}

static void save_learned(LineBattery *b) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = battery_learn_format(&b->learned, &text);
        if (r >= 0)
                r = device_save(b->device, text);
        if (r < 0)
                (void) log_device(b->device, LOG_DEBUG, r,
                                "Cannot save what was learned of the battery: %m");
}

/* What options of another name stand for, which the model knows nothing of. */
static void publish_translated(const LineBattery *b, Update *u) {
        static const char *const names[] = { "battery.voltage.low", "battery.voltage.high" };
        char full[64];

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                const char *value;

                (void) snprintf(full, sizeof(full), "override.%s", names[i]);
                value = b->option(b->userdata, full);
                if (value)
                        (void) update_set(u, names[i], value);
        }
}

void line_battery_apply(LineBattery *b, Update *u) {
        uint64_t now = now_usec(CLOCK_BOOTTIME);
        const char *news;

        news = battery_guess_apply(&b->settings, &b->memory, fixed_value, b, now, u);
        if (news)
                (void) log_device(b->device, MAX(b->level, LOG_NOTICE), 0, "%s", news);
        publish_translated(b, u);

        if (!b->loaded)
                load_learned(b);
        if (battery_learn_apply(&b->learned, now, (int64_t) (now_usec(CLOCK_REALTIME) / USEC_PER_SEC), u))
                save_learned(b);
}

void line_battery_done(LineBattery *b) {
        if (b->loaded && battery_learn_is_worth_saving(&b->learned))
                save_learned(b);
}
