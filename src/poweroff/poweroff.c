/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "poweroff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "container.h"
#include "flag-file.h"
#include "run.h"
#include "string-util.h"
#include "time-util.h"

/* A device that was told has cut the power after so long, if nobody says how long it takes. */
#define OTHERS_USEC (60 * USEC_PER_SEC)

int poweroff_path(const Poweroff *p, const char *path, char *ret, size_t size) {
        int n = snprintf(ret, size, "%s%s", p->root, path);

        return n < 0 || (size_t) n >= size ? -ENAMETOOLONG : 0;
}

int poweroff_log(const Poweroff *p, int level, int error, const char *fmt, ...) {
        char text[512];
        va_list ap;

        va_start(ap, fmt);
        errno = abs(error);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);

        p->ops->log(p->userdata, level, text);
        return -abs(error);
}

/* The least sdorder above the last one. */
static bool next_order(const ArmedFlag *flag, int32_t last, int32_t *ret) {
        bool found = false;

        for (size_t i = 0; i < flag->n_devices; i++) {
                int32_t order = flag->devices[i].sdorder;

                if (order > last && (!found || order < *ret)) {
                        *ret = order;
                        found = true;
                }
        }

        return found;
}

static size_t count_orders(const ArmedFlag *flag) {
        int32_t order = -1;
        size_t n = 0;

        while (next_order(flag, order, &order))
                n++;
        return n;
}

/* Commands the devices in their order. Each place in it gets its share of the time that is left, so that
 * drivers that hang do not take the turn of others. */
static void command_all(const Poweroff *p, const RunUser *user, const ArmedFlag *flag, uint64_t end_usec,
                RunResult results[static ARMED_FLAG_DEVICES_MAX]) {
        size_t left = count_orders(flag);
        int32_t order = -1;

        for (; next_order(flag, order, &order); left--) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                uint64_t share = usec_sub(end_usec, now) / left;

                run_drivers(p, user, flag, order, usec_add(now, MIN(share, p->run_usec)), results);
        }
}

static size_t count_results(const RunResult *results, const ArmedFlag *flag, RunResult which) {
        size_t n = 0;

        for (size_t i = 0; i < flag->n_devices; i++)
                n += results[i] == which;
        return n;
}

static void log_results(const Poweroff *p, const RunResult *results, const ArmedFlag *flag) {
        static const struct {
                int level;
                const char *text;
        } table[] = {
                [RUN_NONE] = { LOG_INFO, "is not to cut the power" },
                [RUN_COMMANDED] = { LOG_NOTICE, "is about to cut the power" },
                [RUN_FAILED] = { LOG_ERR, "could not be told to cut the power" },
                [RUN_ON_LINE] = { LOG_WARNING, "could not be told to cut the power, and has mains" },
        };

        for (size_t i = 0; i < flag->n_devices; i++)
                (void) poweroff_log(p, table[results[i]].level, 0, "%s %s.", flag->devices[i].name,
                                table[results[i]].text);
}

/* How long is waited for the power to go before a restart, *ret; 0: not at all. -ETIME: no restart. */
static int settle_wait(const ArmedFlag *flag, bool commanded, bool on_line, uint64_t left_usec,
                uint64_t *ret) {
        uint64_t wait_usec = flag->wait_sec * USEC_PER_SEC;

        if (on_line) {
                /* What has mains goes on to feed us: no harm if what was told is later than this. */
                *ret = commanded ? MIN(wait_usec ?: OTHERS_USEC, left_usec) : 0;
                return 0;
        }
        /* Started before its power is cut, the machine would be hit in the middle of that. */
        if (wait_usec == 0 || (commanded && left_usec < wait_usec))
                return -ETIME;
        *ret = MIN(wait_usec, left_usec);
        return 0;
}

/* A machine that is off stays off until its power comes back, which it does not when it was never away. So
 * whenever mains may be there and nothing cuts them, the machine is to start again. */
static int settle(const Poweroff *p, const ArmedFlag *flag, const RunResult *results, uint64_t end_usec) {
        bool commanded = count_results(results, flag, RUN_COMMANDED) > 0;
        bool on_line = count_results(results, flag, RUN_ON_LINE) > 0;
        uint64_t left_usec = usec_sub(end_usec, now_usec(CLOCK_MONOTONIC)), wait_usec;
        int r;

        r = settle_wait(flag, commanded, on_line, left_usec, &wait_usec);
        if (r < 0) {
                if (flag->wait_sec > 0)
                        (void) poweroff_log(p, LOG_WARNING, 0,
                                        "No time is left to wait %u s for the power to go, staying off.",
                                        flag->wait_sec);
                return commanded ? 0 : -EIO;
        }
        if (wait_usec > 0 || !on_line) {
                (void) poweroff_log(p, LOG_NOTICE, 0, "Waiting %" PRIu64 " s for the power to go.",
                                usec_add(wait_usec, USEC_PER_SEC - 1) / USEC_PER_SEC);
                p->ops->wait(p->userdata, wait_usec);
        }

        (void) poweroff_log(p, LOG_NOTICE, 0, "%s, restarting.",
                        on_line ? "Mains are back" : "The power has not gone");
        r = p->ops->reboot(p->userdata);
        return r < 0 ? poweroff_log(p, LOG_ERR, r, "Cannot restart: %m") : 0;
}

static int carry_out(const Poweroff *p, const ArmedFlag *flag) {
        uint64_t end_usec = usec_add(now_usec(CLOCK_MONOTONIC), p->total_usec);
        RunResult results[ARMED_FLAG_DEVICES_MAX] = {};
        RunUser user;
        int r;

        if (count_orders(flag) == 0)
                return 0;

        r = run_user_find(p, &user);
        if (r < 0) {
                (void) poweroff_log(p, LOG_ERR, r, "Cannot run drivers as the owner of %s: %m",
                                p->state_dir);
                for (size_t i = 0; i < flag->n_devices; i++)
                        results[i] = flag->devices[i].sdorder < 0 ? RUN_NONE : RUN_FAILED;
        } else
                command_all(p, &user, flag, end_usec, results);

        log_results(p, results, flag);
        return settle(p, flag, results, end_usec);
}

int poweroff_main(const Poweroff *p, const char *verb) {
        ArmedFlag flag;
        int r;

        if (!streq(verb, "poweroff") && !streq(verb, "halt"))
                return 0;
        if (machine_is_container(p->root))
                return 0;

        r = flag_file_read(p, &flag);
        switch (r) {
        case 0:
                return carry_out(p, &flag);
        case -ENOENT:
                return 0;
        case -ESTALE:
                (void) poweroff_log(p, LOG_NOTICE, 0, "%s is not of this shutdown, ignored.", p->flag);
                return 0;
        case -EPERM:
                return poweroff_log(p, LOG_ERR, r, "Others could have made %s, ignored.", p->flag);
        default:
                return poweroff_log(p, LOG_ERR, r, "Cannot understand %s, ignored: %m", p->flag);
        }
}
