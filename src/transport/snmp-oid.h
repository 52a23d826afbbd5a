/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Object identifiers. Pure. */

/* As many sub-identifiers as SNMP allows (RFC 3416). */
#define SNMP_OID_MAX 128U

typedef struct SnmpOid {
        uint32_t *ids;
        size_t n;
} SnmpOid;

/* "1.3.6.1" or ".1.3.6.1", in new memory. 0, -EINVAL (also for more than SNMP_OID_MAX and for none),
 * -ERANGE, -ENOMEM. */
int snmp_oid_parse(const char *s, SnmpOid *ret);

/* Without a dot in front, in new memory; NULL without memory. */
char *snmp_oid_text(const SnmpOid *oid);

/* In new memory. 0 or -ENOMEM. */
int snmp_oid_copy(const SnmpOid *from, SnmpOid *ret);
/* a, then more: one behind the other. -E2BIG for too many. */
int snmp_oid_join(const SnmpOid *a, const SnmpOid *more, SnmpOid *ret);

/* As strcmp(), in the order of a walk. (net-snmp has a snmp_oid_compare() of its own.) */
int snmp_oid_order(const SnmpOid *a, const SnmpOid *b);
bool snmp_oid_equal(const SnmpOid *a, const SnmpOid *b);
/* Whether oid begins with prefix, or is it. */
bool snmp_oid_has_prefix(const SnmpOid *oid, const SnmpOid *prefix);

void snmp_oid_done(SnmpOid *oid);
