/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "bus-names.h"
#include "control.h"
#include "io-util.h"
#include "parse-util.h"
#include "run.h"
#include "string-util.h"
#include "time-util.h"

#define FLAG_DEFAULT "/run/busbar-monitor/armed"

/* Nobody waits for us as systemd does at the end of a shutdown. */
#define RUN_USEC (60 * USEC_PER_SEC)

/*** Where devices are ***/

/* What the driver that runs says. Others than those of our drivers are not asked. */
static int ask_nodes(sd_bus *bus, const char *service, const char *device, char ***ret) {
        _cleanup_free_ char *path = NULL;
        int r = sd_bus_path_encode(BUS_PATH_DEVICE, device, &path);

        return r < 0 ? r : sd_bus_get_property_strv(bus, service, path, BUS_INTERFACE_DEVICE, "Nodes", NULL,
                                           ret);
}

static char **nodes_on_bus(const char *device) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_strv_free_ char **names = NULL;
        char **nodes = NULL;

        if (sd_bus_open_system(&bus) < 0 || sd_bus_list_names(bus, &names, NULL) < 0)
                return NULL;
        STRV_FOREACH(name, names)
                if (startswith(*name, BUS_NAME_DRIVER ".") && ask_nodes(bus, *name, device, &nodes) >= 0)
                        return nodes;
        return NULL;
}

/* What the monitor has written down for the end of a shutdown, when nobody can be asked any more. */
static ArmedFlag *load_flag(void) {
        _cleanup_free_ char *text = new(char, ARMED_FLAG_SIZE_MAX + 1);
        _cleanup_free_ ArmedFlag *f = new(ArmedFlag, 1);
        const char *path = getenv("BUSBAR_ARMED_FLAG");
        ssize_t n;

        if (!text || !f)
                return NULL;
        n = path_read(isempty(path) ? FLAG_DEFAULT : path, text, ARMED_FLAG_SIZE_MAX + 1);
        if (n <= 0 || (size_t) n > ARMED_FLAG_SIZE_MAX || armed_flag_parse(text, (size_t) n, f) < 0)
                return NULL;
        return TAKE_PTR(f);
}

static void add_nodes(ArmedDevice *d, const UpsSection *s, const ArmedFlag *flag) {
        _cleanup_strv_free_ char **nodes = nodes_on_bus(s->name);

        STRV_FOREACH(node, nodes)
                (void) armed_device_add_node(d, *node);
        for (size_t i = 0; d->n_nodes == 0 && flag && i < flag->n_devices; i++)
                if (streq(flag->devices[i].name, s->name))
                        for (size_t k = 0; k < flag->devices[i].n_nodes; k++)
                                (void) armed_device_add_node(d, flag->devices[i].nodes[k]);
        if (d->n_nodes == 0 && startswith(s->port, "/dev/"))
                (void) armed_device_add_node(d, s->port);
}

/*** What is to be done ***/

/* One that is named is meant, whatever its place. */
static int32_t order_of(const Selection *s, const Target *t) {
        const UpsOption *o = ups_conf_option(s->conf, t->section, "sdorder");
        int64_t order;

        if (!o || !o->value || parse_int64(o->value, -1, INT32_MAX, &order) < 0)
                return 0;
        return s->named ? MAX((int32_t) order, 0) : (int32_t) order;
}

/* Before the drivers are stopped, which know where their devices are. */
static int prepare(const Selection *s, ArmedDevice *devices) {
        _cleanup_free_ ArmedFlag *flag = load_flag(), *f = new0(ArmedFlag, 1);

        if (!f)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                ArmedDevice *d;
                int r;

                if (!t->selected || order_of(s, t) < 0)
                        continue;
                f->n_devices = 0;
                r = armed_flag_add(f, order_of(s, t), t->section->driver, t->section->name, &d);
                if (r < 0)
                        return control_complain(r, t->section->name, NULL);
                add_nodes(d, t->section, flag);
                devices[i] = *d;
        }
        return 0;
}

/* The next of the orders after one; false when there is none. */
static bool next_order(const Selection *s, int32_t after, int32_t *ret) {
        bool found = false;

        for (size_t i = 0; i < s->n_targets; i++) {
                int32_t order = order_of(s, s->targets + i);

                if (s->targets[i].selected && order > after && (!found || order < *ret)) {
                        *ret = order;
                        found = true;
                }
        }
        return found;
}

/*** As whom ***/

