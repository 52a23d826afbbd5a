/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-error.h"
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "log.h"
#include "test-bus-util.h"

/* Driver processes in miniature and a mirror of them, on a private bus. */

#define DEVICES_MANY 535U

typedef struct Bench {
        sd_event *event;
        sd_bus *bus; /* the mirror's */
        Mirror *mirror;
        unsigned n_synced, n_changed, n_anew, n_removed;
        char *last_removed;
        char **last_changed, **last_gone, **last_described;
} Bench;

static void on_device_changed(void *userdata, MirrorDevice *d, const Change *change) {
        Bench *b = userdata;

        ASSERT_TRUE(mirror_find(b->mirror, mirror_device_name(d)) == d);
        if (!change) {
                b->n_anew++;
                return;
        }

        b->n_changed++;
        ASSERT_FALSE(change_is_empty(change));
        strv_free(b->last_changed);
        strv_free(b->last_gone);
        strv_free(b->last_described);
        ASSERT_OK(strv_copy(change->changed, &b->last_changed));
        ASSERT_OK(strv_copy(change->removed, &b->last_gone));
        ASSERT_OK(strv_copy(change->described, &b->last_described));
}

static void on_device_removed(void *userdata, MirrorDevice *d) {
        Bench *b = userdata;

        b->n_removed++;
        ASSERT_OK(free_and_strdup(&b->last_removed, mirror_device_name(d)));
}

static void on_synced(void *userdata) {
        Bench *b = userdata;

        ASSERT_TRUE(mirror_is_synced(b->mirror));
        b->n_synced++;
}

static const MirrorOps mirror_ops = {
        .device_changed = on_device_changed,
        .device_removed = on_device_removed,
        .synced = on_synced,
};

static void bench_open(Bench *b) {
        ASSERT_OK(sd_event_new(&b->event));
        b->bus = test_bus_open(b->event);
        ASSERT_OK(mirror_new(&mirror_ops, b, &b->mirror));
}

static void bench_attach(Bench *b) {
        unsigned n = b->n_synced;

        ASSERT_OK(mirror_attach(b->mirror, b->bus));
        ASSERT_FALSE(mirror_is_synced(b->mirror));
        RUN_UNTIL(b->event, b->n_synced > n);
        ASSERT_EQ(b->n_synced, n + 1);
}

static void bench_close(Bench *b) {
        mirror_free(b->mirror);
        sd_bus_flush_close_unref(b->bus);
        sd_event_unref(b->event);
        free(b->last_removed);
        strv_free(b->last_changed);
        strv_free(b->last_gone);
        strv_free(b->last_described);
}

static bool variable_equal(const Variable *x, const Variable *y) {
        return streq(x->name, y->name) && streq(x->value, y->value) && x->flags == y->flags &&
                x->length_max == y->length_max && strv_equal(x->enums, y->enums) &&
                x->n_ranges == y->n_ranges &&
                (x->n_ranges == 0 || memcmp(x->ranges, y->ranges, x->n_ranges * sizeof(Range)) == 0);
}

static bool model_equal(const Model *x, const Model *y) {
        if (model_n_variables(x) != model_n_variables(y) ||
            !strv_equal(model_commands(x), model_commands(y)) ||
            !strv_equal(model_status(x), model_status(y)) ||
            !strv_equal(model_alarms(x), model_alarms(y)) ||
            model_freshness(x) != model_freshness(y) ||
            model_revision(x) != model_revision(y) ||
            model_on_battery_since_usec(x) != model_on_battery_since_usec(y))
                return false;

        for (size_t i = 0; i < model_n_variables(x); i++)
                if (!variable_equal(model_variable(x, i), model_variable(y, i)))
                        return false;

        return true;
}

static bool mirrored(Bench *b, const TestDevice *d) {
        MirrorDevice *mirror = mirror_find(b->mirror, d->name);

        return mirror && model_equal(mirror_device_model(mirror), d->model);
}

static void test_empty(void) {
        Bench b = {};

        bench_open(&b);
        bench_attach(&b);
        ASSERT_EQ(mirror_n_devices(b.mirror), 0);
        bench_close(&b);
}

