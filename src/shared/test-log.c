/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "test-util.h"

#define N_THREADS 4
#define N_LINES 100

/* What the journal got last. This function stands in for libsystemd's. */
static struct {
        char text[8192];
        unsigned n_calls;
        int result;
} journal;

int sd_journal_sendv(const struct iovec *iov, int n) {
        size_t used = 0;

        journal.n_calls++;
        for (int i = 0; i < n; i++) {
                ASSERT_TRUE(used + iov[i].iov_len + 1 < sizeof(journal.text));
                memcpy(journal.text + used, iov[i].iov_base, iov[i].iov_len);
                used += iov[i].iov_len;
                journal.text[used++] = '\n';
        }
        journal.text[used] = '\0';
        return journal.result;
}

/* stderr is one end of a packet socket meanwhile, so that each write is told from the next. */
typedef struct Capture {
        int saved, fd;
        char packet[8192];
} Capture;

static void capture_begin(Capture *c) {
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
        c->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        ASSERT_TRUE(c->saved >= 0);
        ASSERT_EQ(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
        (void) safe_close(fds[1]);
        c->fd = fds[0];
}

/* The next line that was written, or NULL. */
static const char *capture_read(Capture *c) {
        ssize_t n = recv(c->fd, c->packet, sizeof(c->packet) - 1, MSG_DONTWAIT);

        if (n < 0)
                return NULL;
        c->packet[n] = '\0';
        return c->packet;
}

static void capture_end(Capture *c) {
        ASSERT_EQ(dup2(c->saved, STDERR_FILENO), STDERR_FILENO);
        (void) safe_close(c->saved);
        (void) safe_close(c->fd);
}

#define EXPECT(c, line)                                         \
        do {                                                    \
                const char *_line = capture_read(c);            \
                if (!streq_ptr(_line, (line))) {                \
                        capture_end(c);                         \
                        ASSERT_STREQ(_line, line);              \
                }                                               \
        } while (0)

static void test_levels(Capture *c) {
        for (int level = LOG_EMERG; level <= LOG_DEBUG; level++)
                ASSERT_EQ(log_enabled(level), level <= LOG_INFO);
        log_debug("hidden");
        EXPECT(c, NULL);

        for (int max = LOG_EMERG; max <= LOG_DEBUG; max++) {
                log_set_max_level(max);
                for (int level = LOG_EMERG; level <= LOG_DEBUG; level++) {
                        ASSERT_EQ(log_enabled(level), level <= max);
                        (void) log_full(level, 0, NULL, "level %i", level);
                        if (level <= max) {
                                char expected[64];

                                (void) snprintf(expected, sizeof(expected), "test-log: level %i\n", level);
                                EXPECT(c, expected);
                        } else
                                EXPECT(c, NULL);
                }
        }

        log_set_max_level(LOG_DEBUG + 5);
        ASSERT_TRUE(log_enabled(LOG_DEBUG));
        log_set_max_level(-5);
        ASSERT_TRUE(log_enabled(LOG_EMERG));
        ASSERT_FALSE(log_enabled(LOG_ALERT));
        log_set_max_level(LOG_INFO);
}

static void test_text(Capture *c) {
        static const LogContext device = { .device = "rack1", .driver = "usbhid-ups" };
        static const LogContext odd = { .device = "a%s\nb" };

        log_info("plain %i", 7);
        EXPECT(c, "test-log: plain 7\n");

        (void) log_full(LOG_WARNING, 0, &device, "is gone");
        EXPECT(c, "test-log: [rack1] is gone\n");

        (void) log_full(LOG_WARNING, 0, &odd, "%s", "100 %m");
        EXPECT(c, "test-log: [a%s b] 100 %m\n");

        log_info("a\nb\tc\x1b[2Jd\re\x7f \xc3\xa4");
        EXPECT(c, "test-log: a b c?[2Jd?e? \xc3\xa4\n");

        (void) log_oom();
        EXPECT(c, "test-log: Out of memory.\n");
}

static void test_errors(Capture *c) {
        ASSERT_EQ(log_error_errno(-ENOENT, "Cannot open: %m"), -ENOENT);
        EXPECT(c, "test-log: Cannot open: No such file or directory\n");
        ASSERT_EQ(log_error_errno(EACCES, "Cannot open: %m"), -EACCES);
        EXPECT(c, "test-log: Cannot open: Permission denied\n");
        ASSERT_EQ(log_error("No error"), 0);
        EXPECT(c, "test-log: No error\n");
        ASSERT_EQ(log_debug_errno(-EIO, "hidden"), -EIO);
        EXPECT(c, NULL);

        errno = EBUSY;
        (void) log_error_errno(-ENOENT, "%m");
        ASSERT_EQ(errno, EBUSY);
        EXPECT(c, "test-log: No such file or directory\n");
        log_info("errno is %m");
        ASSERT_EQ(errno, EBUSY);
        EXPECT(c, "test-log: errno is Device or resource busy\n");
}

static void test_long_text(Capture *c) {
        char text[10000];
        const char *line;
        size_t n;

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';

        log_info("%s", text);
        line = capture_read(c);
        ASSERT_TRUE(line != NULL);
        n = strlen(line);
        ASSERT_TRUE(n > 2000 && n < 5000);
        ASSERT_TRUE(startswith(line, "test-log: xxx") != NULL);
        ASSERT_EQ(strspn(line + 10, "x"), n - 11);
        ASSERT_EQ(line[n - 1], '\n');

        (void) log_full(LOG_INFO, 0, &(LogContext) { .device = text }, "the text");
        line = capture_read(c);
        ASSERT_TRUE(line != NULL);
        ASSERT_TRUE(endswith(line, "the text\n") != NULL);
}

static void *thread(void *userdata) {
        char text[600];

        memset(text, 'a' + *(const unsigned char *) userdata, sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        for (unsigned i = 0; i < N_LINES; i++)
                log_info("%s", text);
        return NULL;
}

/* Each line arrives whole: one write of one letter. */
static void test_threads(Capture *c) {
        static const unsigned char letters[N_THREADS] = { 0, 1, 2, 3 };
        unsigned counts[N_THREADS] = {};
        pthread_t threads[N_THREADS];

        for (size_t i = 0; i < N_THREADS; i++)
                ASSERT_EQ(pthread_create(threads + i, NULL, thread, (void *) (letters + i)), 0);

        for (size_t k = 0; k < N_THREADS * N_LINES; k++) {
                ssize_t n = recv(c->fd, c->packet, sizeof(c->packet), 0);

                ASSERT_EQ(n, 10 + 599 + 1);
                ASSERT_TRUE(c->packet[10] >= 'a' && c->packet[10] < 'a' + N_THREADS);
                for (size_t i = 0; i < 599; i++)
                        ASSERT_EQ(c->packet[10 + i], c->packet[10]);
                counts[c->packet[10] - 'a']++;
        }

        for (size_t i = 0; i < N_THREADS; i++) {
                ASSERT_EQ(pthread_join(threads[i], NULL), 0);
                ASSERT_EQ(counts[i], N_LINES);
        }
}

static void set_stream(int fd, unsigned device_offset) {
        char stream[64];
        struct stat st;

        ASSERT_EQ(fstat(fd, &st), 0);
        (void) snprintf(stream, sizeof(stream), "%ju:%ju",
                        (uintmax_t) st.st_dev + device_offset, (uintmax_t) st.st_ino);
        ASSERT_EQ(setenv("JOURNAL_STREAM", stream, true), 0);
}

static void test_journal(Capture *c) {
        static const LogContext full = {
                .message_id = "5b1f0d2a6c8e4e0d9a3c1f7be2d40a02",
                .device = "rack1",
                .driver = "usbhid-ups",
                .transport = "usb",
                .peer = "admin@::1",
                .file = "/etc/nut/ups.conf",
                .line = 12,
        };

        set_stream(STDERR_FILENO, 0);
        ASSERT_EQ(log_full(LOG_ERR, -EIO, &full, "Cannot read: %m"), -EIO);
        EXPECT(c, NULL);
        ASSERT_STREQ(journal.text,
                        "MESSAGE=[rack1] Cannot read: Input/output error\n"
                        "PRIORITY=3\n"
                        "SYSLOG_IDENTIFIER=test-log\n"
                        "MESSAGE_ID=5b1f0d2a6c8e4e0d9a3c1f7be2d40a02\n"
                        "DEVICE=rack1\n"
                        "DRIVER=usbhid-ups\n"
                        "TRANSPORT=usb\n"
                        "PEER=admin@::1\n"
                        "CONFIG_FILE=/etc/nut/ups.conf\n"
                        "CONFIG_LINE=12\n"
                        "ERRNO=5\n");

        log_info("simple");
        ASSERT_STREQ(journal.text, "MESSAGE=simple\nPRIORITY=6\nSYSLOG_IDENTIFIER=test-log\n");
        log_debug("hidden");
        ASSERT_EQ(journal.n_calls, 2);

        /* lines of text are the journal's as well */
        journal.result = -ENOENT;
        ASSERT_EQ(log_error_errno(-EIO, "Cannot read: %m"), -EIO);
        EXPECT(c, "<3>Cannot read: Input/output error\n");
        journal.result = 0;
}

/* Somebody redirected stderr, or the variable is nonsense. */
static void test_not_journal(Capture *c) {
        static const char *const nonsense[] = { "", "1", "1:", ":1", "x:y", "1:2x", "1:2:3", "-1:2" };
        unsigned n_calls = journal.n_calls;

        set_stream(c->saved, 1);
        log_info("redirected");
        EXPECT(c, "test-log: redirected\n");

        for (size_t i = 0; i < ELEMENTSOF(nonsense); i++) {
                ASSERT_EQ(setenv("JOURNAL_STREAM", nonsense[i], true), 0);
                log_info("nonsense");
                EXPECT(c, "test-log: nonsense\n");
        }

        ASSERT_EQ(unsetenv("JOURNAL_STREAM"), 0);
        ASSERT_EQ(journal.n_calls, n_calls);
}

static void test_closed(void) {
        int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

        ASSERT_TRUE(saved >= 0);
        (void) close(STDERR_FILENO);
        errno = EBUSY;
        int r = log_error_errno(-EIO, "into the void");
        int e = errno;
        ASSERT_EQ(dup2(saved, STDERR_FILENO), STDERR_FILENO);
        (void) safe_close(saved);
        ASSERT_EQ(r, -EIO);
        ASSERT_EQ(e, EBUSY);
}

int main(void) {
        Capture c;

        ASSERT_EQ(unsetenv("JOURNAL_STREAM"), 0);
        capture_begin(&c);
        test_levels(&c);
        test_text(&c);
        test_errors(&c);
        test_long_text(&c);
        test_threads(&c);
        test_journal(&c);
        test_not_journal(&c);
        capture_end(&c);

        test_closed();
        return EXIT_SUCCESS;
}
