/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-socket.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "test-kit.h"

#define DUMP_STATUS "SETINFO ups.status \"OL\"\n"
#define DUMP_ID                                                                 \
        "SETINFO ups.id \"a \\\"b\\\" \\\\ \\#1\"\n"                            \
        "SETAUX ups.id 16\n"                                                    \
        "SETFLAGS ups.id RW STRING\n"
#define DUMP_ALL                                                                \
        "SETINFO battery.charge.low \"20\"\n"                                   \
        "ADDENUM battery.charge.low \"10\"\n"                                   \
        "ADDENUM battery.charge.low \"20\"\n"                                   \
        "ADDRANGE battery.charge.low -5 90\n"                                   \
        "SETFLAGS battery.charge.low RW\n"                                      \
        DUMP_ID                                                                 \
        "SETINFO ups.model \"M\"\n"                                             \
        DUMP_STATUS                                                             \
        "ADDCMD load.off\n"                                                     \
        "ADDCMD load.on\n"                                                      \
        "DATAOK\n"                                                              \
        "DUMPDONE\n"

typedef struct Test {
        sd_event *event;
        char directory[32];
        Model *model;
        DriverSocket *socket;
        int answer; /* to each request; 1: none yet */
        Request *open;
        char *asked; /* what the last request was */
} Test;

static void on_request(void *userdata, Request *q) {
        Test *t = userdata;

        free(t->asked);
        t->asked = strprintf(
                        "%s %s [%s]", q->type == REQUEST_SET ? "set" : "run", q->name, q->value ?: "none");
        if (t->answer == 1)
                t->open = q;
        else
                (void) request_done(q, t->answer, NULL);
}

static void apply(Test *t, Update *u) {
        _cleanup_(change_freep) Change *change = NULL;

        ASSERT_OK(model_apply(t->model, u, &change));
        update_free(u);
        if (t->socket)
                driver_socket_changed(t->socket, change);
}

static DriverSocketConfig socket_config(const Test *t) {
        return (DriverSocketConfig) { t->directory, "fake", "ups", NULL };
}

static void test_begin(Test *t) {
        Update *u = update_new();

        ASSERT_OK(sd_event_new(&t->event));
        (void) strcpy(t->directory, "/tmp/test-kit-XXXXXX");
        ASSERT_TRUE(mkdtemp(t->directory));
        t->model = model_new();
        (void) update_set(u, "ups.model", "M");
        (void) update_set(u, "ups.id", "a \"b\" \\ #1");
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 16);
        (void) update_set(u, "battery.charge.low", "20");
        (void) update_describe(u, "battery.charge.low", VARIABLE_WRITABLE, 0);
        (void) update_enum(u, "battery.charge.low", "10");
        (void) update_enum(u, "battery.charge.low", "20");
        (void) update_range(u, "battery.charge.low", -5, 90);
        (void) update_status(u, "OL");
        (void) update_command(u, "load.on");
        (void) update_command(u, "load.off");
        (void) update_freshness(u, FRESHNESS_FRESH);
        apply(t, u);

        DriverSocketConfig config = socket_config(t);
        ASSERT_OK(driver_socket_new(t->event, &config, t->model, on_request, t, &t->socket));
}

static void test_end(Test *t) {
        t->socket = driver_socket_free(t->socket);
        model_free(t->model);
        sd_event_unref(t->event);
        free(t->asked);
        ASSERT_EQ(rmdir(t->directory), 0); /* so the socket is removed as well */
}

static int connect_to(const Test *t) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/fake-ups", t->directory);
        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

/* Reads until the text has been received; fails when other bytes come. */
static void expect(const Test *t, int fd, const char *text) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 5 * USEC_PER_SEC;
        char buffer[4096] = "";
        size_t n = 0;

        while (n < strlen(text)) {
                ssize_t k = recv(fd, buffer + n, strlen(text) - n, 0);

                if (k > 0)
                        n += (size_t) k;
                else if (k == 0 || now_usec(CLOCK_MONOTONIC) > deadline)
                        break;
                else
                        ASSERT_OK(sd_event_run(t->event, 10 * USEC_PER_MSEC));
        }

        ASSERT_STREQ(buffer, text);
}

