/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "snmp-oid.h"

/* What MIB files say that a profile is made of: names, identifiers, units, words for numbers. The reader is
 * tolerant: it takes definitions that it understands, wherever they stand, and passes over all else. Pure.
 * */

/* Bytes of one file, and objects of all; no real MIB comes near. */
#define SNMP_MIB_SIZE_MAX (16U << 20)
#define SNMP_MIB_OBJECTS_MAX 65536U

typedef struct SnmpMibObject {
        char *name;
        char *parent;    /* name or number in front of ids; NULL once oid is known */
        SnmpOid ids;     /* what stands behind the parent */
        SnmpOid oid;     /* without numbers: its parent is not known */
        char *syntax;    /* the first word of SYNTAX: "INTEGER", "DisplayString"; NULL for none */
        char *units;     /* or NULL */
        char **words;    /* strv: number, word, number, word, ...: what an enumeration says */
        bool is_object;  /* OBJECT-TYPE: has values */
        bool is_writable;
        bool is_notification;
} SnmpMibObject;

typedef struct SnmpMib {
        SnmpMibObject *objects; /* by oid after snmp_mib_resolve() */
        size_t n_objects, objects_allocated;
        SnmpMibObject *types;   /* textual conventions: name, syntax and words */
        size_t n_types, types_allocated;
        char **missing;         /* strv: names that others stand on, and no file has; the first few */
} SnmpMib;

/* Adds what a file defines. 0, -E2BIG, -ENOMEM. */
int snmp_mib_read(SnmpMib *m, const char *data, size_t n);

/* Gives all objects their identifiers, after the last file. How many have a parent that no file has (they
 * are left out), or -ENOMEM. */
int snmp_mib_resolve(SnmpMib *m);

/* The object with that identifier, or the longest one in front of it; NULL without. */
const SnmpMibObject *snmp_mib_find(const SnmpMib *m, const SnmpOid *oid);

void snmp_mib_done(SnmpMib *m);
