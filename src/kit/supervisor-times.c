/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor-times.h"

#include <sys/random.h>

#include "time-util.h"

#define HOOK_TIMEOUT_MIN_USEC (10 * USEC_PER_SEC)
/* Somebody waits for it, and a device that hangs is to be opened anew some day. */
#define PATIENCE_MAX_USEC (600 * USEC_PER_SEC)
#define RETRY_MIN_USEC USEC_PER_SEC
/* A connection is had back in no time when there is somebody to give it, and a plug that sits loose
 * likewise. */
#define RETRY_FAST_USEC (500 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* Even with retrydelay = 0 a device that fails at once does not keep the process busy. */
#define RETRY_FLOOR_USEC (100 * USEC_PER_MSEC)

static uint64_t random_below(uint64_t n) {
        uint64_t u = 0;

        /* Only for spreading load: no harm done if there is none yet. */
        if (getrandom(&u, sizeof(u), GRND_NONBLOCK) < 0)
                u = 0;
        return n > 0 ? u % n : 0;
}

SupervisorTimes supervisor_times_from_config(const DeviceConfig *c) {
        uint64_t poll_usec = device_config_usec(c, "pollinterval");
        uint64_t hook_usec = MAX(5 * poll_usec, HOOK_TIMEOUT_MIN_USEC);
        /* The second is what usbhid-ups calls it. */
        const char *key = device_config_given(c, "retrydelay") ? "retrydelay" : "waitbeforereconnect";
        const char *retry = device_config_given(c, key);
        uint64_t slow_usec = MAX(RETRY_MIN_USEC, poll_usec);
        bool fast = c->transport == TRANSPORT_NETWORK || c->transport == TRANSPORT_USB;
        uint64_t initial_usec = fast ? RETRY_FAST_USEC : slow_usec;
        uint64_t retry_usec = retry ? device_config_usec(c, key) : initial_usec;
        uint64_t retry_max_usec;

        retry_usec = MAX(retry_usec, RETRY_FLOOR_USEC);
        /* Files, and servers that are asked like one, are not worn out by another attempt: no need to
         * wait ever longer. Nor is the list of what is plugged in. */
        if (c->driver->transport == TRANSPORT_FILE || c->driver->transport == TRANSPORT_USB)
                retry_max_usec = retry ? retry_usec : MAX(retry_usec, slow_usec);
        else
                retry_max_usec = MAX(retry_usec, RETRY_MAX_USEC);

        return (SupervisorTimes) {
                .poll_usec = poll_usec,
                .full_poll_usec = device_config_usec(c, "pollfreq"),
                .hook_timeout_usec = hook_usec,
                .start_timeout_usec = MAX(hook_usec, device_config_usec(c, "maxstartdelay")),
                .retry_min_usec = retry_usec,
                .retry_max_usec = retry_max_usec,
                .patience_max_usec = PATIENCE_MAX_USEC,
        };
}

uint64_t supervisor_times_until_poll(const SupervisorTimes *t, uint64_t since_usec, bool second) {
        uint64_t interval = t->poll_usec;
        uint64_t left = usec_sub(interval, since_usec);

        if (second)
                left = left / 4 + random_below(left * 3 / 4);
        return MAX(left, interval / 10);
}

uint64_t supervisor_times_of_hook(const SupervisorTimes *t, bool start, uint64_t patience_usec) {
        return MAX(start ? t->start_timeout_usec : t->hook_timeout_usec,
                MIN(patience_usec, t->patience_max_usec));
}

uint64_t supervisor_times_until_doubt(const SupervisorTimes *t, uint64_t longest_usec) {
        return 2 * MAX(t->poll_usec, longest_usec);
}

uint64_t supervisor_times_until_start(const SupervisorTimes *t, uint64_t *delay_usec) {
        uint64_t delay = *delay_usec;

        *delay_usec = MIN(delay + delay / 2, t->retry_max_usec);
        return delay + random_below(delay / 4);
}
