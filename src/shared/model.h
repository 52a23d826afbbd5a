/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* The device model: variables, commands, status, alarms and freshness of one device. The kit holds the
 * truth, each consumer a mirror of it; both change it only by applying an Update, which returns what
 * really changed. */

#define VARIABLE_NAME_MAX 127U
#define VARIABLE_VALUE_MAX 4096U

typedef enum VariableFlags {
        VARIABLE_WRITABLE = 1 << 0,
        VARIABLE_STRING   = 1 << 1, /* clients see it as STRING:length_max, else as NUMBER */
        VARIABLE_IMMUTABLE = 1 << 2, /* fixed by override.*: the device's word does not count */
} VariableFlags;

typedef struct Range {
        int64_t min, max; /* both inclusive */
} Range;

typedef struct Variable {
        char *name;  /* canonical spelling: that of the first update */
        char *value; /* the exact string for clients */
        VariableFlags flags;
        uint32_t length_max; /* for strings, in bytes; 0 is none */
        char **enums;        /* strv, in the driver's order */
        Range *ranges;
        size_t n_ranges;
        unsigned n_ref; /* the model's: states before and after an update share what does not change */
} Variable;

/* Whether s can name a variable or command: 1 to VARIABLE_NAME_MAX printable ASCII characters other than
 * white space and " \ # =. */
bool variable_name_is_valid(const char *s) _pure_;

typedef enum Freshness {
        FRESHNESS_ABSENT, /* no device: never seen, or gone */
        FRESHNESS_STALE,  /* there, but its data are too old to trust */
        FRESHNESS_FRESH,
        _FRESHNESS_MAX,
        _FRESHNESS_INVALID = -EINVAL,
} Freshness;

/* "absent", "stale", "fresh", and back (_FRESHNESS_INVALID for another word). */
const char *freshness_to_string(Freshness f) _const_;
Freshness freshness_from_string(const char *s) _pure_;

/*** Update: one batch of changes ***/

/* A batch is built by calls and applied as a whole or not at all. Each call returns 0 or a negative errno
 * (-EINVAL for a name that cannot be one, -ENOMEM); the error is kept as well, and then model_apply()
 * refuses the batch, so a driver need not look at each call. */
typedef struct Update Update;

/* An empty batch; NULL without memory. */
Update *update_new(void);
Update *update_free(Update *u);
DEFINE_TRIVIAL_CLEANUP_FUNC(Update *, update_free);

/* First error of the calls so far, or 0. */
int update_error(const Update *u) _pure_;

/* From here on the batch is the whole truth: variables (but those whose name starts with keep_prefix, if
 * not NULL) and commands that it does not name are removed. Status and alarms are replaced too, by none
 * if not given. */
int update_replace(Update *u, const char *keep_prefix);

/* Sets a variable; creates it read-only if new. Bytes a client could not bear (control, non-ASCII) become
 * '?' and a value longer than VARIABLE_VALUE_MAX is cut, here and nowhere else. The name "ups.status"
 * sets the status tokens, split at blanks. */
int update_set(Update *u, const char *name, const char *value);
int update_setf(Update *u, const char *name, const char *fmt, ...) _printf_(3, 4);

/* The value that the batch sets a variable to, or NULL when it does not. Not for ups.status. */
const char *update_get(const Update *u, const char *name) _pure_;

/* Whether update_replace() was called on it. */
bool update_replaces(const Update *u) _pure_;

/* Removes a variable. */
int update_unset(Update *u, const char *name);

/* Declares what may be written to a variable that exists or is set in this batch. Replaces flags and
 * maximum length, and drops enumeration and ranges, which may be added anew. */
int update_describe(Update *u, const char *name, VariableFlags flags, uint32_t length_max);
int update_enum(Update *u, const char *name, const char *value);
int update_range(Update *u, const char *name, int64_t min, int64_t max);

/* Adds or removes an instant command. */
int update_command(Update *u, const char *name);
int update_command_remove(Update *u, const char *name);

/* Adds status tokens (one or several, blank-separated). The first call of a batch replaces the status of
 * before; "" alone clears it. */
int update_status(Update *u, const char *tokens);

/* Forgets the status tokens and alarms that the batch has so far, for who states all of them anew. */
void update_restart_status(Update *u);

