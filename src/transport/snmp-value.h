/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>

#include "snmp-oid.h"

/* What stands behind an object identifier in an answer (RFC 3416). Pure. */

typedef enum SnmpType {
        SNMP_TYPE_INTEGER,
        SNMP_TYPE_STRING,
        SNMP_TYPE_OID,
        SNMP_TYPE_ADDRESS,
        SNMP_TYPE_COUNTER,
        SNMP_TYPE_GAUGE, /* and Unsigned32 */
        SNMP_TYPE_TICKS,
        SNMP_TYPE_COUNTER64,
        SNMP_TYPE_OPAQUE,   /* of another content than a number */
        SNMP_TYPE_REAL,     /* an Opaque with a float or double */
        SNMP_TYPE_NULL,
        SNMP_TYPE_NO_OBJECT,
        SNMP_TYPE_NO_INSTANCE,
        SNMP_TYPE_END,      /* of the agent's tree, in a walk */
        _SNMP_TYPE_MAX,
        _SNMP_TYPE_INVALID = -EINVAL,
} SnmpType;

/* "integer", "string", "oid", "address", "counter", "gauge", "ticks", "counter64", "opaque", "real", and
 * names for the others; and back. */
const char *snmp_type_to_string(SnmpType t);
SnmpType snmp_type_from_string(const char *s);

typedef struct SnmpValue {
        SnmpOid oid;
        SnmpType type;
        int64_t integer;   /* SNMP_TYPE_INTEGER */
        uint64_t count;    /* counters, gauges, ticks */
        double real;
        uint8_t *bytes;    /* strings, addresses (4 of them), opaque; zero behind them */
        size_t n_bytes;
        SnmpOid object;    /* SNMP_TYPE_OID */
} SnmpValue;

/* Whether there is anything at all: false for null, no object, no instance and the end. */
bool snmp_value_is_there(const SnmpValue *v);

/* As a number: also of a string that is one, with blanks around. False if it is none. */
bool snmp_value_number(const SnmpValue *v, double *ret);

/* In new memory. 0 or -ENOMEM. */
int snmp_value_copy(const SnmpValue *v, SnmpValue *ret);
/* Whether identifier, type and content are the same. */
bool snmp_value_equal(const SnmpValue *a, const SnmpValue *b);
void snmp_value_done(SnmpValue *v);
void snmp_values_done(SnmpValue *values, size_t n);