static void test_follow(void) {
        static const char *const nodes[] = { "/dev/hidraw0", "/dev/bus/usb/001/002", NULL };
        _cleanup_free_ char *path = bus_device_path("apc");
        TestDriver *p;
        TestDevice *d, *second;
        MirrorDevice *mirror;
        const char *unique;
        Bench b = {};

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        bench_attach(&b);

        mirror = mirror_find(b.mirror, "APC");
        ASSERT_TRUE(mirror);
        ASSERT_TRUE(mirrored(&b, d));
        ASSERT_EQ(b.n_anew, 1);
        ASSERT_STREQ(mirror_device_name(mirror), "apc");
        ASSERT_STREQ(mirror->path, path);
        ASSERT_STREQ(mirror_device_driver(mirror), "test-ups");
        ASSERT_STREQ(mirror_device_description(mirror), "Rack 1, left");
        ASSERT_OK(sd_bus_get_unique_name(p->bus, &unique));
        ASSERT_STREQ(mirror->driver->unique, unique);
        ASSERT_TRUE(mirror_device_age_usec(mirror) < TEST_DEADLINE_USEC);
        ASSERT_TRUE(mirror_device_userdata(mirror) == NULL);
        mirror_device_set_userdata(mirror, &b);
        ASSERT_TRUE(mirror_device_userdata(mirror) == &b);
        ASSERT_FALSE(mirror_device_nodes(mirror));
        ASSERT_OK(bus_device_set_place(d->bus_device, (char *const *) nodes, "/sys/x"));
        RUN_UNTIL(b.event, strv_equal(mirror_device_nodes(mirror), (char *const *) nodes));

        /* Devices come and go while their process stays; they are sorted. */
        second = test_driver_add(p, "Aardvark", test_update_ups());
        RUN_UNTIL(b.event, mirrored(&b, second));
        ASSERT_EQ(mirror_n_devices(b.mirror), 2);
        ASSERT_TRUE(mirror_device(b.mirror, 1) == mirror);
        test_driver_remove(p, second);
        RUN_UNTIL(b.event, b.n_removed == 1);
        ASSERT_STREQ(b.last_removed, "Aardvark");
        ASSERT_EQ(mirror_n_devices(b.mirror), 1);

        /* A whole process comes and goes. */
        p = test_driver_free(p);
        RUN_UNTIL(b.event, b.n_removed == 2);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        RUN_UNTIL(b.event, mirrored(&b, d));
        p = test_driver_kill(p);
        RUN_UNTIL(b.event, b.n_removed == 3);
        ASSERT_EQ(mirror_n_devices(b.mirror), 0);
        ASSERT_EQ(b.n_synced, 1);
        bench_close(&b);
}

/* Applies an update at the driver and waits until the mirror is the same. */
static void change(Bench *b, TestDevice *d, Update *u) {
        unsigned n = b->n_changed;

        test_device_update(d, u);
        RUN_UNTIL(b->event, mirrored(b, d) && b->n_changed > n);
}

static void test_values(Bench *b, TestDevice *d) {
        Update *u = update_new();

        (void) update_set(u, "battery.charge", "97");
        (void) update_set(u, "ambient.temperature", "20.1");
        (void) update_unset(u, "ups.load");
        change(b, d, u);
        ASSERT_EQ(b->n_changed, 1);
        ASSERT_EQ(strv_length(b->last_changed), 2);
        ASSERT_TRUE(strv_contains(b->last_changed, "battery.charge"));
        ASSERT_STREQ(b->last_gone[0], "ups.load");
}

static void test_changes(void) {
        TestDriver *p;
        TestDevice *d;
        Update *u;
        Bench b = {};

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        bench_attach(&b);
        test_values(&b, d);

        u = update_new();
        (void) update_status(u, "OB DISCHRG");
        (void) update_alarm(u, "Mains lost!");
        (void) update_alarm(u, "Fan 2");
        change(&b, d, u);
        ASSERT_TRUE(model_has_status(mirror_device_model(mirror_find(b.mirror, "apc")), "ALARM"));

        u = update_new();
        (void) update_status(u, "OL CHRG");
        (void) update_alarm(u, "");
        change(&b, d, u);

        u = update_new();
        (void) update_freshness(u, FRESHNESS_STALE);
        change(&b, d, u);

        u = update_new();
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 20);
        (void) update_enum(u, "ups.id", "one");
        (void) update_describe(u, "battery.charge.low", 0, 0);
        (void) update_set(u, "ups.delay.start", "30");
        (void) update_describe(u, "ups.delay.start", VARIABLE_WRITABLE, 0);
        (void) update_range(u, "ups.delay.start", -1, 600);
        change(&b, d, u);
        ASSERT_EQ(strv_length(b.last_described), 3);

        u = update_new();
        (void) update_command(u, "load.on");
        (void) update_command_remove(u, "load.off");
        change(&b, d, u);

        /* A device that starts anew: all of it replaced at once. */
        u = update_new();
        (void) update_replace(u, NULL);
        (void) update_set(u, "device.type", "pdu");
        change(&b, d, u);

        change(&b, d, test_update_ups());
        test_driver_free(p);
        bench_close(&b);
}

