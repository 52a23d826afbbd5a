/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-bus-util.h"

/* A driver process that is made of answers, with one device, "odd": it can be silent, talk nonsense, or show
 * an object that makes none. */

typedef enum Mood {
        MOOD_GOOD,
        MOOD_ERROR,
        MOOD_NONSENSE, /* an answer of another type */
        MOOD_SILENT,
        _MOOD_MAX,
} Mood;

typedef struct Fake {
        sd_bus *bus;
        sd_bus_slot *filter;
        const char *bad_member; /* the method in which it is as follows */
        Mood mood;
        unsigned oddity;        /* or what is strange about its object or variables, from 1 */
        sd_bus_message **unanswered;
        size_t n_unanswered, n_unanswered_allocated;
        unsigned n_pings, n_sets;
        bool set_in_order, read_before; /* the values of the sets count up; there was a read meanwhile */
        bool describes;      /* of an earlier version, without Details() */
        uint32_t length_max; /* of ups.load, 0 for 4 */
} Fake;

#define ODDITIES 10U

/* Connects, takes calls, and owns a bus name. It must stay where it is. */
void fake_open(Fake *f, sd_event *event, const char *name);
void fake_close(Fake *f);

/* Back to good, and what was left is answered. */
void fake_mend(Fake *f);

/* Says that the object is there, which makes a mirror read it at once. */
void fake_announce(Fake *f);
