/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-control.h"

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "bus-names.h"
#include "service-front.h"
#include "string-util.h"
#include "time-util.h"

/* polkit may ask a person. */
#define TIMEOUT_USEC (120 * USEC_PER_SEC)

static const ServiceFront *monitor_front(void) {
        static const ServiceFront front = {
                .tool = "upsmon",
                .service = "busbar-monitor",
                .bus_name = BUS_NAME_MONITOR,
                .program = MONITOR_PROGRAM,
                /* NOTIFYCMD and the like are in the same file. */
                .companion = "busbar-notify.service",
        };

        return &front;
}

static int complain(int r, const char *what, const sd_bus_error *e) {
        fprintf(stderr, "%s: %s\n", what, e && e->message ? e->message : strerror(-r));
        return r;
}

static int call(sd_bus *bus, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        BUS_INTERFACE_MONITOR, "ForceShutdown");
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, true);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "upsmon -c fsd");
        return r < 0 ? r : sd_bus_call(bus, m, TIMEOUT_USEC, error, NULL);
}

static int force_shutdown(pid_t pid) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        pid_t monitor;
        int r;

        r = sd_bus_open_system(&bus);
        if (r < 0)
                return complain(r, "Cannot connect to the system bus", NULL);
        r = service_front_pid(monitor_front(), bus, &monitor);
        if (r < 0)
                return complain(r, "Cannot find busbar-monitor on the bus", NULL);
        if (pid > 0 && pid != monitor) {
                fprintf(stderr, "Process %d is not busbar-monitor, which is %d\n", (int) pid, (int) monitor);
                return -ESRCH;
        }

        r = call(bus, &error);
        return r < 0 ? complain(r, "The monitor does not shut down", &error) : 0;
}

int monitor_control(MonitorOrder order, pid_t pid) {
        if (order == MONITOR_FSD)
                return force_shutdown(pid);
        return service_front_order(monitor_front(), order == MONITOR_STOP ? SERVICE_STOP : SERVICE_RELOAD,
                        pid);
}

int monitor_run(bool foreground, bool debug) {
        return foreground ? service_front_become(monitor_front(), debug)
                          : service_front_start(monitor_front());
}
