/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>

#include "serial-lock.h"
#include "serial.h"
#include "test-file.h"
#include "time-util.h"

static const SerialSettings usual = { .speed = 2400, .data_bits = 8, .stop_bits = 1 };

typedef struct Pty {
        int master, slave;
        char path[64];
} Pty;

static void pty_open(Pty *ret) {
        ASSERT_TRUE(openpty(&ret->master, &ret->slave, ret->path, NULL, NULL) >= 0);
}

static void pty_close(Pty *p) {
        p->slave = safe_close(p->slave);
        p->master = safe_close(p->master);
}

static uint64_t soon(void) {
        return now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;
}

static void test_configure(void) {
        static const struct {
                SerialSettings settings;
                speed_t speed;
                int result;
        } cases[] = {
                { { .speed = 2400, .data_bits = 8, .stop_bits = 1 },   B2400,   0       },
                { { .speed = 9600, .data_bits = 8, .stop_bits = 2 },   B9600,   0       },
                { { .speed = 115200, .data_bits = 8, .stop_bits = 1,
                    .dtr = SERIAL_LINE_ON, .rts = SERIAL_LINE_OFF },   B115200, 0       },
                { { .speed = 1200, .data_bits = 7, .stop_bits = 1,
                    .parity = SERIAL_PARITY_EVEN },                    B1200,   0       },
                { { .speed = 2401, .data_bits = 8, .stop_bits = 1 },   0,       -EINVAL },
                { { .speed = 2400, .data_bits = 9, .stop_bits = 1 },   0,       -EINVAL },
                { { .speed = 2400, .data_bits = 8, .stop_bits = 0 },   0,       -EINVAL },
        };
        _cleanup_(pty_close) Pty p;
        struct termios t;

        pty_open(&p);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ASSERT_EQ(serial_configure(p.slave, &cases[i].settings), cases[i].result);
                if (cases[i].result < 0)
                        continue;
                ASSERT_OK(tcgetattr(p.slave, &t));
                ASSERT_EQ(cfgetospeed(&t), cases[i].speed);
                ASSERT_EQ(!!(t.c_cflag & CSTOPB), cases[i].settings.stop_bits == 2);
                ASSERT_EQ(t.c_cflag & (HUPCL | CLOCAL | CREAD | CRTSCTS), CLOCAL | CREAD);
                ASSERT_EQ(t.c_lflag & (ICANON | ECHO | ISIG), 0);
                ASSERT_EQ(t.c_iflag & (IXON | IXOFF | ICRNL), 0);
        }
        ASSERT_TRUE(fcntl(p.slave, F_GETFL) & O_NONBLOCK);

        p.master = safe_close(p.master);
        ASSERT_ERROR(serial_configure(p.slave, &usual), ENODEV);
}

static void test_configure_no_tty(void) {
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        ASSERT_ERROR(serial_configure(fd, &usual), ENOTTY);
        ASSERT_ERROR(serial_configure(-EBADF, &usual), ENODEV);
}

static void test_bytes(void) {
        _cleanup_(pty_close) Pty p;
        char buffer[16];
        uint64_t begin;

        pty_open(&p);
        ASSERT_OK(serial_configure(p.slave, &usual));
        ASSERT_OK(serial_write(p.slave, "\rQ1\n\x03", 5, soon()));
        ASSERT_EQ(read(p.master, buffer, sizeof(buffer)), 5);
        ASSERT_EQ(memcmp(buffer, "\rQ1\n\x03", 5), 0);

        ASSERT_EQ(write(p.master, "(1\r\n\x11", 5), 5);
        ASSERT_EQ(serial_read(p.slave, buffer, 3, soon()), 3);
        ASSERT_EQ(serial_read(p.slave, buffer + 3, 8, soon()), 2);
        ASSERT_EQ(memcmp(buffer, "(1\r\n\x11", 5), 0);

        begin = now_usec(CLOCK_MONOTONIC);
        ASSERT_EQ(serial_read(p.slave, buffer, 3, begin + 20 * USEC_PER_MSEC), 0);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) >= begin + 20 * USEC_PER_MSEC);

        ASSERT_EQ(write(p.master, "old", 3), 3);
        ASSERT_OK(serial_flush(p.slave));
        ASSERT_EQ(serial_read(p.slave, buffer, 3, 0), 0);
}

