/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-ask.h"
#include "snmp-engine.h"

/* What the files of the engine share. */

/* A guard only: each thing in a chain of SNMP_DEPTH_MAX is a few calls deep, with its texts. */
#define SNMP_CALLS_MAX (4U * SNMP_DEPTH_MAX)

/* Rows in one slice of a table, unless the agent bears less. */
#define SNMP_REPETITIONS 16U

/*** Tables ***/

typedef struct Member {
        size_t table;
        SnmpOid instance; /* in the numbers of the list */
        const struct Member *parent;
        uint32_t number;
} Member;

typedef struct MemberList {
        Member *members;
        size_t n_members;
        uint32_t *numbers;
} MemberList;

typedef struct Table {
        MemberList list;
        MemberList found; /* of the discovery that is under way */
        bool has_found;
        bool is_known;    /* it was walked, or needs no walk */
        bool is_recalled; /* by another session; not looked at in this one yet */
        bool was_wanted;  /* its conditions held then */
        double count;     /* what count= was then; NaN: not known */
        bool has_loop;    /* which is in the log */
        bool is_cut;      /* likewise */
        uint32_t walked;  /* the operation that looked at it last */
        unsigned failures; /* in a row: what was found before is kept, and it stays due */
} Table;

/*** Rows ***/

/* A row, for one member of its table. */
typedef struct Use {
        const SnmpRow *row;
        const Member *member;
        SnmpItem *item; /* of its selector; NULL: none */
} Use;

/* All rows of one variable. */
typedef struct Slot {
        char *name;       /* of the profile unless is_named */
        char *value;      /* now; NULL when there is none */
        char *held;       /* what the driver keeps; NULL before it is asked for */
        uint32_t first;   /* of its uses */
        uint16_t n_uses;
        int16_t chosen;   /* which of them gave the value; -1: none */
        uint32_t computed; /* when */
        bool is_named : 1; /* name is its own */
        bool is_simple : 1; /* its value hangs on the objects of its uses alone */
        bool shown : 1;    /* is in the model */
        bool dirty : 1;    /* not as the model has it */
} Slot;

typedef struct Offer {
        char *name;
        const SnmpCommand *command;
        const Member *member;
        bool is_named;
        bool offered; /* is in the model */
} Offer;

/* All that hangs on the members of tables. */
typedef struct Layout {
        SnmpItemSet items;
        Slot *slots; /* by name, case ignored */
        size_t n_slots;
        Use *uses[_SNMP_ROW_TYPE_MAX]; /* those of variables by slot */
        size_t n_uses[_SNMP_ROW_TYPE_MAX];
        Offer *offers;
        size_t n_offers;
} Layout;

/* What the members of a chain have of their own. */
typedef struct ChainMember {
        const Member *member;
        uint32_t number;
        StatusMemory memory;
        Conditions conditions;
        char **alarms; /* strv */
        char *status, *alarm; /* as shown */
} ChainMember;

/*** Operations ***/

/* What is to be done next: 1: wait until something goes on; 0: done, the phase has set the next one, or NULL
 * at the end; negative errno: the operation has failed. */
typedef int (*SnmpPhase)(SnmpEngine *e);

typedef struct SnmpOperationState {
        SnmpPhase phase;
        SnmpPhase after; /* when nothing is due any more */
        Update *update;
        SnmpEngineDone done;
        void *userdata;
        bool is_start, full, slow;
        bool is_rebound; /* tables have changed, and what is new is read */
        bool checks_identity;
        size_t index;    /* what a phase goes through: tables, slots, requests */
        unsigned rounds; /* of discovery */
        bool is_writing; /* options */
        bool is_forgiving; /* what fails from here on does not matter */
        bool is_poll;    /* or start */
        bool is_whole;   /* all that status and alarms hang on was read */
        bool has_looked_twice;
        bool table_is_wanted; /* that of index, if it comes to its end */
        double table_count;
        int result;      /* that it ends with, if nothing else fails */
} SnmpOperationState;

/* The walk of a column. */
typedef struct Walk {
        SnmpOid column, last;
        uint32_t ids[SNMP_OID_MAX]; /* of last */
        SnmpValue *values; /* so far, with whole identifiers */
        size_t n_values, n_allocated;
        bool is_over;
        SnmpItemSet items; /* what select= wants to know of them */
        MemberList found;  /* of this table, before it is said who is selected */
        unsigned silences; /* in a row */
        unsigned repetitions; /* at the most, after silence */
        bool has_failed;   /* it did not come to the end of the column */
        int error;
} Walk;

