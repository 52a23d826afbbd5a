/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve.h"

#include <pthread.h>
#include <stdatomic.h>

#include "test-util.h"

/* A name server that does not answer until it is told to: getaddrinfo() of the library is not used. */
#define QUESTIONS (3 * RESOLVE_THREADS_MAX)

typedef struct Server {
        pthread_mutex_t lock;
        pthread_cond_t opened;
        bool is_open;
        unsigned n_asked, n_busy, n_busy_max;
} Server;

static Server *server(void) {
        static Server s = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER };

        return &s;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **ret) {
        Server *s = server();

        if (hints->ai_flags & AI_NUMERICHOST)
                return EAI_NONAME;
        pthread_mutex_lock(&s->lock);
        s->n_asked++;
        s->n_busy++;
        s->n_busy_max = MAX(s->n_busy_max, s->n_busy);
        pthread_cond_broadcast(&s->opened);
        while (!s->is_open)
                pthread_cond_wait(&s->opened, &s->lock);
        s->n_busy--;
        pthread_mutex_unlock(&s->lock);
        return EAI_NONAME;
}

static void wait_asked(unsigned n) {
        Server *s = server();

        pthread_mutex_lock(&s->lock);
        while (s->n_asked < n)
                pthread_cond_wait(&s->opened, &s->lock);
        pthread_mutex_unlock(&s->lock);
}

static void set_open(bool is_open) {
        Server *s = server();

        pthread_mutex_lock(&s->lock);
        s->is_open = is_open;
        pthread_cond_broadcast(&s->opened);
        pthread_mutex_unlock(&s->lock);
}

static void on_resolved(void *userdata, int r, struct addrinfo *addresses) {
        ASSERT_EQ(r, -EHOSTUNREACH);
        ASSERT_TRUE(!addresses);
        ++*(unsigned *) userdata;
}

/* So many at a time, each gets its turn, and one that was forgotten counts until its thread is over. */
static void test_queue(void) {
        Resolve *questions[QUESTIONS] = {};
        ResolveQueue *q;
        sd_event *event;
        unsigned n_told = 0;

        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(resolve_queue_new(event, &q));
        for (size_t i = 0; i < QUESTIONS; i++)
                ASSERT_OK(resolve_new(event, q, "name", 161, on_resolved, &n_told, &questions[i]));
        wait_asked(RESOLVE_THREADS_MAX);

        /* One that has a thread, one that waits. */
        questions[0] = resolve_free(questions[0]);
        questions[QUESTIONS - 1] = resolve_free(questions[QUESTIONS - 1]);
        ASSERT_EQ(sd_event_run(event, 0), 0);
        ASSERT_EQ(server()->n_asked, RESOLVE_THREADS_MAX);

        set_open(true);
        while (n_told < QUESTIONS - 2)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        ASSERT_EQ(server()->n_asked, QUESTIONS - 1);
        ASSERT_EQ(server()->n_busy_max, RESOLVE_THREADS_MAX);

        for (size_t i = 0; i < QUESTIONS; i++)
                resolve_free(questions[i]);
        resolve_queue_free(q);
        sd_event_unref(event);
}

/* The queue may go before its threads. */
static void test_end(void) {
        unsigned n_told = 0, n_asked = server()->n_asked;
        Resolve *question;
        ResolveQueue *q;
        sd_event *event;

        set_open(false);
        ASSERT_OK(sd_event_new(&event));
        ASSERT_OK(resolve_queue_new(event, &q));
        ASSERT_OK(resolve_new(event, q, "name", 161, on_resolved, &n_told, &question));
        wait_asked(n_asked + 1);
        resolve_free(question);
        resolve_queue_free(q);
        set_open(true);

        /* Without one there is no turn to wait for. */
        ASSERT_OK(resolve_new(event, NULL, "name", 161, on_resolved, &n_told, &question));
        while (n_told == 0)
                ASSERT_OK(sd_event_run(event, UINT64_MAX));
        resolve_free(question);
        sd_event_unref(event);
}

int main(void) {
        test_queue();
        test_end();
        return 0;
}
