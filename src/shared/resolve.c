/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "string-util.h"

/* Enough for what getaddrinfo() does, and hundreds of threads that wait for a name server cost little. */
#define STACK_SIZE (256U << 10)

/* Where threads say that they are over. They may outlive the queue. */
typedef struct Ends {
        atomic_int n_ref;
        int fd; /* eventfd: how many have ended */
} Ends;

struct ResolveQueue {
        sd_event_source *source;
        Ends *ends;
        unsigned n_running;
        Resolve *first; /* of those that wait, in order */
};

/* What the thread works on. It may outlive the one who asked, so each of the two holds a reference. */
typedef struct Lookup {
        atomic_int n_ref;
        char *host;
        char service[sizeof("65535")];
        int done_fd; /* eventfd: written once the result stands */
        int result;
        struct addrinfo *addresses;
        Ends *ends; /* or NULL; once there is a thread */
} Lookup;

struct Resolve {
        ResolveQueue *queue; /* or NULL */
        Resolve *next;       /* in it */
        Lookup *lookup;
        sd_event_source *source;
        Resolved resolved;
        void *userdata;
};

static Ends *ends_unref(Ends *e) {
        if (!e || atomic_fetch_sub(&e->n_ref, 1) > 1)
                return NULL;

        safe_close(e->fd);
        free(e);
        return NULL;
}

static Lookup *lookup_unref(Lookup *l) {
        if (!l || atomic_fetch_sub(&l->n_ref, 1) > 1)
                return NULL;

        if (l->addresses)
                freeaddrinfo(l->addresses);
        ends_unref(l->ends);
        safe_close(l->done_fd);
        free(l->host);
        free(l);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Lookup *, lookup_unref);

static int lookup_new(const char *host, uint16_t port, Lookup **ret) {
        _cleanup_(lookup_unrefp) Lookup *l = new0(Lookup, 1);

        if (!l)
                return -ENOMEM;

        l->n_ref = 1;
        (void) snprintf(l->service, sizeof(l->service), "%u", (unsigned) port);
        l->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (l->done_fd < 0)
                return -errno;
        l->host = strdup(host);
        if (!l->host)
                return -ENOMEM;

        *ret = TAKE_PTR(l);
        return 0;
}

static int errno_from_gai(int error) {
        switch (error) {
        case 0:
                return 0;
        case EAI_MEMORY:
                return -ENOMEM;
        case EAI_SYSTEM:
                return errno > 0 ? -errno : -EIO;
        default:
                return -EHOSTUNREACH;
        }
}

static void lookup_run(Lookup *l, int flags) {
        struct addrinfo hints = {
                .ai_family = AF_UNSPEC,
                .ai_socktype = SOCK_STREAM,
                .ai_flags = AI_NUMERICSERV | flags,
        };

        l->result = errno_from_gai(getaddrinfo(l->host, l->service, &hints, &l->addresses));
        (void) eventfd_write(l->done_fd, 1);
}

static void *lookup_thread(void *userdata) {
        _cleanup_(lookup_unrefp) Lookup *l = userdata;

        lookup_run(l, AI_ADDRCONFIG);
        if (l->ends)
                (void) eventfd_write(l->ends->fd, 1);
        return NULL;
}

static int lookup_start_thread(Lookup *l) {
        sigset_t all, old;
        pthread_attr_t attributes;
        pthread_t thread;
        int r;

        r = pthread_attr_init(&attributes);
        if (r > 0)
                return -r;
        (void) pthread_attr_setstacksize(&attributes, STACK_SIZE);
        (void) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

        /* Signals are the event loop's. */
        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &old);
        atomic_fetch_add(&l->n_ref, 1);
        r = pthread_create(&thread, &attributes, lookup_thread, l);
        (void) pthread_sigmask(SIG_SETMASK, &old, NULL);
        (void) pthread_attr_destroy(&attributes);
        if (r > 0)
                lookup_unref(l);
        return -r;
}

