/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verifier.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "string-util.h"
#include "user.h"

/* After so many questions of those who were right before it is a stranger's turn. */
#define KNOWN_IN_ROW_MAX 4U

struct Verification {
        Verifier *verifier;
        char *hash, *password;
        bool match;
        VerifierDone done; /* NULL: withdrawn. Of the event loop alone, as is userdata */
        void *userdata;
        VerifierLane *lane; /* NULL: the thread has it, or had it */
        Verification *next, *previous; /* in the lane, or next among the answers */
};

/* Lanes with questions, the next turn first. */
typedef struct LaneRing {
        VerifierLane *first, *last;
} LaneRing;

struct Verifier {
        sd_event_source *source;
        int event_fd;
        pthread_t thread;
        bool running;

        pthread_mutex_t lock; /* for all that follows, and for the lanes */
        pthread_cond_t asked;
        LaneRing rings[2]; /* of strangers, and of those who were right before */
        unsigned n_known_in_row;
        Verification *answers;
        bool stop;
};

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

/*** Lanes ***/

static void lane_append(Verifier *v, VerifierLane *l) {
        LaneRing *r = v->rings + l->known;

        l->next = NULL;
        l->previous = r->last;
        *(r->last ? &r->last->next : &r->first) = l;
        r->last = l;
}

static void lane_remove(Verifier *v, VerifierLane *l) {
        LaneRing *r = v->rings + l->known;

        *(l->previous ? &l->previous->next : &r->first) = l->next;
        *(l->next ? &l->next->previous : &r->last) = l->previous;
        l->next = l->previous = NULL;
}

static VerifierLane *lane_next(Verifier *v) {
        VerifierLane *stranger = v->rings[false].first, *known = v->rings[true].first;

        if (!known || (stranger && v->n_known_in_row >= KNOWN_IN_ROW_MAX)) {
                v->n_known_in_row = 0;
                return stranger;
        }
        v->n_known_in_row++;
        return known;
}

static void question_append(Verifier *v, VerifierLane *l, Verification *q) {
        if (!l->first)
                lane_append(v, l);
        q->lane = l;
        q->next = NULL;
        q->previous = l->last;
        *(l->last ? &l->last->next : &l->first) = q;
        l->last = q;
}

static void question_remove(Verifier *v, Verification *q) {
        VerifierLane *l = TAKE_PTR(q->lane);

        *(q->previous ? &q->previous->next : &l->first) = q->next;
        *(q->next ? &q->next->previous : &l->last) = q->previous;
        q->next = q->previous = NULL;
        if (!l->first)
                lane_remove(v, l);
}

/* Takes the question whose turn it is; its lane has to wait for all others then. */
static Verification *question_take(Verifier *v) {
        VerifierLane *l = lane_next(v);

        if (!l)
                return NULL;

        Verification *q = l->first;
        question_remove(v, q);
        if (l->first) {
                lane_remove(v, l);
                lane_append(v, l);
        }
        return q;
}

static void answer_add(Verifier *v, Verification *q, bool match) {
        q->match = match;
        q->next = v->answers;
        v->answers = q;
}

static void answer_equal_in(Verifier *v, LaneRing *r, const Verification *answered) {
        for (VerifierLane *l = r->first, *next_lane; l; l = next_lane) {
                next_lane = l->next;
                for (Verification *q = l->first, *next; q; q = next) {
                        next = q->next;
                        if (!streq(q->password, answered->password) || !streq(q->hash, answered->hash))
                                continue;
                        question_remove(v, q);
                        answer_add(v, q, answered->match);
                }
        }
}

/* A whole network of clients with the same user may come at once, after a restart. */
static void answer_equal(Verifier *v, const Verification *answered) {
        for (size_t i = 0; i < ELEMENTSOF(v->rings); i++)
                answer_equal_in(v, v->rings + i, answered);
}

Verification *verification_cancel(Verification *q) {
        if (!q)
                return NULL;

        Verifier *v = q->verifier;
        (void) pthread_mutex_lock(&v->lock);
        bool waits = q->lane;
        if (waits)
                question_remove(v, q);
        (void) pthread_mutex_unlock(&v->lock);

        if (waits)
                return verification_free(q);
        q->done = NULL;
        return NULL;
}

/* The thread knows nothing but hashes and passwords. */
static void *verifier_thread(void *userdata) {
        static const uint64_t one = 1;
        Verifier *v = userdata;

        (void) pthread_mutex_lock(&v->lock);
        while (!v->stop) {
                Verification *q = question_take(v);

                if (!q) {
                        (void) pthread_cond_wait(&v->asked, &v->lock);
                        continue;
                }
                (void) pthread_mutex_unlock(&v->lock);
                bool match = password_matches_hash(q->hash, q->password);
                (void) pthread_mutex_lock(&v->lock);
                answer_add(v, q, match);
                answer_equal(v, q);
                if (write(v->event_fd, &one, sizeof(one)) < 0)
                        continue; /* the counter is full, so that the loop is awake */
        }
        (void) pthread_mutex_unlock(&v->lock);
        return NULL;
}

static int on_answer(sd_event_source *es, int fd, uint32_t revents, void *userdata) {
        Verifier *v = userdata;
        uint64_t n;

        if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
                return -errno;

        (void) pthread_mutex_lock(&v->lock);
        Verification *answers = TAKE_PTR(v->answers);
        (void) pthread_mutex_unlock(&v->lock);

        for (Verification *q; (q = answers);) {
                answers = q->next;
                if (q->done)
                        q->done(q->userdata, q->match);
                verification_free(q);
        }
        return 0;
}

/* Signals are the event loop's. */
static int start_thread(Verifier *v) {
        sigset_t all, old;

        sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &old);
        int r = pthread_create(&v->thread, NULL, verifier_thread, v);
        (void) pthread_sigmask(SIG_SETMASK, &old, NULL);
        v->running = r == 0;
        return -r;
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
        r = start_thread(v);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(v);
        return 0;
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
        for (Verification *q; (q = question_take(v));)
                verification_free(q);
        for (Verification *q; (q = v->answers);) {
                v->answers = q->next;
                verification_free(q);
        }
        sd_event_source_disable_unref(v->source);
        safe_close(v->event_fd);
        (void) pthread_cond_destroy(&v->asked);
        (void) pthread_mutex_destroy(&v->lock);
        free(v);
        return NULL;
}

int verifier_ask(Verifier *v, VerifierLane *lane, const char *hash, const char *password, VerifierDone done,
                void *userdata, Verification **ret) {
        Verification *q = new0(Verification, 1);
        if (!q)
                return -ENOMEM;

        q->hash = strdup(hash);
        q->password = strdup(password);
        if (!q->hash || !q->password) {
                verification_free(q);
                return -ENOMEM;
        }

        q->verifier = v;
        q->done = done;
        q->userdata = userdata;
        (void) pthread_mutex_lock(&v->lock);
        question_append(v, lane, q);
        (void) pthread_cond_signal(&v->asked);
        (void) pthread_mutex_unlock(&v->lock);
        *ret = q;
        return 0;
}
