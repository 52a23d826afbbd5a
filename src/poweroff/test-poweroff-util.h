/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "poweroff.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "test-util.h"
#include "time-util.h"

/* The whole program on a small root of its own. Drivers are shell scripts that write down how they were
 * called; what touches the machine is replaced. */

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define BOOT_ID "0123456789abcdef0123456789abcdef"
#define NOBODY 65534

typedef struct Bed {
        char root[64];
        char log[16 * 1024];
        size_t n_log;
        uint64_t waited_usec;
        unsigned n_waits, n_reboots;
        int reboot_result;
        Poweroff p;
} Bed;

static inline void bed_log(void *userdata, int level, const char *text) {
        Bed *b = userdata;

        b->n_log += (size_t) snprintf(b->log + b->n_log, sizeof(b->log) - b->n_log, "%s\n", text);
        ASSERT_TRUE(b->n_log < sizeof(b->log));
}

static inline void bed_wait(void *userdata, uint64_t usec) {
        Bed *b = userdata;

        ASSERT_EQ(b->n_reboots, 0);
        b->waited_usec += usec;
        b->n_waits++;
}

static inline int bed_reboot(void *userdata) {
        Bed *b = userdata;

        b->n_reboots++;
        return b->reboot_result;
}

_printf_(2, 3) static inline char *bed_path(const Bed *b, const char *fmt, ...) {
        _cleanup_free_ char *path = NULL;
        char *full;
        va_list ap;

        va_start(ap, fmt);
        ASSERT_TRUE(vasprintf(&path, fmt, ap) >= 0);
        va_end(ap);
        full = strjoin(b->root, path);
        ASSERT_TRUE(full);
        return full;
}

static inline void bed_mkdir(const Bed *b, const char *path, mode_t mode) {
        _cleanup_free_ char *full = bed_path(b, "%s", path);

        ASSERT_OK(mkdir(full, 0755));
        ASSERT_OK(chmod(full, mode));
}

static inline void bed_write_bytes(const Bed *b, const char *path, mode_t mode, const void *data,
                size_t size) {
        _cleanup_free_ char *full = bed_path(b, "%s", path);
        _cleanup_close_ int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, data, size), size);
        ASSERT_OK(fchmod(fd, mode));
}

static inline void bed_write(const Bed *b, const char *path, mode_t mode, const char *text) {
        bed_write_bytes(b, path, mode, text, strlen(text));
}

static inline void assert_logged(const Bed *b, const char *text) {
        if (!strstr(b->log, text))
                TEST_FAIL("not in the log: %s; there is:\n%s", text, b->log);
}

static inline void bed_driver(const Bed *b, const char *name, const char *script) {
        _cleanup_free_ char *path = strjoin("/drivers/", name), *text = NULL;

        ASSERT_TRUE(path);
        text = strprintf("#!/bin/sh\necho \"%s $*\" >>\"$NUT_STATEPATH/calls\"\n%s\n", name, script);
        ASSERT_TRUE(text);
        bed_write(b, path, 0755, text);
}

static inline void bed_done(Bed *b) {
        _cleanup_free_ char *command = strjoin("rm -rf ", b->root);

        ASSERT_TRUE(command);
        ASSERT_EQ(system(command), 0); /* NOLINT */
}

static inline void bed_init(Bed *b) {
        static const PoweroffOps ops = { bed_log, bed_wait, bed_reboot };
        static const char *const directories[] = { "/proc", "/proc/1", "/proc/sys", "/proc/sys/kernel",
                                                   "/proc/sys/kernel/random", "/run", "/run/busbar",
                                                   "/run/busbar-monitor", "/etc", "/drivers", "/dev",
                                                   "/sys", "/sys/dev", "/sys/dev/char" };
        _cleanup_free_ char *state = NULL;

        *b = (Bed) { .root = "/tmp/busbar-poweroff-XXXXXX" };
        ASSERT_TRUE(mkdtemp(b->root));
        ASSERT_OK(chmod(b->root, 0755));
        for (size_t i = 0; i < ELEMENTSOF(directories); i++)
                bed_mkdir(b, directories[i], 0755);
        bed_write(b, "/proc/1/environ", 0644, "");
        bed_write(b, "/proc/sys/kernel/random/boot_id", 0644, BOOT "\n");
        bed_write(b, "/etc/ups.conf", 0644, "");
        state = bed_path(b, "/run/busbar");
        if (geteuid() == 0)
                ASSERT_OK(chown(state, NOBODY, NOBODY));

        bed_driver(b, "good", "exit 0");
        bed_driver(b, "bad", "echo it is broken; exit 1");
        bed_driver(b, "on-line", "exit 2");
        bed_driver(b, "hung", "trap '' TERM; sleep 60");

        b->p = (Poweroff) {
                .root = b->root,
                .driver_dir = "/drivers",
                .state_dir = "/run/busbar",
                .conf_dir = "/etc",
                .flag = "/run/busbar-monitor/armed",
                .run_usec = 10 * USEC_PER_SEC,
                .total_usec = 83 * USEC_PER_SEC,
                .ops = &ops,
                .userdata = b,
        };
}

static inline void bed_arm_at(const Bed *b, uint64_t time_usec, unsigned wait_sec, const char *devices) {
        _cleanup_free_ char *text = strprintf("busbar-armed 1\nboot " BOOT_ID "\ntime %" PRIu64
                                              "\nwait %u\n%s", time_usec, wait_sec, devices);

        ASSERT_TRUE(text);
        bed_write(b, "/run/busbar-monitor/armed", 0644, text);
}

static inline void bed_arm(const Bed *b, unsigned wait_sec, const char *devices) {
        bed_arm_at(b, now_usec(CLOCK_BOOTTIME), wait_sec, devices);
}
