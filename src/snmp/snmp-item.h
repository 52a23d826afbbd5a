/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-profile.h"
#include "snmp-value.h"

/* What an agent has said, in as little memory as it takes: there are thousands of these for each device, and
 * hundreds of devices. */

/* What stands behind an identifier. */
typedef struct SnmpDatum {
        uint8_t type; /* an SnmpType; SNMP_TYPE_NULL: nothing */
        uint32_t n;   /* bytes, or numbers of an identifier */
        union {
                int64_t integer;
                uint64_t count;
                double real;
                uint8_t *bytes;
                uint32_t *ids;
        };
} SnmpDatum;

/* An object that is read, for all rows that need it. */
typedef struct SnmpItem {
        SnmpOid oid;   /* in the profile, or in the numbers of the set */
        SnmpDatum datum;
        uint32_t changed; /* when, in refreshments; see SnmpEngine */
        uint8_t ask;      /* the most frequent of its rows; _SNMP_ASK_MAX: only when it is wanted */
        uint8_t missed;   /* readings in a row in which no answer came */
        bool status : 1;  /* status or alarms hang on it: it has to agree with the others of its kind */
        bool due : 1;     /* to be read */
        bool seen : 1;    /* was there once */
        bool absent : 1;  /* the agent has it not, or cannot say it */
        bool suspect : 1; /* cannot be read, and may spoil what it is asked with */
        bool mute : 1;    /* likewise, and costs the time of an answer that does not come */
        bool known : 1;   /* the agent has said whether it is there */
} SnmpItem;

typedef struct SnmpItemSet {
        SnmpItem *items; /* by identifier, none twice */
        size_t n_items;
        uint32_t *numbers; /* of the identifiers that are not the profile's */
} SnmpItemSet;

/* Something that is to be in a set. */
typedef struct SnmpWant {
        const uint32_t *ids; /* of the profile; NULL: in the numbers of the list */
        size_t offset;
        uint32_t n;
        uint8_t ask;
        bool status;
} SnmpWant;

typedef struct SnmpWants {
        SnmpWant *wants;
        size_t n_wants, n_allocated;
        uint32_t *numbers;
        size_t n_numbers, n_numbers_allocated;
} SnmpWants;

/* Adds an identifier; is_lasting: its numbers outlive the set. 0 or -ENOMEM. */
int snmp_wants_add(SnmpWants *w, const SnmpOid *oid, bool is_lasting, SnmpAsk ask, bool status);
void snmp_wants_done(SnmpWants *w);

/* Makes the set of all that is wanted. 0 or -ENOMEM. */
int snmp_items_make(SnmpWants *w, SnmpItemSet *ret);
/* Moves over what is known of them in an older set. */
void snmp_items_inherit(SnmpItemSet *s, SnmpItemSet *old);
void snmp_items_done(SnmpItemSet *s);

/* NULL when it is not in the set. */
SnmpItem *snmp_items_find(const SnmpItemSet *s, const SnmpOid *oid);
/* Whether any is to be read. */
bool snmp_items_are_due(const SnmpItemSet *s);

/* Whether there is a value. */
static inline bool snmp_item_is_there(const SnmpItem *i) {
        return i->datum.type < SNMP_TYPE_NULL;
}

/* Keeps a value: 1 if it is another one than before, 0, -ENOMEM. What is no value is none. */
int snmp_item_take(SnmpItem *i, const SnmpValue *v);
/* 1 if there was a value. */
int snmp_item_forget(SnmpItem *i);

/* Whether it is of that type and has that value. */
bool snmp_datum_is(const SnmpDatum *d, const SnmpValue *v);

/* A set value: the datum as text in some form, in new memory. 1; 0: unknown; -ENOMEM. */
int snmp_datum_text(const SnmpDatum *d, SnmpForm form, char **ret);
