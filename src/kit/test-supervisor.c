/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor.h"

#include "test-kit.h"

/* A driver that does what the test tells it to. */
typedef struct Script {
        Driver driver;
        int start_result, poll_result, set_result; /* DEVICE_PENDING: the test completes the hook */
        unsigned n_starts, n_stops, n_polls, n_sets, n_commands;
        PollSet last_what;
        const char *model; /* ups.model to report, or NULL */
        const char *device_model_value;
        char *last_argument;
        Device *device; /* that runs */
        Update *update; /* of the pending hook */
} Script;

typedef struct Test {
        Script script;
        sd_event *event;
        Supervisor *supervisor;
        unsigned n_changes, n_outcomes;
        int outcome;
} Test;

static Script *script_of(Device *d) {
        return (Script *) (uintptr_t) d->config->driver;
}

static int script_start(Device *d, Update *u) {
        Script *s = script_of(d);

        s->n_starts++;
        s->device = d;
        (void) update_command(u, "test.panel.start");
        return s->start_result;
}

static int script_poll(Device *d, PollSet what, Update *u) {
        Script *s = script_of(d);

        s->n_polls++;
        s->last_what = what;
        s->update = u;
        (void) update_status(u, "OL");
        if (s->model)
                (void) update_set(u, "ups.model", s->model);
        if (s->device_model_value)
                (void) update_set(u, "device.model", s->device_model_value);
        if (what & POLL_FULL) {
                (void) update_setf(u, "ups.id", "poll %u", s->n_polls);
                (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 8);
        }
        return s->poll_result;
}

static int script_set(Device *d, const char *variable, const char *value, Update *u) {
        Script *s = script_of(d);

        s->n_sets++;
        ASSERT_STREQ(variable, "ups.id");
        (void) update_set(u, variable, value);
        return s->set_result;
}

static int script_command(Device *d, const char *command, const char *argument, Update *u) {
        Script *s = script_of(d);

        s->n_commands++;
        ASSERT_STREQ(command, "test.panel.start");
        ASSERT_OK(free_and_strdup(&s->last_argument, argument));
        return 0;
}

static void script_stop(Device *d) {
        Script *s = script_of(d);

        s->n_stops++;
        s->device = NULL;
        s->update = NULL;
}

static void on_changed(void *userdata, const Change *change) {
        Test *t = userdata;

        ASSERT_FALSE(change_is_empty(change));
        t->n_changes++;
}

static void on_outcome(void *userdata, int r) {
        Test *t = userdata;

        t->n_outcomes++;
        t->outcome = r;
}

static const SupervisorOps ops = { on_changed, on_outcome };

static void test_begin(Test *t, const char *option) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;

        t->script.driver = (Driver) {
                .name = "script",
                .description = "Scripted driver",
                .version = "0.1",
                .transport = TRANSPORT_FILE,
                .io = IO_LOOP,
                .state_size = 8,
                .start = script_start,
                .poll = script_poll,
                .set = script_set,
                .command = script_command,
                .stop = script_stop,
        };

        ASSERT_OK(sd_event_new(&t->event));
        config = test_config(&t->script.driver, "ups", "port=here", option, NULL);
        ASSERT_OK(supervisor_new(t->event, NULL, config, &ops, t, &t->supervisor));
        *supervisor_times(t->supervisor) = (SupervisorTimes) {
                .poll_usec = 4 * USEC_PER_MSEC,
                .full_poll_usec = 20 * USEC_PER_MSEC,
                .start_timeout_usec = 100 * USEC_PER_MSEC,
                .hook_timeout_usec = 50 * USEC_PER_MSEC,
                .retry_min_usec = 4 * USEC_PER_MSEC,
                .retry_max_usec = 8 * USEC_PER_MSEC,
        };
}

static void test_end(Test *t) {
        t->supervisor = supervisor_free(t->supervisor);
        ASSERT_EQ(t->script.n_starts, t->script.n_stops);
        t->event = sd_event_unref(t->event);
        free(t->script.last_argument);
}

static const Model *model_of(const Test *t) {
        return supervisor_model(t->supervisor);
}

static Freshness freshness_of(const Test *t) {
        return model_freshness(model_of(t));
}

