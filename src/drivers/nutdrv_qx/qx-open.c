/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qx-open.h"

#include <stdio.h>

#include "line-port.h"
#include "nutdrv-qx.h"
#include "parse-util.h"
#include "qx-usb.h"
#include "string-util.h"
#include "ups-conf.h"
#include "usb-search.h"

#define PROFILES "qx"

static bool has_usb_option(const Device *d) {
        for (const char *const *key = ups_conf_usb_keys(); *key; key++)
                if (device_option(d, *key))
                        return true;
        return false;
}

static bool is_usb(const Device *d) {
        QxLines lines = qx_driver_of(d)->lines;

        if (lines != QX_LINES_ANY)
                return lines == QX_LINES_USB;
        return strcaseeq(device_port(d), "auto") || usb_search_port_is_node(d) || has_usb_option(d);
}

Transport qx_transport(const Device *d) {
        _cleanup_free_ char *recording = NULL;

        if (line_port_recording(d, &recording) >= 0 && recording)
                return TRANSPORT_FILE;
        return is_usb(d) ? TRANSPORT_USB : TRANSPORT_SERIAL;
}

static int add(char ***options, const char *name, const char *value) {
        char *text = strjoin(name, "=", value);

        return text ? strv_consume(options, text) : -ENOMEM;
}

static int add_minutes(const Device *d, char ***options, const char *name) {
        char seconds[32];

        if (!device_option(d, name))
                return 0;
        (void) snprintf(seconds, sizeof(seconds), "%lld", (long long) device_option_integer(d, name) * 60);
        return add(options, name, seconds);
}

/* Copies an option under another name, unless that is given as well. */
static int add_renamed(const Device *d, char ***options, const char *from, const char *to) {
        const char *value = device_option(d, from);

        return value && !device_option(d, to) && !device_fixed(d, to) ? add(options, to, value) : 0;
}

static int add_default(const Device *d, char ***options, const char *name, const char *value) {
        return value && !device_option(d, name) ? add(options, name, value) : 0;
}

/* The voltage of the full battery, of the part that battvoltmult multiplies. */
static int add_full_voltage(const Device *d, char ***options) {
        const char *value = device_option(d, "nombattvolt"), *place = device_option_place(d, "nombattvolt");
        const char *multiplier = device_option(d, "battvoltmult");
        double volts, factor = 1;
        char text[32];

        if (!value)
                return 0;
        if (parse_double(value, &volts) < 0 || volts <= 0) {
                (void) log_device(d, device_is_retry(d) || device_is_restart(d) ? LOG_DEBUG : LOG_WARNING, 0,
                        "%s%snombattvolt=%s is left out: it has to be a number of volts, more than 0",
                        strempty(place), place ? ": " : "", value);
                return 0;
        }

        if (multiplier)
                (void) parse_double(multiplier, &factor);
        (void) snprintf(text, sizeof(text), "%.2f", factor * volts);
        return add(options, "override.battery.voltage.high", text);
}

/* What the names that the driver goes by understand by options. */
static int translate(const Device *d, char ***options) {
        const QxDriver *driver = qx_driver_of(d);
        int r;

        r = driver->in_minutes ? add_minutes(d, options, "ondelay") : 0;
        if (r >= 0)
                r = add_default(d, options, "offdelay", driver->off_delay);
        if (r >= 0)
                r = add_default(d, options, "ondelay", driver->on_delay);
        if (r >= 0)
                r = add_renamed(d, options, "slave_addr", "slave_address");
        if (r >= 0)
                r = add_full_voltage(d, options);
        if (r >= 0)
                r = add_renamed(d, options, "battvoltmult", "override.battery.packs");
        if (r >= 0 && device_option(d, "battvoltmult"))
                r = add(options, "battery_voltage_reports_one_pack", "1");
        return r;
}

static int open_as(Device *d, const LineProfiles *profiles, const LineDriverSetup *setup, LineDriver **ret) {
        _cleanup_free_ char *recording = NULL;
        int r;

        r = line_port_recording(d, &recording);
        if (r < 0)
                return r;
        if (recording)
                return line_port_open_recording(d, recording, profiles, setup, ret);
        if (is_usb(d))
                return qx_usb_open(d, profiles, setup, ret);
        return line_port_open(d, profiles, setup, line_port_power(device_option(d, "cablepower")), ret);
}

int qx_open(Device *d, LineDriver **ret) {
        _cleanup_strv_free_ char **options = NULL, **answers = NULL;
        const char *protocol = device_option(d, "protocol");
        LineDriverSetup setup = {
                .protocol = protocol ?: qx_driver_of(d)->protocol,
                .is_drivers_own = !protocol,
        };
        LineProfiles profiles = {};
        int r;

        r = translate(d, &options);
        if (r < 0)
                return r;
        setup.options = options;
        if (device_option(d, "ID")) {
                r = add(&answers, "ID", device_option(d, "ID"));
                if (r < 0)
                        return r;
        }
        setup.answers = answers;

        r = line_driver_load_profiles(d, PROFILES, &profiles);
        if (r < 0)
                return r;
        r = line_driver_check_protocol(d, &profiles, &setup);
        if (r >= 0)
                r = open_as(d, &profiles, &setup, ret);
        line_profiles_done(&profiles);
        return r;
}
