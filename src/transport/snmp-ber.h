/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-oid.h"

/* A strict reader of BER, as far as messages of SNMP need it: one byte of tag, definite lengths. Pure. */

typedef struct SnmpBer {
        const uint8_t *p, *end;
} SnmpBer;

enum {
        BER_INTEGER  = 0x02,
        BER_STRING   = 0x04,
        BER_OID      = 0x06,
        BER_SEQUENCE = 0x30,
        BER_ADDRESS  = 0x40,
        BER_TICKS    = 0x43,
        BER_RESPONSE = 0xa2,
        BER_TRAP1    = 0xa4,
        BER_INFORM   = 0xa6,
        BER_TRAP2    = 0xa7,
        BER_REPORT   = 0xa8,
};

/* Reads the next element, of that tag or, with tag 0, of any: what is in it. Returns its tag, or
 * -EBADMSG. */
int snmp_ber_next(SnmpBer *b, uint8_t tag, SnmpBer *ret);

/* Reads an INTEGER of up to eight bytes. 0 or -EBADMSG. */
int snmp_ber_integer(SnmpBer *b, int64_t *ret);

/* Reads an OBJECT IDENTIFIER, in new memory. 0, -EBADMSG, -ENOMEM. */
int snmp_ber_oid(SnmpBer *b, SnmpOid *ret);

/*** The head of a message of version 3 ***/

typedef struct SnmpV3Head {
        uint8_t flags;         /* 1: authenticated, 2: encrypted, 4: wants a report */
        const uint8_t *engine; /* in the message, like user */
        size_t n_engine;
        const char *user;
        size_t n_user;
} SnmpV3Head;

/* -EBADMSG: it is none of version 3 with user-based security. */
int snmp_ber_v3_head(const uint8_t *data, size_t n, SnmpV3Head *ret);
