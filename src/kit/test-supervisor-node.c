/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor.h"

#include <fcntl.h>
#include <pty.h>

#include "test-kit.h"

typedef struct Test {
        Driver driver;
        sd_event *event;
        Supervisor *supervisor;
        const char *node; /* to be kept */
        int opened;       /* what start() was given for it */
        int start_result, poll_result;
        unsigned n_starts, n_outcomes;
} Test;

static int node_start(Device *d, Update *u) {
        Test *t = (Test *) (uintptr_t) device_driver(d);

        t->n_starts++;
        safe_close(t->opened);
        t->opened = device_open_node(d, t->node);
        if (t->opened < 0)
                return t->opened;
        ASSERT_OK(device_keep_node(d, t->opened));
        return t->start_result;
}

static int node_poll(Device *d, PollSet what, Update *u) {
        return ((const Test *) device_driver(d))->poll_result;
}

static void on_changed(void *userdata, const Change *change) {}

static void on_outcome(void *userdata, int r) {
        ((Test *) userdata)->n_outcomes++;
}

static void test_begin(Test *t) {
        static const SupervisorOps ops = { on_changed, on_outcome };
        _cleanup_(device_config_unrefp) DeviceConfig *config = NULL;

        t->driver = (Driver) {
                .name = "node",
                .description = "Driver that keeps a node",
                .version = "0.1",
                .transport = TRANSPORT_SERIAL,
                .io = IO_LOOP,
                .state_size = 8,
                .start = node_start,
                .poll = node_poll,
        };
        ASSERT_OK(sd_event_new(&t->event));
        config = test_config(&t->driver, "ups", "port=here", NULL);
        ASSERT_OK(supervisor_new(t->event, NULL, config, &ops, t, &t->supervisor));
        *supervisor_times(t->supervisor) = (SupervisorTimes) {
                .poll_usec = 4 * USEC_PER_MSEC,
                .full_poll_usec = 20 * USEC_PER_MSEC,
                .start_timeout_usec = 1000 * USEC_PER_MSEC,
                .hook_timeout_usec = 1000 * USEC_PER_MSEC,
                .retry_min_usec = 4 * USEC_PER_MSEC,
                .retry_max_usec = 8 * USEC_PER_MSEC,
        };
}

/* Flags of the open file are common to all its descriptors. */
static bool is_marked(int fd) {
        return fcntl(fd, F_GETFL) & O_APPEND;
}

static void mark(int fd) {
        ASSERT_OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND));
        ASSERT_TRUE(is_marked(fd));
}

/* A port stays open from the first time on, whatever comes of the start, as long as it is there. */
static void test_node_is_kept(void) {
        Test t = { .start_result = -ETIMEDOUT, .opened = -EBADF };
        int master, slave, fd;
        char path[64];
        unsigned n;

        ASSERT_OK(openpty(&master, &slave, path, NULL, NULL));
        t.node = path;
        test_begin(&t);
        ASSERT_OK(supervisor_start(t.supervisor));
        RUN_UNTIL(t.event, t.n_starts >= 1 && t.n_outcomes >= 1);
        mark(t.opened);
        RUN_UNTIL(t.event, t.n_starts >= 2);
        ASSERT_TRUE(is_marked(t.opened));

        /* It is not the port that is gone. */
        t.start_result = -ENODEV;
        n = t.n_starts;
        RUN_UNTIL(t.event, t.n_starts >= n + 2);
        ASSERT_TRUE(is_marked(t.opened));
        t.start_result = 0;
        t.poll_result = -ENODEV;
        n = t.n_starts;
        RUN_UNTIL(t.event, t.n_starts >= n + 2);
        ASSERT_TRUE(is_marked(t.opened));

        /* Who takes it has it, and it is opened anew. */
        n = t.n_outcomes;
        RUN_UNTIL(t.event, t.n_outcomes > n);
        fd = supervisor_take_node(t.supervisor);
        ASSERT_TRUE(fd >= 0 && is_marked(fd));
        ASSERT_TRUE(supervisor_take_node(t.supervisor) < 0);
        safe_close(fd);
        n = t.n_starts;
        RUN_UNTIL(t.event, t.n_starts >= n + 1);
        ASSERT_FALSE(is_marked(t.opened));

        /* Now it is. */
        safe_close(slave);
        safe_close(master);
        n = t.n_starts;
        RUN_UNTIL(t.event, t.n_starts >= n + 2);
        n = t.n_outcomes;
        RUN_UNTIL(t.event, t.n_outcomes > n);
        ASSERT_TRUE(supervisor_take_node(t.supervisor) < 0);
        safe_close(t.opened);
        supervisor_free(t.supervisor);
        sd_event_unref(t.event);
}

int main(void) {
        log_set_max_level(LOG_CRIT);
        test_node_is_kept();
        return EXIT_SUCCESS;
}
