/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "bus-names.h"
#include "log.h"
#include "test-bus-util.h"

/* The bus face of a device, seen by a caller that knows nothing of our code. Runs on a private bus. */

typedef struct Bench {
        sd_event *event;
        TestDriver *driver;
        TestDevice *device;
        sd_bus *client;
        unsigned n_changed, n_metadata, n_list, n_properties, n_added, n_removed;
        uint64_t revision;
        char **changed, **removed, **described, **properties;
} Bench;

static void read_signal(Bench *b, sd_bus_message *m) {
        const char *name, *value;

        ASSERT_OK(sd_bus_message_read(m, "t", &b->revision));
        ASSERT_OK(sd_bus_message_enter_container(m, 'a', "{ss}"));
        b->changed = strv_free(b->changed);
        while (ASSERT_OK(sd_bus_message_read(m, "{ss}", &name, &value)) > 0)
                ASSERT_OK(strv_consume(&b->changed, strjoin(name, "=", value)));
        ASSERT_OK(sd_bus_message_exit_container(m));
        b->removed = strv_free(b->removed);
        ASSERT_OK(sd_bus_message_read_strv(m, &b->removed));
}

static void read_properties(Bench *b, sd_bus_message *m) {
        const char *name;

        ASSERT_OK(sd_bus_message_read(m, "s", &name));
        ASSERT_STREQ(name, BUS_INTERFACE_DEVICE);
        b->properties = strv_free(b->properties);
        ASSERT_OK(sd_bus_message_enter_container(m, 'a', "{sv}"));
        while (ASSERT_OK(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                ASSERT_OK(sd_bus_message_read(m, "s", &name));
                ASSERT_OK(strv_extend(&b->properties, name));
                ASSERT_OK(sd_bus_message_skip(m, "v"));
                ASSERT_OK(sd_bus_message_exit_container(m));
        }
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Bench *b = userdata;

        if (sd_bus_message_is_signal(m, BUS_INTERFACE_VARIABLES, "Changed") > 0) {
                b->n_changed++;
                read_signal(b, m);
        } else if (sd_bus_message_is_signal(m, BUS_INTERFACE_VARIABLES, "MetadataChanged") > 0) {
                b->n_metadata++;
                ASSERT_OK(sd_bus_message_read(m, "t", &b->revision));
                b->described = strv_free(b->described);
                ASSERT_OK(sd_bus_message_read_strv(m, &b->described));
        } else if (sd_bus_message_is_signal(m, BUS_INTERFACE_COMMANDS, "ListChanged") > 0)
                b->n_list++;
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") > 0) {
                b->n_properties++;
                read_properties(b, m);
        } else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded") > 0)
                b->n_added++;
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved") > 0)
                b->n_removed++;
        return 0;
}

/* What was sent before is delivered when a call to the device after it is answered. */
static void settle(Bench *b) {
        test_call_free(test_call(b->event,
                        test_message(b->client, b->driver, "apc", "org.freedesktop.DBus.Peer", "Ping")));
}

static void bench_open(Bench *b) {
        ASSERT_OK(sd_event_new(&b->event));
        b->client = test_bus_open(b->event);
        ASSERT_OK(sd_bus_match_signal(b->client, NULL, NULL, NULL, NULL, NULL, on_signal, b));
        b->driver = test_driver_new(b->event, "apc");
        b->device = test_driver_add(b->driver, "apc", test_update_ups());
        settle(b);
}

static void bench_close(Bench *b) {
        test_driver_free(b->driver);
        sd_bus_flush_close_unref(b->client);
        sd_event_unref(b->event);
        strv_free(b->changed);
        strv_free(b->removed);
        strv_free(b->described);
        strv_free(b->properties);
}

static sd_bus_message *get_property(Bench *b, const char *property, TestCall **ret) {
        sd_bus_message *m = test_message(b->client, b->driver, "apc", "org.freedesktop.DBus.Properties",
                        "Get");
        TestCall *c;

        ASSERT_OK(sd_bus_message_append(m, "ss", BUS_INTERFACE_DEVICE, property));
        c = *ret = test_call(b->event, m);
        ASSERT_STREQ(c->error, NULL);
        return c->reply;
}