static void expect_silence(const Test *t, int fd) {
        char c;

        for (unsigned i = 0; i < 5; i++)
                ASSERT_OK(sd_event_run(t->event, USEC_PER_MSEC));
        ASSERT_TRUE(recv(fd, &c, 1, 0) < 0);
        ASSERT_EQ(errno, EAGAIN);
}

static void expect_end(const Test *t, int fd) {
        char c;

        RUN_UNTIL(t->event, recv(fd, &c, 1, 0) == 0 || errno == ECONNRESET);
}

static void say(int fd, const char *text) {
        ASSERT_EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void test_conversation(void) {
        static const struct {
                const char *request, *reply, *asked;
                int answer;
        } table[] = {
                { "PING\n", "PONG\n" },
                { "ping\r\n", "PONG\n" },
                { "DUMPALL\n", DUMP_ALL },
                { "DUMPVALUE UPS.ID\n", DUMP_ID "DATAOK\nDUMPDONE\n" },
                { "DUMPVALUE no.such\n", "DATAOK\nDUMPDONE\n" },
                { "DUMPSTATUS\n", DUMP_STATUS "DATAOK\nDUMPDONE\n" },
                { "SET ups.id \"x\" TRACKING 1-2\n", "TRACKING 1-2 0\n", "set ups.id [x]" },
                { "SET ups.id \"x \\\"y\\\" \\\\ \\#\" TRACKING 3\n", "TRACKING 3 0\n",
                                "set ups.id [x \"y\" \\ #]" },
                { "SET ups.id \"\" TRACKING 3\n", "TRACKING 3 0\n", "set ups.id []" },
                { "SET ups.id x TRACKING 4\n", "TRACKING 4 1\n", "set ups.id [x]", -EOPNOTSUPP },
                { "SET ups.id x TRACKING 5\n", "TRACKING 5 2\n", "set ups.id [x]", -EINVAL },
                { "SET ups.id x TRACKING 5\n", "TRACKING 5 2\n", "set ups.id [x]", -EMSGSIZE },
                { "SET ups.id x TRACKING 6\n", "TRACKING 6 3\n", "set ups.id [x]", -EIO },
                { "SET ups.id x TRACKING 6\n", "TRACKING 6 3\n", "set ups.id [x]", -EROFS },
                { "SET ups.id x\nPING\n", "PONG\n", "set ups.id [x]" },
                { "SET ups.id TRACKING 7\n", "TRACKING 7 2\n" },
                { "SET ups.id x y TRACKING 7\n", "TRACKING 7 2\n" },
                { "SET ups.id \x01 TRACKING 7\n", "TRACKING 7 2\n" },
                { "SET\nPING\n", "PONG\n" },
                { "INSTCMD load.off TRACKING 8\n", "TRACKING 8 0\n", "run load.off [none]" },
                { "INSTCMD load.off 10 TRACKING 9\n", "TRACKING 9 0\n", "run load.off [10]" },
                { "INSTCMD test.battery.start deep fail TRACKING 10\n", "TRACKING 10 0\n",
                                "run test.battery.start [deep fail]" },
                { "INSTCMD x.y TRACKING 11\n", "TRACKING 11 1\n", "run x.y [none]", -EOPNOTSUPP },
                { "INSTCMD TRACKING 12\n", "TRACKING 12 2\n" },
                { "INSTCMD\nPING\n", "PONG\n" },
                { "WHAT is this\n\n# nothing\nPING\n", "PONG\n" },
                { "SET ups.id \"open # quote\nPING\n", "PONG\n" },
                { "SET ups.id \"open quote\nPING\n", "PONG\n" },
        };
        Test t = {};
        int fd;

        test_begin(&t);
        fd = connect_to(&t);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                t.answer = table[i].answer;
                t.asked = (free(t.asked), NULL);
                say(fd, table[i].request);
                expect(&t, fd, table[i].reply);
                expect_silence(&t, fd);
                if (!streq_ptr(t.asked, table[i].asked) && !strstr(table[i].request, "open quote"))
                        TEST_FAIL("%s: asked %s", table[i].request, t.asked ?: "nothing");
        }

        /* Byte by byte it is the same. */
        for (const char *c = "DUMPSTATUS\n"; *c; c++) {
                ASSERT_EQ(send(fd, c, 1, 0), 1);
                ASSERT_OK(sd_event_run(t.event, 10 * USEC_PER_MSEC));
        }
        expect(&t, fd, DUMP_STATUS "DATAOK\nDUMPDONE\n");

        say(fd, "GETPID\n");
        _cleanup_free_ char *pid = strprintf("PID %d\n", (int) getpid());
        expect(&t, fd, pid);

        say(fd, "LOGOUT\nPING\n");
        expect(&t, fd, "OK Goodbye\n");
        expect_end(&t, fd);
        safe_close(fd);
        test_end(&t);
}

