/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "bus-names.h"
#include "log.h"
#include "test-bus-util.h"

/* Outlets and members of a chain as objects on the bus, seen by a caller that knows nothing of our code. */

#define DEVICE_PATH "/org/busbar/device/rack"

typedef struct Bench {
        sd_event *event;
        TestDriver *driver;
        TestDevice *device;
        sd_bus *client;
        char **signals; /* "added PATH", "removed PATH", "PATH NAME" */
} Bench;

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Bench *b = userdata;
        const char *path, *name;

        if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", NULL) > 0) {
                ASSERT_OK(sd_bus_message_read(m, "o", &path));
                ASSERT_OK(strv_consume(&b->signals, strjoin(sd_bus_message_get_member(m), " ", path)));
        } else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") > 0) {
                ASSERT_OK(sd_bus_message_skip(m, "s"));
                ASSERT_OK(sd_bus_message_enter_container(m, 'a', "{sv}"));
                while (ASSERT_OK(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                        ASSERT_OK(sd_bus_message_read(m, "s", &name));
                        ASSERT_OK(strv_consume(&b->signals, strjoin(sd_bus_message_get_path(m), " ", name)));
                        ASSERT_OK(sd_bus_message_skip(m, "v"));
                        ASSERT_OK(sd_bus_message_exit_container(m));
                }
        }
        return 0;
}

static sd_bus_message *message(Bench *b, const char *path, const char *interface, const char *member) {
        sd_bus_message *m;

        ASSERT_OK(sd_bus_message_new_method_call(b->client, &m, BUS_NAME_DRIVER ".rack", path, interface,
                        member));
        return m;
}

static void settle(Bench *b) {
        test_call_free(test_call(b->event,
                        message(b, DEVICE_PATH, "org.freedesktop.DBus.Peer", "Ping")));
}

/* A chain of two, with outlets; the first has one of its own that counts for the device. */
static Update *chain(void) {
        Update *u = update_new();

        ASSERT_TRUE(u);
        (void) update_replace(u, NULL);
        (void) update_freshness(u, FRESHNESS_FRESH);
        (void) update_status(u, "OL");
        (void) update_set(u, "device.1.mfr", "Copper");
        (void) update_set(u, "device.1.outlet.1.status", "on");
        (void) update_set(u, "device.1.ups.status", "OL CHRG");
        (void) update_set(u, "device.2.outlet.10.name", "ten");
        (void) update_set(u, "device.2.outlet.10.status", "off");
        (void) update_set(u, "device.2.outlet.2.current", "1.5");
        (void) update_set(u, "device.2.ups.model", "Rail");
        (void) update_describe(u, "device.2.outlet.10.name", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
        (void) update_set(u, "device.count", "2");
        (void) update_set(u, "outlet.3.status", "on");
        (void) update_set(u, "outlet.group.1.status", "on");
        (void) update_command(u, "device.2.outlet.10.load.cycle");
        (void) update_command(u, "outlet.3.load.off");
        return u;
}

static void bench_open(Bench *b) {
        ASSERT_OK(sd_event_new(&b->event));
        b->client = test_bus_open(b->event);
        ASSERT_OK(sd_bus_match_signal(b->client, NULL, NULL, NULL, NULL, NULL, on_signal, b));
        b->driver = test_driver_new(b->event, "rack");
        b->device = test_driver_add(b->driver, "rack", chain());
        settle(b);
}

static void bench_close(Bench *b) {
        test_driver_free(b->driver);
        sd_bus_flush_close_unref(b->client);
        sd_event_unref(b->event);
        strv_free(b->signals);
}

static void assert_signal(Bench *b, const char *signal) {
        if (!strv_contains(b->signals, signal))
                TEST_FAIL("no signal: %s", signal);
}

static TestCall *get(Bench *b, const char *path, const char *interface, const char *property) {
        sd_bus_message *m = message(b, path, "org.freedesktop.DBus.Properties", "Get");

        ASSERT_OK(sd_bus_message_append(m, "ss", interface, property));
        return test_call(b->event, m);
}

static void assert_string(Bench *b, const char *path, const char *property, const char *expected) {
        _cleanup_(test_call_freep) TestCall *c = get(b, path,
                        strstr(path, "outlet") ? BUS_INTERFACE_OUTLET : BUS_INTERFACE_MEMBER, property);
        const char *value;

        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_read(c->reply, "v", "s", &value));
        ASSERT_STREQ(value, expected);
}

static void assert_absent(Bench *b, const char *path, const char *interface) {
        _cleanup_(test_call_freep) TestCall *c = get(b, path, interface, "Number");

        ASSERT_FALSE(isempty(c->error));
}