static void test_starts_and_polls(void) {
        Test t = { .script.model = "One" };

        test_begin(&t, NULL);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_ABSENT);
        ASSERT_STREQ(model_get(model_of(&t), "driver.state"), "init.starting");
        ASSERT_FALSE(supervisor_is_settled(t.supervisor));

        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_outcomes >= 1);
        ASSERT_TRUE(supervisor_is_settled(t.supervisor));
        ASSERT_EQ(freshness_of(&t), FRESHNESS_FRESH);
        ASSERT_EQ(t.script.last_what, POLL_QUICK | POLL_FULL);
        ASSERT_STREQ(model_get(model_of(&t), "driver.state"), "quiet");

        RUN_UNTIL(t.event, t.n_outcomes >= 2);
        ASSERT_EQ(t.script.last_what, POLL_QUICK);

        /* A full one comes again by itself. */
        ASSERT_STREQ(model_get(model_of(&t), "ups.id"), "poll 1");
        RUN_UNTIL(t.event, !streq(model_get(model_of(&t), "ups.id"), "poll 1"));
        ASSERT_EQ(t.script.n_starts, 1);
        test_end(&t);
}

static void test_first_full_poll_fails(void) {
        Test t = { .script.poll_result = -EIO };

        test_begin(&t, "maxretry=100");
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_outcomes >= 2);
        /* What was never read is asked for until it is. */
        ASSERT_EQ(t.script.last_what, POLL_QUICK | POLL_FULL);
        /* An opening that no good poll followed was none. */
        ASSERT_EQ(t.script.n_starts, 2);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_ABSENT);
        test_end(&t);
}

static void test_data_stay_until_there_are_better(void) {
        Test t = { .script.model = "One" };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_outcomes >= 1);

        /* It can be opened again and again, but not read. */
        t.script.poll_result = -EIO;
        t.script.model = "Two";
        RUN_UNTIL(t.event, t.script.n_starts >= 3);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_STALE);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), "One");
        ASSERT_STREQ(model_get(model_of(&t), "ups.id"), "poll 1");

        t.script.poll_result = 0;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), "Two");
        test_end(&t);
}

static void test_failing_poll_makes_stale(void) {
        Test t = { .script.model = "One" };

        test_begin(&t, "maxretry=3");
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_outcomes >= 1);

        t.script.poll_result = -EIO;
        RUN_UNTIL(t.event, t.outcome == -EIO);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_STALE);
        ASSERT_EQ(t.script.n_starts, 1);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), "One");

        unsigned n = t.n_outcomes;
        RUN_UNTIL(t.event, t.n_outcomes >= n + 2);
        ASSERT_EQ(t.script.n_stops, 1);
        ASSERT_STREQ(model_get(model_of(&t), "driver.state"), "reconnect.trying");

        t.script.poll_result = 0;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_EQ(t.script.n_starts, 2);
        ASSERT_STREQ(model_get(model_of(&t), "driver.state"), "quiet");
        test_end(&t);
}

/* A device that is opened anew is read as a whole at first, however long ago that was done. */
static void test_restart_reads_all(void) {
        Test t = {};

        test_begin(&t, NULL);
        supervisor_times(t.supervisor)->full_poll_usec = 3600 * USEC_PER_SEC;
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.script.n_polls == 2);
        ASSERT_EQ(t.script.last_what, POLL_QUICK);
        t.script.poll_result = -EIO;
        RUN_UNTIL(t.event, t.script.n_starts == 2);
        t.script.n_polls = 0;
        RUN_UNTIL(t.event, t.script.n_polls == 1);
        ASSERT_EQ(t.script.last_what, POLL_QUICK | POLL_FULL);
        test_end(&t);
}

/* The time-out of a hook ends with the hook: a long wait for the next poll is no hang. */
static void test_idle_is_no_hang(void) {
        Test t = {};

        test_begin(&t, NULL);
        supervisor_times(t.supervisor)->poll_usec = 200 * USEC_PER_MSEC;
        supervisor_times(t.supervisor)->hook_timeout_usec = 20 * USEC_PER_MSEC;
        supervisor_times(t.supervisor)->start_timeout_usec = 20 * USEC_PER_MSEC;
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.script.n_polls == 3);
        ASSERT_EQ(t.script.n_starts, 1);
        test_end(&t);
}

