/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-crash.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "client.h"
#include "fuzz-stage.h"
#include "state.h"
#include "test-util.h"

/*** The end of the world ***/

/* A copy that nobody changes any more. */
static int copy_state(int state_fd) {
        struct stat st;
        int fd;

        ASSERT_EQ(fstat(state_fd, &st), 0);
        size_t size = (size_t) st.st_size;
        _cleanup_free_ char *memory = malloc(size);
        ASSERT_TRUE(memory);
        ASSERT_EQ(pread(state_fd, memory, size, 0), size);
        ASSERT_OK(fd = memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        ASSERT_EQ(pwrite(fd, memory, size, 0), size);
        ASSERT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
        return fd;
}

static void cut_off(Server *s) {
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        safe_close(fds[1]);
        for (unsigned p = 0; p < SERVER_PHASES; p++)
                for (Client *c = s->clients[p].first; c; c = c->next)
                        ASSERT_OK(dup3(fds[0], c->fd, O_CLOEXEC));
        safe_close(fds[0]);
}

void crash_happen(Stage *g) {
        Gateway *w = g->gateway;

        stage_receive_stored(g);
        g->crash.in_hand = state_set_in_hand(w->state, 0);
        (void) state_set_in_hand(w->state, g->crash.in_hand);
        g->crash.state_fd = copy_state(g->state_fd);
        g->crash.happened = true;
        g->crash.moments = 0;
        stage_expect_crash(g);
        cut_off(w->server);
}

/*** Moments ***/

static Stage **armed(void) {
        static Stage *stage;

        return &stage;
}

void crash_arm(Stage *g) {
        *armed() = g;
}

void crash_disarm(void) {
        *armed() = NULL;
}

static void pass(void) {
        Stage *g = *armed();

        if (!g || g->crash.moments == 0 || --g->crash.moments > 0)
                return;
        crash_happen(g);
}

ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
void __real_state_save_session(State *s, Session *session, int fd);
void __wrap_state_save_session(State *s, Session *session, int fd);
void __real_state_save_input(State *s, Session *session, int fd, const char *data, size_t n);
void __wrap_state_save_input(State *s, Session *session, int fd, const char *data, size_t n);
void __real_state_release(State *s, uint32_t *slot);
void __wrap_state_release(State *s, uint32_t *slot);

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags) {
        pass();
        ssize_t r = __real_recv(fd, data, n, flags);
        int e = errno;
        pass();
        errno = e;
        return r;
}

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags) {
        pass();
        ssize_t r = __real_send(fd, data, n, flags);
        int e = errno;
        pass();
        errno = e;
        return r;
}

void __wrap_state_save_session(State *s, Session *session, int fd) {
        pass();
        __real_state_save_session(s, session, fd);
        pass();
}

void __wrap_state_save_input(State *s, Session *session, int fd, const char *data, size_t n) {
        pass();
        __real_state_save_input(s, session, fd, data, n);
        pass();
}

void __wrap_state_release(State *s, uint32_t *slot) {
        pass();
        __real_state_release(s, slot);
        pass();
}
