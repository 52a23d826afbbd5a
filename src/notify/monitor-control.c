/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-control.h"

#include <signal.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "bus-names.h"
#include "string-util.h"
#include "time-util.h"

#define UNIT_MONITOR "busbar-monitor.service"
#define UNIT_NOTIFY "busbar-notify.service"
/* polkit may ask a person. */
#define TIMEOUT_USEC (120 * USEC_PER_SEC)

static int complain(int r, const char *what, const sd_bus_error *e) {
        fprintf(stderr, "%s: %s\n", what, e && e->message ? e->message : strerror(-r));
        return r;
}

static int open_bus(sd_bus **ret) {
        int r = sd_bus_open_system(ret);

        return r < 0 ? complain(r, "Cannot connect to the system bus", NULL) : 0;
}

static int call(sd_bus *bus, const char *destination, const char *path, const char *interface,
                const char *method, sd_bus_error *error, const char *first, const char *second) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, destination, path, interface, method);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, true);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", first);
        if (r >= 0 && second)
                r = sd_bus_message_append(m, "s", second);
        return r < 0 ? r : sd_bus_call(bus, m, TIMEOUT_USEC, error, NULL);
}

/* The process of the monitor; -ESRCH if there is none. */
static int monitor_pid(sd_bus *bus, pid_t *ret) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        int r;

        r = sd_bus_get_name_creds(bus, BUS_NAME_MONITOR, SD_BUS_CREDS_PID, &creds);
        if (r < 0)
                return r == -ENXIO ? -ESRCH : r;
        return sd_bus_creds_get_pid(creds, ret);
}

static int force_shutdown(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = call(bus, BUS_NAME_MONITOR, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, "ForceShutdown", &error,
                        "upsmon -c fsd", NULL);
        return r < 0 ? complain(r, "The monitor does not shut down", &error) : 0;
}

static int unit_call(sd_bus *bus, const char *method, const char *unit, sd_bus_error *error) {
        return call(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager", method, error, unit, "replace");
}

/* 1: done, 0: the monitor is none of systemd's. */
static int by_systemd(sd_bus *bus, MonitorOrder order) {
        static const char *const foreign[] = {
                SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
                "org.freedesktop.systemd1.NoSuchUnit", "org.freedesktop.systemd1.UnitInactive",
                "org.freedesktop.systemd1.JobTypeNotApplicable",
        };
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *method = order == MONITOR_STOP ? "StopUnit" : "ReloadUnit";
        int r;

        r = unit_call(bus, method, UNIT_MONITOR, &error);
        for (size_t i = 0; r < 0 && i < ELEMENTSOF(foreign); i++)
                if (sd_bus_error_has_name(&error, foreign[i]))
                        return 0;
        if (r < 0)
                return complain(r, "systemd does not do it", &error);

        /* NOTIFYCMD and the like are in the same file. */
        if (order == MONITOR_RELOAD)
                (void) unit_call(bus, method, UNIT_NOTIFY, NULL);
        return 1;
}

int monitor_control(MonitorOrder order, pid_t pid) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        pid_t monitor = 0;
        int r;

        r = open_bus(&bus);
        if (r < 0)
                return r;
        r = monitor_pid(bus, &monitor);
        if (r < 0)
                return complain(r, "Cannot find busbar-monitor on the bus", NULL);
        if (pid > 0 && pid != monitor) {
                fprintf(stderr, "Process %d is not busbar-monitor, which is %d\n", (int) pid, (int) monitor);
                return -ESRCH;
        }
        if (order == MONITOR_FSD)
                return force_shutdown(bus);

        r = by_systemd(bus, order);
        if (r != 0)
                return MIN(r, 0);
        if (kill(monitor, order == MONITOR_STOP ? SIGTERM : SIGHUP) < 0)
                return complain(-errno, "kill", NULL);
        return 0;
}

int monitor_run(bool debug) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        pid_t monitor;

        /* Without a bus it waits for one. */
        if (sd_bus_open_system(&bus) >= 0 && monitor_pid(bus, &monitor) >= 0) {
                puts("Fatal error: A previous upsmon instance is already running!\n"
                     "Either stop the previous instance first, or use the 'reload' command.");
                return -EEXIST;
        }

        (void) execl(MONITOR_PROGRAM, MONITOR_PROGRAM, debug ? "-D" : NULL, NULL);
        return complain(-errno, "Cannot run " MONITOR_PROGRAM, NULL);
}