static int on_done(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Resolve *resolve = userdata;
        Lookup *l = resolve->lookup;

        resolve->source = sd_event_source_disable_unref(resolve->source);
        resolve->resolved(resolve->userdata, l->result, TAKE_PTR(l->addresses));
        return 0;
}

/*** Turns ***/

static int start_thread(Resolve *r) {
        ResolveQueue *q = r->queue;
        int error;

        if (q) {
                r->lookup->ends = q->ends;
                atomic_fetch_add(&q->ends->n_ref, 1);
        }
        error = lookup_start_thread(r->lookup);
        if (error >= 0 && q)
                q->n_running++;
        return error;
}

static void queue_append(ResolveQueue *q, Resolve *r) {
        Resolve **p = &q->first;

        while (*p)
                p = &(*p)->next;
        *p = r;
}

static void queue_remove(ResolveQueue *q, const Resolve *r) {
        for (Resolve **p = &q->first; *p; p = &(*p)->next)
                if (*p == r) {
                        *p = r->next;
                        return;
                }
}

static int on_end(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        ResolveQueue *q = userdata;
        eventfd_t n = 0;

        if (eventfd_read(fd, &n) < 0)
                return 0;
        q->n_running -= (unsigned) n;

        while (q->first && q->n_running < RESOLVE_THREADS_MAX) {
                Resolve *r = q->first;
                int error;

                q->first = r->next;
                r->next = NULL;
                error = start_thread(r);
                if (error < 0) {
                        r->lookup->result = error;
                        (void) eventfd_write(r->lookup->done_fd, 1);
                }
        }
        return 0;
}

int resolve_queue_new(sd_event *event, ResolveQueue **ret) {
        _cleanup_(resolve_queue_freep) ResolveQueue *q = new0(ResolveQueue, 1);
        int r;

        if (!q)
                return -ENOMEM;
        q->ends = new0(Ends, 1);
        if (!q->ends)
                return -ENOMEM;
        q->ends->n_ref = 1;
        q->ends->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (q->ends->fd < 0)
                return -errno;
        r = sd_event_add_io(event, &q->source, q->ends->fd, EPOLLIN, on_end, q);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(q);
        return 0;
}

ResolveQueue *resolve_queue_free(ResolveQueue *q) {
        if (!q)
                return NULL;

        assert(!q->first);
        sd_event_source_disable_unref(q->source);
        ends_unref(q->ends);
        free(q);
        return NULL;
}

/*** Questions ***/

static int lookup_begin(Resolve *r) {
        eventfd_t unused;

        lookup_run(r->lookup, AI_NUMERICHOST);
        if (r->lookup->result >= 0)
                return 0;

        (void) eventfd_read(r->lookup->done_fd, &unused);
        if (!r->queue || r->queue->n_running < RESOLVE_THREADS_MAX)
                return start_thread(r);
        queue_append(r->queue, r);
        return 0;
}

int resolve_new(sd_event *event, ResolveQueue *queue, const char *host, uint16_t port, Resolved resolved,
                void *userdata, Resolve **ret) {
        _cleanup_(resolve_freep) Resolve *resolve = new0(Resolve, 1);
        int r;

        if (!resolve)
                return -ENOMEM;
        resolve->queue = queue;
        resolve->resolved = resolved;
        resolve->userdata = userdata;

        r = lookup_new(host, port, &resolve->lookup);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &resolve->source, resolve->lookup->done_fd, EPOLLIN, on_done, resolve);
        if (r < 0)
                return r;
        r = lookup_begin(resolve);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(resolve);
        return 0;
}

Resolve *resolve_free(Resolve *r) {
        if (!r)
                return NULL;

        if (r->queue)
                queue_remove(r->queue, r);
        sd_event_source_disable_unref(r->source);
        lookup_unref(r->lookup);
        free(r);
        return NULL;
}
