/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

/* What the command line of a server of NUT asks of the service that is in its place. All of these say on
 * stderr what went wrong. */

typedef struct ServiceFront {
        const char *tool;      /* upsd: what people call it */
        const char *service;   /* busbar-gateway: what it is called here; its unit is named after it */
        const char *bus_name;
        const char *program;
        const char *socket;    /* unit that would start the service again; may be NULL */
        const char *companion; /* unit that reads the same files; may be NULL */
        /* Before the program is run by us, and not by systemd: gives up what it need not have; or NULL. */
        int (*drop)(const char *user);
        const char *user; /* for drop(); may be NULL */
} ServiceFront;

typedef enum ServiceOrder {
        SERVICE_RELOAD,
        SERVICE_STOP,
} ServiceOrder;

/* The process that has the service's name on the bus, which may be that of ours (NULL) to be opened for it;
 * -ESRCH if there is none. */
int service_front_pid(const ServiceFront *f, sd_bus *bus, pid_t *ret);

/* Has it done, through systemd if the service is a unit that is up, else by a signal, and waits for systemd.
 * With a pid only if the service is that process. 0 or a negative errno. */
int service_front_order(const ServiceFront *f, ServiceOrder order, pid_t pid);

/* Starts it: the unit, or where systemd is not there, the program in the background ($BUSBAR_SERVICE_PATH
 * is another directory for it). Waits until it is ready. -EEXIST: it runs. */
int service_front_start(const ServiceFront *f);

/* Becomes the program, in the foreground. Returns on failure only. -EEXIST: it runs. */
int service_front_become(const ServiceFront *f, bool debug);