static void assert_string(Bench *b, const char *property, const char *expected) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        const char *value;

        ASSERT_OK(sd_bus_message_read(get_property(b, property, &c), "v", "s", &value));
        ASSERT_STREQ(value, expected);
}

static double get_double(Bench *b, const char *property) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        double value;

        ASSERT_OK(sd_bus_message_read(get_property(b, property, &c), "v", "d", &value));
        return value;
}

static int64_t get_runtime(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        int64_t value;

        ASSERT_OK(sd_bus_message_read(get_property(b, "RuntimeSec", &c), "v", "x", &value));
        return value;
}

static bool get_boolean(Bench *b, const char *property) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        int value;

        ASSERT_OK(sd_bus_message_read(get_property(b, property, &c), "v", "b", &value));
        return value;
}

static uint64_t get_time(Bench *b, const char *property) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        uint64_t value;

        ASSERT_OK(sd_bus_message_read(get_property(b, property, &c), "v", "t", &value));
        return value;
}

static void test_properties(Bench *b) {
        static const struct {
                const char *property, *value;
        } strings[] = {
                { "Name",          "apc"           },
                { "Driver",        "test-ups"      },
                { "DriverVersion", "0.1"           },
                { "Type",          "ups"           },
                { "Description",   "Rack 1, left"  },
                { "Transport",     "file"          },
                { "NativePath",    "/dev/null"     },
                { "Vendor",        "Copper & Sons" },
                { "Model",         "Rail 1500"     },
                { "Serial",        "0815"          },
                { "Freshness",     "fresh"         },
                { "State",         "quiet"         },
        };

        for (size_t i = 0; i < ELEMENTSOF(strings); i++)
                assert_string(b, strings[i].property, strings[i].value);

        ASSERT_TRUE(get_double(b, "ChargePercent") == 98.5);
        ASSERT_TRUE(get_double(b, "LoadPercent") == 17);
        ASSERT_TRUE(get_double(b, "InputVoltage") == 229.7);
        ASSERT_EQ(get_runtime(b), 1234);
        ASSERT_FALSE(get_boolean(b, "OnBattery"));
        ASSERT_EQ(get_time(b, "OnBatterySinceUSec"), 0);
        ASSERT_TRUE(get_time(b, "UpdateUSec") > 0 &&
                        get_time(b, "UpdateUSec") <= now_usec(CLOCK_BOOTTIME));
}

