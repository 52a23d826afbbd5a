/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file-writer.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "file.h"
#include "string-util.h"

#define WAIT_SEC 2

/* Shared with the thread, which may outlive the other side. */
struct FileWriter {
        pthread_mutex_t mutex;
        pthread_cond_t idle; /* the thread has ended */
        char *path;
        unsigned mode;
        char *text; /* what is to be written next, or NULL */
        int result;      /* of what was written last */
        bool running;    /* there is a thread */
        bool hangs;      /* it was waited for in vain */
        bool left_alone; /* the last one that leaves has to clean up */
};

static void destroy(FileWriter *w) {
        pthread_cond_destroy(&w->idle);
        pthread_mutex_destroy(&w->mutex);
        free(w->path);
        free(w->text);
        free(w);
}

int file_writer_new(const char *path, unsigned mode, FileWriter **ret) {
        FileWriter *w = new0(FileWriter, 1);
        char *copy = path ? strdup(path) : NULL;
        pthread_condattr_t attributes;

        if (!w || (path && !copy)) {
                free(w);
                free(copy);
                return -ENOMEM;
        }
        w->path = copy;
        w->mode = mode;
        pthread_mutex_init(&w->mutex, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&w->idle, &attributes);
        pthread_condattr_destroy(&attributes);
        *ret = w;
        return 0;
}

FileWriter *file_writer_free(FileWriter *w) {
        if (!w)
                return NULL;

        pthread_mutex_lock(&w->mutex);
        bool running = w->running;
        w->left_alone = true;
        pthread_mutex_unlock(&w->mutex);
        if (!running)
                destroy(w);
        return NULL;
}

static void *run(void *userdata) {
        FileWriter *w = userdata;

        pthread_mutex_lock(&w->mutex);
        while (w->text) {
                char *text = w->text;

                w->text = NULL;
                pthread_mutex_unlock(&w->mutex);
                int r = file_write_atomic(w->path, text, strlen(text), w->mode);
                free(text);
                pthread_mutex_lock(&w->mutex);
                w->result = r;
        }
        w->running = w->hangs = false;
        bool left_alone = w->left_alone;
        pthread_cond_signal(&w->idle);
        pthread_mutex_unlock(&w->mutex);
        if (left_alone)
                destroy(w);
        return NULL;
}

/* The signals of this process are for the event loop. */
static int start_thread(FileWriter *w) {
        sigset_t all, before;
        pthread_t thread;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(&thread, NULL, run, w);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (r != 0)
                return -r;
        (void) pthread_detach(thread);
        w->running = true;
        return 0;
}

static int wait_for_thread(FileWriter *w) {
        struct timespec deadline;

        if (w->hangs)
                return -ETIMEDOUT;

        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_sec += WAIT_SEC;
        while (w->running)
                if (pthread_cond_timedwait(&w->idle, &w->mutex, &deadline) != 0) {
                        w->hangs = w->running;
                        break;
                }
        return w->running ? -ETIMEDOUT : w->result;
}

int file_writer_write(FileWriter *w, const char *text) {
        if (!w || !w->path)
                return -ENOENT;

        char *copy = strdup(text);
        if (!copy)
                return -ENOMEM;

        pthread_mutex_lock(&w->mutex);
        free(w->text);
        w->text = copy;
        int r = w->running ? 0 : start_thread(w);
        if (r >= 0)
                r = wait_for_thread(w);
        pthread_mutex_unlock(&w->mutex);
        return r;
}