/* A write or command that is under way. */
typedef struct Order {
        SnmpValue *values;
        size_t n_values;
        bool together;
        uint64_t pause_usec;
        size_t n_sent, n_asked; /* n_asked: of the request under way */
        bool is_pausing;
        bool may_repeat;  /* a value that may be written twice */
        int error;        /* how it was refused */
        int unanswered;   /* it was sent, but nothing that could be used came back */
        unsigned n_looks; /* at what came of it */

        char *variable; /* that is written, */
        char *text;     /* and what with */
        const Offer *offer; /* or the command */
        char *argument;
        uint64_t until_usec; /* when it has to be so */
        bool from_option;
} Order;

struct SnmpEngine {
        SnmpLink *link;
        sd_event *event;
        sd_event_source *timer; /* goes on with the operation */
        SnmpProfile *profile;
        SnmpIdentity identity;
        SnmpEngineOptions options;

        SnmpAsker asker; /* asker.now counts refreshments */
        Table *tables;   /* as those of the profile */
        Layout layout;
        ChainMember *chain; /* NULL unless there are several */
        size_t n_chain;
        size_t chain_table; /* SNMP_NO_TABLE */

        SnmpOperationState op;
        uint32_t operations; /* begun */
        Walk *walk;   /* while there is one */
        Order *order; /* likewise */

        bool has_uptime;
        uint64_t uptime; /* of the agent, as it was read last */
        size_t n_lost; /* objects that were there once, and are not */
        unsigned full_polls;
        unsigned repetitions;
        unsigned good_slices;   /* in a row, since that has changed */
        bool slices_in_doubt;   /* they are small since an answer did not come */
        uint64_t start_usec; /* when the first reading was; 0: it does not count any more */
        bool is_stale;   /* values have to be worked out anew */
        bool was_whole;  /* the reading before, see snmp_phase_whole() */
        bool status_is_stale; /* likewise, from what was read whole */
        bool show_all;   /* the model may have anything */
        bool unstable;   /* which is in the log */
        bool news;       /* snmp_engine_is_news() */
        bool has_new_values; /* since the last time something was published */
        bool has_status; /* there was a token once */
        char **gone;     /* strv: variables that are not any more */
        Conditions conditions;
        char **alarms;   /* strv: as of the last refreshment */
        StatusMemory memory;
        char *why;
};

/* What values are taken from, besides the engine. */
typedef struct SnmpContext {
        const SnmpEngine *e;
        const Member *member;
        const SnmpItemSet *items; /* besides those of the layout, or NULL */
        const char *argument;
        unsigned depth;
} SnmpContext;

/*** snmp-engine.c ***/

/* A line for the log, about the device. error as for log_device(). */
_printf_(4, 5) void snmp_engine_log(const SnmpEngine *e, int level, int error, const char *fmt, ...);
/* The value of a driver option; NULL when it is not given. */
const char *snmp_engine_option(const SnmpEngine *e, const char *name);
/* What snmp_engine_why() gives. Takes text over, which may be NULL. */
void snmp_engine_explain(SnmpEngine *e, char *text);
/* Begins an operation: 0 or -EBUSY, -ENOMEM. */
int snmp_engine_begin(SnmpEngine *e, SnmpPhase phase, Update *u, SnmpEngineDone done, void *userdata);
/* Goes on with the operation, from the event loop. */
void snmp_engine_resume(void *userdata);
/* Goes on with it after a while; 1 for a phase to return, or a negative errno. */
int snmp_engine_wait(SnmpEngine *e, uint64_t usec);
/* A phase: reads for a poll, all of it, then publishes. */
int snmp_phase_begin_reading(SnmpEngine *e);
/* A phase: reads what is due, then goes on with op.after. */
int snmp_phase_read(SnmpEngine *e);
/* A phase: finds out about tables, reads what is new, then goes on with snmp_phase_whole(). */
int snmp_phase_find(SnmpEngine *e);
/* A phase: works out all values and puts what has changed into the update; the last one. */
int snmp_phase_publish(SnmpEngine *e);

/*** snmp-members.c ***/

