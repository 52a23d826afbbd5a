/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "poweroff.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "flag-file.h"
#include "test-poweroff-util.h"

/* What the drivers have written down. */
static void assert_calls(const Bed *b, const char *expected) {
        _cleanup_free_ char *path = bed_path(b, "/run/busbar/calls");
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        char text[4096];
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        ASSERT_TRUE(n >= 0);
        text[n] = '\0';
        ASSERT_STREQ(text, expected);
}

/* Each row of the table in docs/SHUTDOWN.md. */
static const struct {
        const char *devices;
        unsigned wait_sec;
        int result;
        unsigned waited_sec, n_reboots;
} outcomes[] = {
        { "device 0 good u\n",                             0,  0,    0,  0 },
        { "device 0 good u\n",                             7,  0,    7,  1 },
        { "device 0 bad u\n",                              0,  -EIO, 0,  0 },
        { "device 0 bad u\n",                              7,  0,    7,  1 },
        { "device 0 on-line u\n",                          0,  0,    0,  1 },
        { "device 0 on-line u\n",                          7,  0,    0,  1 },
        { "device 0 missing u\n",                          0,  -EIO, 0,  0 },
        { "device 0 missing u\n",                          7,  0,    7,  1 },
        { "device 0 bad u\ndevice 0 good v\n",             0,  0,    0,  0 },
        { "device 0 bad u\ndevice 0 good v\n",             7,  0,    7,  1 },
        { "device 0 bad u\ndevice 0 on-line v\n",          0,  0,    0,  1 },
        { "device 0 bad u\ndevice 0 on-line v\n",          7,  0,    0,  1 },
        { "device 0 on-line u\ndevice 0 good v\n",         0,  0,    60, 1 },
        { "device 0 good u\ndevice 1 on-line v\n",         0,  0,    60, 1 },
        { "device 0 on-line u\ndevice 0 good v\n",         7,  0,    7,  1 },
        { "device 0 on-line u\ndevice 0 good v\n",         70, 0,    70, 1 },
        { "device 0 on-line u\ndevice 0 good v\ndevice 0 bad w\n", 0, 0, 60, 1 },
        { "device -1 good u\n",                            7,  0,    0,  0 },
        { "device -1 on-line u\ndevice 0 good v\n",        0,  0,    0,  0 },
        { "device -1 good u\ndevice 0 on-line v\n",        0,  0,    0,  1 },
};

static void test_outcomes(void) {
        for (size_t i = 0; i < ELEMENTSOF(outcomes); i++) {
                _cleanup_(bed_done) Bed b;

                bed_init(&b);
                bed_arm(&b, outcomes[i].wait_sec, outcomes[i].devices);
                if (poweroff_main(&b.p, i % 2 ? "halt" : "poweroff") != outcomes[i].result ||
                    b.n_waits != (outcomes[i].waited_sec > 0) || b.n_reboots != outcomes[i].n_reboots ||
                    b.waited_usec != outcomes[i].waited_sec * USEC_PER_SEC)
                        TEST_FAIL("row %zu: %u waits of %" PRIu64 " us, %u reboots, log:\n%s", i,
                                  b.n_waits, b.waited_usec, b.n_reboots, b.log);
        }
}

static void test_order(void) {
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_arm(&b, 0,
                "device 7 good last\ndevice -1 good never\ndevice 2 bad second\n"
                "device 0 good a\\x20\\x24HOME\ndevice 2147483647 good very-last\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_calls(&b,
                     "good -a a $HOME -k\nbad -a second -k\ngood -a last -k\ngood -a very-last -k\n");
        assert_logged(&b, "second: it is broken\n");
        assert_logged(&b, "last is about to cut the power.\n");
        assert_logged(&b, "second could not be told to cut the power.\n");
        assert_logged(&b, "never is not to cut the power.\n");
}

