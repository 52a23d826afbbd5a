/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "test-file.h"
#include "usb-lock.h"

static int open_file(void) {
        int fd = open("node", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        ASSERT_TRUE(fd >= 0);
        return fd;
}

static void test_lock(void) {
        _cleanup_close_ int one = open_file(), other = open_file();
        _cleanup_free_ char *holder = NULL, *self = usb_process_describe(getpid());
        _cleanup_close_ int same = fcntl(one, F_DUPFD_CLOEXEC, 3);

        ASSERT_OK(usb_node_lock(one, USB_LOCK_EXCLUSIVE, NULL));
        ASSERT_ERROR(usb_node_lock(other, USB_LOCK_EXCLUSIVE, &holder), EBUSY);
        ASSERT_STREQ(holder, self);
        ASSERT_ERROR(usb_node_lock(other, USB_LOCK_SHARED, NULL), EBUSY);

        /* A descriptor that was handed over comes with its lock. */
        ASSERT_OK(usb_node_lock(same, USB_LOCK_EXCLUSIVE, NULL));
        one = safe_close(one);
        ASSERT_ERROR(usb_node_lock(other, USB_LOCK_EXCLUSIVE, NULL), EBUSY);
        usb_node_unlock(same);

        ASSERT_OK(usb_node_lock(other, USB_LOCK_SHARED, NULL));
        ASSERT_OK(usb_node_lock(same, USB_LOCK_SHARED, NULL));
        ASSERT_ERROR(usb_node_lock(same, USB_LOCK_EXCLUSIVE, NULL), EBUSY);
        usb_node_unlock(-EBADF);
}

static void test_describe(void) {
        _cleanup_free_ char *self = usb_process_describe(getpid()),
                            *nobody = usb_process_describe(0x7fffffff);
        _cleanup_free_ char *begin = strprintf("PID %jd (test-usb-lock", (intmax_t) getpid());

        if (!startswith(self, begin))
                TEST_FAIL("we are \"%s\"", self);
        ASSERT_STREQ(nobody, "PID 2147483647");
}

static void test_locks_find(void) {
        static const char locks[] =
                "1: POSIX  ADVISORY  WRITE 777 00:06:42 0 EOF\n"
                "2: FLOCK  ADVISORY  WRITE 1234 00:06:421 0 EOF\n"
                "2: -> FLOCK  ADVISORY  WRITE 99 00:06:42 0 EOF\n"
                "3: FLOCK  ADVISORY  READ 1235 00:06:42 0 EOF\n"
                "4: FLOCK  ADVISORY  WRITE -1 fd:0a:7 0 EOF\n"
                "nonsense\n"
                "\n"
                "5: FLOCK  ADVISORY  WRITE 55 fd:0a:18446744073709551615 0 EOF";

        ASSERT_EQ(usb_locks_find(locks, makedev(0, 6), 42), 1235);
        ASSERT_EQ(usb_locks_find(locks, makedev(0, 6), 421), 1234);
        ASSERT_EQ(usb_locks_find(locks, makedev(0, 6), 7), 0);
        ASSERT_EQ(usb_locks_find(locks, makedev(0xfd, 0x0a), (ino_t) -1), 55);
        ASSERT_EQ(usb_locks_find("", makedev(0, 6), 42), 0);
}

static void test_unit(void) {
        static const struct {
                const char *cgroup, *unit;
        } cases[] = {
                { "0::/system.slice/system-busbar.slice/busbar-usbhid-ups@ups.service\n",
                                "busbar-usbhid-ups@ups.service" },
                { "1:name=systemd:/x\n0::/system.slice/nut-driver@ups.service/inner\n",
                                "nut-driver@ups.service" },
                { "0::/user.slice/user-0.slice/session-1.scope", "session-1.scope" },
                { "0::/\n", NULL },
                { "0::/custom\n", NULL },
                { "9:0::/x.service\n", NULL },
                { "", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *unit = usb_cgroup_unit(cases[i].cgroup);

                ASSERT_STREQ(unit, cases[i].unit);
        }
}

static void test_explain(void) {
        _cleanup_free_ char *text = usb_node_explain_access("/dev/null"),
                            *gone = usb_node_explain_access("gone");

        ASSERT_TRUE(text && startswith(text, "/dev/null belongs to "));
        ASSERT_TRUE(strstr(text, "mode 0666") || strstr(text, "mode 666"));
        ASSERT_TRUE(strstr(text, "udevadm trigger"));
        ASSERT_STREQ(gone, "gone cannot be opened: No such file or directory");
}

static void test_users(void) {
        _cleanup_close_ int to_child = -EBADF;
        _cleanup_free_ char *users = NULL, *expected = NULL;
        int ends[2];
        pid_t child;

        ASSERT_OK(pipe2(ends, O_CLOEXEC));
        child = fork();
        ASSERT_TRUE(child >= 0);
        if (child == 0) {
                char c;

                /* A node that hardly anybody has open. */
                if (open("/dev/full", O_RDONLY) < 0)
                        _exit(EXIT_FAILURE);
                (void) close(ends[1]);
                _exit(read(ends[0], &c, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        }

        to_child = ends[1];
        (void) close(ends[0]);
        expected = strprintf("PID %jd (", (intmax_t) child);
        /* Until it has got so far. */
        for (unsigned i = 0; i < 10000 && (!users || !strstr(users, expected)); i++) {
                free(users);
                users = usb_node_users("/dev/full");
        }
        ASSERT_TRUE(users && strstr(users, expected));
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        ASSERT_TRUE(directory != NULL);
        test_lock();
        test_describe();
        test_locks_find();
        test_unit();
        test_explain();
        test_users();
        return EXIT_SUCCESS;
}