/* A description, as text: "key=value key=value", for the variable named. */
static void assert_described(Bench *b, const char *name, const char *key, const char *type,
                const char *expected) {
        sd_bus_message *m = test_message(b->client, b->driver, "apc", BUS_INTERFACE_VARIABLES, "Describe");
        _cleanup_(test_call_freep) TestCall *c = NULL;
        const char *s, *found = NULL;
        int boolean;

        ASSERT_OK(sd_bus_message_append(m, "as", 1, name));
        c = test_call(b->event, m);
        ASSERT_STREQ(c->error, NULL);
        ASSERT_TRUE(ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{sa{sv}}")) > 0);
        ASSERT_TRUE(ASSERT_OK(sd_bus_message_enter_container(c->reply, 'e', "sa{sv}")) > 0);
        ASSERT_OK(sd_bus_message_read(c->reply, "s", &s));
        ASSERT_STREQ(s, name);
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{sv}"));
        while (ASSERT_OK(sd_bus_message_enter_container(c->reply, 'e', "sv")) > 0) {
                ASSERT_OK(sd_bus_message_read(c->reply, "s", &s));
                if (!streq(s, key))
                        ASSERT_OK(sd_bus_message_skip(c->reply, "v"));
                else if (streq(type, "s"))
                        ASSERT_OK(sd_bus_message_read(c->reply, "v", "s", &found));
                else {
                        ASSERT_OK(sd_bus_message_read(c->reply, "v", "b", &boolean));
                        found = boolean ? "yes" : "no";
                }
                ASSERT_OK(sd_bus_message_exit_container(c->reply));
        }
        ASSERT_STREQ(found, expected);
}

static void test_describe(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        sd_bus_message *m;

        assert_described(b, "battery.charge", "writable", "b", "no");
        assert_described(b, "battery.charge", "type", "s", "number");
        assert_described(b, "battery.charge", "unit", "s", "%");
        assert_described(b, "battery.charge", "string", "b", NULL);
        assert_described(b, "battery.charge.low", "writable", "b", "yes");
        assert_described(b, "input.sensitivity", "type", "s", "enum");
        assert_described(b, "ups.id", "string", "b", "yes");
        assert_described(b, "ups.serial", "immutable", "b", "yes");

        /* What is not there is left out. */
        m = test_message(b->client, b->driver, "apc", BUS_INTERFACE_VARIABLES, "Describe");
        ASSERT_OK(sd_bus_message_append(m, "as", 2, "no.such", "neither"));
        c = test_call(b->event, m);
        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{sa{sv}}"));
        ASSERT_EQ(sd_bus_message_at_end(c->reply, false), 1);
}

/* Only of variables about which there is something to say. */
static void test_details(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = test_call(b->event,
                        test_message(b->client, b->driver, "apc", BUS_INTERFACE_VARIABLES, "Details"));
        uint32_t flags, length_max;
        const char *name;
        size_t n = 0;

        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "(" BUS_DETAIL_TYPES ")"));
        while (ASSERT_OK(sd_bus_message_enter_container(c->reply, 'r', BUS_DETAIL_TYPES)) > 0) {
                _cleanup_strv_free_ char **enums = NULL;

                ASSERT_OK(sd_bus_message_read(c->reply, "suu", &name, &flags, &length_max));
                ASSERT_FALSE(streq(name, "battery.charge"));
                ASSERT_OK(sd_bus_message_read_strv(c->reply, &enums));
                ASSERT_OK(sd_bus_message_skip(c->reply, "a(xx)"));
                ASSERT_OK(sd_bus_message_exit_container(c->reply));
                n += streq(name, "battery.charge.low") && flags & BUS_DETAIL_WRITABLE;
                n += streq(name, "input.sensitivity") && strv_length(enums) > 0;
                n += streq(name, "ups.id") && flags & BUS_DETAIL_STRING && length_max > 0;
                n += streq(name, "ups.serial") && flags & BUS_DETAIL_IMMUTABLE;
        }
        ASSERT_EQ(n, 4);
}

static void test_list(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = test_call(b->event,
                        test_message(b->client, b->driver, "apc", BUS_INTERFACE_COMMANDS, "List"));
        const char *name, *k1, *v1, *k2, *v2;

        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'a', "{sa{sv}}"));
        ASSERT_OK(sd_bus_message_enter_container(c->reply, 'e', "sa{sv}"));
        ASSERT_OK(sd_bus_message_read(c->reply, "sa{sv}", &name, 2, &k1, "s", &v1, &k2, "s", &v2));
        ASSERT_STREQ(name, "load.off");
        ASSERT_STREQ(k1, "action");
        ASSERT_STREQ(v1, POLKIT_POWER_OFF);
        ASSERT_STREQ(k2, "description");
        ASSERT_TRUE(v2[0] != '\0');
}

