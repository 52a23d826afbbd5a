/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <dirent.h>
#include <semaphore.h>

#include "test-kit.h"

/* A driver whose poll sleeps in a system call: until interrupted, or, as a kernel that hangs would, until
 * the test lets it go. */
typedef struct Sleeper {
        Driver driver;
        bool deaf; /* does not heed the interruption */
        sem_t entered, wake, stopped;
        atomic_uint n_interrupted;
} Sleeper;

static Sleeper *sleeper_of(Device *d) {
        return (Sleeper *) (uintptr_t) d->config->driver;
}

static int sleeper_poll(Device *d, PollSet what, Update *u) {
        Sleeper *s = sleeper_of(d);

        if (what == POLL_QUICK)
                return update_set(u, "ups.model", "Sleeper");

        ASSERT_EQ(sem_post(&s->entered), 0);
        while (sem_wait(&s->wake) < 0) {
                ASSERT_EQ(errno, EINTR);
                atomic_fetch_add(&s->n_interrupted, 1);
                if (!s->deaf && device_is_cancelled(d))
                        return -EINTR;
        }
        return update_set(u, "ups.model", "Too late");
}

static void sleeper_stop(Device *d) {
        ASSERT_EQ(sem_post(&sleeper_of(d)->stopped), 0);
}

typedef struct Test {
        Sleeper sleeper;
        sd_event *event;
        WorkerGroup *group;
        Worker *worker;
        unsigned n_done, n_gone;
        int result;
        char *model;
} Test;

static void on_done(void *userdata, int r, Update *u) {
        Test *t = userdata;

        t->n_done++;
        t->result = r;
        if (u)
                ASSERT_OK(free_and_strdup(&t->model, update_get(u, "ups.model")));
        update_free(u);
}

static void on_gone(void *userdata) {
        Test *t = userdata;

        t->n_gone++;
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

static void post(Test *t, JobType type, PollSet what) {
        Job job = { .type = type, .what = what, .update = update_new() };

        worker_post(t->worker, &job);
        ASSERT_FALSE(job.update);
}

static void test_begin(Test *t) {
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;
        Device *d;

        t->sleeper.driver = (Driver) {
                .name = "sleeper",
                .description = "Driver that sleeps",
                .version = "1",
                .io = IO_BLOCKING,
                .poll = sleeper_poll,
                .stop = sleeper_stop,
        };
        ASSERT_EQ(sem_init(&t->sleeper.entered, 0, 0), 0);
        ASSERT_EQ(sem_init(&t->sleeper.wake, 0, 0), 0);
        ASSERT_EQ(sem_init(&t->sleeper.stopped, 0, 0), 0);
        ASSERT_OK(sd_event_new(&t->event));
        ASSERT_OK(worker_group_new(t->event, &t->group));
        worker_group_set_grace(t->group, 200 * USEC_PER_MSEC);

        config = test_config(&t->sleeper.driver, "ups", "port=here", NULL);
        ASSERT_OK(device_new(config, NULL, NULL, &d));
        ASSERT_OK(worker_new(t->group, d, on_done, t, &t->worker));
        post(t, JOB_START, 0);
        RUN_UNTIL(t->event, t->n_done == 1);
}

static void test_end(Test *t) {
        t->group = worker_group_free(t->group);
        sd_event_unref(t->event);
        (void) sem_destroy(&t->sleeper.entered);
        (void) sem_destroy(&t->sleeper.wake);
        (void) sem_destroy(&t->sleeper.stopped);
        free(t->model);
}

static void test_jobs(void) {
        Test t = {};

        test_begin(&t);
        ASSERT_EQ(t.result, 0);
        post(&t, JOB_POLL, POLL_QUICK);
        RUN_UNTIL(t.event, t.n_done == 2);
        ASSERT_STREQ(t.model, "Sleeper");

        t.worker = worker_release(t.worker, on_gone, &t);
        RUN_UNTIL(t.event, t.n_gone == 1);
        ASSERT_EQ(worker_group_n_workers(t.group), 0);
        ASSERT_EQ(sem_trywait(&t.sleeper.stopped), 0);
        test_end(&t);
}

static void test_interrupted(void) {
        Test t = {};

        test_begin(&t);
        post(&t, JOB_POLL, POLL_FULL);
        ASSERT_EQ(sem_wait(&t.sleeper.entered), 0);
        t.worker = worker_release(t.worker, on_gone, &t);
        RUN_UNTIL(t.event, t.n_gone == 1);
        ASSERT_EQ(t.n_done, 1);
        ASSERT_EQ(sem_trywait(&t.sleeper.stopped), 0);
        test_end(&t);
}

static void test_given_up(void) {
        Test t = { .sleeper.deaf = true };
        size_t n_fds = count_fds();

        test_begin(&t);
        post(&t, JOB_POLL, POLL_FULL);
        ASSERT_EQ(sem_wait(&t.sleeper.entered), 0);
        ASSERT_FALSE(worker_group_holds(t.group, "ups"));
        t.worker = worker_release(t.worker, on_gone, &t);
        ASSERT_TRUE(worker_group_holds(t.group, "UPS"));
        ASSERT_FALSE(worker_group_holds(t.group, "other"));
        RUN_UNTIL(t.event, t.n_gone == 1);
        ASSERT_FALSE(worker_group_holds(t.group, "ups"));
        ASSERT_TRUE(atomic_load(&t.sleeper.n_interrupted) > 0);
        ASSERT_EQ(worker_group_n_workers(t.group), 0);
        ASSERT_TRUE(sem_trywait(&t.sleeper.stopped) < 0);

        /* It comes to itself at last: its result goes nowhere, it stops the device and takes all it had
         * with it. */
        ASSERT_EQ(sem_post(&t.sleeper.wake), 0);
        ASSERT_EQ(sem_wait(&t.sleeper.stopped), 0);
        ASSERT_EQ(t.n_done, 1);
        ASSERT_STREQ(t.model, NULL);
        test_end(&t);
        for (unsigned i = 0; i < 1000 && count_fds() > n_fds; i++)
                (void) usleep(10 * 1000);
        ASSERT_EQ(count_fds(), n_fds);
}

static void test_exit_does_not_wait(void) {
        Test t = { .sleeper.deaf = true };
        uint64_t begin;

        test_begin(&t);
        post(&t, JOB_POLL, POLL_FULL);
        ASSERT_EQ(sem_wait(&t.sleeper.entered), 0);
        begin = now_usec(CLOCK_MONOTONIC);
        t.group = worker_group_free(t.group);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - begin < 3 * USEC_PER_SEC);

        ASSERT_EQ(sem_post(&t.sleeper.wake), 0);
        ASSERT_EQ(sem_wait(&t.sleeper.stopped), 0);
        test_end(&t);
}

int main(void) {
        test_jobs();
        test_interrupted();
        test_given_up();
        test_exit_does_not_wait();
        return 0;
}
