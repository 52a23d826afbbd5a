/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "string-util.h"
#include "supervisor.h"
#include "test-kit.h"

/* What devices on the loop have in common, and what they say of a write that is under way. */

typedef struct Common {
        unsigned n_devices;
        unsigned *n_done;
} Common;

/* The description of the driver leads its hooks to the test. */
typedef struct Script {
        Driver driver;
        unsigned n_done, most;
} Script;

typedef struct Test {
        Script script;
        sd_event *event;
        unsigned n_outcomes;
        char *answer;
        int answered;
} Test;

static int script_start(Device *d, Update *u) {
        Script *s = (Script *) (uintptr_t) device_driver(d);
        Common *c = device_shared(d);

        ASSERT_TRUE(c);
        ASSERT_TRUE(c == device_shared(d));
        c->n_done = &s->n_done;
        c->n_devices++;
        s->most = MAX(s->most, c->n_devices);
        (void) update_set(u, "ups.id", "x");
        return update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 16);
}

static int script_poll(Device *d, PollSet what, Update *u) {
        return 0;
}

static int script_set(Device *d, const char *variable, const char *value, Update *u) {
        device_explain(d, "The agent says no.");
        return -EPIPE;
}

static void script_stop(Device *d) {
        Common *c = device_shared(d);

        c->n_devices--;
}

static void script_done(void *shared) {
        const Common *c = shared;

        ASSERT_EQ(c->n_devices, 0);
        if (c->n_done)
                (*c->n_done)++;
}

static void on_changed(void *userdata, const Change *change) {
}

static void on_outcome(void *userdata, int r) {
        Test *t = userdata;

        ASSERT_OK(r);
        t->n_outcomes++;
}

static const SupervisorOps ops = { on_changed, on_outcome };

static void test_begin(Test *t) {
        t->script.driver = (Driver) {
                .name = "script",
                .description = "Scripted driver",
                .version = "0.1",
                .io = IO_LOOP,
                .shared_size = sizeof(Common),
                .start = script_start,
                .poll = script_poll,
                .set = script_set,
                .stop = script_stop,
                .shared_done = script_done,
        };
        ASSERT_OK(sd_event_new(&t->event));
}

static void test_end(Test *t) {
        t->event = sd_event_unref(t->event);
        free(t->answer);
}

static Supervisor *start(Test *t, const char *name, SharedMemory *shared) {
        _cleanup_(device_config_unrefp) DeviceConfig *config =
                test_config(&t->script.driver, name, "port=here", NULL);
        Supervisor *s;

        ASSERT_OK(supervisor_new(t->event, NULL, config, &ops, t, &s));
        if (shared)
                supervisor_share(s, shared);
        ASSERT_OK(supervisor_start(s));
        return s;
}

static void test_shared(bool together) {
        SharedMemory *shared = NULL;
        Supervisor *a, *b;
        Test t = {};

        test_begin(&t);
        if (together)
                ASSERT_OK(shared_memory_new(&t.script.driver, &shared));
        a = start(&t, "a", shared);
        b = start(&t, "b", shared);
        RUN_UNTIL(t.event, t.n_outcomes >= 2);
        ASSERT_EQ(t.script.most, together ? 2 : 1);

        ASSERT_TRUE(supervisor_free(a) == NULL);
        ASSERT_EQ(t.script.n_done, together ? 0 : 1);
        ASSERT_TRUE(supervisor_free(b) == NULL);
        ASSERT_EQ(t.script.n_done, together ? 0 : 2);
        ASSERT_TRUE(shared_memory_unref(shared) == NULL);
        ASSERT_EQ(t.script.n_done, together ? 1 : 2);
        test_end(&t);
}

static void on_answer(void *userdata, int r, const char *message) {
        Test *t = userdata;

        t->answered = r;
        ASSERT_OK(free_and_strdup(&t->answer, message));
}

/* It goes to who asked. */
static void test_refused_write(void) {
        Supervisor *s;
        Test t = {};

        test_begin(&t);
        s = start(&t, "a", NULL);
        RUN_UNTIL(t.event, t.n_outcomes > 0);
        supervisor_request(s, request_new(REQUEST_SET, "ups.id", "y", on_answer, &t));
        RUN_UNTIL(t.event, t.answered < 0);
        ASSERT_EQ(t.answered, -EPIPE);
        ASSERT_STREQ(t.answer, "The agent says no.");
        ASSERT_TRUE(supervisor_free(s) == NULL);
        test_end(&t);
}

int main(void) {
        test_shared(false);
        test_shared(true);
        test_refused_write();
        return EXIT_SUCCESS;
}