/* One signal of each kind at most, with what changed and nothing else. */
static void test_signals(Bench *b) {
        Update *u = update_new();
        uint64_t revision = model_revision(b->device->model);

        (void) update_status(u, "OB DISCHRG");
        (void) update_set(u, "battery.charge", "97");
        (void) update_set(u, "ups.mfr", "Another");
        (void) update_unset(u, "ups.load");
        test_device_update(b->device, u);
        settle(b);

        ASSERT_EQ(b->n_changed, 1);
        ASSERT_EQ(b->n_properties, 1);
        ASSERT_EQ(b->n_metadata, 0);
        ASSERT_EQ(b->n_list, 0);
        ASSERT_EQ(b->revision, revision + 1);
        ASSERT_EQ(strv_length(b->changed), 3);
        ASSERT_TRUE(strv_contains(b->changed, "battery.charge=97"));
        ASSERT_TRUE(strv_contains(b->changed, "ups.status=OB DISCHRG"));
        ASSERT_TRUE(strv_contains(b->changed, "ups.mfr=Another"));
        ASSERT_EQ(strv_length(b->removed), 1);
        ASSERT_STREQ(b->removed[0], "ups.load");
        /* Not Vendor: that shows device.mfr. */
        ASSERT_EQ(strv_length(b->properties), 5);
        ASSERT_TRUE(strv_contains(b->properties, "Status"));
        ASSERT_TRUE(strv_contains(b->properties, "OnBattery"));
        ASSERT_TRUE(strv_contains(b->properties, "OnBatterySinceUSec"));
        ASSERT_TRUE(strv_contains(b->properties, "ChargePercent"));
        ASSERT_TRUE(strv_contains(b->properties, "LoadPercent"));
        ASSERT_TRUE(get_boolean(b, "OnBattery"));
        ASSERT_TRUE(get_time(b, "OnBatterySinceUSec") > 0);
        ASSERT_TRUE(isnan(get_double(b, "LoadPercent")));

        /* Nothing new, no signal; but it counts as an update. */
        uint64_t before = get_time(b, "UpdateUSec");
        u = update_new();
        (void) update_set(u, "battery.charge", "97");
        test_device_update(b->device, u);
        settle(b);
        ASSERT_EQ(b->n_changed, 1);
        ASSERT_EQ(b->n_properties, 1);
        ASSERT_TRUE(get_time(b, "UpdateUSec") > before);

        u = update_new();
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 16);
        (void) update_command(u, "load.on");
        (void) update_unset(u, "battery.runtime");
        test_device_update(b->device, u);
        settle(b);
        ASSERT_EQ(b->n_metadata, 1);
        ASSERT_EQ(strv_length(b->described), 1);
        ASSERT_STREQ(b->described[0], "ups.id");
        ASSERT_EQ(b->n_list, 1);
        ASSERT_EQ(get_runtime(b), -1);
}

/* It can be heard without having news. */
static void test_heard(Bench *b) {
        unsigned n = b->n_properties;
        uint64_t before = get_time(b, "UpdateUSec");

        bus_device_heard(b->device->bus_device);
        settle(b);
        ASSERT_EQ(b->n_properties, n);
        ASSERT_TRUE(get_time(b, "UpdateUSec") > before);
}

/* Bytes that the bus does not take must not keep the object from being read. */
static void test_description(Bench *b) {
        static const struct {
                const char *in, *out;
        } table[] = {
                { "B\303\274ro",                 "B\303\274ro"         },
                { "B\374ro",                     "B?ro"                },
                { "\355\240\200",                "???"                 },
                { "\360\237\224\213 \300\200",   "\360\237\224\213 ??" },
                { "cut \342\202",                "cut ??"              },
                { NULL,                          ""                    },
        };
        static const BusDeviceOps ops = {};

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(test_call_freep) TestCall *c = NULL;
                _cleanup_(model_freep) Model *model = model_new();
                _cleanup_(bus_device_freep) BusDevice *d = NULL;
                sd_bus_message *m;
                const char *value;

                ASSERT_OK(bus_device_new(b->driver->bus, b->driver->gate,
                                &(BusDeviceInfo) { .name = "odd", .description = table[i].in }, model,
                                &ops, NULL, &d));
                m = test_message(b->client, b->driver, "odd", "org.freedesktop.DBus.Properties", "Get");
                ASSERT_OK(sd_bus_message_append(m, "ss", BUS_INTERFACE_DEVICE, "Description"));
                c = test_call(b->event, m);
                ASSERT_STREQ(c->error, NULL);
                ASSERT_OK(sd_bus_message_read(c->reply, "v", "s", &value));
                ASSERT_STREQ(value, table[i].out);
        }
}

