/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-profile.h"
#include "profile-index.h"
#include "value-loader.h"

/* The loader of SNMP profiles: see profile-loader.h for its ways. */

/* A variable that something refers to, which has to be there when all is read. */
typedef struct SnmpReference {
        char *name;
        unsigned line;
} SnmpReference;

/* What a condition wants of the row that has it: members of these tables (bits), a member at all, and so
 * many numbers in names. */
typedef struct SnmpNeed {
        uint64_t tables;
        bool member;
        unsigned numbers;
} SnmpNeed;

typedef struct SnmpLoader {
        Loader loader;
        ValueScope scope;
        SnmpProfile *profile;
        /* While a line is read: the table whose members "*" stands for, and the condition that it is in, for
         * which that is SNMP_ROW_TABLE; whether "argument" means anything. */
        size_t table;
        SnmpNeed *need;
        bool has_argument;
        SnmpNeed *needs; /* of p->whens */
        char **given;    /* strv: keys that may stand there once, "section key" */
        char **oid_lookups; /* strv: names of lookups with identifiers */
        size_t objects_allocated, tables_allocated, rows_allocated[_SNMP_ROW_TYPE_MAX];
        size_t commands_allocated, derived_whens_allocated, traps_allocated;
        SnmpReference *references;
        size_t n_references, references_allocated;
} SnmpLoader;

static inline SnmpLoader *snmp_loader(Loader *l) {
        return (SnmpLoader *) l;
}

static inline SnmpProfile *snmp_loader_profile(Loader *l) {
        return snmp_loader(l)->profile;
}

/* Before all else: what [objects] and [table:NAME] define, in whatever order they stand. 0 or -ENOMEM. */
int snmp_loader_begin_objects(Loader *l);
int snmp_loader_begin_tables(Loader *l);

/* Whether the first n bytes of s are the name of an object. */
bool snmp_profile_has_object(const SnmpProfile *p, const char *s, size_t n) _pure_;

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
/* Numbers, perhaps with a name of [objects] in front; ret_type may be NULL. */
int snmp_loader_oid(Loader *l, const ConfLine *line, const char *s, SnmpOid *ret, SnmpType *ret_type);
/* The same with ".*" and ".{NAME}" in it: an object, not a column. */
int snmp_loader_object(Loader *l, const ConfLine *line, const char *s, SnmpPattern *ret);
int snmp_loader_selector(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret);
int snmp_loader_table(Loader *l, const ConfLine *line, const char *s, size_t *ret);
/* What stands behind the colon of set= and write=, for an object of a type. */
int snmp_loader_operand(Loader *l, const ConfLine *line, const char *s, SnmpType type, SnmpOperand *ret);
/* OBJECT:VALUE; ret_has_value NULL: there has to be a value. */
int snmp_loader_set(Loader *l, const ConfLine *line, const char *s, SnmpSet *ret, bool *ret_has_value);
int snmp_loader_ask(Loader *l, const ConfLine *line, const char *s, SnmpAsk *ret);

/* form= and decimals=; -ENOENT for others. */
int snmp_loader_attribute(Loader *l, const ConfLine *line, const Attribute *a, SnmpExpression *x);
/* A selector, which is a word of the line, and all that stands behind it; for what has no attributes of its
 * own. with_test: is= and its like may stand there. */
int snmp_loader_expression(
        Loader *l, const ConfLine *line, size_t word, bool with_test, SnmpExpression *ret);
void snmp_expression_init(SnmpExpression *x);

/* The table that a line names with table=; SNMP_NO_TABLE without. Also sets what "*" stands for. */
int snmp_loader_enter_table(Loader *l, const ConfLine *line, size_t *ret);

/* Appends "NAME" or "!NAME" to what has to hold. */
int snmp_loader_when(Loader *l, const ConfLine *line, const char *s, SnmpWhens *whens);

/* Remembers that something needs this variable; returns 1 when its name can be one. */
int snmp_loader_refer(Loader *l, const ConfLine *line, const char *name);

/* Whether a name with "*" for numbers can be one here: what is "variable" or "command". 1, or 0 after a
 * report. A name that nobody knows is only warned of, and not if quiet. */
int snmp_loader_check_name(
        Loader *l, const ConfLine *line, const char *what, const char *name, bool is_quiet);
/* Whether there are no more "*" in s than the line has numbers for. */
int snmp_loader_check_numbers(Loader *l, const ConfLine *line, const char *s);

/* The tables that a member of t is in, as bits; and how many numbers its names have. */
uint64_t snmp_table_line(const SnmpProfile *p, size_t t) _pure_;
unsigned snmp_table_numbers(const SnmpProfile *p, size_t t) _pure_;

/* Whether a key stands in its section for the first time; else it is told. Returns 1 or 0. */
int snmp_loader_once(Loader *l, const ConfLine *line, const char *key);

/* Readers of sections. */
int snmp_loader_read_profile(Loader *l, const ConfLine *line);
int snmp_loader_read_probe(Loader *l, const ConfLine *line);
int snmp_loader_read_table(Loader *l, const ConfLine *line, const char *name);
int snmp_loader_read_lookup(Loader *l, const ConfLine *line, const char *name);
int snmp_loader_read_when(Loader *l, const ConfLine *line, const char *name);
int snmp_loader_read_row(Loader *l, const ConfLine *line, SnmpRowType type);
int snmp_loader_read_derived(Loader *l, const ConfLine *line);
int snmp_loader_read_command(Loader *l, const ConfLine *line);
int snmp_loader_read_trap(Loader *l, const ConfLine *line);

/* What can only be said when all is read. 0 or -ENOMEM. */
int snmp_loader_check(Loader *l);

/* What can stand in a section [table:NAME], and in rows of [variables] and [commands]; NULL at the end. */
extern const char *const snmp_table_keys[], *const snmp_variable_attributes[],
                *const snmp_command_attributes[];

/* The place of a name, or -1; number 3 is found in "*". */
ssize_t snmp_name_index_find(const ProfileIndex *index, const char *name) _pure_;

/* Reports what depends on itself, or on too much. 0 or -ENOMEM. */
int snmp_loader_check_cycles(Loader *l, const ProfileIndex *index);

void snmp_pattern_done(SnmpPattern *p);
void snmp_selector_done(SnmpSelector *s);
void snmp_expression_done(SnmpExpression *x);
void snmp_set_done(SnmpSet *s);
void snmp_table_done(SnmpTable *t);
void snmp_row_done(SnmpRow *row);
void snmp_when_done(SnmpWhen *when);
void snmp_command_done(SnmpCommand *command);
