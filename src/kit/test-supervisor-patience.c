/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor.h"

#include <stdatomic.h>

#include "test-kit.h"

/* Hooks that take longer than the kit allows by itself, on the loop and on a thread. */

typedef struct Script {
        Driver driver;
        bool slow;              /* each hook takes SLOW_USEC */
        uint64_t patience_usec; /* that polls and writes ask for; 0: they say nothing */
        sd_event_source *timer;
        atomic_uint n_starts;
} Script;

typedef struct Test {
        Script script;
        sd_event *event;
        WorkerGroup *workers;
        Supervisor *supervisor;
        bool is_stale; /* it was, at some time */
        bool answered;
        int answer;
} Test;

/* Far beyond the first, far below the last. */
#define HOOK_USEC (50 * USEC_PER_MSEC)
#define SLOW_USEC (300 * USEC_PER_MSEC)
#define PATIENCE_USEC (60 * USEC_PER_SEC)

static Script *script_of(Device *d) {
        return (Script *) (uintptr_t) device_driver(d);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        device_complete(userdata, 0);
        return 0;
}

static int take_long(Device *d) {
        Script *s = script_of(d);

        if (s->patience_usec > 0)
                device_set_patience(d, s->patience_usec);
        if (!s->slow)
                return 0;
        if (s->driver.io == IO_BLOCKING) {
                uint64_t end = now_usec(CLOCK_MONOTONIC) + SLOW_USEC;

                while (!device_is_cancelled(d) && now_usec(CLOCK_MONOTONIC) < end)
                        (void) usleep(1000);
                return 0;
        }
        s->timer = sd_event_source_disable_unref(s->timer);
        ASSERT_OK(sd_event_add_time_relative(
                device_event(d), &s->timer, CLOCK_MONOTONIC, SLOW_USEC, 1, on_time, d));
        return DEVICE_PENDING;
}

static int script_start(Device *d, Update *u) {
        atomic_fetch_add(&script_of(d)->n_starts, 1);
        (void) update_set(u, "ups.id", "none");
        return update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
}

static int script_poll(Device *d, PollSet what, Update *u) {
        return take_long(d);
}

static int script_set(Device *d, const char *variable, const char *value, Update *u) {
        return take_long(d);
}

static void script_stop(Device *d) {
        Script *s = script_of(d);

        s->timer = sd_event_source_disable_unref(s->timer);
}

static void on_changed(void *userdata, const Change *change) {
        Test *t = userdata;

        /* Not before there is one to ask. */
        if (t->script.slow && model_freshness(supervisor_model(t->supervisor)) == FRESHNESS_STALE)
                t->is_stale = true;
}

static void on_outcome(void *userdata, int r) {
}

static const SupervisorOps ops = { on_changed, on_outcome };

static void on_answer(void *userdata, int r, const char *message) {
        Test *t = userdata;

        t->answered = true;
        t->answer = r;
}

static void test_begin(Test *t, DriverIO io) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;

        t->script.driver = (Driver) {
                .name = "script",
                .description = "Scripted driver",
                .version = "0.1",
                .io = io,
                .start = script_start,
                .poll = script_poll,
                .set = script_set,
                .stop = script_stop,
        };
        ASSERT_OK(sd_event_new(&t->event));
        ASSERT_OK(worker_group_new(t->event, &t->workers));
        config = test_config(&t->script.driver, "ups", "port=here", NULL);
        ASSERT_OK(supervisor_new(t->event, t->workers, config, &ops, t, &t->supervisor));
        *supervisor_times(t->supervisor) = (SupervisorTimes) {
                .poll_usec = 3600 * USEC_PER_SEC,
                .full_poll_usec = 3600 * USEC_PER_SEC,
                .start_timeout_usec = 10 * USEC_PER_SEC,
                .hook_timeout_usec = 10 * USEC_PER_SEC,
                .retry_min_usec = 4 * USEC_PER_MSEC,
                .retry_max_usec = 8 * USEC_PER_MSEC,
                .patience_max_usec = PATIENCE_USEC,
        };
        ASSERT_OK(supervisor_start(t->supervisor));
        RUN_UNTIL(t->event, model_freshness(supervisor_model(t->supervisor)) == FRESHNESS_FRESH);
        supervisor_times(t->supervisor)->hook_timeout_usec = HOOK_USEC;
        t->script.slow = true;
}

static void test_end(Test *t) {
        t->supervisor = supervisor_free(t->supervisor);
        t->workers = worker_group_free(t->workers);
        t->event = sd_event_unref(t->event);
}

static void ask(Test *t) {
        supervisor_request(t->supervisor, request_new(REQUEST_SET, "ups.id", "x", on_answer, t));
        RUN_UNTIL(t->event, t->answered);
        t->answered = false;
}

/* A write that asks for the time that it takes gets it. */
static void test_write(DriverIO io) {
        Test t = {};

        test_begin(&t, io);
        t.script.patience_usec = PATIENCE_USEC;
        ask(&t);
        ASSERT_OK(t.answer);
        ASSERT_EQ(t.script.n_starts, 1);
        test_end(&t);
}

/* Not where nobody can wait. */
static void test_no_time(DriverIO io) {
        Test t = {};

        test_begin(&t, io);
        t.script.patience_usec = PATIENCE_USEC;
        supervisor_times(t.supervisor)->patience_max_usec = 0;
        ask(&t);
        ASSERT_EQ(t.answer, -ETIMEDOUT);
        test_end(&t);
}

/* What one hook has asked for is not for ever. */
static void test_less(void) {
        Test t = {};

        test_begin(&t, IO_LOOP);
        t.script.patience_usec = PATIENCE_USEC;
        ask(&t);
        ASSERT_OK(t.answer);
        t.script.patience_usec = 1;
        RUN_UNTIL(t.event, t.script.n_starts == 2);
        test_end(&t);
}

/* Data that are waited for so long are doubtful, and fresh again when they come. */
static void test_poll(DriverIO io) {
        Test t = {};

        test_begin(&t, io);
        t.script.patience_usec = PATIENCE_USEC;
        supervisor_times(t.supervisor)->poll_usec = 10 * USEC_PER_MSEC;
        supervisor_poll_within(t.supervisor, 0);
        RUN_UNTIL(t.event, t.is_stale);
        RUN_UNTIL(t.event, model_freshness(supervisor_model(t.supervisor)) == FRESHNESS_FRESH);
        ASSERT_EQ(t.script.n_starts, 1);
        test_end(&t);
}

int main(void) {
        log_set_max_level(LOG_ERR);
        for (DriverIO io = IO_LOOP; io <= IO_BLOCKING; io++) {
                test_write(io);
                test_no_time(io);
                test_poll(io);
        }
        test_less();
        return EXIT_SUCCESS;
}