static void test_broadcast(void) {
        Test t = {};
        Update *u;
        int fd, quiet;

        test_begin(&t);
        fd = connect_to(&t);
        quiet = connect_to(&t);
        say(fd, "PING\n");
        expect(&t, fd, "PONG\n");
        say(quiet, "NOBROADCAST\nPING\n");
        expect(&t, quiet, "PONG\n");

        u = update_new();
        (void) update_set(u, "ups.id", "new \"value\" \\ #9");
        (void) update_unset(u, "ups.model");
        (void) update_status(u, "OB");
        (void) update_command(u, "test.panel.start");
        (void) update_command_remove(u, "load.on");
        (void) update_freshness(u, FRESHNESS_STALE);
        apply(&t, u);
        expect(&t, fd,
               "DELINFO ups.model\n"
               "SETINFO ups.id \"new \\\"value\\\" \\\\ \\#9\"\n"
               "SETINFO ups.status \"OB\"\n"
               "DELCMD load.on\n"
               "ADDCMD test.panel.start\n"
               "DATASTALE\n");
        expect_silence(&t, quiet);

        /* A description that changes is told as a variable made anew. */
        u = update_new();
        (void) update_describe(u, "battery.charge.low", VARIABLE_WRITABLE | VARIABLE_STRING, 3);
        (void) update_freshness(u, FRESHNESS_FRESH);
        apply(&t, u);
        expect(&t, fd,
               "DELINFO battery.charge.low\n"
               "SETINFO battery.charge.low \"20\"\n"
               "SETAUX battery.charge.low 3\n"
               "SETFLAGS battery.charge.low RW STRING\n"
               "DATAOK\n");

        say(quiet, "BROADCAST 1\nPING\n");
        expect(&t, quiet, "PONG\n");
        say(fd, "BROADCAST 0\nPING\n");
        expect(&t, fd, "PONG\n");
        u = update_new();
        (void) update_status(u, "OL");
        apply(&t, u);
        expect(&t, quiet, "SETINFO ups.status \"OL\"\n");
        expect_silence(&t, fd);

        safe_close(fd);
        safe_close(quiet);
        test_end(&t);
}

static void test_slow_client(void) {
        Test t = {};
        int slow, other;

        test_begin(&t);
        slow = connect_to(&t);
        other = connect_to(&t);
        say(other, "PING\n");
        expect(&t, other, "PONG\n");

        /* A client that asks and asks and never reads is cut off when its answers fill the bounds. */
        for (unsigned i = 0; i < 100000; i++) {
                if (send(slow, "DUMPALL\n", 8, MSG_NOSIGNAL) < 0 && errno == EPIPE)
                        break;
                ASSERT_OK(sd_event_run(t.event, 0));
        }
        ASSERT_TRUE(send(slow, "PING\n", 5, MSG_NOSIGNAL) < 0);
        ASSERT_EQ(errno, EPIPE);

        say(other, "PING\n");
        expect(&t, other, "PONG\n");
        safe_close(slow);
        safe_close(other);
        test_end(&t);
}