/* The member itself or that above it that is of the table; NULL for none. */
const Member *snmp_member_of(const Member *m, size_t table);
/* The members of a table, also while they are being discovered. */
const MemberList *snmp_members(const SnmpEngine *e, size_t table);
/* How many there are, of the parent that is m or above it, if there is one. */
size_t snmp_member_count(const SnmpEngine *e, size_t table, const Member *m);
/* Builds the identifier of an object of a member; false if a part does not belong to it. */
bool snmp_pattern_oid(const SnmpPattern *p, const Member *m, uint32_t ids[static SNMP_OID_MAX],
        SnmpOid *ret);
/* Whether the identifier is the same for all members, and stands in the pattern. */
bool snmp_pattern_is_fixed(const SnmpPattern *p);
/* The member of a chain of several that m is or belongs to; NULL for none. */
const Member *snmp_chain_member(const SnmpEngine *e, const Member *m);
/* The name of a variable, command or alarm of a member, with numbers in place of "*"; prefixed: with
 * device.N. if it is of a chain. *ret is name itself when nothing is to be done. 0 or -ENOMEM. */
int snmp_member_name(const SnmpEngine *e, const char *name, const Member *m, bool prefixed, char **ret);
void snmp_member_list_done(MemberList *l);
bool snmp_member_lists_equal(const MemberList *a, const MemberList *b);

/*** snmp-bind.c ***/

/* sysUpTime.0 */
extern const SnmpOid snmp_sys_uptime;

/* Makes the layout for the members there are; what was known stays. 0 or -ENOMEM. */
int snmp_bind(SnmpEngine *e);
void snmp_layout_done(Layout *l);
Slot *snmp_find_slot(const SnmpEngine *e, const char *name);
/* Adds the objects that an expression takes something from to those that are wanted. */
int snmp_want_expression(SnmpWants *w, const SnmpContext *c, const SnmpExpression *x, SnmpAsk ask,
        bool status);
int snmp_want_whens(SnmpWants *w, const SnmpContext *c, const SnmpWhens *whens, SnmpAsk ask, bool status);
int snmp_want_when(SnmpWants *w, const SnmpContext *c, const SnmpWhen *when, SnmpAsk ask, bool status);
/* What decides whether a table is there. */
int snmp_want_table(SnmpWants *w, const SnmpEngine *e, size_t table);
/* Has all objects that are wanted read, if they are in the layout, and lets go of the list. */
void snmp_wants_due(SnmpEngine *e, SnmpWants *w);

/*** snmp-discover.c ***/

/* A phase: walks the tables whose turn it is, then goes on with op.after. */
int snmp_phase_discover(SnmpEngine *e);
/* Of a discovery that comes to no end nothing is used. */
void snmp_discover_forget(SnmpEngine *e);

/*** snmp-whole.c ***/

/* A phase, after discovery: whether the status can be worked out from what was read. If not, the one before
 * stays, for one reading; then readings fail, for a while. Goes on with what publishes. */
int snmp_phase_whole(SnmpEngine *e);
/* Whether status or alarms hang on the members of the table. */
bool snmp_table_is_vital(const SnmpEngine *e, size_t table);

/*** snmp-column.c ***/

/* Begins the walk of the column; its numbers have to last as long. 0 or -ENOMEM. */
int snmp_column_begin(SnmpEngine *e, const SnmpOid *column);
/* 1: wait for an answer; 0: the walk is over, see has_failed; negative errno. */
int snmp_column_next(SnmpEngine *e);
void snmp_column_forget(SnmpEngine *e);

/*** snmp-found.c ***/

/* Makes members of what was walked, for those of the parent, before any was left out. 0 or -ENOMEM. */
int snmp_found_from_walk(SnmpEngine *e, size_t table, const Walk *w, MemberList *ret);
/* The members that there are, with those that their parents are now: without those that have none. */
int snmp_found_again(SnmpEngine *e, size_t table, MemberList *ret);
/* Likewise of members=. */
int snmp_found_from_numbers(SnmpEngine *e, size_t table, MemberList *ret);
/* Leaves out those that are not selected, and numbers the others. 0 or -ENOMEM. */
int snmp_found_select(SnmpEngine *e, size_t table, MemberList *l, const SnmpItemSet *items);

/*** snmp-expression.c ***/

/* The text that an expression gives, in new memory: 1; 0: it is not known; -ENOMEM. item: of its selector,
        if
 * that is an object and it is known. */
