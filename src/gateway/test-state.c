/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "fake-gateway.h"
#include "test-util.h"
#include "time-util.h"
#include "watch.h"

/* We are the service manager: descriptors come to this socket. */
static int manager_new(char directory[]) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };

        ASSERT_TRUE(mkdtemp(directory));
        (void) snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", directory);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ASSERT_OK(fd);
        ASSERT_EQ(bind(fd, (struct sockaddr *) &a, sizeof(a)), 0);
        ASSERT_EQ(setenv("NOTIFY_SOCKET", a.sun_path, true), 0);
        return fd;
}

/* The next descriptor that was stored, under this name. */
static int manager_receive(int manager, const char *name) {
        for (;;) {
                char text[512] = {};
                union {
                        struct cmsghdr header;
                        char space[CMSG_SPACE(sizeof(int) * 8) + CMSG_SPACE(sizeof(struct ucred))];
                } control = {};
                struct iovec v = { text, sizeof(text) - 1 };
                struct msghdr m = {
                        .msg_iov = &v,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control),
                };

                ASSERT_TRUE(recvmsg(manager, &m, MSG_CMSG_CLOEXEC) > 0);
                for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
                        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
                                int fd;

                                ASSERT_TRUE(strstr(text, "FDSTORE=1"));
                                ASSERT_TRUE(strstr(text, name));
                                memcpy(&fd, CMSG_DATA(h), sizeof(fd));
                                return fd;
                        }
        }
}

static int new_socket(void) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ASSERT_OK(fd);
        return fd;
}

static void save(State *state, Session *s, int fd, const char *user, const char *password, Device *d) {
        s->username = user ? strdup(user) : NULL;
        s->password = password ? strdup(password) : NULL;
        if (d) {
                session_login(s, d);
                s->need_seconds = 300;
        }
        state_save_session(state, s, fd);
        ASSERT_TRUE(s->slot != 0);
}

/* Logged in with half a line; tracking; only half a line; unable to go on; gone again. zeta is under a
 * forced shutdown. Leaves it as a crash does: nothing is tidied up in the memory. */
static void leave_state(State *state, Gateway *g, const int fds[static 5]) {
        Session a = { .sequence = 7 }, b = { .sequence = 8, .tracking = true }, c = { .sequence = 9 },
                d = { .sequence = 10 }, e = { .sequence = 11 };
        Device *zeta = device_table_find(g->devices, "zeta");
        _cleanup_free_ char *longest = new0(char, 513);

        g->state = state;
        save(state, &a, fds[0], "mon", "se cret", zeta);
        state_save_input(state, &a, fds[0], "GET VAR", 7);
        state_save_input(state, &a, fds[0], " zeta", 5);
        save(state, &b, fds[1], "admin", NULL, NULL);
        state_save_input(state, &c, fds[2], "NET", 3);
        ASSERT_TRUE(c.slot != 0);
        memset(longest, 'x', 512);
        save(state, &d, fds[3], longest, NULL, NULL);
        save(state, &e, fds[4], "mon", "mp", NULL);
        state_release(state, &e.slot);
        ASSERT_EQ(e.slot, 0);

        ASSERT_OK(fsd_set(g, zeta, "mon@192.0.2.1", "because"));
        session_done(&a);
        session_done(&b);
        session_done(&d);
        session_done(&e);
        fsd_free(zeta);
        state_free(state);
        g->state = NULL;
}

static void assert_sessions(State *state, Gateway *g, const int fds[static 5]) {
        const char *input;
        size_t n;
        Session r = {};

        ASSERT_EQ(state_restore_session(state, g, &r, fds[0], &input, &n), 1);
        ASSERT_STREQ(r.username, "mon");
        ASSERT_STREQ(r.password, "se cret");
        ASSERT_TRUE(r.device == device_table_find(g->devices, "zeta"));
        ASSERT_EQ(r.sequence, 7);
        ASSERT_EQ(r.need_seconds, 300);
        ASSERT_FALSE(r.tracking);
        ASSERT_EQ(n, 12);
        ASSERT_EQ(memcmp(input, "GET VAR zeta", 12), 0);
        session_done(&r);

        r = (Session) {};
        ASSERT_EQ(state_restore_session(state, g, &r, fds[1], &input, &n), 1);
        ASSERT_STREQ(r.username, "admin");
        ASSERT_STREQ(r.password, NULL);
        ASSERT_TRUE(r.tracking);
        ASSERT_EQ(n, 0);
        session_done(&r);

        r = (Session) {};
        ASSERT_EQ(state_restore_session(state, g, &r, fds[2], &input, &n), 1);
        ASSERT_STREQ(r.username, NULL);
        ASSERT_EQ(n, 3);
        ASSERT_ERROR(state_restore_session(state, g, &r, fds[3], &input, &n), E2BIG);
        ASSERT_EQ(state_restore_session(state, g, &r, fds[4], &input, &n), 0);
}

