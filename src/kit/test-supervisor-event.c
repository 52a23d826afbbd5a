/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor.h"

#include <fcntl.h>
#include <stdatomic.h>

#include "test-kit.h"

/* A driver with a pipe for a device: each byte in it is an event. The same hooks run on the loop and on a
 * thread. What they count is read by the loop while no hook runs, or by its own nature. */
typedef struct Script {
        Driver driver;
        int pipe[2];
        atomic_uint n_starts, n_stops, n_polls, n_sets, n_events, n_remembered;
        atomic_int start_result, poll_result, event_result, set_result;
        atomic_uint poll_block_usec;
        atomic_bool deaf;    /* event() leaves in the pipe what is there */
        atomic_bool handed_over, open, unwatched;
        const char *nodes, *native_path;
} Script;

typedef struct Test {
        Script script;
        sd_event *event;
        WorkerGroup *workers;
        Supervisor *supervisor;
        unsigned n_outcomes, n_placed;
        int outcome;
        char *nodes, *native_path;
} Test;

static Script *script_of(Device *d) {
        return (Script *) (uintptr_t) d->config->driver;
}

static int script_start(Device *d, Update *u) {
        Script *s = script_of(d);

        atomic_fetch_add(&s->n_starts, 1);
        if (s->handed_over)
                device_set_handed_over(d);
        if (s->nodes)
                ASSERT_OK(device_set_place(d, s->nodes, s->native_path));
        if (device_memo(d) && streq(device_memo(d), "known"))
                atomic_fetch_add(&s->n_remembered, 1);
        ASSERT_OK(device_set_memo(d, s->start_result < 0 ? "failed" : "known"));
        if (s->start_result < 0)
                return s->start_result;

        ASSERT_OK(pipe2(s->pipe, O_CLOEXEC | O_NONBLOCK));
        device_watch(d, s->pipe[0]);
        s->open = true;
        (void) update_set(u, "ups.id", "none");
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
        return 0;
}

static int script_poll(Device *d, PollSet what, Update *u) {
        Script *s = script_of(d);

        atomic_fetch_add(&s->n_polls, 1);
        device_watch(d, s->unwatched ? -1 : s->pipe[0]);
        (void) update_status(u, "OL");
        if (s->poll_block_usec > 0)
                (void) usleep(s->poll_block_usec);
        return s->poll_result;
}

static int script_event(Device *d, Update *u) {
        Script *s = script_of(d);
        char c;

        atomic_fetch_add(&s->n_events, 1);
        if (!s->deaf)
                while (read(s->pipe[0], &c, 1) == 1)
                        (void) update_setf(u, "input.voltage", "%d", c);
        (void) update_status(u, "OB");
        return s->event_result;
}

static int script_set(Device *d, const char *variable, const char *value, Update *u) {
        Script *s = script_of(d);

        atomic_fetch_add(&s->n_sets, 1);
        return s->set_result;
}

static void script_stop(Device *d) {
        Script *s = script_of(d);

        atomic_fetch_add(&s->n_stops, 1);
        if (s->open) {
                s->open = false;
                safe_close(s->pipe[0]);
                safe_close(s->pipe[1]);
        }
}

static void on_changed(void *userdata, const Change *change) {
        ASSERT_FALSE(change_is_empty(change));
}

static void on_outcome(void *userdata, int r) {
        Test *t = userdata;

        t->n_outcomes++;
        t->outcome = r;
}

static void on_placed(void *userdata, const char *nodes, const char *native_path) {
        Test *t = userdata;

        t->n_placed++;
        ASSERT_OK(free_and_strdup(&t->nodes, nodes));
        ASSERT_OK(free_and_strdup(&t->native_path, native_path));
}

static const SupervisorOps ops = { on_changed, on_outcome, on_placed };

static void test_begin(Test *t, DriverIO io, const char *option) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;

        t->script.driver = (Driver) {
                .name = "script",
                .description = "Scripted driver",
                .version = "0.1",
                .transport = TRANSPORT_USB,
                .io = io,
                .start = script_start,
                .poll = script_poll,
                .event = script_event,
                .set = script_set,
                .stop = script_stop,
        };

        ASSERT_OK(sd_event_new(&t->event));
        ASSERT_OK(worker_group_new(t->event, &t->workers));
        config = test_config(&t->script.driver, "ups", "port=here", option, NULL);
        ASSERT_OK(supervisor_new(t->event, t->workers, config, &ops, t, &t->supervisor));
        *supervisor_times(t->supervisor) = (SupervisorTimes) {
                .poll_usec = 3600 * USEC_PER_SEC,
                .full_poll_usec = 3600 * USEC_PER_SEC,
                .start_timeout_usec = 10 * USEC_PER_SEC,
                .hook_timeout_usec = 10 * USEC_PER_SEC,
                .retry_min_usec = 4 * USEC_PER_MSEC,
                .retry_max_usec = 8 * USEC_PER_MSEC,
        };
}