int snmp_expression_text(const SnmpContext *c, const SnmpExpression *x, const SnmpItem *item, char **ret);
/* 1: the test holds, 0: it does not; -ENODATA: not known, -ENOMEM. */
int snmp_expression_holds(const SnmpContext *c, const SnmpExpression *x, const SnmpItem *item);
/* The object that an expression is taken from; NULL if it is none or not read. */
SnmpItem *snmp_pattern_item(const SnmpContext *c, const SnmpPattern *p);
/* The text of a variable, for a row of the member. */
const char *snmp_variable_text(const SnmpContext *c, const char *name);
bool snmp_variable_number(const SnmpContext *c, const char *name, double *ret);
/* A range or scale as it is now; false: it is not known. */
bool snmp_value_number_now(const SnmpContext *c, const ValueNumber *n, double *ret);

/*** snmp-conditions.c ***/

/* Whether all hold now. */
bool snmp_whens_hold(const SnmpContext *c, const SnmpWhens *w);
/* Whether this one does. */
bool snmp_when_holds(const SnmpContext *c, const SnmpWhen *w);

/*** snmp-slots.c ***/

/* Works out all values from the objects. 0 or -ENOMEM. */
int snmp_refresh(SnmpEngine *e);
/* What profile.vendor is called for this kind of device. */
const char *snmp_vendor_name(const SnmpEngine *e);
const SnmpRow *snmp_slot_row(const SnmpEngine *e, const Slot *s);
const Use *snmp_slot_use(const SnmpEngine *e, const Slot *s);

/*** snmp-status.c ***/

/* Works out conditions and alarms. 0 or -ENOMEM. */
int snmp_refresh_status(SnmpEngine *e);
int snmp_publish_status(SnmpEngine *e, Update *u);
/* Makes the chain for the members that there are, and adds to gone what is shown and will not be. 0 or
 * -ENOMEM. */
int snmp_chain_make(const SnmpEngine *e, ChainMember **ret, size_t *ret_n, char ***gone);
/* Takes it over in place of the one that was. */
void snmp_chain_replace(SnmpEngine *e, ChainMember *chain, size_t n);
void snmp_chain_done(SnmpEngine *e);

/*** snmp-publish.c ***/

/* Puts all that the model has not into the update. 0 or -ENOMEM. */
int snmp_publish(SnmpEngine *e, Update *u);
/* Whether the command can be run now. */
bool snmp_offer_stands(const SnmpEngine *e, const Offer *o);

/*** snmp-write.c ***/

/* What is to be set so that a row has a text. 0, -EINVAL (also why), -ENOMEM. */
int snmp_write_value(SnmpEngine *e, const Use *use, const char *text, SnmpValue *ret);
/* What a set= of a command comes to. 0, -EINVAL (also why), -ENOMEM. */
int snmp_set_value(SnmpEngine *e, const SnmpContext *c, const SnmpSet *set, SnmpValue *ret);
/* Whether a text can be the value of a row; *ret is what it is: as the enumeration spells it, cut to steps.
 * 0, -EINVAL, -ENOMEM. */
int snmp_check_written(SnmpEngine *e, const Use *use, const char *value, char **ret);
/* Likewise for an argument of a command. */
int snmp_check_argument(SnmpEngine *e, const Offer *o, const char *argument, char **ret);
/* What the driver keeps for a row, first from the option, else as the profile says. NULL without memory. */
const char *snmp_held(SnmpEngine *e, Slot *s, const Use *use);
int snmp_set_held(SnmpEngine *e, Slot *s, const Use *use, const char *value);
bool snmp_texts_same(const char *a, const char *b);

/*** snmp-order.c ***/

/* An empty order in place of what was there. 0 or -ENOMEM. */
int snmp_order_new(SnmpEngine *e);
/* Lets go of it, if there is one. */
void snmp_order_forget(SnmpEngine *e);
/* Of one that was not answered, and did not show that it was done: explains it, and gives the error. */
int snmp_order_unknown(SnmpEngine *e);
/* A phase: sends all of the order, then goes on with op.after; order.error says how it was refused. */
int snmp_phase_send(SnmpEngine *e);

/*** snmp-set.c ***/

/* A phase of the start: writes what options say, then goes on with snmp_phase_publish(). */
int snmp_phase_options(SnmpEngine *e);

/*** snmp-known.c ***/

/* Takes over what snmp_engine_save() gave; false if it makes no sense: nothing is known then. */
bool snmp_known_load(SnmpEngine *e, const char *known);
