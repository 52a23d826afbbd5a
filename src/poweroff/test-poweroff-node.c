/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include <sys/sysmacros.h>

#include "test-poweroff-util.h"

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

static const char *const class_directories[] = { "/sys/class", "/sys/class/tty", "/sys/class/tty/console",
                                                 "/sys/class/tty/ttyS0", "/sys/class/tty/ttyS1" };

static void assert_opens(const Bed *b, const char *path) {
        _cleanup_close_ int fd = node_open(&b->p, path);

        ASSERT_OK(fd);
}

/* The console is a serial line like others, but for what the kernel says. */
static void test_console_refused(void) {
        _cleanup_free_ char *active = NULL;
        static char large[8192];
        _cleanup_(bed_done) Bed b;

        if (geteuid() != 0)
                return;
        bed_init(&b);
        make_node(&b, "/dev/ttyS0", 1, 3, "../../../../class/tty");
        for (size_t i = 0; i < ELEMENTSOF(class_directories); i++)
                bed_mkdir(&b, class_directories[i], 0755);
        bed_write(&b, "/sys/class/tty/ttyS0/dev", 0444, "1:3\n");
        bed_write(&b, "/sys/class/tty/ttyS1/dev", 0444, "1:30\n");

        bed_write(&b, "/sys/class/tty/console/active", 0444, "tty0 ttyS0\n");
        ASSERT_ERROR(node_open(&b.p, "/dev/ttyS0"), EPERM);
        bed_write(&b, "/sys/class/tty/console/active", 0444, "ttyS0");
        ASSERT_ERROR(node_open(&b.p, "/dev/ttyS0"), EPERM);

        /* What cannot be understood may be it. */
        bed_write(&b, "/sys/class/tty/console/active", 0444, "../tty\n");
        ASSERT_ERROR(node_open(&b.p, "/dev/ttyS0"), EINVAL);
        memset(large, 'x', sizeof(large));
        bed_write_bytes(&b, "/sys/class/tty/console/active", 0444, large, sizeof(large));
        ASSERT_ERROR(node_open(&b.p, "/dev/ttyS0"), E2BIG);
        bed_write(&b, "/sys/class/tty/console/active", 0444, "ttyS1\n");
        bed_write(&b, "/sys/class/tty/ttyS1/dev", 0444, "1\n");
        ASSERT_ERROR(node_open(&b.p, "/dev/ttyS0"), EINVAL);

        bed_write(&b, "/sys/class/tty/ttyS1/dev", 0444, "1:30\n");
        assert_opens(&b, "/dev/ttyS0");
        bed_write(&b, "/sys/class/tty/console/active", 0444, "");
        assert_opens(&b, "/dev/ttyS0");
        active = bed_path(&b, "/sys/class/tty/console/active");
        ASSERT_OK(unlink(active));
        assert_opens(&b, "/dev/ttyS0");
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

int main(void) {
        test_nodes_refused();
        test_console_refused();
        test_node_passed();
        return EXIT_SUCCESS;
}