/* Many updates at once, and some of them right into the reading of the snapshot. */
static void test_torrent(void) {
        TestDriver *p;
        TestDevice *d;
        Bench b = {};

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        ASSERT_OK(mirror_attach(b.mirror, b.bus));

        for (unsigned i = 0; i < 500; i++) {
                Update *u = update_new();
                char name[32];

                (void) snprintf(name, sizeof(name), "outlet.%u.status", i % 7);
                if (i % 3 == 0)
                        (void) update_unset(u, name);
                else
                        (void) update_setf(u, name, "%u", i);
                if (i % 5 == 0) {
                        (void) update_set(u, "ups.id", i % 2 == 0 ? "a" : "b");
                        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, i);
                }
                if (i % 11 == 0)
                        (void) (i % 2 == 0 ? update_command(u, "x.y") : update_command_remove(u, "x.y"));
                test_device_update(d, u);
                ASSERT_OK(sd_event_run(b.event, 0));
        }

        RUN_UNTIL(b.event, mirrored(&b, d) && b.n_synced == 1);
        test_driver_free(p);
        bench_close(&b);
}

static void test_gap(void) {
        TestDriver *p;
        TestDevice *d;
        Bench b = {};
        uint64_t revision;
        Update *u;

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        bench_attach(&b);
        revision = model_revision(d->model);

        /* Changes of which the mirror does not hear ... */
        for (unsigned i = 0; i < 3; i++) {
                u = update_new();
                (void) update_setf(u, "battery.charge", "%u", i);
                ASSERT_OK(model_apply(d->model, u, NULL));
                update_free(u);
        }
        ASSERT_OK(sd_event_run(b.event, 0));
        ASSERT_FALSE(mirrored(&b, d));

        /* ... and then one of which it does: it reads again, and says that anything may have changed. */
        u = update_new();
        (void) update_set(u, "ups.load", "18");
        test_device_update(d, u);
        ASSERT_EQ(model_revision(d->model), revision + 4);
        RUN_UNTIL(b.event, mirrored(&b, d));
        ASSERT_EQ(b.n_anew, 2);
        ASSERT_EQ(b.n_changed, 0);

        /* An old one is dropped. */
        ASSERT_OK(sd_bus_emit_signal(p->bus, "/org/busbar/device/apc", BUS_INTERFACE_VARIABLES, "Changed",
                        "ta{ss}as", revision, 1, "ups.load", "99", 0));
        u = update_new();
        (void) update_set(u, "ups.temperature", "30");
        change(&b, d, u);
        ASSERT_EQ(b.n_anew, 2);

        test_driver_free(p);
        bench_close(&b);
}

typedef struct Answer {
        unsigned n;
        int r;
        char *message;
} Answer;

static void on_answer(void *userdata, int r, const char *message) {
        Answer *a = userdata;

        a->n++;
        a->r = r;
        ASSERT_OK(free_and_strdup(&a->message, message));
}

