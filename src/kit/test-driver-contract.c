/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-contract.h"

#include "test-util.h"
#include "time-util.h"

/* Two drivers made to be troublesome: one whose hooks are all pending for a while, one whose hooks all
 * block until they are interrupted, or for a while. Both hold a descriptor and memory while they run. */

typedef struct LoopState {
        sd_event_source *timer;
        Update *update;
        char *memory;
        int fd;
} LoopState;

static int on_loop_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Device *d = userdata;
        LoopState *s = device_state(d);

        (void) update_set(s->update, "ups.model", "Loop");
        (void) update_status(s->update, "OL");
        device_complete(d, streq(device_port(d), "absent") ? -ENODEV : 0);
        return 0;
}

static int loop_begin(Device *d, Update *u) {
        LoopState *s = device_state(d);

        s->update = u;
        (void) sd_event_source_set_time_relative(s->timer, USEC_PER_MSEC);
        (void) sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
        return DEVICE_PENDING;
}

static int loop_start(Device *d, Update *u) {
        LoopState *s = device_state(d);
        int r;

        s->fd = dup(0);
        s->memory = calloc(1, 4096);
        r = sd_event_add_time_relative(device_event(d), &s->timer, CLOCK_MONOTONIC, 0, 1, on_loop_timer, d);
        return r < 0 ? r : loop_begin(d, u);
}

static int loop_poll(Device *d, PollSet what, Update *u) {
        ASSERT_TRUE(what != 0);
        return loop_begin(d, u);
}

static void loop_stop(Device *d) {
        LoopState *s = device_state(d);

        s->timer = sd_event_source_disable_unref(s->timer);
        free(s->memory);
        s->fd = safe_close(s->fd);
}

static const Driver loop_driver = {
        .name = "loop",
        .description = "Driver with pending hooks",
        .version = "1",
        .transport = TRANSPORT_NETWORK,
        .io = IO_LOOP,
        .state_size = sizeof(LoopState),
        .start = loop_start,
        .poll = loop_poll,
        .stop = loop_stop,
};

typedef struct BlockingState {
        int fds[2];
        char *memory;
        unsigned n_polls;
} BlockingState;

static int blocking_probe(Device *d) {
        return streq(device_port(d), "absent") ? -ENODEV : 0;
}

static int blocking_start(Device *d, Update *u) {
        BlockingState *s = device_state(d);

        s->memory = calloc(1, 4096);
        if (pipe(s->fds) < 0)
                return -errno;
        (void) update_set(u, "ups.model", "Blocking");
        return blocking_probe(d);
}

/* The fourth poll never ends by itself: nobody writes into the pipe. */
static int blocking_poll(Device *d, PollSet what, Update *u) {
        BlockingState *s = device_state(d);
        char c;

        if (++s->n_polls % 4 == 0 && streq(device_port(d), "hanging"))
                while (!device_is_cancelled(d) && read(s->fds[0], &c, 1) < 0)
                        ;

        (void) usleep(500);
        (void) update_status(u, "OL");
        return 0;
}

static void blocking_stop(Device *d) {
        BlockingState *s = device_state(d);

        free(s->memory);
        safe_close(s->fds[0]);
        safe_close(s->fds[1]);
}

static const Driver blocking_driver = {
        .name = "blocking",
        .description = "Driver with hooks that block",
        .version = "1",
        .transport = TRANSPORT_SERIAL,
        .io = IO_BLOCKING,
        .state_size = sizeof(BlockingState),
        .probe = blocking_probe,
        .start = blocking_start,
        .poll = blocking_poll,
        .stop = blocking_stop,
};

int main(void) {
        driver_contract_check(&(DriverContract) { &loop_driver, .port = "here", .absent_port = "absent" });
        driver_contract_check(
                        &(DriverContract) { &blocking_driver, .port = "here", .absent_port = "absent" });
        driver_contract_check(&(DriverContract) { &blocking_driver, .port = "hanging", .second_port = "here",
                        .absent_port = "absent" });
        return 0;
}