static void test_objects(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = NULL, *current = NULL, *status = NULL, *can = NULL;
        _cleanup_strv_free_ char **tokens = NULL;
        uint32_t number;
        double amperes;
        int switchable;

        assert_signal(b, "InterfacesAdded " DEVICE_PATH "/outlet/3");
        assert_signal(b, "InterfacesAdded " DEVICE_PATH "/chain/1");
        assert_signal(b, "InterfacesAdded " DEVICE_PATH "/chain/2/outlet/10");
        assert_string(b, DEVICE_PATH "/outlet/3", "Status", "on");
        assert_string(b, DEVICE_PATH "/chain/1", "Vendor", "Copper");
        assert_string(b, DEVICE_PATH "/chain/2", "Model", "Rail");
        assert_string(b, DEVICE_PATH "/chain/2", "Vendor", "");
        assert_string(b, DEVICE_PATH "/chain/2/outlet/10", "Name", "ten");
        assert_absent(b, DEVICE_PATH "/outlet/1", BUS_INTERFACE_OUTLET);
        assert_absent(b, DEVICE_PATH "/outlet/3", BUS_INTERFACE_MEMBER);
        assert_absent(b, DEVICE_PATH "/chain/3", BUS_INTERFACE_MEMBER);
        assert_absent(b, DEVICE_PATH "/chain/02", BUS_INTERFACE_MEMBER);
        assert_absent(b, DEVICE_PATH "/outlet/3000000000", BUS_INTERFACE_OUTLET);

        c = get(b, DEVICE_PATH "/chain/2/outlet/10", BUS_INTERFACE_OUTLET, "Member");
        ASSERT_OK(sd_bus_message_read(c->reply, "v", "u", &number));
        ASSERT_EQ(number, 2U);
        current = get(b, DEVICE_PATH "/chain/2/outlet/2", BUS_INTERFACE_OUTLET, "Current");
        ASSERT_OK(sd_bus_message_read(current->reply, "v", "d", &amperes));
        ASSERT_TRUE(fabs(amperes - 1.5) < 1e-9);
        can = get(b, DEVICE_PATH "/chain/2/outlet/2", BUS_INTERFACE_OUTLET, "Switchable");
        ASSERT_OK(sd_bus_message_read(can->reply, "v", "b", &switchable));
        ASSERT_FALSE(switchable);

        status = get(b, DEVICE_PATH "/chain/1", BUS_INTERFACE_MEMBER, "Status");
        ASSERT_OK(sd_bus_message_enter_container(status->reply, 'v', "as"));
        ASSERT_OK(sd_bus_message_read_strv(status->reply, &tokens));
        ASSERT_TRUE(strv_equal(tokens, (char *const[]) { (char *) "OL", (char *) "CHRG", NULL }));
}

/* Whoever looks for devices is not to take parts for some. */
static void test_managed(Bench *b) {
        static const char manager[] = "org.freedesktop.DBus.ObjectManager";
        _cleanup_(test_call_freep) TestCall *c = test_call(b->event,
                        message(b, BUS_PATH_ROOT, manager, "GetManagedObjects"));
        const char *path, *interface;
        unsigned n = 0, n_devices = 0;

        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{oa{sa{sv}}}"));
        while (ASSERT_OK(sd_bus_message_enter_container(c->reply, 'e', "oa{sa{sv}}")) > 0) {
                n++;
                ASSERT_OK(sd_bus_message_read(c->reply, "o", &path));
                ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{sa{sv}}"));
                while (ASSERT_OK(sd_bus_message_enter_container(c->reply, 'e', "sa{sv}")) > 0) {
                        ASSERT_OK(sd_bus_message_read(c->reply, "s", &interface));
                        n_devices += streq(interface, BUS_INTERFACE_DEVICE);
                        ASSERT_OK(sd_bus_message_skip(c->reply, "a{sv}"));
                        ASSERT_OK(sd_bus_message_exit_container(c->reply));
                }
                ASSERT_OK(sd_bus_message_exit_container(c->reply));
                ASSERT_OK(sd_bus_message_exit_container(c->reply));
        }
        ASSERT_EQ(n, 7U);
        ASSERT_EQ(n_devices, 1U);
}

static void test_member_values(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = test_call(b->event,
                        message(b, DEVICE_PATH "/chain/2", BUS_INTERFACE_MEMBER, "GetAll"));
        const char *name, *value;
        uint64_t revision;
        unsigned n = 0;

        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_read(c->reply, "t", &revision));
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{ss}"));
        while (ASSERT_OK(sd_bus_message_read(c->reply, "{ss}", &name, &value)) > 0) {
                n++;
                ASSERT_TRUE(startswith(name, "outlet.") || streq(name, "ups.model"));
        }
        ASSERT_EQ(n, 4U);
}