/* The same for the value of a variable that an administrator has set. */
static void test_override(Bench *b) {
        static const BusDeviceOps ops = {};
        _cleanup_(test_call_freep) TestCall *c = NULL;
        _cleanup_(model_freep) Model *model = model_new();
        _cleanup_(bus_device_freep) BusDevice *d = NULL;
        _cleanup_(update_freep) Update *u = update_new();
        const char *name, *value;
        uint64_t revision;

        ASSERT_OK(model_set_override(model, "ups.id", "B\374ro"));
        ASSERT_OK(model_apply(model, u, NULL));
        ASSERT_OK(bus_device_new(b->driver->bus, b->driver->gate, &(BusDeviceInfo) { .name = "odd" }, model,
                        &ops, NULL, &d));
        c = test_call(b->event,
                        test_message(b->client, b->driver, "odd", BUS_INTERFACE_VARIABLES, "GetAll"));
        ASSERT_STREQ(c->error, NULL);
        ASSERT_OK(sd_bus_message_read(c->reply, "ta{ss}", &revision, 1, &name, &value));
        ASSERT_STREQ(name, "ups.id");
        ASSERT_STREQ(value, "B?ro");
}

static void test_writes(Bench *b) {
        static const struct {
                bool run;
                const char *name, *argument;
                const char *error;
                const char *passed; /* the name the device gets */
        } table[] = {
                { false, "BATTERY.charge.low", "30",        NULL,                    "battery.charge.low" },
                { false, "battery.charge.low", "51",        BUS_ERROR_INVALID_VALUE, NULL                 },
                { false, "battery.charge.low", "30abc",     BUS_ERROR_INVALID_VALUE, NULL                 },
                { false, "battery.charge",     "30",        BUS_ERROR_READ_ONLY,     NULL                 },
                { false, "no.such",            "30",        BUS_ERROR_NOT_SUPPORTED, NULL                 },
                { false, "input.sensitivity",  "low",       NULL,                    "input.sensitivity"  },
                { false, "input.sensitivity",  "high",      BUS_ERROR_INVALID_VALUE, NULL                 },
                { false, "outlet.1.switch",    "off",       NULL,                    "outlet.1.switch"    },
                { false, "outlet.1.switch",    "offf",      BUS_ERROR_TOO_LONG,      NULL                 },
                { false, "ups.id",             "a\rb",      BUS_ERROR_INVALID_VALUE, NULL                 },
                { false, "ups.id",             "\303\274",  BUS_ERROR_INVALID_VALUE, NULL                 },
                { true,  "Load.OFF",           "",          NULL,                    "load.off"           },
                { true,  "load.off",           "20",        NULL,                    "load.off"           },
                { true,  "load.off",           "2\n0",      BUS_ERROR_INVALID_VALUE, NULL                 },
                { true,  "load.no",            "",          BUS_ERROR_NOT_SUPPORTED, NULL                 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(test_call_freep) TestCall *c = NULL;
                unsigned n = b->device->n_set + b->device->n_run;

                c = test_call(b->event, (table[i].run ? test_message_run : test_message_set)(b->client,
                                b->driver, "apc", table[i].name, table[i].argument));
                ASSERT_STREQ(c->error, table[i].error);
                ASSERT_EQ(b->device->n_set + b->device->n_run, n + (table[i].passed ? 1 : 0));
                if (table[i].passed) {
                        ASSERT_STREQ(b->device->last_name, table[i].passed);
                        ASSERT_STREQ(b->device->last_argument,
                                        isempty(table[i].argument) ? NULL : table[i].argument);
                } else
                        ASSERT_FALSE(isempty(c->text));
        }
}

static void assert_write_error(Bench *b, const char *error) {
        _cleanup_(test_call_freep) TestCall *set = NULL, *run = NULL;

        set = test_call(b->event, test_message_set(b->client, b->driver, "apc", "ups.id", "x"));
        ASSERT_STREQ(set->error, error);
        run = test_call(b->event, test_message_run(b->client, b->driver, "apc", "load.off", ""));
        ASSERT_STREQ(run->error, error);
}

static void set_freshness(Bench *b, Freshness f) {
        Update *u = update_new();

        (void) update_freshness(u, f);
        test_device_update(b->device, u);
}

static void test_freshness(Bench *b) {
        unsigned n = b->device->n_set + b->device->n_run;

        uint64_t heard = get_time(b, "UpdateUSec");
        set_freshness(b, FRESHNESS_STALE);
        ASSERT_EQ(get_time(b, "UpdateUSec"), heard);
        assert_write_error(b, BUS_ERROR_STALE);
        set_freshness(b, FRESHNESS_ABSENT);
        assert_write_error(b, BUS_ERROR_ABSENT);
        ASSERT_EQ(b->device->n_set + b->device->n_run, n);
        ASSERT_EQ(get_time(b, "UpdateUSec"), heard);
        set_freshness(b, FRESHNESS_FRESH);
        ASSERT_TRUE(get_time(b, "UpdateUSec") > heard);
        assert_write_error(b, NULL);
}

/* Plugged in elsewhere. */
static void test_place(Bench *b) {
        static const char *const nodes[] = { "/dev/hidraw0", "/dev/bus/usb/001/002", NULL };
        _cleanup_(test_call_freep) TestCall *c = NULL;
        _cleanup_strv_free_ char **got = NULL;
        unsigned n = b->n_properties;

        for (unsigned i = 0; i < 2; i++)
                ASSERT_OK(bus_device_set_place(b->device->bus_device, (char *const *) nodes, "/sys/x"));
        RUN_UNTIL(b->event, b->n_properties > n);
        ASSERT_TRUE(strv_contains(b->properties, "Nodes"));
        ASSERT_TRUE(strv_contains(b->properties, "NativePath"));
        assert_string(b, "NativePath", "/sys/x");
        ASSERT_EQ(b->n_properties, n + 1);

        sd_bus_message *m = get_property(b, "Nodes", &c);
        ASSERT_OK(sd_bus_message_enter_container(m, 'v', "as"));
        ASSERT_OK(sd_bus_message_read_strv(m, &got));
        ASSERT_TRUE(strv_equal(got, (char *const *) nodes));
}

/* The device goes while it works on a request: the caller hears of it, the late verdict is nobody's. */
static void test_removal(Bench *b) {
        _cleanup_(test_call_freep) TestCall *c = NULL;
        unsigned n = b->n_removed;

        b->device->leave_open = true;
        c = test_call_send(test_message_set(b->client, b->driver, "apc", "ups.id", "x"));
        RUN_UNTIL(b->event, b->device->request);
        ASSERT_FALSE(c->done);

        test_driver_remove(b->driver, b->device);
        b->device = NULL;
        RUN_UNTIL(b->event, c->done && b->n_removed > n);
        ASSERT_STREQ(c->error, BUS_ERROR_ABSENT);
}

static void test_introspect(void) {
        _cleanup_free_ char *xml = NULL;
        size_t n;
        FILE *f = open_memstream(&xml, &n);

        ASSERT_TRUE(f);
        ASSERT_OK(bus_device_introspect(f));
        ASSERT_EQ(fclose(f), 0);
        ASSERT_TRUE(strstr(xml, "<interface name=\"" BUS_INTERFACE_DEVICE "\">"));
        ASSERT_TRUE(strstr(xml, "<interface name=\"" BUS_INTERFACE_VARIABLES "\">"));
        ASSERT_TRUE(strstr(xml, "<arg type=\"t\" name=\"revision\""));
        ASSERT_TRUE(strstr(xml, "<interface name=\"" BUS_INTERFACE_COMMANDS "\">"));
        ASSERT_FALSE(strstr(xml, "org.freedesktop.DBus.Peer"));
}

int main(int argc, char *argv[]) {
        Bench b = {};

        log_set_max_level(LOG_WARNING);
        test_introspect();

        bench_open(&b);
        ASSERT_EQ(b.n_added, 2); /* it has an outlet */
        test_properties(&b);
        test_describe(&b);
        test_details(&b);
        test_list(&b);
        test_signals(&b);
        test_heard(&b);
        test_description(&b);
        test_override(&b);
        test_writes(&b);
        test_freshness(&b);
        test_place(&b);
        test_removal(&b);
        bench_close(&b);
        return EXIT_SUCCESS;
}
