/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the unit tests of the kit share. */

#include "config.h"
#include "test-util.h"
#include "time-util.h"

/* Configuration of a device as the command line would give it; further arguments are key=value up to
 * NULL. */
static inline _unused_ DeviceConfig *test_config(
                const Driver *driver, const char *name, const char *first, ...) {
        _cleanup_strv_free_ char **pairs = NULL;
        DeviceConfig *c;
        va_list ap;

        va_start(ap, first);
        for (const char *pair = first; pair; pair = va_arg(ap, const char *))
                ASSERT_OK(strv_extend(&pairs, pair));
        va_end(ap);

        ConfigSource source = { .name = name, .pairs = pairs };
        ASSERT_OK(device_config_new(driver, &source, conf_report_log, NULL, &c));
        return c;
}

/* Runs the event loop until a condition holds; fails after ten seconds. */
#define RUN_UNTIL(event, condition)                                                                     \
        do {                                                                                            \
                uint64_t _deadline = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;                     \
                while (!(condition)) {                                                                  \
                        if (now_usec(CLOCK_MONOTONIC) > _deadline)                                      \
                                TEST_FAIL("waited in vain for: %s", #condition);                        \
                        ASSERT_OK(sd_event_run((event), 50 * USEC_PER_MSEC));                           \
                }                                                                                       \
        } while (0)
