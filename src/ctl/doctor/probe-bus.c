/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-names.h"
#include "doctor.h"
#include "string-util.h"
#include "time-util.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define MANAGER SYSTEMD ".Manager"

/* One that is well answers at once; busy machines take their time. */
#define CALL_USEC (4 * USEC_PER_SEC)
#define CONNECT_USEC (4 * USEC_PER_SEC)

/* The mirror gives up a little later, and in silence. */
#define SYNC_USEC (3 * USEC_PER_SEC + 500 * USEC_PER_MSEC)

static void on_changed(void *userdata, MirrorDevice *device, const Change *change) {
}

static void on_removed(void *userdata, MirrorDevice *device) {
}

static void on_synced(void *userdata) {
}

/* Turns of the loop until that is so, or the time is over. */
static int wait_until(Doctor *d, uint64_t timeout_usec, bool (*is_so)(const Doctor *d)) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec);

        while (!is_so(d)) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                int r;

                if (now >= deadline)
                        return -ETIMEDOUT;
                r = sd_event_run(d->ctl->event, deadline - now);
                if (r < 0)
                        return r;
                if (sd_bus_is_open(d->ctl->bus) <= 0)
                        return -ECONNRESET;
        }
        return 0;
}

static bool is_ready(const Doctor *d) {
        return sd_bus_is_ready(d->ctl->bus) > 0;
}

static bool is_synced(const Doctor *d) {
        return mirror_is_synced(d->ctl->mirror);
}

static int connect_bus(Doctor *d) {
        Ctl *c = d->ctl;
        int r;

        r = sd_event_default(&c->event);
        if (r >= 0)
                r = sd_bus_open_system(&c->bus);
        if (r < 0)
                return r;
        (void) sd_bus_set_method_call_timeout(c->bus, CALL_USEC);
        r = sd_bus_attach_event(c->bus, c->event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? r : wait_until(d, CONNECT_USEC, is_ready);
}

static int read_devices(Doctor *d) {
        static const MirrorOps ops = {
                .device_changed = on_changed,
                .device_removed = on_removed,
                .synced = on_synced,
        };
        int r;

        r = mirror_new(&ops, NULL, &d->ctl->mirror);
        if (r >= 0)
                r = mirror_attach(d->ctl->mirror, d->ctl->bus);
        if (r >= 0)
                r = wait_until(d, SYNC_USEC, is_synced);
        d->hangs = r == -ETIMEDOUT;
        return r == -ETIMEDOUT ? 0 : r;
}

static int add_unit(Doctor *d, sd_bus_message *m) {
        const char *name, *load, *active, *sub, *path;
        int r;

        r = sd_bus_message_read(
                m, "(ssssssouso)", &name, NULL, &load, &active, &sub, NULL, &path, NULL, NULL, NULL);
        if (r <= 0)
                return r;
        if (!GREEDY_REALLOC(d->units, d->n_units_allocated, d->n_units + 1))
                return -ENOMEM;
        d->units[d->n_units] = (Unit){strdup(name), strdup(load), strdup(active), strdup(sub), strdup(path)};
        return d->units[d->n_units++].path ? 1 : -ENOMEM;
}

static int read_units(Doctor *d) {
        static const char *const patterns[] = {
                "busbar*",
                "*-busbar*",
                "nut*",
                "apcupsd*",
                "pwrstatd*",
                "ModemManager*",
                "brltty*",
                "serial-getty@*",
                "upower*",
                "polkit*",
                "dbus*",
                "firewalld*",
                "ufw*",
                "nftables*",
                NULL,
        };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *answer = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                d->ctl->bus, &m, SYSTEMD, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns");
        if (r >= 0)
                r = sd_bus_message_append(m, "as", 0);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) patterns);
        if (r >= 0)
                r = sd_bus_call(d->ctl->bus, m, CALL_USEC, NULL, &answer);
        if (r >= 0)
                r = sd_bus_message_enter_container(answer, 'a', "(ssssssouso)");
        while (r > 0)
                r = add_unit(d, answer);
        return r;
}

/* Whether a service of ours is there and answers. */
static int ping(Doctor *d, const char *name, const char *path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;

        return doctor_call(d, name, path, "org.freedesktop.DBus.Peer", "Ping", &answer);
}

void doctor_load_bus(Doctor *d) {
        d->bus_error = connect_bus(d);
        if (d->bus_error >= 0)
                d->bus_error = read_devices(d);
        if (d->bus_error < 0) {
                /* To say goodbye would be to wait again. */
                d->ctl->mirror = mirror_free(d->ctl->mirror);
                d->ctl->bus = sd_bus_close_unref(d->ctl->bus);
                return;
        }

        d->systemd_error = read_units(d);
        d->gateway_error = ping(d, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY);
        d->monitor_error = ping(d, BUS_NAME_MONITOR, BUS_PATH_MONITOR);
}

int doctor_call(Doctor *d,
        const char *service,
        const char *path,
        const char *interface,
        const char *method,
        sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(d->ctl->bus, &m, service, path, interface, method);
        if (r < 0)
                return r;
        /* What does not run is not to be started because somebody looks. */
        (void) sd_bus_message_set_auto_start(m, false);
        return sd_bus_call(d->ctl->bus, m, CALL_USEC, NULL, ret);
}

bool doctor_has_name(const Doctor *d, const char *name) {
        return d->ctl->bus && d->bus_error >= 0 && sd_bus_get_name_creds(d->ctl->bus, name, 0, NULL) >= 0;
}

const Unit *doctor_unit(const Doctor *d, const char *name) {
        for (size_t i = 0; i < d->n_units; i++)
                if (streq(d->units[i].name, name))
                        return d->units + i;
        return NULL;
}

bool doctor_unit_is_active(const Doctor *d, const char *name) {
        const Unit *u = doctor_unit(d, name);

        return u && streq(u->active, "active");
}

/* A manager that hangs is waited for once. */
static int property(Doctor *d, int r) {
        if (r == -ETIMEDOUT)
                d->systemd_error = r;
        return r;
}

char *doctor_unit_string(Doctor *d, const Unit *u, const char *interface, const char *name) {
        char *value = NULL;

        if (d->systemd_error >= 0 && u)
                (void) property(d, sd_bus_get_property_string(
                                           d->ctl->bus, SYSTEMD, u->path, interface, name, NULL, &value));
        return value;
}

uint64_t doctor_unit_number(
        Doctor *d, const Unit *u, const char *interface, const char *name, char type, uint64_t otherwise) {
        uint64_t value = 0;

        if (d->systemd_error < 0 || !u ||
                property(d, sd_bus_get_property_trivial(
                                    d->ctl->bus, SYSTEMD, u->path, interface, name, NULL, type, &value)) < 0)
                return otherwise;
        if (type == 'u') {
                uint32_t small;

                memcpy(&small, &value, sizeof(small));
                return small;
        }
        return value;
}

char *doctor_unit_file_state(Doctor *d, const char *name) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        const char *state;

        if (d->systemd_error < 0 ||
                property(d, sd_bus_call_method(d->ctl->bus, SYSTEMD, SYSTEMD_PATH, MANAGER,
                                    "GetUnitFileState", NULL, &answer, "s", name)) < 0 ||
                sd_bus_message_read(answer, "s", &state) < 0)
                return NULL;
        return strdup(state);
}
