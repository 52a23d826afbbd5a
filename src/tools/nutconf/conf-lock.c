/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "string-util.h"
#include "time-util.h"

#define LOCK_NAME ".nutconf.lock"
#define WAIT_USEC (10 * USEC_PER_SEC)
#define PAUSE_NSEC 100000000L

/* 0, -EAGAIN with the process that has it (0 if that is not known), or another negative errno. */
static int try_lock(int fd, pid_t *ret_holder) {
        struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        *ret_holder = 0;
        if (fcntl(fd, F_SETLK, &l) >= 0)
                return 0;
        if (errno != EAGAIN && errno != EACCES)
                return -errno;
        if (fcntl(fd, F_GETLK, &l) >= 0 && l.l_type != F_UNLCK && l.l_pid > 0)
                *ret_holder = l.l_pid;
        return -EAGAIN;
}

/* The one before us takes the file away when it is done: then what we have is no lock. */
static bool is_in_place(int directory, int fd) {
        struct stat st, mine;

        return fstatat(directory, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) >= 0 && fstat(fd, &mine) >= 0 &&
                st.st_dev == mine.st_dev && st.st_ino == mine.st_ino;
}

/* A descriptor; -EAGAIN with who has it. */
static int take(int directory, pid_t *ret_holder) {
        _cleanup_close_ int fd = openat(directory, LOCK_NAME,
                O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0600);
        struct stat st;

        *ret_holder = 0;
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EEXIST;

        int r = try_lock(fd, ret_holder);
        if (r < 0)
                return r;
        return is_in_place(directory, fd) ? TAKE_FD(fd) : -EAGAIN;
}

static void say_holder(const char *what, const char *path, pid_t holder) {
        if (holder > 0)
                fprintf(stderr, "%s process %d, which has locked %s" LOCK_NAME "\n", what, (int) holder,
                        path);
        else
                fprintf(stderr, "%s whoever has locked %s" LOCK_NAME "\n", what, path);
}

int conf_lock(int directory, const char *path) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + WAIT_USEC;
        bool said = false;
        pid_t holder;
        int r;

        while ((r = take(directory, &holder)) == -EAGAIN && now_usec(CLOCK_MONOTONIC) < end) {
                if (holder > 0 && !said) {
                        say_holder("Waiting for", path, holder);
                        said = true;
                }
                (void) nanosleep(&(struct timespec) { .tv_nsec = PAUSE_NSEC }, NULL);
        }

        if (r == -EAGAIN)
                say_holder("Error: Nothing was changed, having waited in vain for", path, holder);
        else if (r < 0)
                fprintf(stderr, "Error: Failed to lock %s" LOCK_NAME ": %s\n", path, strerror(-r));
        return r;
}

void conf_unlock(int directory, int lock) {
        if (lock < 0)
                return;

        (void) unlinkat(directory, LOCK_NAME, 0);
        safe_close(lock);
}