/* A line on which nothing goes out: the other side does not read. */
static void test_write_deadline(void) {
        static const char block[65536];
        _cleanup_(pty_close) Pty p;
        int r = 0;

        pty_open(&p);
        ASSERT_OK(serial_configure(p.slave, &usual));
        for (unsigned i = 0; i < 1000 && r == 0; i++)
                r = serial_write(p.slave, block, sizeof(block), now_usec(CLOCK_MONOTONIC) + USEC_PER_MSEC);
        ASSERT_ERROR(r, ETIMEDOUT);
}

static void test_hang_up(void) {
        _cleanup_(pty_close) Pty p;
        char buffer[16];

        pty_open(&p);
        ASSERT_OK(serial_configure(p.slave, &usual));
        p.master = safe_close(p.master);
        ASSERT_ERROR(serial_read(p.slave, buffer, sizeof(buffer), soon()), ENODEV);
        ASSERT_ERROR(serial_write(p.slave, "Q1\r", 3, soon()), ENODEV);
        ASSERT_ERROR(serial_flush(p.slave), ENODEV);
}

static void test_lock(void) {
        _cleanup_(pty_close) Pty p;
        _cleanup_free_ char *holder = NULL, *self = strprintf("PID %jd (test-serial", (intmax_t) getpid());
        _cleanup_close_ int other = -EBADF;

        pty_open(&p);
        other = open(p.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        ASSERT_TRUE(other >= 0);
        ASSERT_OK(serial_lock(p.slave, p.path, &holder));
        ASSERT_OK(serial_lock(p.slave, p.path, &holder));
        ASSERT_STREQ(holder, NULL);
        ASSERT_ERROR(serial_lock(other, p.path, &holder), EBUSY);
        ASSERT_TRUE(startswith(holder, self));

        serial_unlock(p.slave);
        ASSERT_OK(serial_lock(other, p.path, NULL));
        ASSERT_ERROR(serial_lock(p.slave, p.path, NULL), EBUSY);
        serial_unlock(-EBADF);
}

static void test_lock_file_pid(void) {
        int binary = 70000;

        ASSERT_EQ(serial_lock_file_pid("      1234\n", 11), 1234);
        ASSERT_EQ(serial_lock_file_pid("1234", 4), 1234);
        ASSERT_EQ(serial_lock_file_pid("1234 \n", 6), 1234);
        ASSERT_EQ(serial_lock_file_pid((char *) &binary, sizeof(binary)), 70000);
        ASSERT_EQ(serial_lock_file_pid("", 0), 0);
        ASSERT_EQ(serial_lock_file_pid("-12\n", 4), 0);
        ASSERT_EQ(serial_lock_file_pid("12 minicom\n", 11), 0);
        ASSERT_EQ(serial_lock_file_pid("99999999999999\n", 15), 0);
        ASSERT_EQ(serial_lock_file_pid("0000000000000000000012\n", 23), 0);
}

/* A process that lives until its descriptor is closed, with nothing open but that, and node unless that is
 * NULL. */
static pid_t spawn(const char *node, int *ret_fd) {
        int life[2], ready[2];
        pid_t pid;
        char c = 0;

        ASSERT_OK(pipe(life));
        ASSERT_OK(pipe(ready));
        pid = fork();
        if (pid == 0) {
                if (dup2(life[0], 0) < 0 || dup2(ready[1], 1) < 0 || close_range(3, ~0U, 0) < 0 ||
                    (node && open(node, O_RDWR | O_NOCTTY) < 0))
                        _exit(1);
                (void) !write(1, &c, 1);
                (void) !read(0, &c, 1);
                _exit(0);
        }
        close(life[0]);
        close(ready[1]);
        ASSERT_EQ(read(ready[0], &c, 1), 1);
        close(ready[0]);
        *ret_fd = life[1];
        return pid;
}

static void test_lock_file(void) {
        _cleanup_free_ char *text = NULL, *self = strprintf("%10jd\n", (intmax_t) getpid());
        int fd;
        pid_t pid = spawn(NULL, &fd), found = 0;

        text = strprintf("%10jd\n", (intmax_t) pid);
        test_write_file("ttyUSB7", "");
        ASSERT_TRUE(symlink("ttyUSB7", "usb-adapter") >= 0);
        ASSERT_FALSE(serial_lock_file_find(".", "/dev/ttyUSB7", &found));

        test_write_file("LCK..ttyUSB7", text);
        ASSERT_TRUE(serial_lock_file_find(".", "/dev/ttyUSB7", &found));
        ASSERT_EQ(found, pid);
        ASSERT_TRUE(serial_lock_file_find(".", "./usb-adapter", &found));
        ASSERT_FALSE(serial_lock_file_find(".", "/dev/ttyUSB8", &found));
        test_write_file("LCK..ttyUSB7", self);
        ASSERT_FALSE(serial_lock_file_find(".", "/dev/ttyUSB7", &found));

        test_write_file("LCK..ttyUSB7", text);
        close(fd);
        ASSERT_EQ(waitpid(pid, NULL, 0), pid);
        ASSERT_FALSE(serial_lock_file_find(".", "/dev/ttyUSB7", &found));
}

static void end_process(pid_t pid, int fd) {
        close(fd);
        ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

/* A lock file by itself is no proof, as anybody can write one. */
static void test_lock_file_trust(void) {
        _cleanup_free_ char *file = NULL, *foreign = NULL, *own = NULL;
        _cleanup_(pty_close) Pty p;
        int fd, other_fd;
        pid_t pid, other, found = 0;

        pty_open(&p);
        file = strjoin("LCK..", strrchr(p.path, '/') + 1);
        pid = spawn(p.path, &fd);
        other = spawn(NULL, &other_fd);
        own = strprintf("%10jd\n", (intmax_t) pid);
        foreign = strprintf("%10jd\n", (intmax_t) other);

        test_write_file(file, own);
        ASSERT_TRUE(serial_lock_file_find(".", p.path, &found));
        ASSERT_EQ(found, pid);
        /* A process that has nothing to do with it, as when a number has come round. */
        test_write_file(file, foreign);
        ASSERT_FALSE(serial_lock_file_find(".", p.path, &found));

        test_write_file("elsewhere", own);
        ASSERT_OK(unlink(file));
        ASSERT_OK(symlink("elsewhere", file));
        ASSERT_FALSE(serial_lock_file_find(".", p.path, &found));
        ASSERT_OK(unlink(file));
        ASSERT_OK(mkfifo(file, 0600));
        ASSERT_FALSE(serial_lock_file_find(".", p.path, &found));
        ASSERT_OK(unlink(file));

        test_write_file(file, own);
        /* Only root can give it to somebody else. */
        if (chown(file, 12345, (gid_t) -1) >= 0)
                ASSERT_FALSE(serial_lock_file_find(".", p.path, &found));
        end_process(pid, fd);
        end_process(other, other_fd);
}

static void test_stat_terminal(void) {
        ASSERT_EQ(serial_stat_terminal("812 (agetty) S 1 812 812 1088 812 4194560 258"), makedev(4, 64));
        ASSERT_EQ(serial_stat_terminal("812 (a) S 1 2 3 4 5) S 1 812 812 34816 812"), makedev(136, 0));
        ASSERT_EQ(serial_stat_terminal("812 (a) S 1 812 812 1083393 812"), makedev(136, 257));
        ASSERT_EQ(serial_stat_terminal("812 (a) S 1 812 812 0 -1"), 0);
        ASSERT_EQ(serial_stat_terminal("812 (a"), 0);
        ASSERT_EQ(serial_stat_terminal(""), 0);
}

static void assert_explains(const char *path, int error, const char *part) {
        _cleanup_free_ char *text = serial_explain(path, error);

        if (!text || !strstr(text, part))
                TEST_FAIL("\"%s\" does not say \"%s\"", strempty(text), part);
}

static void test_explain(void) {
        _cleanup_(pty_close) Pty p;

        pty_open(&p);
        assert_explains("/dev/ttyNONE", -ENOENT, "there is no /dev/ttyNONE");
        assert_explains("/dev/ttyNONE", ENOENT, "/dev/serial/by-id");
        assert_explains(p.path, -EACCES, "dialout");
        assert_explains(p.path, -EACCES, p.path);
        assert_explains(p.path, -EBUSY, "is in use by");
        assert_explains("/dev/null", -ENOTTY, "/dev/null is no serial port");
        assert_explains(p.path, -EIO, strerror(EIO));
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        ASSERT_TRUE(directory != NULL);
        test_configure();
        test_configure_no_tty();
        test_bytes();
        test_write_deadline();
        test_hang_up();
        test_lock();
        test_lock_file_pid();
        test_lock_file();
        test_lock_file_trust();
        test_stat_terminal();
        test_explain();
        return EXIT_SUCCESS;
}
