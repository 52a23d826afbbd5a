/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-contract.h"

#include <dirent.h>
#include <malloc.h>
#include <stdatomic.h>

#include "supervisor.h"
#include "test-util.h"
#include "time-util.h"

#define STEP_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define POLL_USEC (5 * USEC_PER_MSEC)
#define ROUNDS 100
#define STEPS_MAX 24

/* The driver under test behind hooks that count. */
typedef struct Counted {
        Driver driver;
        const Driver *original;
        atomic_uint n_started, n_stopped, n_failed;
} Counted;

typedef struct Bench {
        sd_event *event;
        WorkerGroup *workers;
        Counted *counted;
        char *const *options;
} Bench;

/* One device with what its supervisor told. */
typedef struct Subject {
        Supervisor *supervisor;
        unsigned n_outcomes;
        int outcome;
} Subject;

static Counted *counted_of(Device *d) {
        return (Counted *) (uintptr_t) d->config->driver;
}

static int counted_start(Device *d, Update *u) {
        Counted *c = counted_of(d);

        atomic_fetch_add(&c->n_started, 1);
        return c->original->start ? c->original->start(d, u) : 0;
}

static void counted_stop(Device *d) {
        Counted *c = counted_of(d);

        atomic_fetch_add(&c->n_stopped, 1);
        if (c->original->stop)
                c->original->stop(d);
}

static size_t count_fds(void) {
        DIR *dir = opendir("/proc/self/fd");
        size_t n = 0;

        ASSERT_TRUE(dir);
        while (readdir(dir))
                n++;
        (void) closedir(dir);
        return n;
}

static DeviceConfig *make_config(const Bench *b, const char *name, const char *port) {
        _cleanup_strv_free_ char **pairs = NULL;
        DeviceConfig *c;

        ASSERT_OK(strv_copy(b->options, &pairs));
        ASSERT_OK(strv_consume(&pairs, strjoin("port=", port)));
        ASSERT_OK(device_config_new(&b->counted->driver, &(ConfigSource) { .name = name, .pairs = pairs },
                        conf_report_log, NULL, &c));
        return c;
}

static void on_changed(void *userdata, const Change *change) {
        ASSERT_FALSE(change_is_empty(change));
}

static void on_outcome(void *userdata, int r) {
        Subject *s = userdata;

        s->n_outcomes++;
        s->outcome = r;
}

static const SupervisorOps subject_ops = { on_changed, on_outcome };

/* A device that is polled all the time. */
static void subject_start(const Bench *b, Subject *s, const char *name, const char *port) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = make_config(b, name, port);

        ASSERT_OK(supervisor_new(b->event, b->workers, config, &subject_ops, s, &s->supervisor));
        supervisor_times(s->supervisor)->poll_usec = POLL_USEC;
        supervisor_times(s->supervisor)->full_poll_usec = 2 * POLL_USEC;
        ASSERT_OK(supervisor_start(s->supervisor));
}

static void subject_stop(Subject *s) {
        s->supervisor = supervisor_free(s->supervisor);
}

static void wait_outcomes(const Bench *b, const Subject *s, unsigned n) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + STEP_TIMEOUT_USEC;

        while (s->n_outcomes < n) {
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
                ASSERT_OK(sd_event_run(b->event, 100 * USEC_PER_MSEC));
        }
}

/* Until all threads of devices that were taken away are over. */
static void wait_workers(const Bench *b) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + STEP_TIMEOUT_USEC;

        while (worker_group_n_workers(b->workers) > 0) {
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
                ASSERT_OK(sd_event_run(b->event, 100 * USEC_PER_MSEC));
        }

        ASSERT_EQ(atomic_load(&b->counted->n_stopped), atomic_load(&b->counted->n_started));
}

static void check_tables(const Driver *driver) {
        ASSERT_FALSE(isempty(driver->name));
        ASSERT_FALSE(isempty(driver->description));
        ASSERT_FALSE(isempty(driver->version));
        ASSERT_TRUE(driver->poll);

        for (const Option *o = driver->options; o && o->name; o++) {
                ASSERT_FALSE(isempty(o->help));
                ASSERT_FALSE(strchr(o->help, '\n'));
                ASSERT_EQ(o->type == OPTION_ENUM, o->values != NULL);
                if (o->type == OPTION_INTEGER)
                        ASSERT_TRUE(o->minimum <= o->maximum);
                for (const Option *other = o + 1; other->name; other++)
                        ASSERT_FALSE(strcaseeq(o->name, other->name));
        }
}