static void test_client_leaves_before_answer(void) {
        Test t = { .answer = 1 };
        int fd;

        test_begin(&t);
        fd = connect_to(&t);
        say(fd, "SET ups.id x TRACKING 1\n");
        RUN_UNTIL(t.event, t.open != NULL);
        safe_close(fd);
        for (unsigned i = 0; i < 5; i++)
                ASSERT_OK(sd_event_run(t.event, 2 * USEC_PER_MSEC));
        t.open = request_done(t.open, 0, NULL);
        test_end(&t);
}

static void test_place(void) {
        DriverSocket *second = NULL;
        DriverSocketConfig config;
        _cleanup_free_ char *path = NULL;
        struct stat st;
        Test t = {};

        test_begin(&t);
        config = socket_config(&t);
        path = strjoin(t.directory, "/fake-ups");
        ASSERT_EQ(stat(path, &st), 0);
        ASSERT_EQ(st.st_mode & 07777, 0660);

        /* One that is served is not taken from its process. */
        ASSERT_ERROR(driver_socket_new(t.event, &config, t.model, on_request, &t, &second), EADDRINUSE);
        ASSERT_EQ(stat(path, &st), 0);

        /* What a process left behind is. */
        t.socket = driver_socket_free(t.socket);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        ASSERT_EQ(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        safe_close(fd);
        ASSERT_OK(driver_socket_new(t.event, &config, t.model, on_request, &t, &t.socket));

        /* Anything but a socket is somebody's, and left alone. */
        t.socket = driver_socket_free(t.socket);
        FILE *f = fopen(path, "we");
        ASSERT_TRUE(f);
        ASSERT_EQ(fclose(f), 0);
        ASSERT_ERROR(driver_socket_new(t.event, &config, t.model, on_request, &t, &second), EEXIST);
        ASSERT_EQ(unlink(path), 0);
        test_end(&t);

        /* A name that fits into no address. */
        char longer[200];
        memset(longer, 'x', sizeof(longer) - 1);
        longer[sizeof(longer) - 1] = '\0';
        config.directory = longer;
        sd_event *event = NULL;
        ASSERT_OK(sd_event_new(&event));
        ASSERT_ERROR(driver_socket_new(event, &config, NULL, on_request, NULL, &second), ENAMETOOLONG);
        sd_event_unref(event);
}

/* A socket that came from the service manager is used and outlives the device. */
static void test_passed(void) {
        ListenFd passed = {};
        ListenFds listen_fds = { &passed, 1 };
        DriverSocketConfig config;
        struct stat st;
        Test t = {};

        test_begin(&t);
        t.socket = driver_socket_free(t.socket);

        passed.path = strjoin(t.directory, "/fake-ups");
        passed.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", passed.path);
        ASSERT_EQ(bind(passed.fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        ASSERT_EQ(listen(passed.fd, 4), 0);

        config = socket_config(&t);
        config.listen_fds = &listen_fds;
        for (unsigned i = 0; i < 2; i++) {
                ASSERT_OK(driver_socket_new(t.event, &config, t.model, on_request, &t, &t.socket));
                int fd = connect_to(&t);
                say(fd, "PING\n");
                expect(&t, fd, "PONG\n");
                safe_close(fd);
                t.socket = driver_socket_free(t.socket);
                ASSERT_EQ(stat(passed.path, &st), 0);
        }

        safe_close(passed.fd);
        ASSERT_EQ(unlink(passed.path), 0);
        free(passed.path);
        test_end(&t);
}

int main(void) {
        log_set_max_level(LOG_ERR);
        test_conversation();
        test_broadcast();
        test_slow_client();
        test_client_leaves_before_answer();
        test_place();
        test_passed();
        return 0;
}
