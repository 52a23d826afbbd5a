/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-engine.h"
#include "snmp-walk.h"
#include "test-util.h"

/* An agent that is a walk, with the manners that agents have. */

typedef struct Fake {
        SnmpLink link;
        sd_event_source *timer;
        SnmpWalk walk;
        SnmpOperation operation;
        SnmpValue *asked; /* copies */
        size_t n_asked;
        unsigned repetitions;
        SnmpDone done;
        void *userdata;

        unsigned n_requests, n_sets, n_objects; /* so far */
        size_t largest;       /* objects that were asked for at once */
        bool dead;            /* answers nothing */
        size_t too_big;       /* objects with which an answer is; 0: never */
        bool silent_if_big;   /* and then says nothing */
        const char *silent;   /* objects that begin so make it silent, */
        const char *general;  /* or say genErr (without an index), */
        const char *hidden;   /* or are not there, except in a walk */
        const char *circle;   /* behind this comes the start of it again */
        unsigned lose;        /* so many requests from now on get no answer, */
        unsigned fail;        /* or genErr */
        int error;            /* of each request */
        unsigned refuse;      /* error-status of each SET */
        char *wire;           /* "OBJECT=NUMBER " for each that was to be set */
        bool is_deaf;         /* accepts a SET, and does nothing */
        unsigned lose_sets;   /* so many are done, but not answered */
        bool may_repeat;      /* what the last SET said */
        unsigned faults;      /* requests of a thousand that something happens to, see spoil() */
        uint64_t seed;        /* what */
        unsigned *own;        /* counts up while what runs is the test itself, if that has to be known */
} Fake;

/* Lines of "OID|TYPE|VALUE", as snmpsim has them. */
Fake *fake_new(sd_event *event, const char *lines, bool is_v1);
/* Changes a value, or takes it away (NULL). */
void fake_put(Fake *f, const char *oid, int64_t integer);
void fake_put_text(Fake *f, const char *oid, const char *text);
void fake_drop(Fake *f, const char *prefix);

/* A device on a fake agent. */
typedef struct Bench {
        sd_event *event;
        Fake *fake;
        SnmpEngine *engine;
        Model *model;
        bool is_done;
        int result;
        char *log; /* all lines */
        const char *const *options; /* name, value, ..., NULL */
} Bench;

void bench_open(Bench *b, const char *profile, const char *lines, bool is_v1, const char *known);
/* With one that was loaded. */
void bench_open_profile(Bench *b, SnmpProfile *p, const char *lines, bool is_v1, const char *known);
void bench_close(Bench *b);
/* Each runs until it is over; what worked is in the model. */
int bench_start(Bench *b);
int bench_poll(Bench *b, bool full);
int bench_set(Bench *b, const char *name, const char *value);
int bench_command(Bench *b, const char *name, const char *argument);
const char *bench_get(const Bench *b, const char *name);
SnmpProfile *bench_profile(const char *text);
