/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-value.h"
#include "status-rules.h"
#include "value.h"

/* Profiles of SNMP agents, as data. The grammar is in docs/PROFILES-SNMP.md and busbar-profile(5). Parsed
 * strictly: a profile with an error is not used at all. Names are resolved: pointers and indices lead into
 * the same profile, and stay valid as long as it lives. */

/* Bounds that no profile meets: objects, tables, conditions of a row, steps of a command. */
#define SNMP_OBJECTS_MAX 8192U
#define SNMP_TABLES_MAX 64U
#define SNMP_WHENS_MAX 8U
#define SNMP_SETS_MAX 16U
/* Tables above each other, and variables and conditions that are made of each other. */
#define SNMP_TABLE_DEPTH_MAX 4U
#define SNMP_DEPTH_MAX 32U
/* Members that a table can have at all. */
#define SNMP_MEMBERS_MAX 1024U

#define SNMP_NO_TABLE SIZE_MAX
/* In a condition: the table of the row or command that has it. The parser has seen to it that there is
 * one. */
#define SNMP_ROW_TABLE (SIZE_MAX - 1)

typedef struct SnmpWhen SnmpWhen;

/* [objects]: sorted by name. */
typedef struct SnmpObject {
        char *name;
        SnmpOid oid;
        SnmpType type; /* _SNMP_TYPE_INVALID: not said */
        unsigned line;
} SnmpObject;

/* An object identifier in which instances of members have to be put: alternately numbers and an instance. */
typedef struct SnmpPart {
        SnmpOid ids;  /* may be empty */
        size_t table; /* the instance of its member stands behind them; SNMP_NO_TABLE: nothing;
                       * SNMP_ROW_TABLE in conditions */
} SnmpPart;

typedef struct SnmpPattern {
        SnmpPart *parts;
        size_t n_parts;
        SnmpType type; /* as [objects] says, for writing */
} SnmpPattern;

typedef enum SnmpSource {
        SNMP_SOURCE_NONE, /* held= or value= */
        SNMP_SOURCE_OBJECT,
        SNMP_SOURCE_VARIABLE, /* "$NAME" */
        SNMP_SOURCE_OPTION,   /* "option:NAME" */
        SNMP_SOURCE_COUNT,    /* "table:NAME" */
        SNMP_SOURCE_NUMBER,   /* "number:NAME" */
        SNMP_SOURCE_AGENT,    /* "agent:NAME" */
        SNMP_SOURCE_ARGUMENT, /* "argument", "argument:N" */
} SnmpSource;

typedef struct SnmpSelector {
        SnmpSource source;
        SnmpPattern object;
        size_t table; /* SNMP_SOURCE_COUNT, SNMP_SOURCE_NUMBER; of the latter also SNMP_ROW_TABLE */
        char *name;   /* of a variable, option, or what of the agent; the N of an argument, or NULL */
} SnmpSelector;

typedef enum SnmpForm {
        SNMP_FORM_TEXT,
        SNMP_FORM_HEX,
        SNMP_FORM_MAC,
        SNMP_FORM_DATE,
        SNMP_FORM_BITS,
        SNMP_FORM_BYTES,
        _SNMP_FORM_MAX,
} SnmpForm;

/* A selector and what is done to it. */
typedef struct SnmpExpression {
        SnmpSelector selector;
        SnmpForm form;
        bool has_test;
        SnmpSelector *decimals; /* or NULL */
        ValueConversion conversion;
        ValueTest test;
} SnmpExpression;

typedef struct SnmpWhenUse {
        const SnmpWhen *when;
        bool negate;
} SnmpWhenUse;

typedef struct SnmpWhens {
        SnmpWhenUse *uses; /* SNMP_WHENS_MAX at most */
        size_t n_uses;
} SnmpWhens;

typedef enum SnmpFactType {
        SNMP_FACT_OPTION,
        SNMP_FACT_VARIABLE, /* known, or with the test of the expression */
        SNMP_FACT_VALUE,
        SNMP_FACT_EXISTS,
        SNMP_FACT_TABLE,
        SNMP_FACT_SYSOBJECTID,
        SNMP_FACT_SYSDESCR,
        SNMP_FACT_ANY,
        SNMP_FACT_ALL,
        _SNMP_FACT_MAX,
} SnmpFactType;

typedef struct SnmpFact {
        SnmpFactType type;
        char *name; /* option, variable */
        SnmpExpression expression;
        size_t table, min, max;
        SnmpOid oid;
        ProfilePattern pattern;
        SnmpWhens whens; /* any, all */
} SnmpFact;

struct SnmpWhen {
        char *name;
        SnmpFact *facts; /* of one type: one of them has to hold; of all types that are there; each "all" by
                          * itself */
        size_t n_facts;
        unsigned line;
        bool used;
};

typedef enum SnmpAsk {
        SNMP_ASK_QUICK,
        SNMP_ASK_FULL,
        SNMP_ASK_SLOW,
        SNMP_ASK_ONCE,
        _SNMP_ASK_MAX,
} SnmpAsk;

typedef enum SnmpNumbering {
        SNMP_NUMBER_INSTANCE,
        SNMP_NUMBER_POSITION,
        SNMP_NUMBER_VALUE,
} SnmpNumbering;

