/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "turns.h"

#include "client.h"
#include "time-util.h"

/* What a network has not asked for so long, it may ask for at once. */
#define BURST_NSEC (USEC_PER_SEC * NSEC_PER_USEC)

/*** Rates ***/

static uint64_t interval_nsec(const Turns *t) {
        return MAX(USEC_PER_SEC * NSEC_PER_USEC / t->rate, UINT64_C(1));
}

unsigned turns_allowance(const Turns *t, const Network *n, uint64_t now_usec) {
        uint64_t end = now_usec * NSEC_PER_USEC + BURST_NSEC;

        if (t->rate == 0 || n->loopback)
                return UINT32_MAX;
        if (n->turns.next_nsec >= end)
                return 0;

        /* What was not asked for earlier than that is forfeit. */
        uint64_t room = MIN(end - n->turns.next_nsec, BURST_NSEC);
        return (unsigned) MIN(room / interval_nsec(t), (uint64_t) t->rate);
}

void turns_charge(const Turns *t, Network *n, uint64_t now_usec, unsigned n_requests) {
        if (t->rate == 0 || n->loopback)
                return;

        n->turns.next_nsec = MAX(n->turns.next_nsec, now_usec * NSEC_PER_USEC) +
                n_requests * interval_nsec(t);
}

/*** Networks ***/

static void ring_add(NetworkRing *r, Network *n) {
        n->turns.next = NULL;
        n->turns.previous = r->last;
        *(r->last ? &r->last->turns.next : &r->first) = n;
        r->last = n;
}

static void ring_remove(NetworkRing *r, Network *n) {
        *(n->turns.previous ? &n->turns.previous->turns.next : &r->first) = n->turns.next;
        *(n->turns.next ? &n->turns.next->turns.previous : &r->last) = n->turns.previous;
        n->turns.next = n->turns.previous = NULL;
}

static void park(Turns *t, Network *n, uint64_t until_usec) {
        ring_remove(&t->due, n);
        if (!t->parked.first || until_usec < t->parked_until_usec)
                t->parked_until_usec = until_usec;
        n->turns.parked = true;
        ring_add(&t->parked, n);
}

/* All at once: who has to wait longer is parked again when its turn comes. */
static void unpark(Turns *t) {
        Network *n;

        while ((n = t->parked.first)) {
                ring_remove(&t->parked, n);
                n->turns.parked = false;
                ring_add(&t->due, n);
        }
}

/*** Clients ***/

void turns_add(Turns *t, Client *c) {
        Network *n = c->session.host->network;

        if (c->due)
                return;

        c->due = true;
        c->due_next = NULL;
        c->due_previous = n->turns.last;
        if (n->turns.last)
                n->turns.last->due_next = c;
        else {
                n->turns.first = c;
                ring_add(&t->due, n);
        }
        n->turns.last = c;
}

void turns_remove(Turns *t, Client *c) {
        Network *n = c->session.host->network;

        if (!c->due)
                return;

        c->due = false;
        *(c->due_previous ? &c->due_previous->due_next : &n->turns.first) = c->due_next;
        *(c->due_next ? &c->due_next->due_previous : &n->turns.last) = c->due_previous;
        c->due_next = c->due_previous = NULL;
        if (!n->turns.first) {
                ring_remove(n->turns.parked ? &t->parked : &t->due, n);
                n->turns.parked = false;
        }
}

Client *turns_next(Turns *t, uint64_t now_usec) {
        Network *n;

        if (t->parked.first && now_usec >= t->parked_until_usec)
                unpark(t);
        while ((n = t->due.first)) {
                if (turns_allowance(t, n, now_usec) > 0) {
                        Client *c = n->turns.first;

                        turns_remove(t, c);
                        if (n->turns.first) {
                                ring_remove(&t->due, n);
                                ring_add(&t->due, n);
                        }
                        return c;
                }
                park(t, n, (n->turns.next_nsec + interval_nsec(t) - BURST_NSEC) / NSEC_PER_USEC + 1);
        }
        return NULL;
}

int turns_timeout(const Turns *t, uint64_t now_usec, int timeout_msec) {
        if (t->due.first)
                return 0;
        if (!t->parked.first)
                return timeout_msec;

        uint64_t usec = t->parked_until_usec > now_usec ? t->parked_until_usec - now_usec : 0;
        int msec = (int) MIN(usec / USEC_PER_MSEC + 1, UINT64_C(60000));
        return timeout_msec < 0 ? msec : MIN(msec, timeout_msec);
}
