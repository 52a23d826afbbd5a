/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verifier.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "string-util.h"
#include "user.h"

struct Verification {
        char *hash, *password;
        bool match;
        VerifierDone done; /* NULL: withdrawn. Of the event loop alone, as is userdata */
        void *userdata;
        Verification *next;
};

/* First in, first out. */
typedef struct Queue {
        Verification *first, **end;
} Queue;

struct Verifier {
        sd_event_source *source;
        int event_fd;
        pthread_t thread;
        bool running;

        pthread_mutex_t lock; /* for all that follows */
        pthread_cond_t asked;
        Queue questions, answers;
        bool stop;
};

static void queue_add(Queue *q, Verification *v) {
        v->next = NULL;
        *(q->first ? q->end : &q->first) = v;
        q->end = &v->next;
}

static Verification *queue_take(Queue *q) {
        Verification *v = q->first;

        if (v)
                q->first = v->next;
        return v;
}

static Verification *verification_free(Verification *q) {
        if (!q)
                return NULL;

        free(q->hash);
        if (q->password)
                explicit_bzero(q->password, strlen(q->password));
        free(q->password);
        free(q);
        return NULL;
}

Verification *verification_cancel(Verification *q) {
        if (q)
                q->done = NULL;
        return NULL;
}

/* The thread knows nothing but hashes and passwords. */
static void *verifier_thread(void *userdata) {
        static const uint64_t one = 1;
        Verifier *v = userdata;

        (void) pthread_mutex_lock(&v->lock);
        while (!v->stop) {
                Verification *q = queue_take(&v->questions);

                if (!q) {
                        (void) pthread_cond_wait(&v->asked, &v->lock);
                        continue;
                }
                (void) pthread_mutex_unlock(&v->lock);
                q->match = password_matches_hash(q->hash, q->password);
                (void) pthread_mutex_lock(&v->lock);
                queue_add(&v->answers, q);
                if (write(v->event_fd, &one, sizeof(one)) < 0)
                        continue; /* the counter is full, so that the loop is awake */
        }
        (void) pthread_mutex_unlock(&v->lock);
        return NULL;
}

static int on_answer(sd_event_source *es, int fd, uint32_t revents, void *userdata) {
        Verifier *v = userdata;
        Queue answers;
        uint64_t n;

        if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
                return -errno;

        (void) pthread_mutex_lock(&v->lock);
        answers = v->answers;
        v->answers = (Queue) {};
        (void) pthread_mutex_unlock(&v->lock);

        for (Verification *q; (q = queue_take(&answers));) {
                if (q->done)
                        q->done(q->userdata, q->match);
                verification_free(q);
        }
        return 0;
}

int verifier_new(sd_event *event, Verifier **ret) {
        _cleanup_(verifier_freep) Verifier *v = new0(Verifier, 1);

        if (!v)
                return -ENOMEM;
        (void) pthread_mutex_init(&v->lock, NULL);
        (void) pthread_cond_init(&v->asked, NULL);
        v->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (v->event_fd < 0)
                return -errno;

        int r = sd_event_add_io(event, &v->source, v->event_fd, EPOLLIN, on_answer, v);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(v->source, "verifier");

        *ret = TAKE_PTR(v);
        return 0;
}

/* Signals are the event loop's. */
static int start_thread(Verifier *v) {
        sigset_t all, old;

        if (v->running)
                return 0;

        sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &old);
        int r = pthread_create(&v->thread, NULL, verifier_thread, v);
        (void) pthread_sigmask(SIG_SETMASK, &old, NULL);
        v->running = r == 0;
        return -r;
}

Verifier *verifier_free(Verifier *v) {
        if (!v)
                return NULL;

        if (v->running) {
                (void) pthread_mutex_lock(&v->lock);
                v->stop = true;
                (void) pthread_cond_signal(&v->asked);
                (void) pthread_mutex_unlock(&v->lock);
                (void) pthread_join(v->thread, NULL);
        }
        for (Verification *q; (q = queue_take(&v->questions));)
                verification_free(q);
        for (Verification *q; (q = queue_take(&v->answers));)
                verification_free(q);
        sd_event_source_disable_unref(v->source);
        safe_close(v->event_fd);
        (void) pthread_cond_destroy(&v->asked);
        (void) pthread_mutex_destroy(&v->lock);
        free(v);
        return NULL;
}

int verifier_ask(Verifier *v, const char *hash, const char *password, VerifierDone done, void *userdata,
                Verification **ret) {
        int r = start_thread(v);
        if (r < 0)
                return r;

        Verification *q = new0(Verification, 1);
        if (!q)
                return -ENOMEM;

        q->hash = strdup(hash);
        q->password = strdup(password);
        if (!q->hash || !q->password) {
                verification_free(q);
                return -ENOMEM;
        }

        q->done = done;
        q->userdata = userdata;
        (void) pthread_mutex_lock(&v->lock);
        queue_add(&v->questions, q);
        (void) pthread_cond_signal(&v->asked);
        (void) pthread_mutex_unlock(&v->lock);
        *ret = q;
        return 0;
}
