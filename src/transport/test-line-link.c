/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sys/ioctl.h>

#include "line-link.h"
#include "serial.h"
#include "test-util.h"
#include "time-util.h"

#define TIMEOUT_USEC (150 * USEC_PER_MSEC)

static const LineFraming text = { .end = { '\r' }, .n_end = 1, .timeout_usec = TIMEOUT_USEC };

/*** Answers that come in pieces ***/

static int add(LineAnswer *a, const char *s) {
        return line_answer_add(a, (const uint8_t *) s, strlen(s));
}

static void test_answer(void) {
        LineAnswer a = { .framing = &text };

        ASSERT_EQ(add(&a, "(1"), 0);
        ASSERT_EQ(add(&a, ""), 0);
        ASSERT_EQ(add(&a, "2\r"), 4);
        ASSERT_EQ(a.n_after, 0);

        a = (LineAnswer) { .framing = &text };
        ASSERT_EQ(add(&a, "(1\r(1\r"), 3);
        ASSERT_EQ(a.n_after, 3);
}

static void test_answer_ends(void) {
        const LineFraming crlf = { .end = "\r\n", .n_end = 2 },
                          binary = { .end = "\r", .n_end = 1, .binary = 4 };
        LineAnswer a = { .framing = &crlf };

        ASSERT_EQ(add(&a, "1\r2\r"), 0);
        ASSERT_EQ(add(&a, "\n"), 5);

        a = (LineAnswer) { .framing = &binary };
        ASSERT_EQ(add(&a, "#\r\r"), 0);
        ASSERT_EQ(add(&a, "\r"), 0);
        ASSERT_EQ(add(&a, "\r\r"), 5);
        ASSERT_EQ(a.n_after, 1);
}

/* When the time is over. */
static void test_answer_finish(void) {
        const LineFraming optional = { .end = "\r\n", .n_end = 2, .end_optional = true };
        LineAnswer a = { .framing = &optional };

        ASSERT_EQ(line_answer_finish(&a), 0);
        ASSERT_EQ(add(&a, "ACK"), 0);
        ASSERT_EQ(line_answer_finish(&a), 5);
        ASSERT_EQ(memcmp(a.data, "ACK\r\n", 5), 0);

        a = (LineAnswer) { .framing = &text };
        ASSERT_EQ(line_answer_finish(&a), 0);
        ASSERT_EQ(add(&a, "ACK"), 0);
        ASSERT_EQ(line_answer_finish(&a), -EBADMSG);
}

static void test_answer_echo(void) {
        const LineFraming echo = { .end = "\r", .n_end = 1, .echo = true };
        const LineAnswer empty = { .framing = &echo, .request = (const uint8_t *) "Q1\r", .n_request = 3 };
        LineAnswer a = empty;

        ASSERT_EQ(add(&a, "Q"), 0);
        ASSERT_EQ(add(&a, "1\r("), 0);
        ASSERT_TRUE(a.had_echo);
        ASSERT_EQ(add(&a, "2\r"), 3);
        ASSERT_EQ(memcmp(a.data, "(2\r", 3), 0);

        /* Once. */
        a = empty;
        ASSERT_EQ(add(&a, "Q1\rQ1\r"), 3);
        a = empty;
        ASSERT_EQ(add(&a, "(1\r"), 3);
        a = empty;
        ASSERT_EQ(add(&a, "Q2\r"), 3);
}

static void test_answer_too_long(void) {
        LineAnswer a = { .framing = &text };
        uint8_t many[LINE_SIZE_MAX];

        memset(many, 'x', sizeof(many));
        ASSERT_EQ(line_answer_add(&a, many, sizeof(many) - 1), 0);
        ASSERT_EQ(line_answer_add(&a, (const uint8_t *) "\r12", 3), LINE_SIZE_MAX);
        ASSERT_EQ(a.n_after, 2);

        a = (LineAnswer) { .framing = &text };
        ASSERT_ERROR(line_answer_add(&a, many, sizeof(many)), EBADMSG);
}

/*** A serial line ***/

typedef struct Step {
        const char *request; /* what has to come, NULL for the end */
        const char *pieces[3];
        int pause_msec;      /* between them */
} Step;

typedef struct Unit {
        int master;
        const Step *steps;
} Unit;