static void test_end(Test *t) {
        t->supervisor = supervisor_free(t->supervisor);
        t->workers = worker_group_free(t->workers);
        ASSERT_EQ(t->script.n_starts, t->script.n_stops);
        t->event = sd_event_unref(t->event);
        free(t->nodes);
        free(t->native_path);
}

static void start_until_read(Test *t) {
        ASSERT_OK(supervisor_start(t->supervisor));
        RUN_UNTIL(t->event, model_freshness(supervisor_model(t->supervisor)) == FRESHNESS_FRESH);
}

static void say(Test *t, char c) {
        ASSERT_EQ(write(t->script.pipe[1], &c, 1), 1);
}

static const char *voltage(const Test *t) {
        return strempty(model_get(supervisor_model(t->supervisor), "input.voltage"));
}

static void test_event_is_published(DriverIO io) {
        Test t = {};

        test_begin(&t, io, NULL);
        start_until_read(&t);
        for (int i = 0; i < 3; i++) {
                char text[8];

                say(&t, (char) (100 + i));
                (void) snprintf(text, sizeof(text), "%d", 100 + i);
                RUN_UNTIL(t.event, streq(voltage(&t), text));
        }
        ASSERT_TRUE(model_has_status(supervisor_model(t.supervisor), "OB"));
        /* Once for each, and without a poll. */
        ASSERT_EQ(t.script.n_events, 3);
        ASSERT_EQ(t.script.n_polls, 1);
        ASSERT_EQ(t.n_outcomes, 1);
        test_end(&t);
}

/* A watch that the driver gives up, and takes up again, in a hook. */
static void test_watch_changes(DriverIO io) {
        Test t = {};

        test_begin(&t, io, NULL);
        start_until_read(&t);
        t.script.unwatched = true;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, t.n_outcomes == 2);
        say(&t, 1);
        for (unsigned i = 0; i < 20; i++)
                ASSERT_OK(sd_event_run(t.event, USEC_PER_MSEC));
        ASSERT_EQ(t.script.n_events, 0);

        t.script.unwatched = false;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, t.script.n_events == 1);
        test_end(&t);
}

static void on_answer(void *userdata, int r, const char *message) {
        int *answer = userdata;

        *answer = r;
}

/* An event that nobody takes in comes again at once. Polls and writes have their turn all the same, and the
 * processor is left alone. */
static void test_flood(DriverIO io) {
        uint64_t begin = now_usec(CLOCK_MONOTONIC), elapsed;
        Test t = { .script.deaf = true };
        int answer = 1;

        test_begin(&t, io, NULL);
        supervisor_times(t.supervisor)->poll_usec = 20 * USEC_PER_MSEC;
        start_until_read(&t);
        say(&t, 1);
        for (unsigned i = 0; i < 10; i++) {
                Request *q = request_new(REQUEST_SET, "ups.id", "x", on_answer, &answer);

                answer = 1;
                supervisor_request(t.supervisor, q);
                RUN_UNTIL(t.event, answer <= 0);
                ASSERT_EQ(answer, 0);
        }
        unsigned n = t.script.n_polls;
        RUN_UNTIL(t.event, t.script.n_polls >= n + 20);

        elapsed = now_usec(CLOCK_MONOTONIC) - begin;
        ASSERT_TRUE(t.script.n_events > 5);
        ASSERT_TRUE(t.script.n_events < 100 + elapsed / (2 * USEC_PER_MSEC));
        test_end(&t);
}

static void test_event_fails(DriverIO io) {
        Test t = { .script.event_result = -EIO };

        test_begin(&t, io, "maxretry=2");
        start_until_read(&t);
        say(&t, 1);
        RUN_UNTIL(t.event, t.outcome == -EIO);
        ASSERT_EQ(model_freshness(supervisor_model(t.supervisor)), FRESHNESS_STALE);
        ASSERT_EQ(t.script.n_starts, 1);
        ASSERT_STREQ(voltage(&t), "");

        say(&t, 1);
        RUN_UNTIL(t.event, t.script.n_starts == 2);
        t.script.event_result = 0;
        RUN_UNTIL(t.event, model_freshness(supervisor_model(t.supervisor)) == FRESHNESS_FRESH);
        test_end(&t);
}

/* A device of our own that is gone is looked for again. */
static void test_gone(DriverIO io) {
        Test t = { .script.event_result = -ENODEV };

        test_begin(&t, io, NULL);
        start_until_read(&t);
        say(&t, 1);
        RUN_UNTIL(t.event, t.script.n_starts == 2);
        ASSERT_FALSE(supervisor_is_gone(t.supervisor));
        test_end(&t);
}