/* Takes a status without tokens back, as if the batch had given none: for a device that has no status.
 * Returns whether the batch gives one then. */
bool update_drop_empty_status(Update *u);

/* Whether the batch sets the status, and the token, in this very spelling, is in it. */
bool update_gives_status(const Update *u) _pure_;
bool update_has_status(const Update *u, const char *token) _pure_;

/* Adds an alarm text; likewise. "" alone clears. While there are alarms the token ALARM leads the status. */
int update_alarm(Update *u, const char *text);

/* Sets freshness. */
int update_freshness(Update *u, Freshness f);

/*** Model ***/

typedef struct Model Model;

/* A new model: absent, empty. Free with model_free(). */
Model *model_new(void);
Model *model_free(Model *m);
DEFINE_TRIVIAL_CLEANUP_FUNC(Model *, model_free);

/* What an applied update changed. Names are owned by the Change. */
typedef struct Change {
        char **changed;  /* variables that are new or have a new value */
        char **removed;
        char **described; /* variables whose flags, length, enumeration or ranges changed */
        bool commands, status, alarms, freshness;
} Change;

Change *change_free(Change *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(Change *, change_free);

/* Whether nothing at all changed. */
bool change_is_empty(const Change *c) _pure_;

/* Applies a batch. The variables "ups.status" and "ups.alarm" follow the tokens and texts. Raises the
 * revision by one if variables changed. On failure (-ENOMEM, the update's own error) the model is as
 * before. ret may be NULL. */
int model_apply(Model *m, const Update *u, Change **ret);

/* default.NAME: the value while the device gives none. override.NAME: the value whatever the device
 * gives. ignorelb: the device's LB is dropped and LB is set when battery.charge < battery.charge.low or
 * battery.runtime < battery.runtime.low. To be set before the first update. */
int model_set_default(Model *m, const char *name, const char *value);
int model_set_override(Model *m, const char *name, const char *value);
void model_set_ignore_lb(Model *m, bool b);

/* Look-up ignores case. The result lives until the next model_apply(). */
const Variable *model_find(const Model *m, const char *name) _pure_;

/* The value, or NULL. */
const char *model_get(const Model *m, const char *name) _pure_;

/* The value as a number, or NaN when absent or not one. */
double model_get_number(const Model *m, const char *name);

/* All variables, sorted by name without regard to case. */
size_t model_n_variables(const Model *m) _pure_;
const Variable *model_variable(const Model *m, size_t i) _pure_;

/* Commands as a sorted strv; status tokens in the device's order with ALARM first; alarm texts. Owned by
 * the model. */
char *const *model_commands(const Model *m) _pure_;
char *const *model_status(const Model *m) _pure_;
char *const *model_alarms(const Model *m) _pure_;

/* Whether the command exists, ignoring case; the canonical spelling or NULL. */
const char *model_find_command(const Model *m, const char *name) _pure_;

/* Whether the token, in this very spelling, is in the status. */
bool model_has_status(const Model *m, const char *token) _pure_;
/* As last set by an update; absent at first. */
Freshness model_freshness(const Model *m) _pure_;

/* Counts applied updates that changed variables; a mirror sets it from the wire. */
uint64_t model_revision(const Model *m) _pure_;
void model_set_revision(Model *m, uint64_t revision);

/* CLOCK_BOOTTIME time since which OB is in the status; 0 when it is not. */
uint64_t model_on_battery_since_usec(const Model *m) _pure_;

/* A mirror sets it from the wire, as it may have come later than the outage. Nothing happens without OB in
 * the status, and for 0. */
void model_set_on_battery_since_usec(Model *m, uint64_t usec);

/*** Checking a value before it goes to the device ***/

typedef enum ValueVerdict {
        VALUE_OK,
        VALUE_READ_ONLY,
        VALUE_TOO_LONG,
        VALUE_INVALID,       /* not in the enumeration, outside all ranges, or no number where one is due */
        VALUE_NOT_SETTABLE,  /* a string without a maximum length: the driver made a mistake */
} ValueVerdict;

/* What the description of a variable says about a new value. A variable with ranges or without
 * VARIABLE_STRING wants a whole number or a decimal fraction; NUT takes "265abc" there, we do not. */
ValueVerdict variable_check_value(const Variable *v, const char *value);
