/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-draft.h"

#define DRAFT_COLUMNS_MAX 4096U
#define DRAFT_NO_TABLE SIZE_MAX

/* What a table is of, by its names. */
typedef enum DraftKind {
        DRAFT_OTHER,
        DRAFT_OUTLETS,
        DRAFT_GROUPS,
        DRAFT_PHASES,
        DRAFT_SENSORS,
} DraftKind;

/* An object with its values: one without table (".0"), or a column. Values of one stand together in a
 * walk. */
typedef struct DraftColumn {
        SnmpOid oid;              /* without the instance; the numbers are those of its first value */
        const SnmpMibObject *mib; /* exactly this object, or NULL */
        char *name;
        size_t first, n_values;
        size_t table;             /* DRAFT_NO_TABLE: none */
        char *variable;           /* a guess; NULL for none */
        double scale;
} DraftColumn;

typedef struct DraftTable {
        SnmpOid entry; /* the numbers are those of a value */
        char *name;
        DraftKind kind;
        size_t index;  /* the column with most instances */
        bool used;     /* a row of it is more than a comment */
} DraftTable;

typedef struct Draft {
        const SnmpWalk *walk;
        const SnmpMib *mib;
        SnmpOid base;
        char *name;      /* of the profile */
        char *root;      /* of base, in [objects] */
        DraftColumn *columns;
        size_t n_columns, columns_allocated;
        DraftTable *tables;
        size_t n_tables, tables_allocated;
        bool cut;        /* there is more than a draft is for */
} Draft;

/* Finds columns and tables, and gives them names. 0 or -ENOMEM. */
int draft_collect(Draft *d);

/* Guesses variables. 0 or -ENOMEM. */
int draft_guess(Draft *d);

/* Words that a name is made of, in small letters with a blank around each: " ups battery voltage ". New
 * memory. */
char *draft_words(const char *name);

/* Whether one of them begins so. */
bool draft_has_word(const char *words, const char *start);