static void test_device_comes_and_goes(void) {
        Test t = { .script = { .start_result = -ENOENT, .model = "One" } };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_outcomes >= 4);
        ASSERT_EQ(t.outcome, -ENOENT);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_ABSENT);
        ASSERT_EQ(t.script.n_starts, t.script.n_stops);

        t.script.start_result = 0;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), "One");

        /* Gone while it is polled: absent at once, and nothing is left that could be taken for a reading. */
        t.script.poll_result = -ENODEV;
        t.script.start_result = -ENODEV;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_ABSENT);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), NULL);
        ASSERT_STREQ(model_get(model_of(&t), "device.model"), NULL);
        ASSERT_STREQ(model_get(model_of(&t), "device.type"), "ups");
        ASSERT_STREQ(model_get(model_of(&t), "driver.name"), "script");
        ASSERT_FALSE(model_find_command(model_of(&t), "test.panel.start"));
        test_end(&t);
}

static void test_other_device_returns(void) {
        Test t = { .script.model = "One" };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        t.script.poll_result = -EIO;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_STALE);
        t.script.poll_result = 0;
        t.script.model = NULL;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_STREQ(model_get(model_of(&t), "ups.model"), NULL);
        ASSERT_STREQ(model_get(model_of(&t), "device.model"), NULL);
        test_end(&t);
}

static void test_pending_hooks(void) {
        Test t = { .script = { .start_result = DEVICE_PENDING, .poll_result = DEVICE_PENDING } };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.script.n_starts == 1);
        ASSERT_EQ(t.script.n_polls, 0);
        device_complete(t.script.device, 0);
        /* A second verdict on the same hook is of no effect. */
        device_complete(t.script.device, -EIO);
        RUN_UNTIL(t.event, t.script.n_polls == 1);
        device_complete(t.script.device, 0);
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        test_end(&t);
}

static void test_hanging_hook(void) {
        Test t = { .script.model = "One" };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);

        t.script.poll_result = DEVICE_PENDING;
        RUN_UNTIL(t.event, t.script.n_stops == 1);
        ASSERT_EQ(freshness_of(&t), FRESHNESS_STALE);
        ASSERT_EQ(t.outcome, -ETIMEDOUT);

        t.script.poll_result = 0;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_EQ(t.script.n_starts, 2);
        test_end(&t);
}

static void test_publish(void) {
        Test t = {};
        Update *u;

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);

        u = update_new();
        (void) update_status(u, "OB LB");
        (void) update_set(u, "ups.mfr", "Maker");
        unsigned n = t.n_changes;
        device_publish(t.script.device, u);
        ASSERT_EQ(t.n_changes, n + 1);
        ASSERT_TRUE(model_has_status(model_of(&t), "OB"));
        ASSERT_STREQ(model_get(model_of(&t), "device.mfr"), "Maker");
        ASSERT_STREQ(device_model(t.script.device) == model_of(&t) ? "same" : "other", "same");
        test_end(&t);
}

/* A driver that expects news need not wait for the interval. */
static void test_poll_within(void) {
        Test t = {};

        test_begin(&t, "maxretry=3");
        supervisor_times(t.supervisor)->poll_usec = 3600 * USEC_PER_SEC;
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_EQ(t.script.n_polls, 1);
        device_poll_within(t.script.device, 0);
        RUN_UNTIL(t.event, t.script.n_polls == 2);
        device_poll_within(t.script.device, 3600 * USEC_PER_SEC);
        device_poll_within(t.script.device, 5 * USEC_PER_MSEC);
        RUN_UNTIL(t.event, t.script.n_polls == 3);

        /* While a poll is pending it is the next one that is meant. */
        t.script.poll_result = DEVICE_PENDING;
        device_poll_within(t.script.device, 0);
        RUN_UNTIL(t.event, t.script.n_polls == 4);
        device_poll_within(t.script.device, 0);
        t.script.poll_result = 0;
        device_complete(t.script.device, 0);
        RUN_UNTIL(t.event, t.script.n_polls == 5);

        /* A failing poll may be tried again at once, too. */
        t.script.poll_result = -EIO;
        device_poll_within(t.script.device, 0);
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_STALE);
        t.script.poll_result = 0;
        device_poll_within(t.script.device, 0);
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        test_end(&t);
}