static void test_verdicts(void) {
        static const int verdicts[] = {
                0, -EOPNOTSUPP, -EROFS, -EINVAL, -EMSGSIZE, -ESTALE, -ENODEV, -EBUSY, -EACCES, -EIO,
        };
        MirrorDevice *mirror;
        TestDriver *p;
        TestDevice *d;
        Bench b = {};

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        d = test_driver_add(p, "apc", test_update_ups());
        bench_attach(&b);
        mirror = mirror_find(b.mirror, "apc");

        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++) {
                Answer set = {}, run = {};

                d->verdict = verdicts[i];
                d->message = "The \374bliche.";
                ASSERT_OK(mirror_device_set(mirror, "ups.id", "right", on_answer, &set));
                ASSERT_OK(mirror_device_run(mirror, "load.off", NULL, on_answer, &run));
                RUN_UNTIL(b.event, set.n == 1 && run.n == 1);
                ASSERT_EQ(set.r, verdicts[i]);
                ASSERT_EQ(run.r, verdicts[i]);
                ASSERT_STREQ(set.message, verdicts[i] < 0 ? "The ?bliche." : NULL);
                ASSERT_STREQ(d->last_argument, NULL);
                free(set.message);
                free(run.message);
        }

        /* What the table does not know is a failure. */
        Answer other = {};
        d->verdict = -EPROTO;
        d->message = NULL;
        ASSERT_OK(mirror_device_set(mirror, "ups.id", "right", on_answer, &other));
        RUN_UNTIL(b.event, other.n == 1);
        ASSERT_EQ(other.r, -EIO);
        ASSERT_FALSE(isempty(other.message));

        /* The checks of the bus object come back in the same way. */
        ASSERT_OK(mirror_device_set(mirror, "battery.charge", "1", on_answer, &other));
        RUN_UNTIL(b.event, other.n == 2);
        ASSERT_EQ(other.r, -EROFS);

        ASSERT_ERROR(mirror_device_set(mirror, "ups.id", "\377", on_answer, &other), EINVAL);
        ASSERT_EQ(other.n, 2);

        free(other.message);
        test_driver_free(p);
        bench_close(&b);
}

/* A write is answered once, whatever goes away. */
static void test_write_lost(void) {
        for (unsigned way = 0; way < 4; way++) {
                TestDriver *p;
                TestDevice *d;
                Bench b = {};
                Answer a = {};

                bench_open(&b);
                p = test_driver_new(b.event, "apc");
                d = test_driver_add(p, "apc", test_update_ups());
                bench_attach(&b);

                d->leave_open = true;
                ASSERT_OK(mirror_device_set(mirror_find(b.mirror, "apc"), "ups.id", "x", on_answer, &a));
                RUN_UNTIL(b.event, d->request);
                ASSERT_EQ(a.n, 0);

                if (way == 0)
                        p = test_driver_kill(p);
                else if (way == 1)
                        test_driver_remove(p, d);
                else if (way == 2) {
                        mirror_detach(b.mirror);
                        ASSERT_ERROR(mirror_device_set(mirror_find(b.mirror, "apc"), "ups.id", "y",
                                        on_answer, &a), ENODEV);
                } else
                        b.mirror = mirror_free(b.mirror);

                RUN_UNTIL(b.event, a.n == 1);
                ASSERT_EQ(a.r, -ENODEV);
                        free(a.message);
                if (p)
                        test_driver_free(p);
                bench_close(&b);
        }
}

/* More writes than a bus daemon would take at once. */
static void test_many_writes(void) {
        static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g" };
        TestDriver *p;
        Bench b = {};
        Answer a = {};

        bench_open(&b);
        p = test_driver_new(b.event, "apc");
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) test_driver_add(p, names[i], test_update_ups());
        bench_attach(&b);

        for (size_t i = 0; i < MIRROR_WRITES_MAX * ELEMENTSOF(names); i++)
                ASSERT_OK(mirror_device_run(mirror_find(b.mirror, names[i % ELEMENTSOF(names)]),
                                "reset.watchdog", "1", on_answer, &a));
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                ASSERT_ERROR(mirror_device_run(mirror_find(b.mirror, names[i]), "reset.watchdog", "1",
                                on_answer, &a), EBUSY);
        RUN_UNTIL(b.event, a.n == MIRROR_WRITES_MAX * ELEMENTSOF(names));
        ASSERT_EQ(a.r, 0);

        free(a.message);
        test_driver_free(p);
        bench_close(&b);
}

static void test_duplicate(void) {
        TestDriver *p, *q;
        TestDevice *d, *e;
        const char *unique;
        Bench b = {};
        Update *u;

        bench_open(&b);
        p = test_driver_new(b.event, "one");
        d = test_driver_add(p, "apc", test_update_ups());
        bench_attach(&b);

        q = test_driver_new(b.event, "two");
        u = test_update_ups();
        (void) update_set(u, "ups.serial", "4711");
        e = test_driver_add(q, "apc", u);
        u = update_new();
        (void) update_set(u, "battery.charge", "1");
        test_device_update(e, u);
        /* That it was seen and refused shows by another device of the same process. */
        (void) test_driver_add(q, "zoo", test_update_ups());
        RUN_UNTIL(b.event, mirror_find(b.mirror, "zoo"));
        ASSERT_EQ(mirror_n_devices(b.mirror), 2);
        ASSERT_TRUE(mirrored(&b, d));

        /* The first goes, the second steps in. */
        p = test_driver_free(p);
        RUN_UNTIL(b.event, b.n_removed == 1 && mirrored(&b, e));
        ASSERT_OK(sd_bus_get_unique_name(q->bus, &unique));
        ASSERT_STREQ(mirror_find(b.mirror, "apc")->driver->unique, unique);

        test_driver_free(q);
        bench_close(&b);
}

