/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus-device.h"
#include "model.h"
#include "test-util.h"
#include "time-util.h"

/* For the tests on a private bus: connections of one event loop, a driver process in miniature, calls. */

#define TEST_DEADLINE_USEC (60 * USEC_PER_SEC)

/* Runs the event loop until a condition holds. */
#define RUN_UNTIL(event, condition)                                             \
        do {                                                                    \
                uint64_t _end = now_usec(CLOCK_MONOTONIC) + TEST_DEADLINE_USEC; \
                while (!(condition)) {                                          \
                        if (now_usec(CLOCK_MONOTONIC) > _end)                   \
                                TEST_FAIL("not in time: %s", #condition);       \
                        ASSERT_OK(sd_event_run((event), 100 * USEC_PER_MSEC));  \
                }                                                               \
        } while (0)

/* A connection to the bus of the test, on the event loop. */
sd_bus *test_bus_open(sd_event *event);

/* The users of the system for this process, instead of those that there are; (uid_t) -1 is none. */
typedef struct TestUsers {
        uid_t self, driver, gateway, monitor;
        unsigned n_lookups;
} TestUsers;

TestUsers *test_users(void);

#define TEST_FOREIGN_UID 65534U

/* One by another user than root or us, as far as the service on the other end can tell. */
sd_bus *test_bus_open_foreign(sd_event *event);

/*** A driver process ***/

typedef struct TestDevice {
        char *name;
        Model *model;
        BusDevice *bus_device;
        BusRequest *request; /* the last, if it was left open */
        char *last_name, *last_argument;
        unsigned n_set, n_run;
        bool leave_open;     /* the next requests stay open */
        int verdict;         /* or are answered with that */
        const char *message;
} TestDevice;

typedef struct TestDriver {
        sd_bus *bus;
        BusGate *gate;
        sd_bus_slot *manager_slot;
        TestDevice **devices;
        size_t n_devices, n_devices_allocated;
} TestDriver;

/* Connects, offers no devices yet, and owns org.busbar.Driver.<instance>. */
TestDriver *test_driver_new(sd_event *event, const char *instance);
/* Takes the devices off the bus one by one and disconnects. */
TestDriver *test_driver_free(TestDriver *p);
/* Disconnects without a word, like a process that is killed. */
TestDriver *test_driver_kill(TestDriver *p);

/* Adds a device with the data of u, which is consumed. */
TestDevice *test_driver_add(TestDriver *p, const char *name, Update *u);
/* Withdraws it. */
void test_driver_remove(TestDriver *p, TestDevice *d);
/* Applies and announces an update, which is consumed. */
void test_device_update(TestDevice *d, Update *u);

/* An update like that of a small UPS: everything a model can hold. */
Update *test_update_ups(void);

/*** Calls ***/

typedef struct TestCall {
        bool done;
        char *error, *text;    /* name and message of the error, or NULL */
        sd_bus_message *reply;
        sd_bus_slot *slot;
} TestCall;

/* Sends a message, which is consumed. */
TestCall *test_call_send(sd_bus_message *m);
/* Sends one and waits for the answer. */
TestCall *test_call(sd_event *event, sd_bus_message *m);
TestCall *test_call_free(TestCall *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(TestCall *, test_call_free);

/* A call of a member of a device. */
sd_bus_message *test_message(sd_bus *bus, TestDriver *p, const char *device, const char *interface,
                const char *member);
/* Variables1.Set and Commands1.Run. */
sd_bus_message *test_message_set(sd_bus *bus, TestDriver *p, const char *device, const char *name,
                const char *value);
sd_bus_message *test_message_run(sd_bus *bus, TestDriver *p, const char *device, const char *name,
                const char *argument);
