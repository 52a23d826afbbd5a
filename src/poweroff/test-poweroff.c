/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "poweroff.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "flag-file.h"
#include "node.h"
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

static void bed_log(void *userdata, int level, const char *text) {
        Bed *b = userdata;

        b->n_log += (size_t) snprintf(b->log + b->n_log, sizeof(b->log) - b->n_log, "%s\n", text);
        ASSERT_TRUE(b->n_log < sizeof(b->log));
}

static void bed_wait(void *userdata, uint64_t usec) {
        Bed *b = userdata;

        ASSERT_EQ(b->n_reboots, 0);
        b->waited_usec += usec;
        b->n_waits++;
}

static int bed_reboot(void *userdata) {
        Bed *b = userdata;

        b->n_reboots++;
        return b->reboot_result;
}

_printf_(2, 3) static char *bed_path(const Bed *b, const char *fmt, ...) {
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

static void bed_mkdir(const Bed *b, const char *path, mode_t mode) {
        _cleanup_free_ char *full = bed_path(b, "%s", path);

        ASSERT_OK(mkdir(full, 0755));
        ASSERT_OK(chmod(full, mode));
}

static void bed_write_bytes(const Bed *b, const char *path, mode_t mode, const void *data, size_t size) {
        _cleanup_free_ char *full = bed_path(b, "%s", path);
        _cleanup_close_ int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(write(fd, data, size), size);
        ASSERT_OK(fchmod(fd, mode));
}

static void bed_write(const Bed *b, const char *path, mode_t mode, const char *text) {
        bed_write_bytes(b, path, mode, text, strlen(text));
}

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

static void assert_logged(const Bed *b, const char *text) {
        if (!strstr(b->log, text))
                TEST_FAIL("not in the log: %s; there is:\n%s", text, b->log);
}

static void bed_driver(const Bed *b, const char *name, const char *script) {
        _cleanup_free_ char *path = strjoin("/drivers/", name), *text = NULL;

        ASSERT_TRUE(path);
        text = strprintf("#!/bin/sh\necho \"%s $*\" >>\"$NUT_STATEPATH/calls\"\n%s\n", name, script);
        ASSERT_TRUE(text);
        bed_write(b, path, 0755, text);
}

static void bed_done(Bed *b) {
        _cleanup_free_ char *command = strjoin("rm -rf ", b->root);

        ASSERT_TRUE(command);
        ASSERT_EQ(system(command), 0); /* NOLINT */
}

static void bed_init(Bed *b) {
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
                .total_usec = 60 * USEC_PER_SEC,
                .ops = &ops,
                .userdata = b,
        };
}

static void bed_arm_at(const Bed *b, uint64_t time_usec, unsigned wait_sec, const char *devices) {
        _cleanup_free_ char *text = strprintf("busbar-armed 1\nboot " BOOT_ID "\ntime %" PRIu64
                                              "\nwait %u\n%s", time_usec, wait_sec, devices);

        ASSERT_TRUE(text);
        bed_write(b, "/run/busbar-monitor/armed", 0644, text);
}

static void bed_arm(const Bed *b, unsigned wait_sec, const char *devices) {
        bed_arm_at(b, now_usec(CLOCK_BOOTTIME), wait_sec, devices);
}

/* Each row of the table in docs/SHUTDOWN.md. */
static const struct {
        const char *devices;
        unsigned wait_sec;
        int result;
        unsigned n_waits, n_reboots;
} outcomes[] = {
        { "device 0 good u\n",                             0, 0,    0, 0 },
        { "device 0 good u\n",                             7, 0,    1, 1 },
        { "device 0 bad u\n",                              0, -EIO, 0, 0 },
        { "device 0 bad u\n",                              7, 0,    1, 1 },
        { "device 0 on-line u\n",                          0, 0,    0, 1 },
        { "device 0 on-line u\n",                          7, 0,    0, 1 },
        { "device 0 missing u\n",                          0, -EIO, 0, 0 },
        { "device 0 missing u\n",                          7, 0,    1, 1 },
        { "device 0 bad u\ndevice 0 good v\n",             0, 0,    0, 0 },
        { "device 0 bad u\ndevice 0 on-line v\n",          7, 0,    0, 1 },
        { "device 0 on-line u\ndevice 0 good v\n",         0, 0,    0, 0 },
        { "device 0 on-line u\ndevice 0 good v\n",         7, 0,    1, 1 },
        { "device -1 good u\n",                            7, 0,    0, 0 },
        { "device -1 on-line u\ndevice 0 good v\n",        0, 0,    0, 0 },
};