/* The bus goes and comes back: devices stay meanwhile, and their drivers may come back in their own time. */
static void test_reattach(void) {
        TestDriver *p, *q;
        TestDevice *d, *e;
        MirrorDevice *mirror;
        Bench b = {};
        Update *u;

        bench_open(&b);
        b.mirror->orphan_timeout_usec = 3 * USEC_PER_SEC;
        p = test_driver_new(b.event, "one");
        d = test_driver_add(p, "apc", test_update_ups());
        q = test_driver_new(b.event, "two");
        (void) test_driver_add(q, "eaton", test_update_ups());
        bench_attach(&b);
        ASSERT_EQ(b.n_anew, 2);
        mirror = mirror_find(b.mirror, "apc");

        mirror_detach(b.mirror);
        ASSERT_FALSE(mirror_is_synced(b.mirror));
        ASSERT_EQ(mirror_n_devices(b.mirror), 2);
        ASSERT_TRUE(mirror->driver == NULL);
        u = update_new();
        (void) update_set(u, "battery.charge", "50");
        test_device_update(d, u);
        q = test_driver_free(q);
        p = test_driver_free(p);

        bench_attach(&b);
        ASSERT_EQ(mirror_n_devices(b.mirror), 2);
        p = test_driver_new(b.event, "one");
        u = test_update_ups();
        (void) update_set(u, "battery.charge", "51");
        e = test_driver_add(p, "apc", u);
        RUN_UNTIL(b.event, mirrored(&b, e));
        ASSERT_TRUE(mirror_find(b.mirror, "apc") == mirror);
        ASSERT_EQ(b.n_anew, 3);

        /* The other one is given up. */
        RUN_UNTIL(b.event, b.n_removed == 1);
        ASSERT_STREQ(b.last_removed, "eaton");
        ASSERT_TRUE(mirror_find(b.mirror, "apc") == mirror);

        test_driver_free(p);
        bench_close(&b);
}

static void test_many(void) {
        TestDriver *p;
        TestDevice *d = NULL;
        uint64_t start, end;
        Bench b = {};

        bench_open(&b);
        p = test_driver_new(b.event, "snmp");
        for (unsigned i = 0; i < DEVICES_MANY; i++) {
                Update *u = test_update_ups();
                char name[32];

                /* An average of a hundred variables each. */
                for (unsigned j = 0; j < 80; j++) {
                        (void) snprintf(name, sizeof(name), "outlet.%u.current", j);
                        (void) update_setf(u, name, "%u.%u", i, j);
                }
                (void) snprintf(name, sizeof(name), "pdu%u", i);
                d = test_driver_add(p, name, u);
        }
        RUN_UNTIL(b.event, sd_event_get_state(b.event) == SD_EVENT_INITIAL);

        start = now_usec(CLOCK_MONOTONIC);
        bench_attach(&b);
        end = now_usec(CLOCK_MONOTONIC);
        ASSERT_EQ(mirror_n_devices(b.mirror), DEVICES_MANY);
        ASSERT_TRUE(mirrored(&b, d));
        printf("%u devices of one process read in %" PRIu64 " ms\n", DEVICES_MANY,
                        (end - start) / USEC_PER_MSEC);

        p = test_driver_kill(p);
        RUN_UNTIL(b.event, b.n_removed == DEVICES_MANY);
        bench_close(&b);
}

int main(int argc, char *argv[]) {
        log_set_max_level(LOG_WARNING);

        test_empty();
        test_follow();
        test_changes();
        test_torrent();
        test_gap();
        test_verdicts();
        test_write_lost();
        test_many_writes();
        test_duplicate();
        test_reattach();
        test_many();
        return EXIT_SUCCESS;
}
