/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-item.h"
#include "snmp-link.h"

/* Reads objects: as many in one request as the agent bears; whatever one of them does, the others come. */

/* Objects in one request: at first, and at the most. */
#define SNMP_ASK_FIRST 24U
#define SNMP_ASK_MOST 40U

/* Readings in a row without one of its objects, until the status goes on without it. */
#define SNMP_ASK_LOST_MAX 3U

typedef struct SnmpAsker {
        SnmpLink *link;
        /* Called when an answer was taken in: time for snmp_asker_next(). */
        void (*resume)(void *userdata);
        void *userdata;

        uint32_t now;   /* what SnmpItem.changed becomes */
        bool has_news;  /* something has changed since this was cleared */

        unsigned batch;  /* objects in a request, as things are */
        unsigned proven; /* as many have come back in one answer */
        unsigned streak; /* full requests that were answered, since the size changed */
        bool in_doubt;   /* the last reading came to nothing: one object alone goes ahead */
        bool was_cut;    /* the agent did not bear more once: from then on slowly */

        SnmpItemSet *set;
        size_t isolating;  /* so many of what is due failed together */
        size_t limit;      /* and are asked in such pieces; 0: no matter */
        unsigned answers;  /* in this reading */
        unsigned silences; /* in a row */
        bool gave_up;      /* on what may make the agent silent, for now */
        unsigned status;   /* the last error-status of an answer */
        int lost_error;    /* of the last request that came to nothing */
        int error;         /* that ends the reading */
        uint32_t *asked;   /* which items the request under way is for */
        size_t n_asked;
        bool by_next;      /* it asks for what follows, see snmp-ask.c */
} SnmpAsker;

/* Makes one for a link, which stays the caller's; resume must not be called after snmp_asker_done(). 0 or
 * -ENOMEM. */
int snmp_asker_init(SnmpAsker *a, SnmpLink *link, void (*resume)(void *userdata), void *userdata);
void snmp_asker_done(SnmpAsker *a);

/* Begins a reading: nothing has been answered or lost yet. */
void snmp_asker_begin(SnmpAsker *a);

/* Asks for the next items of set that are due: 1: wait until resume() is called; 0: none is due any more.
 * -ETIMEDOUT: no answer at all, or none any more; other errors of links, -ENOMEM. */
int snmp_asker_next(SnmpAsker *a, SnmpItemSet *set);