/* Each of them waits for the other. */
static void test_parallel(void) {
        static const char script[] = "touch \"$NUT_STATEPATH/$2\"\n"
                                     "while [ ! -e \"$NUT_STATEPATH/a\" ] || [ ! -e \"$NUT_STATEPATH/b\" ]; "
                                     "do sleep 0.02; done";
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_driver(&b, "pair", script);
        bed_arm(&b, 0, "device 3 pair a\ndevice 3 pair b\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_logged(&b, "a is about to cut the power.\nb is about to cut the power.\n");
}

static void test_hung(void) {
        uint64_t began = now_usec(CLOCK_MONOTONIC);
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        b.p.run_usec = USEC_PER_SEC;
        bed_arm(&b, 0, "device 0 hung u\ndevice 0 good v\ndevice 1 good w\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_logged(&b, "u: hung takes too long.\n");
        assert_logged(&b, "w is about to cut the power.\n");
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - began < 20 * USEC_PER_SEC);
}

/* Those that come late in the order get their turn. As there is no time to see whether the device that was
 * told cuts the power, the machine is not started into that. */
static void test_all_hung(void) {
        uint64_t began = now_usec(CLOCK_MONOTONIC);
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        b.p.total_usec = 3 * USEC_PER_SEC;
        bed_arm(&b, 75, "device 0 hung u\ndevice 1 hung v\ndevice 2 hung w\ndevice 3 good x\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_calls(&b, "hung -a u -k\nhung -a v -k\nhung -a w -k\ngood -a x -k\n");
        ASSERT_EQ(b.n_waits + b.n_reboots, 0);
        assert_logged(&b, "No time is left to wait 75 s for the power to go, staying off.\n");
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - began < 20 * USEC_PER_SEC);
}

/* What is left is waited for when nothing was told, and when another device has mains that nobody cuts. */
static void test_short_wait(void) {
        static const char *const devices[] = {
                "device 0 hung u\ndevice 1 bad v\n",
                "device 0 hung u\ndevice 1 good v\ndevice 1 on-line w\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
                _cleanup_(bed_done) Bed b;

                bed_init(&b);
                b.p.total_usec = 2 * USEC_PER_SEC;
                bed_arm(&b, 75, devices[i]);
                ASSERT_OK(poweroff_main(&b.p, "poweroff"));
                ASSERT_EQ(b.n_waits, 1);
                ASSERT_TRUE(b.waited_usec < 2 * USEC_PER_SEC);
                ASSERT_EQ(b.n_reboots, 1);
        }
}

/* We may be killed for taking too long: a driver does not outlive that. */
static void test_killed(void) {
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fifo = -EBADF, driver = -EBADF;
        struct pollfd ended;
        char text[32] = {};
        _cleanup_(bed_done) Bed b;
        pid_t pid;

        bed_init(&b);
        bed_driver(&b, "sleeper", "echo $$ >\"$NUT_STATEPATH/pid\"; exec sleep 60");
        path = bed_path(&b, "/run/busbar/pid");
        ASSERT_OK(mkfifo(path, 0622));
        ASSERT_OK(chmod(path, 0622));
        bed_arm(&b, 0, "device 0 sleeper u\n");

        pid = fork();
        ASSERT_TRUE(pid >= 0);
        if (pid == 0)
                _exit(poweroff_main(&b.p, "poweroff") < 0);
        fifo = open(path, O_RDONLY | O_CLOEXEC);
        ASSERT_TRUE(fifo >= 0 && read(fifo, text, sizeof(text) - 1) > 0);
        driver = (int) syscall(SYS_pidfd_open, atoi(text), 0);
        ASSERT_TRUE(driver >= 0);

        ASSERT_OK(kill(pid, SIGKILL));
        ASSERT_EQ(waitpid(pid, NULL, 0), pid);
        ended = (struct pollfd) { .fd = driver, .events = POLLIN };
        if (poll(&ended, 1, 10 * 1000) != 1) {
                (void) kill(atoi(text), SIGKILL);
                TEST_FAIL("the driver goes on");
        }
}

/* A driver is told how long it may take, which is less than we wait for it. */
static void test_limit_passed(void) {
        static const char script[] = "[ \"$BUSBAR_POWER_OFF_MSEC\" -gt \"${2%-*}\" ] && "
                                     "[ \"$BUSBAR_POWER_OFF_MSEC\" -le \"${2#*-}\" ]";
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_driver(&b, "punctual", script);
        bed_arm(&b, 0, "device 0 punctual 6000-8000\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_logged(&b, "6000-8000 is about to cut the power.\n");

        /* Of many places in the order, each has its share. */
        b.p.total_usec = 15 * USEC_PER_SEC;
        bed_arm(&b, 0,
                "device 0 punctual 3000-4000\ndevice 1 punctual 4000-6000\n"
                "device 2 punctual 6000-8000\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_logged(&b, "3000-4000 is about to cut the power.\n4000-6000 is about to cut the power.\n"
                          "6000-8000 is about to cut the power.\n");
}

static void test_babble(void) {
        _cleanup_(bed_done) Bed b;
        size_t lines = 0;

        bed_init(&b);
        bed_driver(&b, "babbler",
                   "i=0; while [ $i -lt 5000 ]; do echo \"line $i\033[31m\"; i=$((i+1)); done");
        bed_arm(&b, 0, "device 0 babbler u\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        for (const char *s = b.log; (s = strstr(s, "u: line ")); s++)
                lines++;
        ASSERT_EQ(lines, 20);
        assert_logged(&b, "u: line 0?[31m\n");
        assert_logged(&b, "u is about to cut the power.\n");
}

/* A reboot that fails is an error and nothing more. */
static void test_reboot_fails(void) {
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        b.reboot_result = -EPERM;
        bed_arm(&b, 1, "device 0 good u\n");
        ASSERT_ERROR(poweroff_main(&b.p, "poweroff"), EPERM);
        assert_logged(&b, "Cannot restart: Operation not permitted\n");
}

static void assert_nothing_done(Bed *b, const char *verb, int result) {
        ASSERT_EQ(poweroff_main(&b->p, verb), result);
        assert_calls(b, "");
        ASSERT_EQ(b->n_waits + b->n_reboots, 0);
}

static void test_other_verbs(void) {
        static const char *const verbs[] = { "reboot",   "kexec",     "exit",       "",
                                             "Poweroff", "poweroff ", "soft-reboot" };
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_arm(&b, 5, "device 0 good u\n");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                assert_nothing_done(&b, verbs[i], 0);
        ASSERT_EQ(b.n_log, 0);
}

static void test_container(void) {
        _cleanup_free_ char *path = NULL, *host_path = NULL;
        static const char environ[] = "HOME=/\0container=lxc\0TERM=linux";
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_mkdir(&b, "/run/systemd", 0755);
        bed_mkdir(&b, "/run/host", 0755);
        bed_arm(&b, 5, "device 0 good u\n");

        bed_write(&b, "/run/systemd/container", 0644, "");
        assert_nothing_done(&b, "poweroff", 0);
        path = bed_path(&b, "/run/systemd/container");
        ASSERT_OK(unlink(path));

        bed_write(&b, "/run/host/container-manager", 0644, "podman");
        assert_nothing_done(&b, "poweroff", 0);
        host_path = bed_path(&b, "/run/host/container-manager");
        ASSERT_OK(unlink(host_path));

        bed_write_bytes(&b, "/proc/1/environ", 0644, environ, sizeof(environ));
        assert_nothing_done(&b, "poweroff", 0);
        bed_write(&b, "/proc/1/environ", 0644, "XDG=container=no");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        ASSERT_EQ(b.n_reboots, 1);
}

static void test_stale(void) {
        uint64_t now = now_usec(CLOCK_BOOTTIME);
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        assert_nothing_done(&b, "poweroff", 0); /* no flag */
        ASSERT_EQ(b.n_log, 0);

        bed_arm_at(&b, now + 3600 * USEC_PER_SEC, 5, "device 0 good u\n");
        assert_nothing_done(&b, "poweroff", 0);
        if (now > ARMED_FLAG_AGE_MAX_USEC + USEC_PER_SEC) {
                bed_arm_at(&b, now - ARMED_FLAG_AGE_MAX_USEC - USEC_PER_SEC, 5, "device 0 good u\n");
                assert_nothing_done(&b, "poweroff", 0);
        }

        bed_arm(&b, 5, "device 0 good u\n");
        bed_write(&b, "/proc/sys/kernel/random/boot_id", 0644, "11234567-89ab-cdef-0123-456789abcdef\n");
        assert_nothing_done(&b, "poweroff", 0);
        assert_logged(&b, "is not of this shutdown");
}

static void test_garbage(void) {
        static char large[ARMED_FLAG_SIZE_MAX * 2];
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_write(&b, "/run/busbar-monitor/armed", 0644, "");
        assert_nothing_done(&b, "poweroff", -EINVAL);
        bed_write_bytes(&b, "/run/busbar-monitor/armed", 0644, large, sizeof(large));
        assert_nothing_done(&b, "poweroff", -E2BIG);
        bed_arm(&b, 5, "device 0 good u\ndevice 0 ../evil v\n");
        assert_nothing_done(&b, "poweroff", -EINVAL);
        assert_logged(&b, "Cannot understand /run/busbar-monitor/armed");

        /* Without a boot id no flag is of this boot. */
        bed_arm(&b, 5, "device 0 good u\n");
        bed_write(&b, "/proc/sys/kernel/random/boot_id", 0644, "?\n");
        assert_nothing_done(&b, "poweroff", -EINVAL);
}

static void test_forged(void) {
        _cleanup_free_ char *flag = NULL, *other = NULL, *directory = NULL, *moved = NULL;
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        flag = bed_path(&b, "/run/busbar-monitor/armed");
        other = bed_path(&b, "/etc/other");
        directory = bed_path(&b, "/run/busbar-monitor");
        moved = bed_path(&b, "/run/moved");

        bed_arm(&b, 5, "device 0 good u\n");
        ASSERT_OK(chmod(directory, 01777));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(chmod(directory, 0755));
        ASSERT_OK(chmod(flag, 0666));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(chmod(flag, 0644));

        ASSERT_OK(link(flag, other));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(unlink(flag));
        ASSERT_OK(symlink(other, flag));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(unlink(flag));
        ASSERT_OK(mkfifo(flag, 0644));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(unlink(flag));
        ASSERT_OK(rename(other, flag));
        if (geteuid() == 0) {
                ASSERT_OK(chown(flag, NOBODY, NOBODY));
                assert_nothing_done(&b, "poweroff", -EPERM);
                ASSERT_OK(chown(directory, NOBODY, NOBODY));
        }

        ASSERT_OK(rename(directory, moved));
        ASSERT_OK(symlink(moved, directory));
        assert_nothing_done(&b, "poweroff", -EPERM);
        ASSERT_OK(unlink(directory));
        ASSERT_OK(rename(moved, directory));
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        ASSERT_EQ(b.n_reboots, 1);
}

/* The root user is never who runs a driver; the machine does not stay off for that. */
static void test_root_refused(void) {
        _cleanup_free_ char *state = NULL;
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        state = bed_path(&b, "/run/busbar");
        if (geteuid() == 0)
                ASSERT_OK(chown(state, 0, 0));
        else
                b.p.state_dir = "/../../proc/sys";
        bed_arm(&b, 7, "device 0 good u\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_calls(&b, "");
        ASSERT_EQ(b.n_reboots, 1);
        assert_logged(&b, "Cannot run drivers as the owner");
}

/* What a driver gets from its surroundings. */
static void test_environment(void) {
        static const char script[] =
                "{ env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort; pwd; "
                "ls /proc/self/fd | tr '\\n' ' '; "
                "grep -e ^NoNewPrivs -e ^Uid -e ^Groups /proc/self/status | tr '\\t\\n' '  '; } >&2";
        _cleanup_free_ char *conf = NULL, *expected = NULL, *user = NULL;
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        bed_driver(&b, "nosy", script);
        conf = bed_path(&b, "/etc/ups.conf");
        if (geteuid() == 0)
                ASSERT_OK(chown(conf, 0, 4711));
        ASSERT_OK(setenv("EVIL", "yes", true));
        bed_arm(&b, 0, "device 0 nosy u\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));

        expected = strprintf("u: NUT_CONFPATH=%s/etc\nu: NUT_STATEPATH=%s/run/busbar\n"
                             "u: PATH=/usr/sbin:/usr/bin:/sbin:/bin\nu: /\n", b.root, b.root);
        ASSERT_TRUE(expected);
        assert_logged(&b, expected);
        assert_logged(&b, "u: 0 1 2 3 "); /* 3 is that of ls */
        assert_logged(&b, "NoNewPrivs: 1 ");
        if (geteuid() == 0) {
                user = strprintf("Uid: %1$d %1$d %1$d %1$d Groups: 4711", NOBODY);
                ASSERT_TRUE(user);
                assert_logged(&b, user);
        }
        assert_logged(&b, "u is about");
        ASSERT_FALSE(strstr(b.log, "EVIL") || strstr(b.log, "LISTEN_"));
}

static void test_path_too_long(void) {
        char path[16];
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        ASSERT_ERROR(poweroff_path(&b.p, "/x", path, sizeof(path)), ENAMETOOLONG);
}

int main(void) {
        test_outcomes();
        test_order();
        test_parallel();
        test_hung();
        test_all_hung();
        test_short_wait();
        test_killed();
        test_limit_passed();
        test_babble();
        test_reboot_fails();
        test_other_verbs();
        test_container();
        test_stale();
        test_garbage();
        test_forged();
        test_root_refused();
        test_environment();
        test_path_too_long();
        return EXIT_SUCCESS;
}
