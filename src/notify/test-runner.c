/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>

#include "runner.h"
#include "test-util.h"
#include "time-util.h"

typedef struct Bed {
        sd_event *event;
        Runner *runner;
        char *out;
        uint64_t serials[2 * RUNNER_QUEUE_MAX];
        size_t n_started;
        unsigned n_idle;
} Bed;

static void on_started(void *userdata, const RunnerTag *tag) {
        Bed *b = userdata;

        b->serials[b->n_started++] = tag->serial;
}

static void on_idle(void *userdata) {
        Bed *b = userdata;

        b->n_idle++;
        ASSERT_FALSE(runner_busy(b->runner));
}

static const RunnerOps ops = { on_started, on_idle };

static void bed_init(Bed *b, uint64_t run_msec, uint64_t urgent_msec) {
        RunnerLimits limits = { run_msec * USEC_PER_MSEC, 300 * USEC_PER_MSEC, urgent_msec * USEC_PER_MSEC };
        char path[] = "/tmp/test-runner-XXXXXX";
        int fd = mkstemp(path);
        sigset_t set;

        ASSERT_TRUE(fd >= 0);
        safe_close(fd);
        *b = (Bed) { .out = strdup(path) };
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        ASSERT_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
        ASSERT_OK(sd_event_new(&b->event));
        ASSERT_OK(runner_new(b->event, &limits, &ops, b, &b->runner));
}

static void bed_done(Bed *b) {
        runner_free(b->runner);
        sd_event_unref(b->event);
        ASSERT_EQ(unlink(b->out), 0);
        free(b->out);
}

static int add(Bed *b, uint64_t serial, const char *script, const char *input, bool urgent) {
        RunnerJob *j = new0(RunnerJob, 1);

        ASSERT_TRUE(j);
        ASSERT_OK(strv_extend(&j->argv, "sh"));
        ASSERT_OK(strv_extend(&j->argv, "-c"));
        ASSERT_OK(strv_extend(&j->argv, script));
        ASSERT_OK(strv_extend(&j->argv, b->out));
        j->what = strdup(script);
        j->input = input ? strdup(input) : NULL;
        j->urgent = urgent;
        j->tag.serial = serial;
        return runner_add(b->runner, j);
}

static void run_until_idle(Bed *b) {
        unsigned n = b->n_idle;
        uint64_t end = now_usec(CLOCK_MONOTONIC) + 60 * USEC_PER_SEC;

        while (b->n_idle == n && now_usec(CLOCK_MONOTONIC) < end)
                ASSERT_OK(sd_event_run(b->event, USEC_PER_SEC));
        ASSERT_TRUE(b->n_idle > n);
}

static void expect_out(const Bed *b, const char *text) {
        char buffer[4096] = {};
        FILE *f = fopen(b->out, "r");

        ASSERT_TRUE(f);
        ASSERT_EQ(fread(buffer, 1, sizeof(buffer) - 1, f), strlen(text));
        ASSERT_EQ(fclose(f), 0);
        ASSERT_STREQ(buffer, text);
}

static void test_order_and_input(void) {
        Bed b;

        bed_init(&b, 20000, 20000);
        ASSERT_OK(add(&b, 1, "sleep 0.1; cat >> $0", "one\n", false));
        ASSERT_OK(add(&b, 2, "cat >> $0; echo two >> $0", NULL, false));
        ASSERT_OK(add(&b, 3, "exit 7", NULL, true));
        ASSERT_OK(add(&b, 4, "kill -9 $$", NULL, false));
        ASSERT_OK(add(&b, 5, "echo three >> $0", NULL, false));
        ASSERT_TRUE(runner_retag_last(b.runner, &(RunnerTag) { .serial = 9 }));
        ASSERT_TRUE(runner_busy(b.runner));
        run_until_idle(&b);
        expect_out(&b, "one\ntwo\nthree\n");
        ASSERT_EQ(b.n_started, 5);
        ASSERT_EQ(b.serials[3], 4);
        ASSERT_EQ(b.serials[4], 9);
        ASSERT_FALSE(runner_retag_last(b.runner, &(RunnerTag) {}));
        bed_done(&b);
}

