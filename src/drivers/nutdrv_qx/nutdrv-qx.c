/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutdrv-qx.h"

#include <stdio.h>

#include "parse-util.h"
#include "qx-open.h"
#include "qx-options.h"
#include "string-util.h"

#define VERSION "1.0"
#define STOP "shutdown.stop"

typedef struct QxState {
        LineDriver *line; /* NULL until the device has been found */
} QxState;

static LineDriver *line_of(Device *d) {
        return ((QxState *) device_state(d))->line;
}

static int qx_start(Device *d, Update *u) {
        QxState *s = device_state(d);
        int r;

        r = qx_open(d, &s->line);
        if (r >= 0)
                r = line_driver_start(s->line, u);
        if (r < 0 || device_is_restart(d) || !device_option_boolean(d, "CS"))
                return r;

        r = line_driver_command(s->line, STOP, NULL, u);
        (void) log_device(d, r < 0 ? LOG_WARNING : LOG_NOTICE, r,
                r < 0 ? STOP " did not work: %m" : STOP " was accepted.");
        return 0;
}

static int qx_poll(Device *d, PollSet what, Update *u) {
        return line_driver_poll(line_of(d), what, u);
}

static int qx_set(Device *d, const char *variable, const char *value, Update *u) {
        return line_driver_set(line_of(d), variable, value, u);
}

static int qx_command(Device *d, const char *command, const char *argument, Update *u) {
        char seconds[32];
        int64_t minutes;

        if (!qx_driver_of(d)->in_minutes || !argument || !strcaseeq(command, "test.battery.start"))
                return line_driver_command(line_of(d), command, argument, u);

        if (parse_int64(argument, 0, INT32_MAX, &minutes) < 0)
                return -EINVAL;
        (void) snprintf(seconds, sizeof(seconds), "%lld", (long long) minutes * 60);
        return line_driver_command(line_of(d), command, seconds, u);
}

static int qx_power_off(Device *d) {
        static const char *const returning[] = { "shutdown.return", "shutdown.stayoff", NULL };
        static const char *const staying[] = { "shutdown.stayoff", NULL };
        _cleanup_(line_driver_freep) LineDriver *l = NULL;
        int r;

        r = qx_open(d, &l);
        if (r < 0)
                return r;
        return line_driver_power_off(l, qx_driver_of(d)->keeps_pending_shutdown ? NULL : STOP,
                device_option_boolean(d, "stayoff") ? staying : returning);
}

static void qx_stop(Device *d) {
        QxState *s = device_state(d);

        s->line = line_driver_free(s->line);
}

#define QX_DRIVER(name_, description_, transport_, options_)                                                \
        .driver = {                                                                                         \
                .name = name_,                                                                              \
                .description = description_,                                                                \
                .version = VERSION,                                                                         \
                .transport = transport_,                                                                    \
                .transport_of = qx_transport,                                                               \
                .io = IO_BLOCKING,                                                                          \
                .state_size = sizeof(QxState),                                                              \
                .options = options_,                                                                        \
                .start = qx_start,                                                                          \
                .poll = qx_poll,                                                                            \
                .set = qx_set,                                                                              \
                .command = qx_command,                                                                      \
                .power_off = qx_power_off,                                                                  \
                .stop = qx_stop,                                                                            \
        }

static const QxDriver nutdrv_qx = {
        QX_DRIVER("nutdrv_qx",
                "Driver for UPS of the Megatec family, on a serial line or USB",
                TRANSPORT_SERIAL,
                qx_options),
};

static const QxDriver blazer_ser = {
        QX_DRIVER("blazer_ser",
                "nutdrv_qx under an earlier name, for serial lines",
                TRANSPORT_SERIAL,
                qx_blazer_ser_options),
        .lines = QX_LINES_SERIAL,
        .in_minutes = true,
};

static const QxDriver blazer_usb = {
        QX_DRIVER("blazer_usb",
                "nutdrv_qx under an earlier name, for USB",
                TRANSPORT_USB,
                qx_blazer_usb_options),
        .lines = QX_LINES_USB,
        .in_minutes = true,
};

static const QxDriver bestups = {
        QX_DRIVER("bestups",
                "nutdrv_qx under an earlier name, for Best Power and SOLA UPS",
                TRANSPORT_SERIAL,
                qx_bestups_options),
        .lines = QX_LINES_SERIAL,
        .protocol = "bestups",
        .off_delay = "60",
        .on_delay = "60",
        .keeps_pending_shutdown = true,
};

static const QxDriver masterguard = {
        QX_DRIVER("masterguard",
                "nutdrv_qx under an earlier name, for Masterguard UPS",
                TRANSPORT_SERIAL,
                qx_masterguard_options),
        .lines = QX_LINES_SERIAL,
        .protocol = "masterguard",
        .off_delay = "12",
        .on_delay = "60",
        .keeps_pending_shutdown = true,
};

const QxDriver *const qx_drivers[] = { &nutdrv_qx, &blazer_ser, &blazer_usb, &bestups, &masterguard, NULL };

static const QxDriver *find_driver(const char *name) {
        for (const QxDriver *const *driver = qx_drivers; *driver; driver++)
                if (streq((*driver)->driver.name, name))
                        return *driver;
        return &nutdrv_qx;
}

const Driver *qx_driver_find(const char *program) {
        const char *slash = program ? strrchr(program, '/') : NULL;

        return &find_driver(slash ? slash + 1 : strempty(program))->driver;
}

const QxDriver *qx_driver_of(const Device *d) {
        return find_driver(device_driver(d)->name);
}