static void assert_request(Bench *b, const char *path, const char *interface, const char *member,
                const char *name, const char *argument, const char *error, const char *passed) {
        sd_bus_message *m = message(b, path, interface, member);
        _cleanup_(test_call_freep) TestCall *c = NULL;
        unsigned n = b->device->n_set + b->device->n_run;

        ASSERT_OK(sd_bus_message_append(m, "ssa{sv}", name, argument, 0));
        c = test_call(b->event, m);
        ASSERT_STREQ(c->error, error);
        ASSERT_EQ(b->device->n_set + b->device->n_run, n + (error ? 0 : 1));
        if (passed)
                ASSERT_STREQ(b->device->last_name, passed);
}

static void test_requests(Bench *b) {
        const char *outlet = DEVICE_PATH "/chain/2/outlet/10", *member = DEVICE_PATH "/chain/2";

        assert_request(b, outlet, BUS_INTERFACE_OUTLET, "Switch", "cycle", "", NULL,
                        "device.2.outlet.10.load.cycle");
        assert_request(b, outlet, BUS_INTERFACE_OUTLET, "Switch", "off", "", BUS_ERROR_NOT_SUPPORTED, NULL);
        assert_request(b, outlet, BUS_INTERFACE_OUTLET, "Switch", "maybe", "",
                        BUS_ERROR_INVALID_VALUE, NULL);
        assert_request(b, DEVICE_PATH "/outlet/3", BUS_INTERFACE_OUTLET, "Switch", "off", "", NULL,
                        "outlet.3.load.off");
        assert_request(b, member, BUS_INTERFACE_MEMBER, "Set", "outlet.10.name", "x", NULL,
                        "device.2.outlet.10.name");
        assert_request(b, member, BUS_INTERFACE_MEMBER, "Set", "outlet.10.status", "on",
                        BUS_ERROR_READ_ONLY, NULL);
        assert_request(b, member, BUS_INTERFACE_MEMBER, "Run", "outlet.10.load.cycle", "", NULL,
                        "device.2.outlet.10.load.cycle");
        assert_request(b, member, BUS_INTERFACE_MEMBER, "Run", "load.off", "",
                        BUS_ERROR_NOT_SUPPORTED, NULL);
}

/* Everything that writes is denied to whom it is not for. */
static void test_denied(Bench *b) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *own = b->client, *foreign = NULL;
        unsigned n = b->device->n_set + b->device->n_run;

        foreign = b->client = test_bus_open_foreign(b->event);
        assert_request(b, DEVICE_PATH "/outlet/3", BUS_INTERFACE_OUTLET, "Switch", "off", "",
                        SD_BUS_ERROR_ACCESS_DENIED, NULL);
        assert_request(b, DEVICE_PATH "/chain/2", BUS_INTERFACE_MEMBER, "Set", "outlet.10.name", "x",
                        SD_BUS_ERROR_ACCESS_DENIED, NULL);
        assert_request(b, DEVICE_PATH "/chain/2", BUS_INTERFACE_MEMBER, "Run", "outlet.10.load.cycle", "",
                        SD_BUS_ERROR_ACCESS_DENIED, NULL);
        b->client = TAKE_PTR(own);
        ASSERT_EQ(b->device->n_set + b->device->n_run, n);
}

static void test_changes(Bench *b) {
        Update *u = update_new();

        b->signals = strv_free(b->signals);
        (void) update_set(u, "device.2.outlet.10.status", "on");
        (void) update_set(u, "device.2.outlet.2.current", "1.6");
        (void) update_set(u, "device.1.ups.status", "OB");
        (void) update_set(u, "outlet.4.status", "on");
        (void) update_unset(u, "outlet.3.status");
        test_device_update(b->device, u);
        settle(b);

        assert_signal(b, DEVICE_PATH "/chain/2/outlet/10 Status");
        assert_signal(b, DEVICE_PATH "/chain/1 Status");
        assert_signal(b, "InterfacesAdded " DEVICE_PATH "/outlet/4");
        assert_signal(b, "InterfacesRemoved " DEVICE_PATH "/outlet/3");
        ASSERT_EQ(strv_length(b->signals), 4U);
        assert_absent(b, DEVICE_PATH "/outlet/3", BUS_INTERFACE_OUTLET);
}

static void test_removal(Bench *b) {
        b->signals = strv_free(b->signals);
        test_driver_remove(b->driver, b->device);
        b->device = NULL;
        RUN_UNTIL(b->event, strv_contains(b->signals, "InterfacesRemoved " DEVICE_PATH));
        assert_signal(b, "InterfacesRemoved " DEVICE_PATH "/outlet/4");
        assert_signal(b, "InterfacesRemoved " DEVICE_PATH "/chain/2/outlet/10");
}

int main(int argc, char *argv[]) {
        static void (*const tests[])(Bench *) = {
                test_objects, test_managed, test_member_values, test_requests, test_denied, test_changes,
                test_removal,
        };
        Bench b = {};

        log_set_max_level(LOG_CRIT);
        bench_open(&b);
        for (size_t i = 0; i < ELEMENTSOF(tests); i++)
                tests[i](&b);
        bench_close(&b);
        return EXIT_SUCCESS;
}