static void test_device_copies(void) {
        Test t = { .script.model = "A \"B\" \\ #1" };

        test_begin(&t, "override.ups.serial=fixed");
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_STREQ(model_get(model_of(&t), "device.model"), "A \"B\" \\ #1");
        ASSERT_STREQ(model_get(model_of(&t), "device.serial"), "fixed");

        t.script.model = "Two";
        RUN_UNTIL(t.event, streq_ptr(model_get(model_of(&t), "ups.model"), "Two"));
        ASSERT_STREQ(model_get(model_of(&t), "device.model"), "Two");

        t.script.device_model_value = "Own";
        RUN_UNTIL(t.event, streq_ptr(model_get(model_of(&t), "device.model"), "Own"));
        t.script.model = "Three";
        RUN_UNTIL(t.event, streq_ptr(model_get(model_of(&t), "ups.model"), "Three"));
        ASSERT_STREQ(model_get(model_of(&t), "device.model"), "Own");
        test_end(&t);
}

/*** Requests ***/

typedef struct Answer {
        unsigned n;
        int r;
} Answer;

static void on_answer(void *userdata, int r, const char *message) {
        Answer *a = userdata;

        a->n++;
        a->r = r;
}

static Request *make_request(RequestType type, const char *name, const char *value, Answer *a) {
        Request *q = request_new(type, name, value, on_answer, a);

        ASSERT_TRUE(q);
        return q;
}

static int ask(Test *t, RequestType type, const char *name, const char *value) {
        Answer a = {};

        supervisor_request(t->supervisor, make_request(type, name, value, &a));
        RUN_UNTIL(t->event, a.n > 0);
        ASSERT_EQ(a.n, 1);
        return a.r;
}

static void test_requests(void) {
        Test t = {};

        test_begin(&t, NULL);
        ASSERT_EQ(ask(&t, REQUEST_SET, "ups.id", "x"), -ENODEV);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);

        unsigned n_polls = t.script.n_polls;
        ASSERT_EQ(ask(&t, REQUEST_SET, "UPS.id", "new"), 0);
        ASSERT_EQ(t.script.n_sets, 1);
        ASSERT_STREQ(model_get(model_of(&t), "ups.id"), "new");
        /* A full poll follows, for what the write brought about. */
        RUN_UNTIL(t.event, t.script.n_polls > n_polls);

        ASSERT_EQ(ask(&t, REQUEST_SET, "ups.id", "much too long"), -EMSGSIZE);
        ASSERT_EQ(ask(&t, REQUEST_SET, "driver.name", "x"), -EROFS);
        ASSERT_EQ(ask(&t, REQUEST_SET, "no.such", "x"), -EOPNOTSUPP);
        ASSERT_EQ(ask(&t, REQUEST_COMMAND, "load.off", NULL), -EOPNOTSUPP);
        ASSERT_EQ(t.script.n_sets, 1);

        ASSERT_EQ(ask(&t, REQUEST_COMMAND, "TEST.panel.start", "10 s"), 0);
        ASSERT_STREQ(t.script.last_argument, "10 s");
        ASSERT_EQ(ask(&t, REQUEST_COMMAND, "test.panel.start", NULL), 0);
        ASSERT_STREQ(t.script.last_argument, NULL);

        t.script.set_result = -EINVAL;
        ASSERT_EQ(ask(&t, REQUEST_SET, "ups.id", "bad"), -EINVAL);
        ASSERT_FALSE(streq(model_get(model_of(&t), "ups.id"), "bad"));
        ASSERT_EQ(freshness_of(&t), FRESHNESS_FRESH);

        t.script.poll_result = -EIO;
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_STALE);
        ASSERT_EQ(ask(&t, REQUEST_SET, "ups.id", "x"), -ESTALE);
        test_end(&t);
}

