/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "account.h"
#include "bus-names.h"
#include "io-util.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define FLAG_DEFAULT "/run/busbar-monitor/armed"

/* Nobody waits for us as systemd does at the end of a shutdown. */
#define RUN_USEC (60 * USEC_PER_SEC)

/* For systemd, when drivers are to be stopped. */
#define PATIENCE_USEC (4 * USEC_PER_SEC)

/* For a driver that is asked where its devices are, and for all of them. */
#define ANSWER_USEC (1 * USEC_PER_SEC)
#define ANSWERS_USEC (5 * USEC_PER_SEC)

/* One target. */
typedef struct Plan {
        ArmedDevice device;
        RunUser user;
        bool ready; /* to be run, and was not yet */
} Plan;

/* Drivers that run, as long as they can be asked. */
typedef struct Drivers {
        sd_bus *bus;
        char **names;
        uint64_t end_usec;
} Drivers;

/*** Where devices are ***/

static void drivers_done(Drivers *d) {
        strv_free(d->names);
        sd_bus_flush_close_unref(d->bus);
}

/* Others than ours are not asked. No names when there is nobody. */
static void drivers_init(Drivers *d) {
        _cleanup_strv_free_ char **names = NULL;

        *d = (Drivers) { .end_usec = usec_add(now_usec(CLOCK_MONOTONIC), ANSWERS_USEC) };
        if (sd_bus_open_system(&d->bus) < 0 || sd_bus_set_method_call_timeout(d->bus, ANSWER_USEC) < 0 ||
            sd_bus_list_names(d->bus, &names, NULL) < 0)
                return;
        STRV_FOREACH(name, names)
                if (startswith(*name, BUS_NAME_DRIVER ".") && strv_extend(&d->names, *name) < 0)
                        return;
}

/* One that hangs would take as long each time. */
static void drivers_forget(char **name) {
        free(*name);
        do
                name[0] = name[1];
        while (*name++);
}

