/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* The shutdowns that there were, and what became of them. They outlive the power cut. */

#define HISTORY_SHUTDOWNS_MAX 50U
#define HISTORY_EVENTS_MAX 100U
#define HISTORY_VALUES_MAX 100U

/* A machine that nobody has seen stopping yet is assumed to need so long. */
#define SHUTDOWN_TIME_ASSUMED_USEC (UINT64_C(120) * 1000000)

typedef enum Outcome {
        OUTCOME_OPEN, /* under way: nobody knows */
        OUTCOME_POWERED_OFF,
        OUTCOME_CANCELLED,
        OUTCOME_FAILED,
        OUTCOME_REHEARSED,
        _OUTCOME_MAX,
        _OUTCOME_INVALID = -EINVAL,
} Outcome;

typedef struct HistoryEvent {
        uint64_t time_usec; /* CLOCK_REALTIME */
        char *text;
} HistoryEvent;

typedef struct HistoryValue {
        char *name, *value;
} HistoryValue;

typedef struct Shutdown {
        uint64_t time_usec; /* CLOCK_REALTIME; when it began */
        char boot_id[33];
        Outcome outcome;
        char *cause, *device, *reason;
        uint64_t request_usec; /* CLOCK_REALTIME; when the machine was asked to power off, 0 for not */
        uint64_t stop_usec;    /* how long it took from there, 0 for unknown */
        HistoryEvent *events;
        size_t n_events, n_events_allocated;
        HistoryValue *values;
        size_t n_values, n_values_allocated;
} Shutdown;

typedef struct History {
        Shutdown **shutdowns; /* the oldest first */
        size_t n_shutdowns, n_allocated;
} History;

/* "powered-off", "cancelled", "failed", "rehearsed", and "open". */
const char *outcome_to_string(Outcome o) _const_;

History *history_new(void);
History *history_free(History *h);
DEFINE_TRIVIAL_CLEANUP_FUNC(History *, history_free);

/* What the lines say; what makes no sense is reported and left out. */
int history_from_lines(const Conf *c, ConfReport report, void *userdata, History **ret);

/* All of it as text, in new memory. */
int history_format(const History *h, char **ret);

/* The shutdown of this boot that is under way, or NULL. */
Shutdown *history_open(const History *h, const char *boot_id) _pure_;

/* Begins one; the oldest is forgotten when there are too many. */
int history_begin(History *h, const char *boot_id, uint64_t time_usec, Shutdown **ret);

/* Add to one, up to the limits. */
int shutdown_add_event(Shutdown *s, uint64_t time_usec, const char *text);
int shutdown_add_value(Shutdown *s, const char *name, const char *value);
void shutdown_clear_values(Shutdown *s);

/* What the machine needs to stop: by the second longest of the last five times, as one that was slow says
 * little (the longest of less than three), and a quarter on top; ten minutes at most, 0 when it was never
 * measured. */
uint64_t history_stop_usec(const History *h) _pure_;
