/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-walk.h"

/* How the formats of walks are read: one object each. All return 0 and a value; 1: there is none here, and
 * nothing is wrong about it; -EINVAL with *ret_why (constant) what is wrong; -ENOMEM. */

#define SNMP_WALK_MAGIC "busbar-recording 1 snmp"

/* A line of snmpsim's. */
int snmp_walk_read_record(char *line, SnmpValue *ret, const char **ret_why);

/* Whether something that snmpwalk prints begins in this line. */
bool snmp_walk_is_printed(const char *line);

/* Whether what snmpwalk has printed, n bytes so far, goes on in the next line, which next is; NULL at the
 * end of all. */
bool snmp_walk_goes_on(const char *printed, size_t n, const char *next);

/* What snmpwalk has printed about one object, with the ends of lines in it. */
int snmp_walk_read_printed(char *printed, SnmpValue *ret, const char **ret_why);

/* A line of our own. */
int snmp_walk_read_own(char *line, SnmpValue *ret, const char **ret_why);

/* Writes such a line, with the end of it. Values that are not there are not written. */
void snmp_walk_write_value(const SnmpValue *v, FILE *f);

/*** Contents: they set type and content of a value; 0, -EINVAL, -ENOMEM ***/

/* A number of that type. */
int snmp_value_set_number(SnmpValue *v, SnmpType type, const char *s);

/* A copy of the bytes, for a type that has such. */
int snmp_value_set_bytes(SnmpValue *v, SnmpType type, const void *data, size_t n);

/* "192.0.2.1". */
int snmp_value_set_address(SnmpValue *v, const char *s);

/* An Opaque; one with a float or a double in it is SNMP_TYPE_REAL. */
int snmp_value_set_opaque(SnmpValue *v, const void *data, size_t n);

/* Two hexadecimal digits; -EINVAL. */
int snmp_walk_hex(const char *s);
