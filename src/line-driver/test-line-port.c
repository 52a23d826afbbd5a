/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-port.h"

#include <sys/stat.h>

#include "device-internal.h"
#include "line-battery.h"
#include "test-kit.h"

/* What port= and the options of a section mean. */

static int start(Device *d, Update *u) {
        return 0;
}

static const Option options[] = { LINE_DRIVER_OPTIONS, {} };
static const Driver driver = { .name = "liner", .start = start, .options = options };

static Device *device(DeviceConfig *config) {
        Device *d;

        ASSERT_OK(device_new(config, NULL, NULL, &d));
        return d;
}

static void assert_recording(const char *port, const char *expected) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = test_config(&driver, "ups", port, NULL);
        _cleanup_(device_freep) Device *d = device(config);
        _cleanup_free_ char *path = NULL;

        ASSERT_OK(line_port_recording(d, &path));
        ASSERT_STREQ(path, expected);
}

static void test_recording(const char *directory) {
        _cleanup_free_ char *file = strjoin(directory, "/ups"), *option = strjoin("port=", file);
        _cleanup_free_ char *there = strjoin(directory, "/a.recording");
        FILE *f = fopen(file, "w");

        ASSERT_TRUE(f);
        (void) fclose(f);
        assert_recording("port=/dev/ttyS0", NULL);
        assert_recording("port=/dev/a.recording", NULL);
        assert_recording("port=auto", NULL);
        assert_recording(option, file);
        assert_recording("port=ups", file); /* beside ups.conf */
        assert_recording("port=a.recording", there); /* so that the log says that it is not there */
        assert_recording("port=/nonexistent/ups", NULL);
        assert_recording("port=/nonexistent/a.recording", "/nonexistent/a.recording");
        ASSERT_EQ(unlink(file), 0);
        ASSERT_EQ(mkdir(file, 0700), 0);
        assert_recording(option, NULL);
        ASSERT_EQ(rmdir(file), 0);
}

static void assert_power(const char *name, SerialLine dtr, SerialLine rts) {
        LinePortPower p = line_port_power(name);

        ASSERT_EQ(p.dtr, dtr);
        ASSERT_EQ(p.rts, rts);
}

static void test_power(void) {
        assert_power(NULL, SERIAL_LINE_KEEP, SERIAL_LINE_KEEP);
        assert_power("normal", SERIAL_LINE_ON, SERIAL_LINE_OFF);
        assert_power("Reverse", SERIAL_LINE_OFF, SERIAL_LINE_ON);
        assert_power("both", SERIAL_LINE_ON, SERIAL_LINE_ON);
        assert_power("none", SERIAL_LINE_OFF, SERIAL_LINE_OFF);
        assert_power("much", SERIAL_LINE_KEEP, SERIAL_LINE_KEEP);
}

static const char *option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

static void test_battery(void) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = test_config(&driver, "ups", "port=x",
                "runtimecal=240,100,720,50", "chargetime=7200", "idleload=much",
                "battery_voltage_reports_one_pack=1", NULL);
        _cleanup_(device_freep) Device *d = device(config);
        LineBattery b;

        line_battery_init(&b, d, LOG_DEBUG, option, d);
        ASSERT_TRUE(b.settings.has_points);
        ASSERT_TRUE(b.settings.points[0].runtime_sec == 240 && b.settings.points[1].load_percent == 50);
        ASSERT_TRUE(b.settings.charge_time_sec == 7200);
        ASSERT_TRUE(b.settings.idle_load_percent == 10); /* what is wrong is left out */
        ASSERT_TRUE(b.settings.one_pack);
        ASSERT_FALSE(b.loaded);
        line_battery_done(&b); /* with nothing learned nothing is kept */

        line_battery_init(&b, d, LOG_DEBUG, option, d);
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(u);
        line_battery_apply(&b, u);
        ASSERT_TRUE(b.loaded);
        line_battery_done(&b);
}

int main(void) {
        char directory[] = "/tmp/test-line-port-XXXXXX";

        ASSERT_TRUE(mkdtemp(directory));
        ASSERT_EQ(setenv("NUT_CONFPATH", directory, true), 0);
        ASSERT_EQ(setenv("NUT_STATEPATH", directory, true), 0);
        test_recording(directory);
        test_power();
        test_battery();
        ASSERT_EQ(rmdir(directory), 0);
        return EXIT_SUCCESS;
}
