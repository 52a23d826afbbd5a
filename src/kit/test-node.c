/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-daemon.h>

#include "listen-fds.h"
#include "test-util.h"

#define NULL_NUMBER makedev(1, 3)
#define ZERO_NUMBER makedev(1, 5)

/* Puts a descriptor in its place among those passed. */
static void pass(int place, int fd) {
        int place_fd = SD_LISTEN_FDS_START + place;

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(dup2(fd, place_fd), place_fd);
        if (fd != place_fd)
                safe_close(fd);
}

static void tell(const char *n) {
        char pid[32];

        (void) snprintf(pid, sizeof(pid), "%d", (int) getpid());
        ASSERT_EQ(setenv("LISTEN_PID", pid, true), 0);
        ASSERT_EQ(setenv("LISTEN_FDS", n, true), 0);
}

static bool is_writable(int fd) {
        int flags = fcntl(fd, F_GETFL);

        ASSERT_TRUE(flags >= 0);
        return (flags & O_ACCMODE) != O_RDONLY;
}

static void assert_number(int fd, dev_t number) {
        struct stat st;

        ASSERT_EQ(fstat(fd, &st), 0);
        ASSERT_EQ(st.st_rdev, number);
}

/* Those passed are read-only here, which those that it opens are not. */
static void test_passed(void) {
        _cleanup_(listen_fds_done) ListenFds l = {};
        int fd;

        /* The driver's own sockets are picked out first, and the nodes stay. */
        ASSERT_OK(listen_fds_take(&l));
        ASSERT_EQ(device_n_handed_over(NULL), 2);
        ASSERT_EQ(device_handed_over(NULL, 0), NULL_NUMBER);
        ASSERT_EQ(device_handed_over(NULL, 1), ZERO_NUMBER);
        ASSERT_EQ(device_handed_over(NULL, 2), 0);

        for (unsigned i = 0; i < 3; i++) {
                fd = device_open_node(NULL, "/dev/zero");
                ASSERT_TRUE(fd > SD_LISTEN_FDS_START + 3);
                ASSERT_FALSE(is_writable(fd));
                assert_number(fd, ZERO_NUMBER);
                safe_close(fd);
        }

        fd = device_open_node(NULL, "/dev/full");
        ASSERT_TRUE(fd >= 0 && is_writable(fd));
        safe_close(fd);
        ASSERT_EQ(device_open_node(NULL, "/dev/no-such-node"), -ENOENT);
        ASSERT_EQ(device_open_node(NULL, "/no/such/node"), -ENOENT);
}

static void test_gone(void) {
        int master, slave;

        ASSERT_FALSE(nodes_are_gone());

        /* One that hangs up, though its number is still there. */
        master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        ASSERT_TRUE(master >= 0);
        ASSERT_EQ(grantpt(master), 0);
        ASSERT_EQ(unlockpt(master), 0);
        slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        pass(4, slave);
        tell("5");
        safe_close(master);
        ASSERT_TRUE(nodes_are_gone());
        tell("4");
        ASSERT_FALSE(nodes_are_gone());
}

static void test_none(void) {
        int fd;

        tell("0");
        ASSERT_TRUE(nodes_are_gone());
        ASSERT_EQ(device_n_handed_over(NULL), 0);
        fd = device_open_node(NULL, "/dev/zero");
        ASSERT_TRUE(fd >= 0 && is_writable(fd));
        safe_close(fd);
}

/* In a sandbox without nodes the kernel's word for one is all there is. */
static void test_name(void) {
        ASSERT_TRUE(node_has_name(NULL_NUMBER, "null"));
        ASSERT_FALSE(node_has_name(NULL_NUMBER, "nul"));
        ASSERT_FALSE(node_has_name(NULL_NUMBER, "null "));
        ASSERT_FALSE(node_has_name(NULL_NUMBER, ""));
        ASSERT_FALSE(node_has_name(NULL_NUMBER, "zero"));
        ASSERT_FALSE(node_has_name(makedev(4095, 1048575), "null"));
}

int main(void) {
        pass(0, socket(AF_UNIX, SOCK_STREAM, 0));
        pass(1, open("/dev/null", O_RDONLY));
        pass(2, open("/etc/passwd", O_RDONLY));
        pass(3, open("/dev/zero", O_RDONLY));
        tell("4");
        test_passed();
        test_gone();
        test_none();
        test_name();
        return 0;
}