static void check_probe(const Bench *b, const DriverContract *c) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;
        size_t n_fds = count_fds();

        if (!c->driver->probe)
                return;

        config = make_config(b, "probed", c->port);
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_(device_freep) Device *d = NULL;

                ASSERT_OK(device_new(config, NULL, NULL, &d));
                ASSERT_EQ(c->driver->probe(d), 0);
        }
        ASSERT_EQ(count_fds(), n_fds);
}

static void check_serves(const Bench *b, const DriverContract *c) {
        Subject s = {};

        subject_start(b, &s, "first", c->port);
        wait_outcomes(b, &s, 3);
        ASSERT_EQ(s.outcome, 0);
        ASSERT_EQ(model_freshness(supervisor_model(s.supervisor)), FRESHNESS_FRESH);
        ASSERT_STREQ(model_get(supervisor_model(s.supervisor), "driver.name"), c->driver->name);
        subject_stop(&s);
        wait_workers(b);
}

static void check_failed_start(const Bench *b, const DriverContract *c) {
        size_t n_fds = count_fds();
        Subject s = {};

        if (!c->absent_port)
                return;

        subject_start(b, &s, "absent", c->absent_port);
        wait_outcomes(b, &s, 1);
        ASSERT_TRUE(s.outcome < 0);
        ASSERT_TRUE(model_freshness(supervisor_model(s.supervisor)) != FRESHNESS_FRESH);
        subject_stop(&s);
        wait_workers(b);
        ASSERT_EQ(count_fds(), n_fds);
}

static void check_two(const Bench *b, const DriverContract *c) {
        Subject one = {}, two = {};

        subject_start(b, &one, "one", c->port);
        subject_start(b, &two, "two", c->second_port ?: c->port);
        wait_outcomes(b, &one, 2);
        wait_outcomes(b, &two, 2);
        ASSERT_EQ(one.outcome, 0);
        ASSERT_EQ(two.outcome, 0);

        subject_stop(&one);
        wait_outcomes(b, &two, two.n_outcomes + 2);
        ASSERT_EQ(two.outcome, 0);
        subject_stop(&two);
        wait_workers(b);
}

static void check_vanish(const Bench *b, const char *port) {
        for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
                Subject s = {};

                subject_start(b, &s, "vanishing", port);
                for (unsigned i = 0; i < steps; i++)
                        ASSERT_OK(sd_event_run(b->event, 2 * USEC_PER_MSEC));
                subject_stop(&s);
        }

        wait_workers(b);
}

static void check_growth(const Bench *b, const DriverContract *c) {
        size_t n_fds = 0, bytes = 0;

        for (unsigned i = 0; i < ROUNDS; i++) {
                Subject s = {};

                subject_start(b, &s, "again", c->port);
                wait_outcomes(b, &s, 1);
                ASSERT_EQ(s.outcome, 0);
                subject_stop(&s);
                wait_workers(b);

                /* The first rounds may fill caches. */
                if (i == ROUNDS / 10) {
                        n_fds = count_fds();
                        bytes = mallinfo2().uordblks;
                }
        }

        ASSERT_EQ(count_fds(), n_fds);
        /* Less than a hundred bytes a round: not one leaked structure. */
        ASSERT_TRUE(mallinfo2().uordblks < bytes + (size_t) ROUNDS * 100);
}

void driver_contract_check(const DriverContract *c) {
        Counted counted = { .driver = *c->driver, .original = c->driver };
        Bench b = { .counted = &counted, .options = c->options };

        counted.driver.start = counted_start;
        counted.driver.stop = counted_stop;
        ASSERT_OK(sd_event_new(&b.event));
        ASSERT_OK(worker_group_new(b.event, &b.workers));

        check_tables(c->driver);
        check_probe(&b, c);
        check_serves(&b, c);
        check_failed_start(&b, c);
        check_two(&b, c);
        check_vanish(&b, c->port);
        if (c->absent_port)
                check_vanish(&b, c->absent_port);
        check_growth(&b, c);

        b.workers = worker_group_free(b.workers);
        ASSERT_EQ(atomic_load(&counted.n_started), atomic_load(&counted.n_stopped));
        sd_event_unref(b.event);
}