typedef struct SnmpTable {
        char *name;
        SnmpPattern index; /* n_parts is 0 with members= */
        unsigned depth;    /* 0: not said */
        size_t parent;     /* which of tables; SNMP_NO_TABLE. It stands before its children */
        uint32_t member_first, member_last; /* members= */
        SnmpNumbering numbering;
        uint32_t first;    /* 1 if not said */
        SnmpExpression *selects;
        size_t n_selects;
        bool has_count;
        SnmpExpression count;
        SnmpAsk ask;
        unsigned max;
        SnmpWhens whens;
        bool is_chain;
        unsigned line;
        bool used;
} SnmpTable;

typedef enum SnmpRowType {
        SNMP_ROW_VARIABLE,
        SNMP_ROW_STATUS,
        SNMP_ROW_ALARM,
        SNMP_ROW_NEED, /* of [probe]; without table, and with a selector of an object */
        _SNMP_ROW_TYPE_MAX,
} SnmpRowType;

/* VALUE of set= and write=: text, or an expression. */
typedef struct SnmpOperand {
        char *text; /* or NULL: */
        SnmpExpression expression;
} SnmpOperand;

typedef struct SnmpSet {
        SnmpPattern object;
        SnmpOperand value;
} SnmpSet;

/* Profiles have thousands of them: what is small stands together. */
typedef struct SnmpRow {
        SnmpRowType type;
        Condition condition;
        SnmpAsk ask;
        unsigned line;
        const char *file; /* owned by the profile, here and below */
        char *name; /* variable, condition, or alarm text (NULL for "*"); with * for numbers in a table */
        size_t table; /* SNMP_NO_TABLE */
        SnmpExpression expression;
        SnmpWhens whens;

        /* variables */
        char *held, *value;
        bool writable, enumerated, hidden;
        bool has_write_value; /* of write; else what is written goes the way back of the row */
        bool alternative;     /* "else", of status */
        SnmpSet *write;       /* or NULL: it is written to the object that it is read from */
        ValueRange *ranges;
        size_t n_ranges;
        unsigned step;
        uint32_t length_max;
        char *option;
} SnmpRow;

typedef struct SnmpCommand {
        char *name; /* with * for numbers in a table */
        size_t table;
        SnmpSet *sets;
        size_t n_sets;
        bool together;
        bool unread; /* what is set need not be there to be read */
        uint64_t pause_usec;
        const SnmpWhen *check; /* or NULL */
        SnmpWhens whens;
        ValueRange *ranges; /* of the argument */
        size_t n_ranges;
        const ValueLookup *lookup;
        bool has_verify;
        SnmpExpression verify;
        uint64_t within_usec;
        const char *file;
        unsigned line;
} SnmpCommand;

typedef struct SnmpTrapText {
        SnmpOid oid;
        char *text;
        int level; /* of syslog */
} SnmpTrapText;

typedef struct SnmpProfile {
        unsigned n_ref;
        char *file, *id, *title, *version, *vendor, *type;
        char **included; /* strv: files that it includes */
        uint64_t hash;   /* of the text of all these */
        char **mibs;     /* strv: names for mibs= */
        int order;       /* -1: not tried in turn */
        SnmpOid *sysobjectids;
        size_t n_sysobjectids;
        SnmpObject *objects;
        size_t n_objects;
        SnmpTable *tables; /* parents before children */
        size_t n_tables;
        SnmpWhen *whens;
        size_t n_whens;
        ValueDefinitions values;
        SnmpRow *rows[_SNMP_ROW_TYPE_MAX];
        size_t n_rows[_SNMP_ROW_TYPE_MAX];
        SnmpCommand *commands;
        size_t n_commands;
        ProfileDerived *derived; /* when is not used: derived_whens has them */
        SnmpWhens *derived_whens;
        size_t n_derived;
        SnmpTrapText *traps;
        size_t n_traps;
} SnmpProfile;

/* As hid_profile_load(), hid_profile_parse() and hid_profiles_load(). */
int snmp_profile_load(const char *path, ConfReport report, void *userdata, SnmpProfile **ret);
int snmp_profile_parse(
        const char *name, const char *data, size_t n, ConfReport report, void *userdata, SnmpProfile **ret);
SnmpProfile *snmp_profile_ref(SnmpProfile *p);
SnmpProfile *snmp_profile_unref(SnmpProfile *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpProfile *, snmp_profile_unref);

typedef struct SnmpProfiles {
        SnmpProfile **profiles; /* by order, those without it last; then by id */
        size_t n_profiles;
} SnmpProfiles;

/* Reads snmp/ *.profile of each directory of $BUSBAR_PROFILES, or of the built-in ones. */
int snmp_profiles_load(ConfReport report, void *userdata, SnmpProfiles *ret);

/* Those of one directory that are for this engine. Negative errno, reported, when it cannot be read. */
int snmp_profiles_read(const char *path, ConfReport report, void *userdata, SnmpProfiles *ret);
void snmp_profiles_done(SnmpProfiles *p);

/* Whether a profile answers to a name of mibs=, case ignored. */
bool snmp_profile_has_mib(const SnmpProfile *p, const char *mib);

/* How long the longest sysobjectid of the profile is that oid begins with; 0 for none. */
size_t snmp_profile_match(const SnmpProfile *p, const SnmpOid *oid);

/* Reports, as errors: two profiles with one place in the order; two with the same sysobjectid of which the
 * later never gets its turn, because the earlier needs nothing that it does not need as well; the same for
 * those that are tried in turn. */
void snmp_profiles_check(const SnmpProfiles *p, ConfReport report, void *userdata);