static int find_user(const Control *c, const Poweroff *p, RunUser *ret) {
        const struct passwd *pw;
        struct stat st;
        int r;

        if (!c->user) {
                r = run_user_find(p, ret);
                if (r == -EPERM)
                        fprintf(stderr, "%s belongs to root, and a driver does not run as root unasked; "
                                        "-u names a user\n", p->state_dir);
                else if (r < 0)
                        return control_complain(r, p->state_dir, NULL);
                return r;
        }

        pw = getpwnam(c->user);
        if (!pw) {
                fprintf(stderr, "There is no user %s\n", c->user);
                return -ESRCH;
        }
        *ret = (RunUser) { .uid = pw->pw_uid, .gid = pw->pw_gid };

        _cleanup_free_ char *path = conf_path("ups.conf");
        if (path && stat(path, &st) >= 0)
                ret->conf_gid = st.st_gid;
        return 0;
}

/*** Doing it ***/

static void on_log(void *userdata, int level, const char *text) {
        fprintf(stderr, "%s\n", text);
}

static int tell_result(const ArmedDevice *d, RunResult result) {
        switch (result) {
        case RUN_COMMANDED:
                fprintf(stderr, "%s is about to cut the power.\n", d->name);
                return 0;
        case RUN_ON_LINE:
                fprintf(stderr, "%s could not be told to cut the power, and has mains.\n", d->name);
                return -EIO;
        default:
                fprintf(stderr, "%s could not be told to cut the power.\n", d->name);
                return -EIO;
        }
}

/* Those of one place in the order, at the same time. */
static int run_order(const Selection *s, const Poweroff *p, const RunUser *user, const ArmedDevice *devices,
                int32_t order) {
        _cleanup_free_ ArmedFlag *f = new0(ArmedFlag, 1);
        int r, result = 0;
        size_t i = 0;

        if (!f)
                return -ENOMEM;
        while (i < s->n_targets) {
                RunResult results[ARMED_FLAG_DEVICES_MAX] = {};

                f->n_devices = 0;
                for (; i < s->n_targets && f->n_devices < ARMED_FLAG_DEVICES_MAX; i++)
                        if (s->targets[i].selected && order_of(s, s->targets + i) == order)
                                f->devices[f->n_devices++] = devices[i];
                run_drivers(p, user, f, order, usec_add(now_usec(CLOCK_MONOTONIC), RUN_USEC), results);
                for (size_t k = 0; k < f->n_devices; k++) {
                        r = tell_result(f->devices + k, results[k]);
                        if (r < 0)
                                result = r;
                }
        }
        return result;
}

static int test_order(const Control *c, const Selection *s, int32_t order) {
        for (size_t i = 0; i < s->n_targets; i++) {
                DriverCommand d;

                if (!s->targets[i].selected || order_of(s, s->targets + i) != order ||
                    driver_command_init(c, s->targets[i].section, "-k", &d) < 0)
                        continue;
                driver_command_print(&d, NULL);
                driver_command_done(&d);
        }
        return 0;
}

/* Drivers whose devices are on the network do not keep others from them. */
static int stop_drivers(Control *c, const Selection *s) {
        Selection alone = *s;
        int r;

        alone.targets = new(Target, s->n_targets);
        if (!alone.targets)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_targets; i++) {
                alone.targets[i] = s->targets[i];
                if (s->targets[i].grouped || order_of(s, s->targets + i) < 0)
                        alone.targets[i].selected = false;
        }
        r = c->systemd ? units_stop(c, &alone, true) : processes_stop(c, &alone, true);
        free(alone.targets);
        return r;
}

int control_power_off(Control *c, const Selection *s) {
        static const PoweroffOps ops = { .log = on_log };
        const char *conf = getenv("NUT_CONFPATH"), *drivers = getenv("BUSBAR_DRIVER_PATH");
        const Poweroff p = {
                .root = "",
                .driver_dir = isempty(drivers) ? DRIVERDIR : drivers,
                .state_dir = conf_state_path(),
                .conf_dir = isempty(conf) ? CONFDIR : conf,
                .ops = &ops,
        };
        _cleanup_free_ ArmedDevice *devices = new0(ArmedDevice, s->n_targets);
        int32_t order = -1;
        int r, result = 0;
        RunUser user;

        if (!devices)
                return -ENOMEM;
        if (!c->test) {
                r = find_user(c, &p, &user);
                if (r >= 0)
                        r = prepare(s, devices);
                if (r >= 0)
                        r = stop_drivers(c, s);
                if (r < 0)
                        return r;
        }
        while (next_order(s, order, &order)) {
                r = c->test ? test_order(c, s, order) : run_order(s, &p, &user, devices, order);
                if (r < 0)
                        result = r;
        }
        return result;
}