/* What the driver that has the device says, or NULL. */
static char **drivers_ask(Drivers *d, const char *device) {
        _cleanup_free_ char *path = NULL;
        char **name = d->names, **nodes = NULL;

        if (sd_bus_path_encode(BUS_PATH_DEVICE, device, &path) < 0)
                return NULL;
        while (name && *name && now_usec(CLOCK_MONOTONIC) < d->end_usec) {
                int r = sd_bus_get_property_strv(d->bus, *name, path, BUS_INTERFACE_DEVICE, "Nodes", NULL,
                                                 &nodes);

                if (r >= 0)
                        return nodes;
                if (r == -ETIMEDOUT)
                        drivers_forget(name);
                else
                        name++;
        }
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

static void add_nodes(ArmedDevice *d, const UpsSection *s, Drivers *drivers, const ArmedFlag *flag) {
        _cleanup_strv_free_ char **nodes = drivers_ask(drivers, s->name);

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

static int prepare_one(const Control *c, const Selection *s, const Target *t, ArmedFlag *f, Plan *ret) {
        ArmedDevice *d;
        int r;

        r = account_find(c, s, t->section, &ret->user);
        if (r < 0)
                return r;
        f->n_devices = 0;
        r = armed_flag_add(f, order_of(s, t), t->section->driver, t->section->name, &d);
        if (r < 0) {
                fprintf(stderr, "%s:%u: [%s]: this can be no device and driver: %s\n", t->section->file,
                                t->section->line, t->section->name, t->section->driver);
                return r;
        }
        ret->device = *d;
        ret->ready = true;
        return 0;
}

/* Before the drivers are stopped, which know where their devices are. One that cannot be told is left out,
 * and keeps no other from being told. */
static int prepare(const Control *c, const Selection *s, Plan *plans) {
        _cleanup_free_ ArmedFlag *flag = load_flag(), *f = new0(ArmedFlag, 1);
        _cleanup_(drivers_done) Drivers drivers = {};
        int r, result = 0;

        if (!f)
                return -ENOMEM;
        drivers_init(&drivers);
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;

                if (!t->selected || order_of(s, t) < 0)
                        continue;
                r = prepare_one(c, s, t, f, plans + i);
                if (r >= 0)
                        add_nodes(&plans[i].device, t->section, &drivers, flag);
                else
                        result = r;
        }
        return result;
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

static bool is_together(const Plan *a, const Plan *b) {
        return (a == b || b->ready) && a->device.sdorder == b->device.sdorder &&
                a->user.uid == b->user.uid && a->user.gid == b->user.gid;
}

/* Those of one place in the order, at the same time, as far as their drivers run as the same user. */
static int run_order(const Selection *s, const Poweroff *p, Plan *plans, int32_t order) {
        _cleanup_free_ ArmedFlag *f = new0(ArmedFlag, 1);
        int r, result = 0;

        if (!f)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_targets; i++) {
                RunResult results[ARMED_FLAG_DEVICES_MAX] = {};

                if (!plans[i].ready || plans[i].device.sdorder != order)
                        continue;
                f->n_devices = 0;
                for (size_t k = i; k < s->n_targets && f->n_devices < ARMED_FLAG_DEVICES_MAX; k++)
                        if (is_together(plans + i, plans + k)) {
                                f->devices[f->n_devices++] = plans[k].device;
                                plans[k].ready = false;
                        }
                run_drivers(p, &plans[i].user, f, order, usec_add(now_usec(CLOCK_MONOTONIC), RUN_USEC),
                                results);
                for (size_t k = 0; k < f->n_devices; k++) {
                        r = tell_result(f->devices + k, results[k]);
                        if (r < 0)
                                result = r;
                }
        }
        return result;
}

static int test_order(const Control *c, const Selection *s, int32_t order) {
        int r, result = 0;

        for (size_t i = 0; i < s->n_targets; i++) {
                DriverCommand d;

                if (!s->targets[i].selected || order_of(s, s->targets + i) != order)
                        continue;
                r = driver_command_init(c, s->targets[i].section, "-k", &d);
                if (r < 0) {
                        complain_driver(s->targets[i].section);
                        result = r;
                        continue;
                }
                driver_command_print(&d, NULL);
                driver_command_done(&d);
        }
        return result;
}

/* Drivers whose devices are on the network do not keep others from them. What does not stop has been told
 * of, and is no reason not to try. */
static void stop_drivers(Control *c, const Selection *s) {
        Selection alone = *s;

        alone.targets = new(Target, s->n_targets);
        if (!alone.targets)
                return;
        for (size_t i = 0; i < s->n_targets; i++) {
                alone.targets[i] = s->targets[i];
                if (s->targets[i].grouped || order_of(s, s->targets + i) < 0)
                        alone.targets[i].selected = false;
        }
        c->hurry = true;
        if (c->systemd) {
                systemd_set_patience(c->systemd, PATIENCE_USEC);
                (void) units_stop(c, &alone, true);
        } else
                (void) processes_stop(c, &alone, true);
        free(alone.targets);
}

int control_power_off(Control *c, const Selection *s) {
        static const PoweroffOps ops = { .log = on_log };
        const char *conf = getenv("NUT_CONFPATH");
        const Poweroff p = {
                .root = "",
                .driver_dir = conf_driver_path(),
                .state_dir = conf_state_path(),
                .conf_dir = isempty(conf) ? CONFDIR : conf,
                .ops = &ops,
        };
        _cleanup_free_ Plan *plans = new0(Plan, s->n_targets);
        int32_t order = -1;
        int r, result = 0;

        if (!plans)
                return -ENOMEM;
        if (!c->test) {
                result = prepare(c, s, plans);
                stop_drivers(c, s);
        }
        while (next_order(s, order, &order)) {
                r = c->test ? test_order(c, s, order) : run_order(s, &p, plans, order);
                if (r < 0)
                        result = r;
        }
        return result;
}
