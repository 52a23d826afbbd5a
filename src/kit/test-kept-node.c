/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kept-node.h"

#include <fcntl.h>
#include <pty.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "device-internal.h"
#include "test-file.h"

/* The service manager: what it is told, and the descriptors it is given. */
typedef struct Manager {
        int fd;
        char text[256];
        int given; /* -1 for none */
} Manager;

static void manager_open(Manager *m) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "notify" };
        _cleanup_free_ char *here = realpath(".", NULL), *path = strjoin(here, "/notify");

        m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ASSERT_TRUE(m->fd >= 0);
        ASSERT_EQ(bind(m->fd, (struct sockaddr *) &address, sizeof(address)), 0);
        ASSERT_EQ(setenv("NOTIFY_SOCKET", path, true), 0);
}

/* The next message; false for none. */
static bool manager_receive(Manager *m) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(8 * sizeof(int))];
        } control = {};
        struct iovec part = { .iov_base = m->text, .iov_len = sizeof(m->text) - 1 };
        struct msghdr message = {
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(m->fd, &message, MSG_CMSG_CLOEXEC);

        if (n < 0)
                return false;
        m->text[n] = '\0';
        m->given = -1;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
                if (c->cmsg_type == SCM_RIGHTS)
                        memcpy(&m->given, CMSG_DATA(c), sizeof(int));
        return true;
}

static void assert_told(Manager *m, const char *text) {
        ASSERT_TRUE(manager_receive(m));
        ASSERT_STREQ(m->text, text);
}

static void pass(int place, int fd) {
        ASSERT_EQ(dup2(fd, SD_LISTEN_FDS_START + place), SD_LISTEN_FDS_START + place);
}

static void tell(const char *n, const char *names) {
        _cleanup_free_ char *pid = strprintf("%jd", (intmax_t) getpid());

        ASSERT_EQ(setenv("LISTEN_PID", pid, true), 0);
        ASSERT_EQ(setenv("LISTEN_FDS", n, true), 0);
        ASSERT_EQ(setenv("LISTEN_FDNAMES", names, true), 0);
}

static bool is_same_file(int a, int b) {
        /* Flags of the open file are common to all its descriptors. */
        ASSERT_EQ(fcntl(a, F_SETFL, fcntl(a, F_GETFL) | O_NONBLOCK), 0);
        bool same = fcntl(b, F_GETFL) & O_NONBLOCK;
        ASSERT_EQ(fcntl(a, F_SETFL, fcntl(a, F_GETFL) & ~O_NONBLOCK), 0);
        return same && !(fcntl(b, F_GETFL) & O_NONBLOCK);
}

static void test_store(Manager *m, int fd) {
        kept_node_store("a b", fd);
        assert_told(m, "FDSTOREREMOVE=1\nFDNAME=node.a\\x20b");
        ASSERT_EQ(m->given, -1);
        assert_told(m, "FDSTORE=1\nFDNAME=node.a\\x20b");
        ASSERT_TRUE(m->given >= 0 && is_same_file(m->given, fd));
        safe_close(m->given);
        kept_node_forget("a b");
        assert_told(m, "FDSTOREREMOVE=1\nFDNAME=node.a\\x20b");
        ASSERT_FALSE(manager_receive(m));
}

/* Kept ones are taken once, and are none of those that were handed over for something else. */
static void test_take(Manager *m, int slave, const char *path, int other) {
        _cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        int fd;

        pass(0, slave);
        pass(1, null);
        pass(2, other);
        tell("3", "node.ups:plugged:node.old");
        ASSERT_EQ(kept_node_take("none", path), -ENOENT);
        fd = kept_node_take("ups", path);
        ASSERT_TRUE(fd > SD_LISTEN_FDS_START + 2 && is_same_file(fd, slave));
        safe_close(fd);
        ASSERT_EQ(kept_node_take("ups", path), -ENOENT);
        ASSERT_FALSE(manager_receive(m));

        kept_node_forget_rest();
        assert_told(m, "FDSTOREREMOVE=1\nFDNAME=node.old");
        ASSERT_FALSE(manager_receive(m));
        kept_node_forget_rest();
        ASSERT_FALSE(manager_receive(m));
        ASSERT_EQ(device_n_handed_over(NULL), 1);

        /* The section has another port by now. */
        pass(0, slave);
        tell("1", "node.ups");
        ASSERT_EQ(kept_node_take("ups", "/dev/null"), -ENOENT);
        assert_told(m, "FDSTOREREMOVE=1\nFDNAME=node.ups");
        kept_node_forget_rest();
        ASSERT_FALSE(manager_receive(m));
}

static void test_open(int slave, const char *path) {
        Device d = { .kept_fd = fcntl(slave, F_DUPFD_CLOEXEC, 3) };
        int fd;

        ASSERT_FALSE(kept_node_has_hung_up(d.kept_fd) || kept_node_is_gone(d.kept_fd));
        fd = device_open_node(&d, path);
        ASSERT_TRUE(fd >= 0 && fd != d.kept_fd && is_same_file(fd, slave));
        safe_close(fd);
        fd = device_open_node(&d, "/dev/null");
        ASSERT_TRUE(fd >= 0 && !is_same_file(fd, slave));
        safe_close(fd);

        /* Another one takes its place. */
        fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
        ASSERT_FALSE(d.keeps);
        ASSERT_EQ(device_keep_node(&d, fd), 0);
        ASSERT_TRUE(d.keeps && d.kept_fd != fd && is_same_file(d.kept_fd, fd));
        ASSERT_EQ(device_keep_node(&d, -EBADF), -EBADF);
        safe_close(fd);
        safe_close(d.kept_fd);
}

static void test_hung_up(int master, int slave, const char *path) {
        Device d = { .kept_fd = slave };

        safe_close(master);
        ASSERT_TRUE(kept_node_has_hung_up(slave) && kept_node_is_gone(slave));
        ASSERT_TRUE(device_open_node(&d, path) < 0);
        pass(0, slave);
        tell("1", "node.ups");
        ASSERT_EQ(kept_node_take("ups", path), -ENOENT);
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_close_ int slave = -EBADF, other = -EBADF;
        int low[4], master, pty_slave, other_master;
        char path[64];
        Manager m = {};

        /* Leaves room for those passed. */
        for (size_t i = 0; i < ELEMENTSOF(low); i++)
                low[i] = open("/dev/full", O_RDONLY | O_CLOEXEC);
        ASSERT_TRUE(directory != NULL);
        manager_open(&m);
        ASSERT_EQ(openpty(&master, &pty_slave, path, NULL, NULL), 0);
        slave = fcntl(pty_slave, F_DUPFD_CLOEXEC, 20);
        safe_close(pty_slave);
        ASSERT_EQ(openpty(&other_master, &other, NULL, NULL, NULL), 0);
        ASSERT_TRUE(low[3] >= 0);

        test_store(&m, slave);
        test_take(&m, slave, path, other);
        test_open(slave, path);
        test_hung_up(master, slave, path);
        safe_close(other_master);
        safe_close(m.fd);
        return EXIT_SUCCESS;
}