static void assert_forced(State *state, Gateway *g, uint64_t before) {
        Device *zeta = device_table_find(g->devices, "zeta");

        state_restore_forced(state, g);
        ASSERT_STREQ(zeta->forced->owner, "mon@192.0.2.1");
        ASSERT_STREQ(zeta->forced->reason, "because");
        ASSERT_TRUE(zeta->forced->since_usec >= before);
        ASSERT_TRUE(zeta->forced->since_usec <= now_usec(CLOCK_REALTIME));
}

static void test_round_trip(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Gateway *g = &f->gateway;
        uint64_t before = now_usec(CLOCK_REALTIME);
        State *state;
        int fds[5];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = new_socket();
        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        leave_state(state, g, fds);

        ASSERT_OK(state_new(memory, &state));
        assert_sessions(state, g, fds);
        assert_forced(state, g, before);
        state_collect(state);
        g->state = state;
        fsd_clear(g, device_table_find(g->devices, "zeta"), "test");
        state_free(state);
        g->state = NULL;
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
}

/* Who is logged in can log in again, whoever guesses from the addresses beside it; also when it must do so
 * because nobody can go on with its connection. */
static void test_trust(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Host host = { .key.s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 2 }, .address = "2001:db8::2" };
        Session sessions[] = { { .sequence = 1 }, { .sequence = 2, .secure = true }, { .sequence = 3 } };
        static const char *const names[] = { "mon", "sec", "admin" };
        State *state;
        int fds[ELEMENTSOF(names)];

        f->gateway.lockouts = lockouts_new();
        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                fds[i] = new_socket();
                save(state, sessions + i, fds[i], names[i], "x",
                     i == 2 ? NULL : device_table_find(f->gateway.devices, "zeta"));
                session_done(sessions + i);
        }
        state_free(state);

        ASSERT_OK(state_new(memory, &state));
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                Session r = { .host = &host };
                const char *input;
                size_t n;

                ASSERT_EQ(state_restore_session(state, &f->gateway, &r, fds[i], &input, &n),
                          i == 1 ? -E2BIG : 1);
                ASSERT_EQ(lockouts_trust(f->gateway.lockouts, &host, names[i]), i != 2);
                session_done(&r);
                safe_close(fds[i]);
        }
        state_free(state);
        lockouts_free(f->gateway.lockouts);
}

/* Whether a text is anywhere in the memory of the state. */
static bool holds(int memory, const char *text) {
        struct stat st;

        ASSERT_EQ(fstat(memory, &st), 0);
        void *p = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, memory, 0);
        ASSERT_TRUE(p != MAP_FAILED);
        bool found = memmem(p, (size_t) st.st_size, text, strlen(text));
        ASSERT_EQ(munmap(p, (size_t) st.st_size), 0);
        return found;
}

/* What no successor may use is not there, whether it was said before or after. */
static void test_encrypted(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session a = { .sequence = 1 }, b = { .sequence = 2, .secure = true };
        State *state;
        int fds[] = { new_socket(), new_socket() };

        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        save(state, &a, fds[0], "mon", "se cret", NULL);
        ASSERT_TRUE(holds(memory, "se cret"));
        a.secure = true;
        state_save_session(state, &a, fds[0]);
        save(state, &b, fds[1], "sec", "hid den", device_table_find(f->gateway.devices, "zeta"));
        ASSERT_FALSE(holds(memory, "se cret") || holds(memory, "hid den") || holds(memory, "mon"));
        ASSERT_TRUE(holds(memory, "sec"));
        session_done(&a);
        session_done(&b);
        state_free(state);
        safe_close(memory);
        safe_close(fds[0]);
        safe_close(fds[1]);
}

static void test_unfinished_line_too_long(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        State *state;
        Session s = { .sequence = 1 }, r = {};
        int fd = new_socket();
        char bytes[400] = {};

        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        memset(bytes, 'x', sizeof(bytes));
        state_save_input(state, &s, fd, bytes, sizeof(bytes));
        state_save_input(state, &s, fd, bytes, sizeof(bytes));
        state_free(state);

        const char *input;
        size_t n;
        ASSERT_OK(state_new(memory, &state));
        ASSERT_EQ(state_restore_session(state, &f->gateway, &r, fd, &input, &n), 1);
        ASSERT_TRUE(r.input_lost);
        state_collect(state);

        /* All of it was for an unfinished line: it goes with it. */
        state_save_input(state, &r, fd, NULL, 0);
        ASSERT_EQ(r.slot, 0);
        state_free(state);
        safe_close(fd);
}

