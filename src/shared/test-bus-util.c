/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-bus-util.h"

#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include "bus-names.h"

/* These stand in for the C library's. */

TestUsers *test_users(void) {
        static TestUsers users = { (uid_t) -1, (uid_t) -1, (uid_t) -1, (uid_t) -1, 0 };

        return &users;
}

uid_t getuid(void) {
        uid_t real, effective, saved;

        if (test_users()->self != (uid_t) -1)
                return test_users()->self;

        (void) getresuid(&real, &effective, &saved);
        return real;
}

int getpwnam_r(const char *name, struct passwd *pw, char *buffer, size_t n, struct passwd **ret) {
        TestUsers *u = test_users();
        uid_t uid = streq(name, USER_DRIVER) ? u->driver : streq(name, USER_GATEWAY) ? u->gateway :
                streq(name, USER_MONITOR) ? u->monitor : (uid_t) -1;

        u->n_lookups++;
        *pw = (struct passwd) { .pw_uid = uid };
        *ret = uid == (uid_t) -1 ? NULL : pw;
        return 0;
}

sd_bus *test_bus_open(sd_event *event) {
        sd_bus *bus;

        ASSERT_OK(sd_bus_open_system(&bus));
        ASSERT_OK(sd_bus_attach_event(bus, event, 0));
        return bus;
}

sd_bus *test_bus_open_foreign(sd_event *event) {
        sd_bus *bus;

        /* With the rights of root another user connects. Without these there is no other user; then the
         * service is made to believe that its own is another. */
        if (geteuid() != 0) {
                test_users()->self = 4242;
                return test_bus_open(event);
        }

        /* Who connects is who is effective when it does. */
        ASSERT_OK(seteuid(TEST_FOREIGN_UID));
        bus = test_bus_open(event);
        ASSERT_OK(seteuid(0));
        return bus;
}

static void on_set(void *userdata, BusRequest *request, const char *name, const char *value) {
        TestDevice *d = userdata;

        d->n_set++;
        ASSERT_OK(free_and_strdup(&d->last_name, name));
        ASSERT_OK(free_and_strdup(&d->last_argument, value));

        if (d->leave_open)
                d->request = request;
        else
                bus_request_done(request, d->verdict, d->message);
}

static void on_run(void *userdata, BusRequest *request, const char *command, const char *argument) {
        TestDevice *d = userdata;

        d->n_run++;
        ASSERT_OK(free_and_strdup(&d->last_name, command));
        ASSERT_OK(free_and_strdup(&d->last_argument, argument));

        if (d->leave_open)
                d->request = request;
        else
                bus_request_done(request, d->verdict, d->message);
}

static const BusDeviceOps test_ops = { .set = on_set, .run = on_run };

TestDriver *test_driver_new(sd_event *event, const char *instance) {
        _cleanup_free_ char *name = strjoin(BUS_NAME_DRIVER ".", instance);
        TestDriver *p = new0(TestDriver, 1);

        ASSERT_TRUE(p && name);
        p->bus = test_bus_open(event);
        ASSERT_OK(bus_gate_new(&p->gate));
        ASSERT_OK(bus_device_add_manager(p->bus, &p->manager_slot));
        ASSERT_OK(sd_bus_request_name(p->bus, name, 0));
        return p;
}

static void test_device_free(TestDevice *d) {
        bus_device_free(d->bus_device);
        bus_request_done(d->request, -EIO, NULL);
        model_free(d->model);
        free(d->name);
        free(d->last_name);
        free(d->last_argument);
        free(d);
}

TestDriver *test_driver_free(TestDriver *p) {
        while (p->n_devices > 0)
                test_device_free(p->devices[--p->n_devices]);
        free(p->devices);
        sd_bus_slot_unref(p->manager_slot);
        sd_bus_flush_close_unref(p->bus);
        bus_gate_free(p->gate);
        free(p);
        return NULL;
}

TestDriver *test_driver_kill(TestDriver *p) {
        sd_bus_close(p->bus);
        return test_driver_free(p);
}

TestDevice *test_driver_add(TestDriver *p, const char *name, Update *u) {
        TestDevice *d = new0(TestDevice, 1);

        ASSERT_TRUE(d && GREEDY_REALLOC(p->devices, p->n_devices_allocated, p->n_devices + 1));
        d->name = strdup(name);
        d->model = model_new();
        ASSERT_TRUE(d->name && d->model);
        ASSERT_OK(model_apply(d->model, u, NULL));
        update_free(u);

        ASSERT_OK(bus_device_new(p->bus, p->gate,
                        &(BusDeviceInfo) {
                                .name = d->name,
                                .driver = "test-ups",
                                .driver_version = "0.1",
                                .description = "Rack 1, left",
                                .transport = "file",
                                .native_path = "/dev/null",
                        },
                        d->model, &test_ops, d, &d->bus_device));
        p->devices[p->n_devices++] = d;
        return d;
}

