/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-engine.h"
#include "hid-text.h"

/* What the files of the engine share. */

/* Reports that are asked for at all: those with a field that the profile names. */
typedef struct Report {
        HidKind kind;
        uint8_t id;
        HidKind asked_as;   /* kind in the request */
        size_t size;        /* as described, with the id byte */
        size_t size_fields; /* bytes in which all of its fields are */
        uint8_t *data;
        size_t n;           /* valid bytes of data; 0: none yet, or not to be trusted any more */
        uint64_t sequence;  /* orders the fillings of all reports */
        uint64_t arrived;   /* the poll before which the device last sent it by itself */
        uint64_t asked;     /* the poll that last asked for it */
        unsigned classes;   /* 1 << ProfileClass of each row that needs it */
        unsigned failures;  /* of requests, in a row */
        uint64_t failed_since; /* the sequence number when the first of them failed */
        bool answered;      /* a request for it, at least once */
        bool pushed;        /* the device sent it by itself, at least once */
        bool mute;          /* no answer at all, ever: waiting for one costs too much to do it often */
        bool refused;       /* the last request, in so many words */
        bool status;        /* the status is in it */
        bool needed;        /* the status or a command is in it: asked for again until it answers */
        bool awaited;       /* a row that would come before the one in use is in it */
        bool due;           /* to be read with the next poll, of whatever kind */
        bool pushed_only;   /* all quick rows on it follow a report that the device sends by itself */
        bool remarked;      /* its oddity is in the log */
} Report;

/* A row of the profile and the fields it stands for. */
typedef struct Binding {
        const ProfileRow *row;
        HidField *field; /* NULL for rows that need none */
        HidField *twin;  /* Input field with the same path as a Feature one; NULL for none */
        HidField *join;
        double scale;  /* of several the one that fits */
        bool scaled;   /* it has been found */
        bool awaited;  /* its report did not answer at start, and a later row took its place */
        char *held;    /* what the driver keeps; NULL before it is asked for */
} Binding;

/* All rows of one variable. */
typedef struct Slot {
        const char *name;
        Binding *bindings;
        size_t n_bindings, n_allocated;
        ssize_t chosen;  /* the alternative that gave a value; -1: none has yet */
        char *value;     /* now; NULL when there is none */
        bool shown;      /* had a value once */
} Slot;

/* A row of [status] or [alarms]. */
typedef struct Flag {
        Binding binding;
} Flag;

typedef struct BoundStep {
        const ProfileCommandStep *step;
        HidField *field; /* NULL for an optional one that is not there */
} BoundStep;

typedef struct BoundCommand {
        const char *name;
        const ProfileCommand *command;
        BoundStep *steps;
        size_t n_steps;
} BoundCommand;

typedef struct WhenField {
        const ProfileFieldValue *value;
        HidField *field;
} WhenField;

typedef struct WhenState {
        const ProfileWhen *when;
        bool holds; /* but for its fields, which are asked each time */
        WhenField *fields;
        size_t n_fields;
} WhenState;

struct HidEngine {
        HidLink *link;
        HidProfile *profile;
        HidEngineOptions options;
        HidDescriptor *descriptor;

        Report **reports[_HID_KIND_MAX]; /* by id */
        uint64_t sequence, polls, full_polls;
        uint64_t full_usec;       /* when the last full reading was */
        unsigned timeouts;        /* in a row */
        unsigned silent_polls;    /* in which the device sent nothing by itself */
        bool written, started;
        bool mute_asked;          /* in this poll: one that says nothing is enough */
        bool learned;             /* a report has come for the first time since the plan was made */

        Slot *slots;
        size_t n_slots, n_slots_allocated;
        Flag *status, *alarms;
        size_t n_status, n_alarms;
        BoundCommand *commands; /* of the profile */
        size_t n_commands;
        char **offered;  /* strv: all commands, with the derived ones */
        WhenState *whens;
        StatusMemory memory;
        char *strings[256];
        bool strings_asked[256];
};

/* A line for the log, about the device. error as for log_device(). */
_printf_(4, 5) void engine_log(const HidEngine *e, int level, int error, const char *fmt, ...);
/* The value of a driver option; NULL when it is not given. */
const char *engine_option(const HidEngine *e, const char *name);

/*** hid-reports.c ***/

/* The report of a field, made when it is not there yet; NULL without memory. */
Report *engine_add_report(HidEngine *e, const HidField *f);
Report *engine_report(const HidEngine *e, const HidField *f);
void engine_free_reports(HidEngine *e);