static void *unit_run(void *userdata) {
        const Unit *u = userdata;
        char in[64] = {};
        size_t n = 0;

        for (const Step *s = u->steps; s->request; s++, n = 0) {
                while (n < strlen(s->request)) {
                        ssize_t k = read(u->master, in + n, strlen(s->request) - n);

                        ASSERT_TRUE(k > 0);
                        n += (size_t) k;
                }
                ASSERT_EQ(memcmp(in, s->request, n), 0);
                for (size_t i = 0; i < ELEMENTSOF(s->pieces) && s->pieces[i]; i++) {
                        if (i > 0)
                                (void) poll(NULL, 0, s->pause_msec);
                        ASSERT_EQ(write(u->master, s->pieces[i], strlen(s->pieces[i])),
                                  strlen(s->pieces[i]));
                }
        }
        return NULL;
}

typedef struct Bench {
        Unit unit;
        pthread_t thread;
        LineLink *link;
        int slave; /* to see what has come in */
} Bench;

static void bench_open(Bench *b, const Step *steps) {
        const SerialSettings settings = { .speed = 2400, .data_bits = 8, .stop_bits = 1 };
        char path[64];
        int slave;

        b->unit.steps = steps;
        ASSERT_OK(openpty(&b->unit.master, &slave, path, NULL, NULL));
        ASSERT_OK(serial_configure(slave, &settings));
        ASSERT_OK(line_link_new_serial(path, slave, false, &b->link));
        b->slave = fcntl(slave, F_DUPFD_CLOEXEC, 3);
        ASSERT_TRUE(b->slave >= 0);
        ASSERT_STREQ(b->link->identity.path, path);
        ASSERT_FALSE(b->link->is_usb);
        ASSERT_EQ(pthread_create(&b->thread, NULL, unit_run, &b->unit), 0);
}

static void bench_close(Bench *b) {
        ASSERT_EQ(pthread_join(b->thread, NULL), 0);
        b->link = line_link_free(b->link);
        b->slave = safe_close(b->slave);
        b->unit.master = safe_close(b->unit.master);
}

static void wait_readable(const Bench *b) {
        struct pollfd p = { .fd = b->slave, .events = POLLIN };

        ASSERT_EQ(poll(&p, 1, 10000), 1);
}

static void assert_exchange(Bench *b, const char *request, int result, const char *expected) {
        uint8_t answer[32];
        int r = line_link_exchange(b->link, (const uint8_t *) request, strlen(request), &text, answer,
                                   sizeof(answer));

        ASSERT_EQ(r, expected ? (int) strlen(expected) : result);
        if (expected && memcmp(answer, expected, strlen(expected)) != 0)
                TEST_FAIL("%s is answered by %.*s", request, r, (char *) answer);
}

static void test_exchange(void) {
        static const Step steps[] = {
                { "Q1\r", { "(230.0\r" } },
                { "Q1\r", { "(23", "1.0", "\r" }, .pause_msec = 10 },
                { "Q1\r", { "(23", "1.", "5\r" }, .pause_msec = 100 },
                { "C\r" },
                { "Q1\r", { "(232" } },
                { "Q1\r", { "0123456789012345678901234567890123456789\r" } },
                { "F\r", { "#220\r" } },
                {}
        };
        Bench b = {};
        uint64_t begin;

        bench_open(&b, steps);
        assert_exchange(&b, "Q1\r", 0, "(230.0\r");
        assert_exchange(&b, "Q1\r", 0, "(231.0\r");
        assert_exchange(&b, "Q1\r", 0, "(231.5\r");
        begin = now_usec(CLOCK_MONOTONIC);
        assert_exchange(&b, "C\r", 0, NULL);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) >= begin + TIMEOUT_USEC);
        assert_exchange(&b, "Q1\r", -EBADMSG, NULL);
        assert_exchange(&b, "Q1\r", -EBADMSG, NULL);
        assert_exchange(&b, "F\r", 0, "#220\r");
        bench_close(&b);
}