static void watch(Gateway *g, Session *s, const char *name) {
        Device *d;
        Watch *w;

        ASSERT_OK(device_table_present(g->devices, name, NULL, NULL, NULL, &d));
        ASSERT_OK(watch_add(s, d, &w));
}

/* What was watched is watched on, as news; more than there is room for ends the connection. */
static void test_watches(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .sequence = 1 }, many = { .sequence = 2 }, r = {};
        int fd = new_socket(), other = new_socket();
        State *state;

        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        watch(&f->gateway, &s, "zeta");
        watch(&f->gateway, &s, "of-the-bus");
        state_save_session(state, &s, fd);
        state_save_input(state, &s, fd, "NET", 3);
        for (unsigned i = 0; i < WATCHES_PER_SESSION_MAX; i++) {
                char name[64];

                (void) snprintf(name, sizeof(name), "a-device-with-quite-a-long-name-%u", i);
                watch(&f->gateway, &many, name);
        }
        state_save_session(state, &many, other);
        session_done(&s);
        session_done(&many);
        state_free(state);

        const char *input;
        size_t n;
        ASSERT_OK(state_new(memory, &state));
        ASSERT_EQ(state_restore_session(state, &f->gateway, &r, fd, &input, &n), 1);
        ASSERT_EQ(n, 3);
        ASSERT_TRUE(r.watches && r.watches->next && !r.watches->next->next);
        ASSERT_TRUE(r.watches->due && r.watches->next->due);
        ASSERT_TRUE(r.watches->device == device_table_find(f->gateway.devices, "zeta"));
        ASSERT_STREQ(r.watches->next->device->name, "of-the-bus");
        state_save_input(state, &r, fd, NULL, 0);
        ASSERT_TRUE(r.slot != 0);
        session_done(&r);
        ASSERT_ERROR(state_restore_session(state, &f->gateway, &r, other, &input, &n), E2BIG);
        state_free(state);
        safe_close(fd);
        safe_close(other);
}

/* Many sessions make it grow; what nobody claims is free again. */
static void test_growth(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        enum { N = 500 };
        _cleanup_free_ Session *sessions = new0(Session, N);
        State *state;
        int fd = new_socket(), other = new_socket();

        ASSERT_OK(state_new(-EBADF, &state));
        int memory = manager_receive(manager, "state");
        for (size_t i = 0; i < N; i++)
                save(state, sessions + i, i == 400 ? other : fd, "u", "p", NULL);
        for (size_t i = 0; i < N; i++)
                session_done(sessions + i);
        state_free(state);

        const char *input;
        size_t n;
        Session r = {}, again = {};
        ASSERT_OK(state_new(memory, &state));
        ASSERT_EQ(state_restore_session(state, &f->gateway, &r, other, &input, &n), 1);
        ASSERT_ERROR(state_restore_session(state, &f->gateway, &again, other, &input, &n), EBADMSG);
        uint32_t slot = r.slot;
        state_collect(state);
        for (size_t i = 0; i < N - 1; i++) {
                Session s = {};

                state_save_session(state, &s, fd);
                ASSERT_TRUE(s.slot != 0 && s.slot != slot);
                ASSERT_TRUE(s.slot <= N);
        }
        session_done(&r);
        state_free(state);
        safe_close(fd);
        safe_close(other);
}

/* A record as version 1 had it: no need, no watches, and texts of 480 bytes. */
typedef struct Record1 {
        uint32_t type, flags;
        uint64_t key, sequence;
        uint16_t lengths[4];
        char data[480];
} Record1;

static void put_1(Record1 *r, uint32_t type, uint64_t key, const char *const texts[static 4]) {
        size_t at = 0;

        *r = (Record1) { .type = type, .key = key, .sequence = 7 };
        for (size_t i = 0; i < 4; i++) {
                r->lengths[i] = texts[i] ? (uint16_t) strlen(texts[i]) : UINT16_MAX;
                if (!texts[i])
                        continue;
                memcpy(r->data + at, texts[i], strlen(texts[i]));
                at += strlen(texts[i]);
        }
}

static uint64_t cookie(int fd) {
        uint64_t c = 0;
        socklen_t n = sizeof(c);

        ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c, &n), 0);
        return c;
}

