/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "turns.h"

#include "client.h"
#include "time-util.h"

/* What a host has not asked for so long, it may ask for at once. */
#define BURST_NSEC (USEC_PER_SEC * NSEC_PER_USEC)

/*** Rates ***/

static uint64_t interval_nsec(const Turns *t) {
        return MAX(USEC_PER_SEC * NSEC_PER_USEC / t->rate, UINT64_C(1));
}

unsigned turns_allowance(const Turns *t, const Host *h, uint64_t now_usec) {
        uint64_t end = now_usec * NSEC_PER_USEC + BURST_NSEC;

        if (t->rate == 0 || h->loopback)
                return UINT32_MAX;
        if (h->turns.next_nsec >= end)
                return 0;

        /* What was not asked for earlier than that is forfeit. */
        uint64_t room = MIN(end - h->turns.next_nsec, BURST_NSEC);
        return (unsigned) MIN(room / interval_nsec(t), (uint64_t) t->rate);
}

void turns_charge(const Turns *t, Host *h, uint64_t now_usec, unsigned n) {
        if (t->rate == 0 || h->loopback)
                return;

        h->turns.next_nsec = MAX(h->turns.next_nsec, now_usec * NSEC_PER_USEC) + n * interval_nsec(t);
}

/*** Hosts ***/

static void ring_add(HostRing *r, Host *h) {
        h->turns.next = NULL;
        h->turns.previous = r->last;
        *(r->last ? &r->last->turns.next : &r->first) = h;
        r->last = h;
}

static void ring_remove(HostRing *r, Host *h) {
        *(h->turns.previous ? &h->turns.previous->turns.next : &r->first) = h->turns.next;
        *(h->turns.next ? &h->turns.next->turns.previous : &r->last) = h->turns.previous;
        h->turns.next = h->turns.previous = NULL;
}

static void park(Turns *t, Host *h, uint64_t until_usec) {
        ring_remove(&t->due, h);
        if (!t->parked.first || until_usec < t->parked_until_usec)
                t->parked_until_usec = until_usec;
        h->turns.parked = true;
        ring_add(&t->parked, h);
}

/* All at once: who has to wait longer is parked again when its turn comes. */
static void unpark(Turns *t) {
        Host *h;

        while ((h = t->parked.first)) {
                ring_remove(&t->parked, h);
                h->turns.parked = false;
                ring_add(&t->due, h);
        }
}

/*** Clients ***/

void turns_add(Turns *t, Client *c) {
        Host *h = c->session.host;

        if (c->due)
                return;

        c->due = true;
        c->due_next = NULL;
        c->due_previous = h->turns.last;
        if (h->turns.last)
                h->turns.last->due_next = c;
        else {
                h->turns.first = c;
                ring_add(&t->due, h);
        }
        h->turns.last = c;
}

void turns_remove(Turns *t, Client *c) {
        Host *h = c->session.host;

        if (!c->due)
                return;

        c->due = false;
        *(c->due_previous ? &c->due_previous->due_next : &h->turns.first) = c->due_next;
        *(c->due_next ? &c->due_next->due_previous : &h->turns.last) = c->due_previous;
        c->due_next = c->due_previous = NULL;
        if (!h->turns.first) {
                ring_remove(h->turns.parked ? &t->parked : &t->due, h);
                h->turns.parked = false;
        }
}

Client *turns_next(Turns *t, uint64_t now_usec) {
        Host *h;

        if (t->parked.first && now_usec >= t->parked_until_usec)
                unpark(t);
        while ((h = t->due.first)) {
                if (turns_allowance(t, h, now_usec) > 0) {
                        Client *c = h->turns.first;

                        turns_remove(t, c);
                        if (h->turns.first) {
                                ring_remove(&t->due, h);
                                ring_add(&t->due, h);
                        }
                        return c;
                }
                park(t, h, (h->turns.next_nsec + interval_nsec(t) - BURST_NSEC) / NSEC_PER_USEC + 1);
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
