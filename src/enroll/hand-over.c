/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hand-over.h"

#include "log.h"
#include "nut-conf.h"
#include "sections.h"
#include "string-util.h"
#include "unit-name.h"

#define TARGET "busbar.target"

typedef struct Units {
        char *socket, *service, *device;
} Units;

static void units_done(Units *u) {
        free(u->socket);
        free(u->service);
        free(u->device);
}

static char *unit_of(const HandOver *h, const char *type) {
        _cleanup_free_ char *instance = unit_name_escape(h->name);

        return instance ? strjoin("busbar-", h->driver, "@", instance, type) : NULL;
}

static int units_init(const HandOver *h, Units *ret) {
        Units u = { .socket = unit_of(h, ".socket"), .service = unit_of(h, ".service") };

        if (h->device_node) {
                _cleanup_free_ char *device = unit_name_escape(h->device_node + strlen("/"));

                u.device = device ? strjoin(device, ".device") : NULL;
        }
        if (!u.socket || !u.service || (h->device_node && !u.device)) {
                units_done(&u);
                return log_oom();
        }

        *ret = u;
        return 0;
}

void hand_over_init(const char *name, const char *driver, const Plugged *p, UsbWay way, HandOver *ret) {
        bool hidraw = streq(driver, RECORD_DRIVER) && !usb_way_is_libusb(way, p->usb);

        *ret = (HandOver) {
                .name = name,
                .driver = driver,
                .description = p->naming.description,
                .first = hidraw ? p->usb->hidraw : p->usb->usbfs,
                .second = hidraw ? p->usb->usbfs : NULL,
                .device_node = hidraw ? p->usb->hidraw : p->usb->usbfs,
        };
}

bool hand_over_is_wanted(Systemd *s) {
        NutConf c;

        /* MODE=netclient: this machine has no devices of its own. */
        if (nut_conf_load(NULL, NULL, &c) >= 0 && c.mode == NUT_MODE_NETCLIENT)
                return false;
        return systemd_is_wanted(s, TARGET);
}

static int report_failure(Systemd *s, const HandOver *h, const char *what, const char *unit, int r) {
        if (r < 0)
                log_full(LOG_ERR, r, &(LogContext) { .device = h->name }, "Cannot %s %s: %s", what, unit,
                                systemd_failure(s));
        return r;
}

/* What had been made for another place, or failed, must be gone before it can be made anew. */
static int remove_units(Systemd *s, const HandOver *h, const char *service, const char *socket) {
        int r;

        r = report_failure(s, h, "stop", service, systemd_stop(s, service));
        if (r >= 0)
                r = report_failure(s, h, "stop", socket, systemd_stop(s, socket));
        if (r < 0)
                return r;

        systemd_reset(s, socket);
        systemd_reset(s, service);
        r = systemd_wait_gone(s, socket);
        return r == -ETIMEDOUT ? 0 : r;
}

