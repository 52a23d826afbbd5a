/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-engine.h"
#include "line-reply.h"

/* What the files of the engine share. */

/* A guard only: each thing in a chain of LINE_DEPTH_MAX is a few calls deep, with its texts. */
#define LINE_CALLS_MAX (4U * LINE_DEPTH_MAX)

/* A query of the profile and what is known of its answer. */
typedef struct Question {
        const LineQuery *query;
        LineReply *answer; /* of the last time; NULL: none, or none that counts */
        uint64_t asked;    /* the poll that last asked for it; 0: never */
        uint64_t asked_full; /* how many full polls there had been */
        bool answered;     /* at least once */
        bool borne_out;    /* the last answer, by a second one */
        bool mains;        /* whether there are mains hangs on it */
        bool failed;       /* the last time */
        bool refused;      /* the last time, in so many words */
        bool polled;       /* a row takes something from it, or a condition; else it is only asked when a
                            * command wants to know */
} Question;

/* All rows of one variable. */
typedef struct Slot {
        const char *name;
        const LineRow **rows;
        size_t n_rows, n_allocated;
        const LineRow *chosen; /* the one that gave the value; NULL: none */
        char *value;           /* now; NULL when there is none */
        char *held;            /* what the driver keeps; NULL before it is asked for */
        bool shown;            /* had a value once, and was published */
        bool needed;           /* by the commands that all is about */
} Slot;

struct LineEngine {
        LineLink *link;
        LineProfile *profile;
        LineEngineOptions options;

        Question *questions; /* as the queries of the profile */
        Slot *slots;
        size_t n_slots, n_slots_allocated;

        uint64_t polls, full_polls; /* begun */
        uint64_t full_usec;         /* when the last full reading was */
        uint64_t answer_usec;       /* when the last exchange was over; 0: never */
        uint64_t slowest_usec;      /* the longest that an answer has taken so far */
        bool is_immediate;          /* that exchange went without the device */
        uint64_t settle_usec;       /* before the next request wait so long for what may still come */
        uint64_t lost_usec;         /* in this reading, waiting for answers that did not come */
        const Question *retry;      /* the one that this reading tries again */
        unsigned mains;             /* what was believed of them last, see line-mains.c */
        unsigned failures;          /* queries that had no good answer, in a row */
        const Question *last;       /* whose answer came last */
        char *last_text;            /* and what it was */
        unsigned noise;             /* answers that are still not believed at once */
        bool is_checking;           /* whether the device still answers anything */
        bool heard;                 /* something has come from the device */
        bool probing;               /* nothing is published, so that no answer needs to be certain */
        bool written;               /* something was, since the last full poll */
        bool not_ready;             /* which is in the log */
        bool unstable;              /* likewise: values that depend on themselves */
        char *why;                  /* line_engine_why() */
        StatusMemory memory;
};

/* What values are taken from, besides the engine. */
typedef struct LineContext {
        LineEngine *e;
        const char *argument; /* of a command or write; NULL: none */
        unsigned depth;
} LineContext;

/* A line for the log, about the device. error as for log_device(). */
_printf_(4, 5) void line_log(const LineEngine *e, int level, int error, const char *fmt, ...);
/* The value of a driver option; NULL when it is not given. */
const char *line_option(const LineEngine *e, const char *name);

/*** line-engine.c ***/

/* Reads all that a poll wants, in as many rounds as conditions that depend on answers need. */
int line_read(LineEngine *e, bool full);

/*** line-ask.c ***/

/* Waits, at most until the device is taken away: -EINTR. */
int line_pause(LineEngine *e, uint64_t usec);

/* Asks, several times if need be. 1: there is an answer; 0: there is none, which the question has noted.
 * -ENODEV, -EINTR, -ENOMEM; -ETIMEDOUT or -EBADMSG for a question without whose answer nothing is known,
 * and when the device seems to be silent for good. */
int line_ask(LineEngine *e, Question *q);

/* The same unless it has been asked in this poll. */
int line_need(LineEngine *e, Question *q);

/* Whether a poll fails without its answer. */
bool line_is_required(const Question *q) _pure_;
/* Whether so much time was lost with silence that a reading must come to its end. */
bool line_is_exhausted(const LineEngine *e) _pure_;

/* What a command came to: 0, -EPIPE (refused), -ETIMEDOUT (silence), -EBADMSG (neither), -ENODEV, -EINTR. */
typedef struct LineOrder {
        const uint8_t *text; /* what is sent, without check and end */
        size_t n;
        char *const *accepted;
        bool silence_is_done;
        uint64_t timeout_usec; /* 0: that of the profile */
} LineOrder;
int line_send(LineEngine *e, const LineOrder *order);
/* How long it waits for an answer. */
uint64_t line_order_usec(const LineEngine *e, const LineOrder *order);