/* The first half of a password that is 476 bytes long with the user: it had room then, and has none now. */
static int memory_of_version_1(const int fds[static 3]) {
        _cleanup_free_ Record1 *records = new0(Record1, 64);
        char password[474] = {};
        int fd = memfd_create("state", MFD_CLOEXEC);

        ASSERT_OK(fd);
        ASSERT_TRUE(records);
        memset(password, 'p', sizeof(password) - 1);
        memcpy(records, "busbar-gateway 1\0\0\0\0\0\2\0\0", 24);
        put_1(records + 1, 1, cookie(fds[0]), (const char *[]) { "mon", "mp", "zeta", "GET VAR z" });
        put_1(records + 2, 2, UINT64_C(1700000000000000),
                        (const char *[]) { "mon@192.0.2.1", "because", "zeta", NULL });
        put_1(records + 3, 1, cookie(fds[1]), (const char *[]) { "abc", password, NULL, NULL });
        put_1(records + 4, 1, cookie(fds[2]), (const char *[]) { NULL, NULL, NULL, "NET" });
        put_1(records + 5, 77, 0, (const char *[]) { "x", NULL, NULL, NULL });
        put_1(records + 6, 1, 5, (const char *[]) { "x", NULL, NULL, NULL });
        records[6].lengths[1] = 60000;
        ASSERT_EQ(write(fd, records, 64 * sizeof(Record1)), 64 * 512);
        return fd;
}

/* An upgrade: who is logged in stays so, and the forced shutdown is one still. */
static void test_version_1(int manager) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Gateway *g = &f->gateway;
        int fds[] = { new_socket(), new_socket(), new_socket() };
        Device *zeta = device_table_find(g->devices, "zeta");
        State *state, *again;

        ASSERT_EQ(state_new(memory_of_version_1(fds), &state), 1);
        int memory = manager_receive(manager, "state"); /* in the form of today, for the next one */
        ASSERT_EQ(state_new(memory, &again), 1);
        for (State *s = state; s; s = s == state ? again : NULL) {
                Session r = {}, bare = {};
                const char *input;
                size_t n;

                ASSERT_EQ(state_restore_session(s, g, &r, fds[0], &input, &n), 1);
                ASSERT_STREQ(r.username, "mon");
                ASSERT_STREQ(r.password, "mp");
                ASSERT_TRUE(r.device == zeta && !r.watches);
                ASSERT_EQ(r.sequence, 7);
                ASSERT_EQ(r.need_seconds, 0);
                ASSERT_EQ(n, 9);
                ASSERT_EQ(memcmp(input, "GET VAR z", n), 0);
                ASSERT_ERROR(state_restore_session(s, g, &bare, fds[1], &input, &n), E2BIG);
                ASSERT_EQ(state_restore_session(s, g, &bare, fds[2], &input, &n), 1);
                ASSERT_EQ(n, 3);
                state_restore_forced(s, g);
                ASSERT_STREQ(zeta->forced->owner, "mon@192.0.2.1");
                ASSERT_STREQ(zeta->forced->reason, "because");
                ASSERT_EQ(zeta->forced->since_usec, UINT64_C(1700000000000000));
                fsd_free(zeta);
                session_done(&r);
                session_done(&bare);
        }
        state_free(state);
        state_free(again);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
}

/* Whatever the service manager hands back, it must not bring us down. */
static void test_damaged(int manager) {
        static const size_t sizes[] = { 0, 1, 511, 512, 1024, 32768 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                char path[] = "/tmp/test-state-XXXXXX";
                int fd = mkstemp(path);
                State *state;

                ASSERT_OK(fd);
                ASSERT_EQ(unlink(path), 0);
                ASSERT_EQ(ftruncate(fd, (off_t) sizes[i]), 0);
                ASSERT_EQ(state_new(fd, &state), 0); /* nothing is known of clients */
                safe_close(manager_receive(manager, "state")); /* a fresh one */
                state_free(state);
        }
}

static void test_without_manager(void) {
        Session s = {};
        State *state = (State *) &s;

        ASSERT_EQ(unsetenv("NOTIFY_SOCKET"), 0);
        ASSERT_OK(state_new(-EBADF, &state));
        ASSERT_FALSE(state);
        state_save_session(state, &s, -EBADF);
        state_save_input(state, &s, -EBADF, "x", 1);
        state_release(state, &s.slot);
        state_collect(state);
        ASSERT_EQ(s.slot, 0);
}

int main(void) {
        char directory[] = "/tmp/test-state-XXXXXX";
        int manager = manager_new(directory);

        test_round_trip(manager);
        test_unfinished_line_too_long(manager);
        test_trust(manager);
        test_encrypted(manager);
        test_watches(manager);
        test_growth(manager);
        test_version_1(manager);
        test_damaged(manager);

        (void) unlink(getenv("NOTIFY_SOCKET"));
        (void) rmdir(directory);
        test_without_manager();
        safe_close(manager);
        return 0;
}