static void test_outcomes(void) {
        for (size_t i = 0; i < ELEMENTSOF(outcomes); i++) {
                _cleanup_(bed_done) Bed b;

                bed_init(&b);
                bed_arm(&b, outcomes[i].wait_sec, outcomes[i].devices);
                if (poweroff_main(&b.p, i % 2 ? "halt" : "poweroff") != outcomes[i].result ||
                    b.n_waits != outcomes[i].n_waits || b.n_reboots != outcomes[i].n_reboots ||
                    b.waited_usec != outcomes[i].n_waits * 7 * USEC_PER_SEC)
                        TEST_FAIL("row %zu: %u waits, %u reboots, log:\n%s", i, b.n_waits, b.n_reboots,
                                  b.log);
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

/* Those that come late in the order get their turn, and the wait ends in time. */
static void test_all_hung(void) {
        uint64_t began = now_usec(CLOCK_MONOTONIC);
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        b.p.total_usec = 3 * USEC_PER_SEC;
        bed_arm(&b, 75, "device 0 hung u\ndevice 1 hung v\ndevice 2 hung w\ndevice 3 good x\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_calls(&b, "hung -a u -k\nhung -a v -k\nhung -a w -k\ngood -a x -k\n");
        ASSERT_TRUE(b.waited_usec < 2 * USEC_PER_SEC);
        ASSERT_EQ(b.n_reboots, 1);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - began < 20 * USEC_PER_SEC);
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

/* A node with the number of one that this machine has, and what the kernel would say it is. */
static void make_node(const Bed *b, const char *path, unsigned maj, unsigned min, const char *subsystem) {
        _cleanup_free_ char *node = bed_path(b, "%s", path), *class = NULL, *link = NULL;

        class = bed_path(b, "/sys/dev/char/%u:%u", maj, min);
        link = bed_path(b, "/sys/dev/char/%u:%u/subsystem", maj, min);
        ASSERT_OK(mknod(node, S_IFCHR | 0600, makedev(maj, min)));
        ASSERT_TRUE(mkdir(class, 0755) >= 0 || errno == EEXIST);
        (void) unlink(link);
        ASSERT_OK(symlink(subsystem, link));
}

static void test_nodes_refused(void) {
        _cleanup_free_ char *link = NULL, *target = NULL;
        _cleanup_(bed_done) Bed b;

        bed_init(&b);
        ASSERT_ERROR(node_open(&b.p, "/dev/none"), ENOENT);
        bed_write(&b, "/dev/file", 0666, "");
        ASSERT_ERROR(node_open(&b.p, "/dev/file"), EPERM);
        if (geteuid() != 0)
                return;

        make_node(&b, "/dev/mem", 1, 1, "../../class/mem");
        ASSERT_ERROR(node_open(&b.p, "/dev/mem"), EPERM);
        make_node(&b, "/dev/watchdog", 10, 130, "../../class/misc");
        ASSERT_ERROR(node_open(&b.p, "/dev/watchdog"), EPERM);
        make_node(&b, "/dev/tty1", 4, 1, "../../class/tty");
        ASSERT_ERROR(node_open(&b.p, "/dev/tty1"), EPERM);
        make_node(&b, "/dev/ptmx", 5, 2, "../../class/tty");
        ASSERT_ERROR(node_open(&b.p, "/dev/ptmx"), EPERM);
        link = bed_path(&b, "/dev/by-id");
        target = bed_path(&b, "/dev/mem");
        ASSERT_OK(symlink(target, link));
        ASSERT_ERROR(node_open(&b.p, "/dev/by-id"), EPERM);
}

/* A node that only root may open reaches the driver as sd_listen_fds(3) has it. /dev/null stands in. */
static void test_node_passed(void) {
        _cleanup_(bed_done) Bed b;

        if (geteuid() != 0)
                return;
        bed_init(&b);
        make_node(&b, "/dev/ttyS0", 1, 3, "../../../../class/tty");
        bed_driver(&b, "serial",
                   "echo \"$LISTEN_FDS $((LISTEN_PID == $$)) $(stat -L -c %t:%T /proc/self/fd/3)\"");
        bed_arm(&b, 0, "device 0 serial u\nnode /dev/ttyS0\nnode /dev/ttyS9\ndevice 0 good v\n");
        ASSERT_OK(poweroff_main(&b.p, "poweroff"));
        assert_logged(&b, "u: 1 1 1:3\n");
        assert_logged(&b, "u: Cannot open /dev/ttyS9: No such file or directory\n");
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
        test_babble();
        test_reboot_fails();
        test_other_verbs();
        test_container();
        test_stale();
        test_garbage();
        test_forged();
        test_root_refused();
        test_environment();
        test_nodes_refused();
        test_node_passed();
        test_path_too_long();
        return EXIT_SUCCESS;
}