static void test_handed_over_is_gone(DriverIO io) {
        Test t = { .script = { .event_result = -ENODEV, .handed_over = true } };

        test_begin(&t, io, NULL);
        start_until_read(&t);
        ASSERT_FALSE(supervisor_is_gone(t.supervisor));
        say(&t, 1);
        RUN_UNTIL(t.event, t.outcome == -ENODEV);
        ASSERT_TRUE(supervisor_is_gone(t.supervisor));
        ASSERT_EQ(model_freshness(supervisor_model(t.supervisor)), FRESHNESS_ABSENT);
        RUN_UNTIL(t.event, t.script.n_stops == 1);
        for (unsigned i = 0; i < 20; i++)
                ASSERT_OK(sd_event_run(t.event, USEC_PER_MSEC));
        ASSERT_EQ(t.script.n_starts, 1);
        test_end(&t);
}

static void test_handed_over_cannot_start(DriverIO io) {
        Test t = { .script = { .start_result = -ENODEV, .handed_over = true } };

        test_begin(&t, io, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.outcome == -ENODEV);
        ASSERT_TRUE(supervisor_is_gone(t.supervisor));
        test_end(&t);

        /* Another failure does not mean that it is gone. */
        Test u = { .script = { .start_result = -EIO, .handed_over = true } };

        test_begin(&u, io, NULL);
        ASSERT_OK(supervisor_start(u.supervisor));
        RUN_UNTIL(u.event, u.script.n_starts == 3);
        ASSERT_FALSE(supervisor_is_gone(u.supervisor));
        test_end(&u);
}

static void test_place(DriverIO io) {
        Test t = { .script = { .nodes = "/dev/hidraw0 /dev/bus/usb/001/002", .native_path = "/sys/x" } };

        test_begin(&t, io, NULL);
        start_until_read(&t);
        ASSERT_EQ(t.n_placed, 1);
        ASSERT_STREQ(t.nodes, "/dev/hidraw0 /dev/bus/usb/001/002");
        ASSERT_STREQ(t.native_path, "/sys/x");

        t.script.poll_result = -EIO;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, t.n_outcomes > 1);
        t.script.poll_result = 0;
        t.script.nodes = "/dev/hidraw1";
        RUN_UNTIL(t.event, t.n_placed > 1 && streq(t.nodes, "/dev/hidraw1"));
        test_end(&t);
}

/* What a driver keeps is there for the next session of the device. */
static void test_memo(DriverIO io) {
        Test t = {};

        test_begin(&t, io, NULL);
        start_until_read(&t);
        ASSERT_EQ(t.script.n_remembered, 0);
        t.script.poll_result = -EIO;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, t.n_outcomes > 1);
        t.script.poll_result = 0;
        RUN_UNTIL(t.event, t.script.n_starts > 1 && t.outcome == 0);
        ASSERT_EQ(t.script.n_remembered, 1);
        test_end(&t);
}

/* Data that are waited for are stale before the device is given up, and fresh again when it answers. */
static void test_slow_poll_is_seen(void) {
        Test t = {};

        test_begin(&t, IO_BLOCKING, NULL);
        start_until_read(&t);
        supervisor_times(t.supervisor)->poll_usec = 10 * USEC_PER_MSEC;
        t.script.poll_block_usec = 500 * USEC_PER_MSEC;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, model_freshness(supervisor_model(t.supervisor)) == FRESHNESS_STALE);
        t.script.poll_block_usec = 0;
        ASSERT_EQ(t.outcome, 0);
        RUN_UNTIL(t.event, model_freshness(supervisor_model(t.supervisor)) == FRESHNESS_FRESH);
        ASSERT_EQ(t.script.n_starts, 1);

        /* Now it is known to be a slow one. */
        t.script.poll_block_usec = 100 * USEC_PER_MSEC;
        unsigned n = t.n_outcomes;
        while (t.n_outcomes < n + 2) {
                ASSERT_OK(sd_event_run(t.event, USEC_PER_SEC));
                ASSERT_EQ(model_freshness(supervisor_model(t.supervisor)), FRESHNESS_FRESH);
        }
        test_end(&t);
}

int main(void) {
        static const DriverIO ways[] = { IO_LOOP, IO_BLOCKING };

        log_set_max_level(LOG_ERR);
        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                test_event_is_published(ways[i]);
                test_watch_changes(ways[i]);
                test_flood(ways[i]);
                test_event_fails(ways[i]);
                test_gone(ways[i]);
                test_handed_over_is_gone(ways[i]);
                test_handed_over_cannot_start(ways[i]);
                test_place(ways[i]);
                test_memo(ways[i]);
        }
        test_slow_poll_is_seen();
        return 0;
}
