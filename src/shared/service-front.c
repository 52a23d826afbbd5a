/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "service-front.h"

#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <systemd/sd-daemon.h>

#include "background.h"
#include "string-util.h"
#include "systemd.h"
#include "time-util.h"

/* polkit may ask a person; a service may wait for another to stop. */
#define PATIENCE_USEC (120 * USEC_PER_SEC)
#define READY_USEC (60 * USEC_PER_SEC)

#define UNIT_ALL "busbar.service"

static int complain(int r, const char *what, const char *why) {
        fprintf(stderr, "%s: %s\n", what, why ?: strerror(-r));
        if (r == -EACCES || r == -EPERM)
                fputs("Run it as root.\n", stderr);
        return r;
}

int service_front_pid(const ServiceFront *f, sd_bus *bus, pid_t *ret) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *own = NULL;
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        int r = 0;

        if (!bus) {
                r = sd_bus_open_system(&own);
                bus = own;
        }
        if (r >= 0)
                r = sd_bus_get_name_creds(bus, f->bus_name, SD_BUS_CREDS_PID, &creds);
        if (r < 0)
                return r == -ENXIO ? -ESRCH : r;
        return sd_bus_creds_get_pid(creds, ret);
}

/* 1: connected, 0: nothing here is done by systemd. */
static int connect_systemd(Systemd **ret) {
        int r = systemd_new(ret);

        if (r >= 0) {
                systemd_set_patience(*ret, PATIENCE_USEC);
                return 1;
        }
        /* A bus of its own, or a machine that systemd does not run. */
        if (r == -EHOSTUNREACH || getenv("DBUS_SYSTEM_BUS_ADDRESS") || sd_booted() <= 0)
                return 0;
        return complain(r, "Cannot reach systemd", NULL);
}

static bool is_up(Systemd *s, const char *unit) {
        _cleanup_free_ char *state = NULL;

        return unit && systemd_state(s, unit, &state) >= 0 && !streq(state, "inactive") &&
                !streq(state, "failed");
}

/* Begins and waits; each of the units may be NULL. Only how it goes with the first is told. */
static int do_units(Systemd *s, const char *method, const char *first, const char *second) {
        int r;

        if (second)
                (void) systemd_begin(s, method, second);
        r = systemd_begin(s, method, first);
        if (r < 0)
                return complain(r, "systemd does not do it", systemd_failure(s));

        int job = r;
        r = systemd_wait(s);
        if (!systemd_result(s, (size_t) job))
                return complain(r, first, NULL);
        if (streq(systemd_result(s, (size_t) job), "done"))
                return 0;

        fprintf(stderr, "%s: %s; journalctl --unit=%s tells why\n", first,
                        systemd_result(s, (size_t) job), first);
        return -EIO;
}

/* 1: done, 0: the service is none of systemd's. pid: the process of the service, or 0. */
static int order_unit(const ServiceFront *f, Systemd *s, ServiceOrder order, pid_t pid) {
        _cleanup_free_ char *unit = strjoin(f->service, ".service");
        bool up, socket = is_up(s, f->socket);
        pid_t main_pid;
        int r;

        if (!unit)
                return -ENOMEM;
        up = is_up(s, unit);
        main_pid = up ? systemd_main_pid(s, unit) : 0;
        if ((!up && !socket) || (pid > 0 && main_pid > 0 && main_pid != pid) || (pid > 0 && !up))
                return 0;

        if (order == SERVICE_STOP)
                r = do_units(s, "StopUnit", unit, f->socket);
        else if (up)
                r = do_units(s, "ReloadUnit", unit, is_up(s, f->companion) ? f->companion : NULL);
        else
                /* It reads its files when it starts; where it listens is in them, too. */
                r = do_units(s, "ReloadUnit", UNIT_ALL, NULL);
        return r < 0 ? r : 1;
}

/* The process that has the name, and no other that got its number since. */
static int signal_service(const ServiceFront *f, pid_t pid, int number) {
        _cleanup_close_ int process = pidfd_open(pid, 0);
        pid_t still;
        int r;

        if (process < 0)
                return -errno;
        r = service_front_pid(f, NULL, &still);
        if (r >= 0 && still != pid)
                r = -ESRCH;
        if (r < 0)
                return r;
        return pidfd_send_signal(process, number, NULL, 0) < 0 ? -errno : 0;
}

int service_front_order(const ServiceFront *f, ServiceOrder order, pid_t pid) {
        _cleanup_(systemd_freep) Systemd *s = NULL;
        pid_t running = 0;
        int r, found;

        found = service_front_pid(f, NULL, &running);
        if (found < 0 && found != -ESRCH)
                return complain(found, "Cannot connect to the system bus", NULL);
        if (pid > 0 && pid != running) {
                if (found < 0)
                        fprintf(stderr, "Process %d is not %s, which does not run\n", (int) pid, f->service);
                else
                        fprintf(stderr, "Process %d is not %s, which is %d\n", (int) pid, f->service,
                                        (int) running);
                return -ESRCH;
        }

        r = connect_systemd(&s);
        if (r > 0)
                r = order_unit(f, s, order, running);
        if (r != 0)
                return MIN(r, 0);

        if (found < 0) {
                fprintf(stderr, "Cannot find %s on the bus: it does not run\n", f->service);
                return found;
        }
        r = signal_service(f, running, order == SERVICE_STOP ? SIGTERM : SIGHUP);
        return r < 0 ? complain(r, f->service, NULL) : 0;
}

/* Whether there is none yet; that there is one is said as NUT does. */
static int check_free(const ServiceFront *f) {
        pid_t running;

        /* Without a bus it waits for one. */
        if (service_front_pid(f, NULL, &running) < 0)
                return 0;

        printf("Fatal error: A previous %s instance is already running!\n"
               "Either stop the previous instance first, or use the 'reload' command.\n", f->tool);
        return -EEXIST;
}

/* The program in new memory, and we are ready to run it. */
static int prepare(const ServiceFront *f, char **ret_program) {
        const char *directory = getenv("BUSBAR_SERVICE_PATH");
        char *program;
        int r;

        program = isempty(directory) ? strdup(f->program) : strjoin(directory, "/", f->service);
        if (!program)
                return -ENOMEM;
        r = f->drop ? f->drop(f->user) : 0;
        if (r < 0)
                free(program);
        else
                *ret_program = program;
        return r;
}

int service_front_start(const ServiceFront *f) {
        _cleanup_free_ char *program = NULL;
        _cleanup_(systemd_freep) Systemd *s = NULL;
        int r;

        r = check_free(f);
        if (r >= 0)
                r = connect_systemd(&s);
        if (r < 0)
                return r;
        if (r > 0) {
                _cleanup_free_ char *unit = strjoin(f->service, ".service");

                return unit ? do_units(s, "StartUnit", unit, f->socket ?: f->companion) : -ENOMEM;
        }

        r = prepare(f, &program);
        if (r < 0)
                return r;
        r = background_start((const char *const []) { program, NULL }, READY_USEC, NULL, NULL, NULL);
        if (r == -ECHILD)
                return complain(r, program, "it ended at once");
        if (r == -ETIMEDOUT)
                return complain(r, program, "it is not ready yet, and goes on trying");
        return r < 0 ? complain(r, program, NULL) : 0;
}

int service_front_become(const ServiceFront *f, bool debug) {
        _cleanup_free_ char *program = NULL;
        int r = check_free(f);

        if (r >= 0)
                r = prepare(f, &program);
        if (r < 0)
                return r;
        (void) fflush(stdout);
        (void) execl(program, program, debug ? "-D" : NULL, NULL);
        return complain(-errno, program, NULL);
}