/* A client that asks and asks must not keep the device from being read. */
static void test_requests_do_not_starve_polls(void) {
        Test t = {};
        Answer answers[4] = {};
        unsigned n_polls;

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);

        n_polls = t.script.n_polls;
        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                answers[i].n = 1;
        for (unsigned rounds = 0; t.script.n_polls < n_polls + 3; rounds++) {
                ASSERT_TRUE(rounds < 1000000);
                for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                        if (answers[i].n > 0) {
                                answers[i].n = 0;
                                supervisor_request(t.supervisor,
                                                make_request(REQUEST_SET, "ups.id", "x", &answers[i]));
                        }
                ASSERT_OK(sd_event_run(t.event, UINT64_MAX));
        }
        ASSERT_TRUE(t.script.n_sets > 10);
        test_end(&t);
}

typedef struct Chain {
        Test *test;
        Answer first, second;
} Chain;

static void on_first_answer(void *userdata, int r, const char *message) {
        Chain *c = userdata;

        on_answer(&c->first, r, message);
        supervisor_request(c->test->supervisor, make_request(REQUEST_SET, "ups.id", "x", &c->second));
}

/* A write that takes longer than a poll interval and fails; the next one is asked for in the answer. */
static void test_request_from_answer(void) {
        Test t = { .script.set_result = DEVICE_PENDING };
        Chain c = { .test = &t };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH && t.n_outcomes == t.script.n_polls);
        supervisor_request(t.supervisor, request_new(REQUEST_SET, "ups.id", "x", on_first_answer, &c));
        (void) usleep(10 * USEC_PER_MSEC);
        t.script.set_result = 0;
        device_complete(t.script.device, -EIO);
        RUN_UNTIL(t.event, c.first.n == 1 && c.second.n == 1);
        ASSERT_EQ(c.first.r, -EIO);
        ASSERT_EQ(c.second.r, 0);
        test_end(&t);
}

static void test_request_hangs(void) {
        Test t = { .script.set_result = DEVICE_PENDING };

        test_begin(&t, NULL);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        ASSERT_EQ(ask(&t, REQUEST_SET, "ups.id", "x"), -ETIMEDOUT);
        ASSERT_EQ(t.script.n_stops, 1);
        test_end(&t);
}

static void test_request_queue(void) {
        Test t = { .script.set_result = DEVICE_PENDING };
        Answer answers[REQUEST_QUEUE_MAX + 2] = {};

        test_begin(&t, NULL);
        supervisor_times(t.supervisor)->hook_timeout_usec = 10 * USEC_PER_SEC;
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, freshness_of(&t) == FRESHNESS_FRESH);
        RUN_UNTIL(t.event, t.n_outcomes == t.script.n_polls); /* idle */

        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                supervisor_request(t.supervisor, make_request(REQUEST_SET, "ups.id", "x", &answers[i]));

        /* One is with the device, sixteen wait, and there is no room for more. */
        ASSERT_EQ(t.script.n_sets, 1);
        ASSERT_EQ(answers[REQUEST_QUEUE_MAX + 1].r, -EBUSY);
        ASSERT_EQ(answers[REQUEST_QUEUE_MAX].n, 0);

        device_complete(t.script.device, 0);
        RUN_UNTIL(t.event, t.script.n_sets == 2);
        ASSERT_EQ(answers[0].n, 1);
        ASSERT_EQ(answers[0].r, 0);

        /* The device is taken away: everybody gets the answer there is. */
        test_end(&t);
        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                ASSERT_EQ(answers[i].n, 1);
        ASSERT_EQ(answers[1].r, -ENODEV);
        ASSERT_EQ(answers[REQUEST_QUEUE_MAX].r, -ENODEV);
}

int main(void) {
        log_set_max_level(LOG_ERR);
        test_starts_and_polls();
        test_first_full_poll_fails();
        test_data_stay_until_there_are_better();
        test_failing_poll_makes_stale();
        test_restart_reads_all();
        test_idle_is_no_hang();
        test_device_comes_and_goes();
        test_other_device_returns();
        test_pending_hooks();
        test_hanging_hook();
        test_publish();
        test_poll_within();
        test_device_copies();
        test_requests();
        test_requests_do_not_starve_polls();
        test_request_from_answer();
        test_request_hangs();
        test_request_queue();
        return 0;
}
