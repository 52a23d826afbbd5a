/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>
#include <systemd/sd-event.h>

#include "snmp-link.h"

/* Walks: all that an agent has, as text. Three formats are read: that of snmpsim
 * ("1.3.6.1.2.1.1.1.0|4|text", with 4x for hexadecimal digits), what snmpwalk prints with -On or -Onet
 * (".1.3.6... = STRING: \"text\"", also over several lines, and Hex-STRING), and our own recordings
 * (docs/RECORDINGS.md). Of names in place of numbers only those are known that need no MIB of
 * a device. */

typedef struct SnmpWalk {
        SnmpValue *values; /* in the order of a walk, none twice */
        size_t n_values;
} SnmpWalk;

/* Called for what cannot be read; line counts from 1. */
typedef void (*SnmpWalkReport)(void *userdata, unsigned line, const char *message);

/* Reads a walk; lines that cannot be read are reported and left out. -EBADMSG when nothing is left, -E2BIG
 * for more than 64 MiB, errors of reading. */
int snmp_walk_parse(const char *data, size_t n, SnmpWalkReport report, void *userdata, SnmpWalk *ret);
int snmp_walk_load(const char *path, SnmpWalkReport report, void *userdata, SnmpWalk *ret);
void snmp_walk_done(SnmpWalk *w);

/* The value of an object; NULL when it is not there. */
const SnmpValue *snmp_walk_find(const SnmpWalk *w, const SnmpOid *oid);
/* The first behind it. */
const SnmpValue *snmp_walk_next(const SnmpWalk *w, const SnmpOid *oid);

/* In our own format, line by line, in order. 0 or a negative errno. */
int snmp_walk_write(const SnmpWalk *w, FILE *f);

/* An agent that is a walk: SNMP_SET changes it, if a value of that type is there. Takes the walk over on
 * success. */
int snmp_walk_link_new(sd_event *event, const char *name, SnmpWalk *walk, bool is_v1, SnmpLink **ret);

/* The walk under such a link, for tests that change it. */
SnmpWalk *snmp_walk_link_walk(SnmpLink *link);
