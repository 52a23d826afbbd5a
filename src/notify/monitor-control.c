/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-control.h"

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "bus-names.h"
#include "command.h"
#include "conf-reading.h"
#include "service-front.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf.h"
#include "upssched-conf.h"

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

static int load_monitor(ConfReport report, void *userdata, bool *ret_exists) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *conf = NULL;

        int r = upsmon_conf_load(report, userdata, &conf);
        *ret_exists = conf && conf->exists;
        return r;
}

static int load_timers(ConfReport report, void *userdata, bool *ret_exists) {
        _cleanup_(upssched_conf_freep) UpsschedConf *conf = NULL;

        int r = upssched_conf_load(report, userdata, &conf);
        *ret_exists = conf && conf->exists;
        return r;
}

/* Whoever made a mistake in the files is here; the services have nobody to tell but the log. */
static int rehearse(void) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *conf = NULL;

        int r = conf_rehearse("upsmon.conf", load_monitor), k = 0;
        /* Otherwise nobody reads its file. */
        if (upsmon_conf_load(NULL, NULL, &conf) >= 0 && conf->notify_command &&
            command_is_upssched(conf->notify_command))
                k = conf_rehearse("upssched.conf", load_timers);
        return r < 0 ? r : k;
}

int monitor_control(MonitorOrder order, pid_t pid) {
        if (order == MONITOR_FSD)
                return force_shutdown(pid);
        if (order == MONITOR_STOP)
                return service_front_order(monitor_front(), SERVICE_STOP, pid);

        int taken = rehearse(), r = service_front_order(monitor_front(), SERVICE_RELOAD, pid);
        return r < 0 ? r : taken;
}

int monitor_run(bool foreground, bool debug) {
        return foreground ? service_front_become(monitor_front(), debug)
                          : service_front_start(monitor_front());
}