/* What belongs to an earlier request is not taken for the answer to a later one. */
static void test_stale(void) {
        static const Step steps[] = {
                { "Q1\r", { "(1\r", "(2\r" }, .pause_msec = 20 },
                { "Q1\r", { "(3\r" } },
                { "Q1\r", { "\r", "(4\r" }, .pause_msec = 1 },
                { "Q1\r", { "(5\r" } },
                /* Late: behind the time-out. */
                { "Q1\r", { "", "(6\r" }, .pause_msec = 200 },
                { "Q1\r", { "(7\r" } },
                {}
        };
        Bench b = {};

        bench_open(&b, steps);
        assert_exchange(&b, "Q1\r", 0, "(1\r");
        wait_readable(&b);
        assert_exchange(&b, "Q1\r", 0, "(3\r");
        assert_exchange(&b, "Q1\r", 0, "\r");
        assert_exchange(&b, "Q1\r", 0, "(5\r");
        assert_exchange(&b, "Q1\r", 0, NULL);
        wait_readable(&b);
        assert_exchange(&b, "Q1\r", 0, "(7\r");
        bench_close(&b);
}

/* Who had the port before may have asked, and been killed. */
static void test_first_is_quiet(void) {
        static const Step steps[] = { { "Q1\r", { "(1\r" } }, { "Q1\r", { "(2\r" } }, {} };
        uint64_t begin = now_usec(CLOCK_MONOTONIC);
        Bench b = {};

        bench_open(&b, steps);
        assert_exchange(&b, "Q1\r", 0, "(1\r");
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) >= begin + 100 * USEC_PER_MSEC);
        assert_exchange(&b, "Q1\r", 0, "(2\r");
        bench_close(&b);
}

/* The exclusive mode belongs to the terminal, whoever has set it. */
static void test_unlocks_what_was_locked(void) {
        for (int locked = 0; locked < 2; locked++) {
                int master, slave, other, exclusive = -1;
                char path[64];
                LineLink *l;

                ASSERT_OK(openpty(&master, &slave, path, NULL, NULL));
                other = fcntl(slave, F_DUPFD_CLOEXEC, 3);
                ASSERT_OK(ioctl(other, TIOCEXCL));
                ASSERT_OK(line_link_new_serial(path, slave, locked, &l));
                line_link_free(l);
                ASSERT_OK(ioctl(other, TIOCGEXCL, &exclusive));
                ASSERT_EQ(exclusive, !locked);
                safe_close(other);
                safe_close(master);
        }
}

static void test_hang_up(void) {
        static const Step steps[] = { { "Q1\r", { "(2" } }, {} };
        Bench b = {};

        bench_open(&b, steps);
        assert_exchange(&b, "Q1\r", -EBADMSG, NULL);
        ASSERT_EQ(pthread_join(b.thread, NULL), 0);
        b.unit.master = safe_close(b.unit.master);
        b.slave = safe_close(b.slave);
        assert_exchange(&b, "Q1\r", -ENODEV, NULL);
        assert_exchange(&b, "Q1\r", -ENODEV, NULL);
        b.link = line_link_free(b.link);
}

static void test_invalid(void) {
        static const Step steps[] = { {} };
        LineFraming bad = text;
        uint8_t request[LINE_SIZE_MAX + 1] = {}, answer[8];
        Bench b = {};

        bench_open(&b, steps);
        ASSERT_ERROR(line_link_exchange(b.link, request, 0, &text, answer, 8), EINVAL);
        ASSERT_ERROR(line_link_exchange(b.link, request, sizeof(request), &text, answer, 8), EINVAL);
        bad.n_end = 0;
        ASSERT_ERROR(line_link_exchange(b.link, request, 1, &bad, answer, 8), EINVAL);
        bad.n_end = 5;
        ASSERT_ERROR(line_link_exchange(b.link, request, 1, &bad, answer, 8), EINVAL);
        bad.n_end = 1;
        bad.binary = LINE_SIZE_MAX;
        ASSERT_ERROR(line_link_exchange(b.link, request, 1, &bad, answer, 8), EINVAL);
        bench_close(&b);
}

int main(void) {
        test_answer();
        test_answer_ends();
        test_answer_finish();
        test_answer_echo();
        test_answer_too_long();
        test_exchange();
        test_stale();
        test_first_is_quiet();
        test_unlocks_what_was_locked();
        test_hang_up();
        test_invalid();
        return EXIT_SUCCESS;
}