/*** line-explain.c ***/

/* What line_engine_why() gives. Takes text over, which may be NULL. */
void line_explain(LineEngine *e, char *text);
/* The same of something that was sent: error and answer, if there was one. */
void line_explain_order(LineEngine *e, const LineOrder *o, int error, const uint8_t *answer, size_t n);
/* And of a value: one of the lookup, if there is one, in a range, if there are any, or of that length. */
void line_explain_value(
        LineEngine *e, const ValueLookup *lookup, const ValueRange *ranges, size_t n, size_t length);

/*** line-use.c ***/

/* Calls f for each query that a selector or a template takes something from, until it fails. */
typedef int (*LineEachQuery)(LineEngine *e, Question *q);
int line_selector_each_query(LineEngine *e, const LineSelector *s, LineEachQuery f);
int line_template_each_query(LineEngine *e, const LineTemplate *t, LineEachQuery f);

/*** line-value.c ***/

/* The text that a selector and a conversion give, in new memory: 1; 0: it is not known; -ENOMEM. */
int line_value(const LineContext *c, const LineSelector *s, const ValueConversion *v, char **ret);

/* The same for a template; n bytes, which may be any, and a zero behind them. */
int line_render(const LineContext *c, const LineTemplate *t, char **ret, size_t *ret_n);

/* A range or factor as it is now; false: it is not known. */
bool line_number(LineEngine *e, const ValueNumber *n, double *ret);

/* The value of a variable as a number. */
bool line_variable_number(const LineEngine *e, const char *name, double *ret);

/*** line-conditions.c ***/

/* Whether all conditions hold now. */
bool line_whens_hold(const LineContext *c, const LineWhens *w);
/* 1: true, 0: false; -ENODATA: not known, -ENOMEM. A row without a test is true for a number that is not
 * zero, or, if known is enough, for any text. */
int line_row_holds(const LineContext *c, const LineRow *row, bool known_is_enough);
/* What a test says about a text. */
/* The conditions of a query. */
bool line_question_counts(LineEngine *e, const Question *q);
/* Whether the device is one of those that [probe] admits by ids and way. */
bool line_link_is_meant(const LineEngine *e);

/*** line-mains.c ***/

/* Has it confirmed that the mains went or came, before anybody acts on it. 0; -EBADMSG when no two answers
 * agree; else as line_ask(). */
int line_confirm_mains(LineEngine *e);

/*** line-needs.c ***/

/* Marks the questions that conditions of the mains hang on. Before any other mark. */
void line_mark_mains(LineEngine *e);

/*** line-slots.c ***/

/* Makes the slots and marks the questions that are polled. 0 or -ENOMEM. */
int line_bind(LineEngine *e);
void line_unbind(LineEngine *e);
Slot *line_find_slot(const LineEngine *e, const char *name);
/* Works out all values from the answers. 0 or -ENOMEM. */
int line_refresh(LineEngine *e);

/*** line-publish.c ***/

/* Puts all that is known into u. */
int line_publish(LineEngine *e, Update *u);
/* What the device says of its status. */
void line_collect_conditions(LineEngine *e, Conditions *c);

/*** line-set.c ***/

/* Whether a text can be the value of a row; *ret is what is to be sent: as the enumeration spells it, cut to
 * steps. 0, -EINVAL, -ENOMEM. */
int line_check_written(LineEngine *e, const LineRow *row, const char *value, char **ret);
/* What the driver keeps for a row, first from the option, else as the profile says. NULL without memory. */
const char *line_held(LineEngine *e, Slot *s, const LineRow *row);
/* Writes at start what the section of the device sets. */
int line_write_options(LineEngine *e);
/* Whether a number is in one of the ranges, which must be known; also when there are none. */
bool line_in_ranges(LineEngine *e, const ValueRange *ranges, size_t n, double v);

/*** line-command.c ***/

/* The command that would be run now; NULL for none. */
const LineCommand *line_find_command(LineEngine *e, const char *name);
int line_run(LineEngine *e, const LineCommand *command, const char *argument);
/* Does what [start] says. */
int line_run_starts(LineEngine *e);
/* Asks again for what may be different now; what the device answers does not matter. Only -ENODEV and
 * -EINTR are errors. */
int line_read_written(LineEngine *e);