/* Asks the device. 0, also when it refused or said nonsense, which report->failures tells. -ENODEV,
 * -ETIMEDOUT (two in a row) and -EINTR end a poll. */
int engine_read(HidEngine *e, Report *r);

/* Whether there have ever been data of the report of a field. False for NULL. */
bool engine_field_came(const HidEngine *e, const HidField *f);

/* Whether the device has failed to give the report so often that what it said before does not count. */
bool report_is_lost(const Report *r);

/* The same unless there are data of this poll already. */
int engine_need(HidEngine *e, const HidField *f);

/* Takes in what was sent by the device; the number of reports, or an error. */
int engine_drain(HidEngine *e);

/* Reads all reports that a poll wants. */
int engine_read_plan(HidEngine *e, bool full);

/* Puts a raw value into the report of a field and sends that. */
int engine_write_raw(HidEngine *e, const HidField *f, int64_t raw);

/* String by index, from the cache when it was asked for before; NULL when there is none. */
const char *engine_string(HidEngine *e, int64_t index);

/*** hid-bind.c ***/

/* Finds the fields for all that the profile says. -ENODEV when there are none. */
int engine_bind(HidEngine *e);
/* Forgets all that, and the values. */
void engine_free_bindings(HidEngine *e);
/* The first field of a path, of this kind; for -1 the Feature one, else that of kind otherwise. NULL for
 * none. */
HidField *engine_find_field(const HidEngine *e, const ProfilePath *path, int kind, HidKind otherwise);
/* The variable of that name, in any case; NULL for one that the profile does not know. */
Slot *engine_find_slot(const HidEngine *e, const char *name);

/* Finds out which conditions hold, once model and firmware are known; before that, without them. */
void engine_judge_whens(HidEngine *e);
/* Whether a row counts now. */
bool engine_when(const HidEngine *e, const ProfileWhen *w, bool negate);

/*** hid-settle.c ***/

/* Reads what the rows need, picks of each variable the alternative that answers, and drops rows that have no
 * answer. Errors as for engine_read(). */
int engine_settle(HidEngine *e);
/* Asks once more for what the status is in, if none of it has answered. -EAGAIN when that is for lack of an
 * answer and nothing else can tell whether there is mains; where it is refused this is only logged. */
int engine_settle_mains(HidEngine *e);
/* Marks in each report how often it is needed. */
void engine_plan(HidEngine *e);
/* Plans anew once there are reports that had not answered before. 0 or -ENOMEM. */
int engine_plan_again(HidEngine *e);
/* What the driver keeps for a row; NULL without memory. */
const char *engine_held(HidEngine *e, const Slot *s, Binding *b);

/*** hid-convert.c ***/

/* The text for a row, from the newest data. 1, 0 when there is no value now, or -ENOMEM. */
int engine_convert(HidEngine *e, Binding *b, char **ret);

/* The number that status rows and conditions look at. False when unknown. */
bool engine_number(const HidEngine *e, const HidField *field, const HidField *twin, const ProfileRow *row,
                bool raw, double *ret);

/* Text to raw value, for writing. -EINVAL for what the row cannot mean. */
int row_parse(const Binding *b, const char *text, int64_t *ret);
/* The shown number of a raw value of a row, without regard to formats; for ranges. */
double row_shown(const Binding *b, int64_t raw);

/* The value of a variable as it is now, as a number; false when it has none. */
bool engine_variable_number(const HidEngine *e, const char *name, double *ret);

/*** hid-publish.c ***/

/* The value of a slot as the reports have it now. 0 or -ENOMEM. */
int engine_refresh_slot(HidEngine *e, Slot *s);
/* Puts all that is known into u. */
int engine_publish(HidEngine *e, Update *u);

/*** hid-command.c ***/

/* Finds the fields of commands. 0 or -ENOMEM. */
int engine_bind_commands(HidEngine *e);
/* Asks for the reports of commands. Errors as for engine_read(). */
int engine_ask_commands(HidEngine *e);
/* Lists the commands that can be run. 0 or -ENOMEM. */
int engine_offer_commands(HidEngine *e);
/* Whether a value can be kept for a row. */
bool held_is_valid(const Slot *s, const Binding *b, const char *value, bool may_be_never);
/* Writes to the device and reads back. */
int engine_write_slot(HidEngine *e, Slot *s, const char *value);
/* Reads again what was written to. Only -ENODEV and -EINTR are errors. */
int engine_read_back(HidEngine *e);