/* One that hangs, and takes no hint, is killed with what it started. */
static void test_limit(void) {
        Bed b;

        bed_init(&b, 300, 20000);
        ASSERT_OK(add(&b, 1, "trap '' TERM; sleep 1000 & echo $! > $0; while :; do sleep 1000; done",
                        NULL, false));
        run_until_idle(&b);

        FILE *f = fopen(b.out, "r");
        int pid = 0;
        ASSERT_TRUE(f);
        ASSERT_EQ(fscanf(f, "%d", &pid), 1);
        ASSERT_EQ(fclose(f), 0);
        for (unsigned i = 0; kill(pid, 0) >= 0 && i < 500; i++) {
                char path[64], state = 0;

                /* Nobody may be there to reap it. */
                (void) snprintf(path, sizeof(path), "/proc/%d/stat", pid);
                f = fopen(path, "r");
                if (f) {
                        if (fscanf(f, "%*d %*s %c", &state) != 1)
                                state = 0;
                        (void) fclose(f);
                }
                if (state == 'Z')
                        break;
                ASSERT_TRUE(i < 499);
                (void) usleep(10000);
        }
        bed_done(&b);
}

static void test_urgent(void) {
        Bed b;

        bed_init(&b, 2000, 200);
        ASSERT_OK(add(&b, 1, "while [ ! -s $0 ]; do sleep 0.05; done; echo first >> $0", NULL, false));
        ASSERT_OK(add(&b, 2, "echo second >> $0", NULL, false));
        ASSERT_OK(add(&b, 3, "echo urgent >> $0", NULL, true));
        run_until_idle(&b);
        expect_out(&b, "urgent\nfirst\nsecond\n");
        ASSERT_EQ(b.serials[1], 3);
        bed_done(&b);
}

static void test_full(void) {
        Bed b;

        bed_init(&b, 20000, 20000);
        for (unsigned i = 0; i < RUNNER_QUEUE_MAX; i++)
                ASSERT_OK(add(&b, i + 1, "exit 0", NULL, i == 0));
        ASSERT_ERROR(add(&b, 5000, "exit 0", NULL, false), ENOBUFS);
        ASSERT_OK(add(&b, 5001, "exit 0", NULL, true));
        run_until_idle(&b);
        ASSERT_EQ(b.n_started, RUNNER_QUEUE_MAX);
        ASSERT_EQ(b.serials[0], 1);
        ASSERT_EQ(b.serials[1], 3);
        ASSERT_EQ(b.serials[RUNNER_QUEUE_MAX - 1], 5001);
        bed_done(&b);
}

static void test_no_program(void) {
        _cleanup_strv_free_ char **argv = NULL;
        Bed b;
        RunnerJob *j = new0(RunnerJob, 1);
        pid_t pid;

        bed_init(&b, 20000, 20000);
        ASSERT_OK(strv_extend(&argv, "/nonexistent/program"));
        ASSERT_ERROR(runner_spawn(argv, NULL, &pid), ENOENT);
        ASSERT_TRUE(j);
        ASSERT_OK(strv_copy(argv, &j->argv));
        ASSERT_OK(runner_add(b.runner, j));
        ASSERT_OK(add(&b, 2, "echo next >> $0", NULL, false));
        run_until_idle(&b);
        expect_out(&b, "next\n");
        bed_done(&b);
}

/* The end comes while something runs and waits. */
static void test_free_busy(void) {
        Bed b;

        bed_init(&b, 20000, 20000);
        ASSERT_OK(add(&b, 1, "sleep 1000", NULL, false));
        ASSERT_OK(add(&b, 2, "sleep 1000", NULL, false));
        ASSERT_OK(sd_event_run(b.event, 0));
        ASSERT_TRUE(runner_busy(b.runner));
        bed_done(&b);
}

int main(void) {
        test_order_and_input();
        test_limit();
        test_urgent();
        test_full();
        test_no_program();
        test_free_busy();
        return EXIT_SUCCESS;
}