void test_driver_remove(TestDriver *p, TestDevice *d) {
        for (size_t i = 0; i < p->n_devices; i++)
                if (p->devices[i] == d) {
                        p->devices[i] = p->devices[--p->n_devices];
                        break;
                }
        test_device_free(d);
}

void test_device_update(TestDevice *d, Update *u) {
        _cleanup_(change_freep) Change *change = NULL;

        ASSERT_OK(model_apply(d->model, u, &change));
        update_free(u);
        ASSERT_OK(bus_device_changed(d->bus_device, change));
}

Update *test_update_ups(void) {
        Update *u = update_new();

        ASSERT_TRUE(u);
        (void) update_replace(u, NULL);
        (void) update_freshness(u, FRESHNESS_FRESH);
        (void) update_status(u, "OL CHRG");
        (void) update_set(u, "battery.charge", "98.5");
        (void) update_set(u, "battery.charge.low", "20");
        (void) update_describe(u, "battery.charge.low", VARIABLE_WRITABLE, 0);
        (void) update_range(u, "battery.charge.low", 5, 50);
        (void) update_range(u, "battery.charge.low", 60, 80);
        (void) update_set(u, "battery.runtime", "1234");
        (void) update_set(u, "device.mfr", "Copper & Sons");
        (void) update_set(u, "device.type", "ups");
        (void) update_set(u, "driver.state", "quiet");
        (void) update_set(u, "input.sensitivity", "medium");
        (void) update_describe(u, "input.sensitivity", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
        (void) update_enum(u, "input.sensitivity", "low");
        (void) update_enum(u, "input.sensitivity", "medium");
        (void) update_set(u, "input.voltage", "229.7");
        (void) update_set(u, "outlet.1.switch", "on");
        (void) update_describe(u, "outlet.1.switch", VARIABLE_WRITABLE | VARIABLE_STRING, 3);
        (void) update_set(u, "ups.id", "left");
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
        (void) update_set(u, "ups.load", "17");
        (void) update_set(u, "ups.mfr", "Other");
        (void) update_set(u, "ups.model", "Rail 1500");
        (void) update_set(u, "ups.serial", "0815");
        (void) update_describe(u, "ups.serial", VARIABLE_IMMUTABLE, 0);
        (void) update_command(u, "load.off");
        (void) update_command(u, "outlet.1.load.off");
        (void) update_command(u, "test.battery.start");
        (void) update_command(u, "reset.watchdog");
        ASSERT_OK(update_error(u));
        return u;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        TestCall *c = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        c->done = true;
        if (error) {
                ASSERT_OK(free_and_strdup(&c->error, error->name));
                ASSERT_OK(free_and_strdup(&c->text, error->message));
        } else
                c->reply = sd_bus_message_ref(m);
        return 0;
}

TestCall *test_call_send(sd_bus_message *m) {
        TestCall *c = new0(TestCall, 1);

        ASSERT_TRUE(c);
        ASSERT_OK(sd_bus_call_async(sd_bus_message_get_bus(m), &c->slot, m, on_reply, c,
                        TEST_DEADLINE_USEC));
        sd_bus_message_unref(m);
        return c;
}

TestCall *test_call(sd_event *event, sd_bus_message *m) {
        TestCall *c = test_call_send(m);

        RUN_UNTIL(event, c->done);
        return c;
}

TestCall *test_call_free(TestCall *c) {
        if (!c)
                return NULL;

        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->reply);
        free(c->error);
        free(c->text);
        free(c);
        return NULL;
}

sd_bus_message *test_message(sd_bus *bus, TestDriver *p, const char *device, const char *interface,
                const char *member) {
        _cleanup_free_ char *path = bus_device_path(device);
        const char *unique;
        sd_bus_message *m;

        ASSERT_TRUE(path);
        ASSERT_OK(sd_bus_get_unique_name(p->bus, &unique));
        ASSERT_OK(sd_bus_message_new_method_call(bus, &m, unique, path, interface, member));
        return m;
}

sd_bus_message *test_message_set(sd_bus *bus, TestDriver *p, const char *device, const char *name,
                const char *value) {
        sd_bus_message *m = test_message(bus, p, device, BUS_INTERFACE_VARIABLES, "Set");

        ASSERT_OK(sd_bus_message_append(m, "ssa{sv}", name, value, 0));
        return m;
}

sd_bus_message *test_message_run(sd_bus *bus, TestDriver *p, const char *device, const char *name,
                const char *argument) {
        sd_bus_message *m = test_message(bus, p, device, BUS_INTERFACE_COMMANDS, "Run");

        ASSERT_OK(sd_bus_message_append(m, "ssa{sv}", name, argument, 0));
        return m;
}