/* Those of one driver that have the device, but for the one with this name. */
static int remove_others_of(Systemd *s, const HandOver *h, const char *driver, const char *socket) {
        _cleanup_free_ char *pattern = strjoin("busbar-", driver, "@*.socket");
        _cleanup_strv_free_ char **sockets = NULL;
        int r;

        if (!pattern)
                return log_oom();
        r = systemd_list(s, pattern, &sockets);
        if (r < 0)
                return report_failure(s, h, "list", "sockets of drivers", r);

        STRV_FOREACH(other, sockets) {
                _cleanup_free_ char *service = NULL;

                if (streq(*other, socket) || !systemd_socket_has(s, *other, h->first, h->second))
                        continue;
                service = strprintf("%.*s.service", (int) (strlen(*other) - strlen(".socket")), *other);
                if (!service)
                        return log_oom();
                r = remove_units(s, h, service, *other);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* A device that has another name, or another driver, from now on. */
static int remove_others(Systemd *s, const HandOver *h, const char *socket) {
        int r = 0;

        for (const char *const *driver = ups_conf_plugged_drivers(); *driver && r >= 0; driver++)
                r = remove_others_of(s, h, *driver, socket);
        return r;
}

static bool is_up(Systemd *s, const char *unit) {
        _cleanup_free_ char *state = NULL;

        return systemd_state(s, unit, &state) >= 0 &&
                (streq(state, "active") || streq(state, "activating") || streq(state, "reloading"));
}

static bool is_done(Systemd *s, const HandOver *h, const Units *u) {
        return systemd_is_wanted(s, u->service) && is_up(s, u->socket) &&
                systemd_socket_is(s, u->socket, h->first, h->second);
}

bool hand_over_is_done(Systemd *s, const HandOver *h) {
        _cleanup_(units_done) Units u = {};

        return units_init(h, &u) >= 0 && is_done(s, h, &u);
}

bool hand_over_is_coming(Systemd *s, const HandOver *h) {
        _cleanup_free_ char *instance = unit_name_escape(h->name), *opener = NULL;
        _cleanup_(units_done) Units u = {};

        opener = instance ? strjoin("busbar-hand-over@", instance, ".service") : NULL;
        if (!opener || units_init(h, &u) < 0)
                return false;
        return systemd_waits_to_restart(s, u.service) ||
                (systemd_is_wanted(s, u.service) && systemd_is_wanted(s, opener));
}

bool hand_over_was_done(Systemd *s, const HandOver *h) {
        _cleanup_(units_done) Units u = {};

        return units_init(h, &u) >= 0 && systemd_was_up(s, u.service);
}

int hand_over_start(Systemd *s, const HandOver *h) {
        _cleanup_(units_done) Units u = {};
        _cleanup_free_ char *state = NULL;
        bool open;
        int r;

        r = units_init(h, &u);
        if (r >= 0)
                r = remove_others(s, h, u.socket);
        if (r < 0)
                return r;
        if (is_done(s, h, &u))
                return 0;

        /* A service without a socket, or with one for another place, has lost its device. */
        open = is_up(s, u.socket) && systemd_socket_is(s, u.socket, h->first, h->second);
        if (!open && (is_up(s, u.service) || systemd_state(s, u.socket, &state) >= 0)) {
                r = remove_units(s, h, u.service, u.socket);
                if (r < 0)
                        return r;
        }
        systemd_reset(s, u.service);
        r = systemd_start(s, u.service, /* wait= */ false);
        if (r == -ERFKILL)
                return r;
        return report_failure(s, h, "start", u.service, r) < 0 ? r : 1;
}

/* The start of the service, which waits for us, goes down with a socket of the same name: it gets another.
 * */
static int open_anew(Systemd *s, const HandOver *h, const Units *u, const char *bound_to) {
        int r;

        r = remove_units(s, h, u->service, u->socket);
        if (r >= 0)
                r = systemd_start_special(s, u->socket, h->description, h->first, h->second, bound_to);
        if (r < 0)
                return report_failure(s, h, "start", u->socket, r);
        return report_failure(s, h, "start", u->service, systemd_start(s, u->service, /* wait= */ false));
}

static int open_socket(Systemd *s, const HandOver *h, const Units *u) {
        /* udev makes units of those nodes only that it was told to. */
        const char *bound_to = u->device && is_up(s, u->device) ? u->device : NULL;
        int r;

        if (systemd_socket_is(s, u->socket, h->first, h->second)) {
                if (is_up(s, u->socket))
                        return 0;
                systemd_reset(s, u->socket);
                r = systemd_start(s, u->socket, /* wait= */ true);
                /* Meanwhile it may be gone. */
                if (r != -ENOENT)
                        return report_failure(s, h, "start", u->socket, r);
        }
        if (is_up(s, u->socket))
                return open_anew(s, h, u, bound_to);

        r = systemd_start_special(s, u->socket, h->description, h->first, h->second, bound_to);
        if (r == -EEXIST)
                return open_anew(s, h, u, bound_to);
        return report_failure(s, h, "start", u->socket, r);
}

int hand_over_open(Systemd *s, const HandOver *h) {
        _cleanup_(units_done) Units u = {};
        int r;

        r = units_init(h, &u);
        if (r >= 0)
                r = open_socket(s, h, &u);
        if (r < 0 || systemd_is_wanted(s, u.service))
                return r;

        /* An earlier try failed, and the start of the driver with it. */
        systemd_reset(s, u.service);
        return report_failure(s, h, "start", u.service, systemd_start(s, u.service, /* wait= */ false));
}
