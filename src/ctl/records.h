/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "json.h"
#include "macro.h"

/* Dictionaries (a{sv}) from the bus as structs, by a table of their keys. */

/* A moment and what happened then. */
typedef struct RecordEvent {
        uint64_t time_usec;
        char *text;
} RecordEvent;

typedef struct RecordEvents {
        RecordEvent *items;
        size_t n;
} RecordEvents;

typedef enum FieldType {
        FIELD_STRING,   /* s: char * */
        FIELD_BOOLEAN,  /* b: bool */
        FIELD_UNSIGNED, /* u: uint32_t */
        FIELD_INTEGER,  /* x: int64_t; JSON has null for a negative one */
        FIELD_TIME,     /* t: uint64_t; JSON has null for UINT64_MAX */
        FIELD_NUMBER,   /* d: double; JSON has null for NaN */
        FIELD_STRINGS,  /* as: char ** */
        FIELD_PAIRS,    /* a{ss}: char **, name, value, name, value, ... */
        FIELD_EVENTS,   /* a(ts): RecordEvents */
        _FIELD_TYPE_MAX,
} FieldType;

typedef struct Field {
        const char *key, *json;
        FieldType type;
        size_t offset;
} Field;

typedef struct RecordKind {
        size_t size;
        const void *defaults; /* of the keys that are not there, without anything allocated */
        const Field *fields;
        size_t n_fields;
} RecordKind;

typedef struct Records {
        const RecordKind *kind;
        void *items;
        size_t n, n_allocated;
} Records;

/* Record i, of the C type that belongs to the kind. */
#define RECORD(type, records, i) (&((const type *) (records)->items)[i])

/* Reads one a{sv}, or an aa{sv}, and appends what is in it. Keys that the kind does not have are passed
 * over. Returns 0, -EBADMSG when a value has another type than its key, -ENXIO when the message holds
 * something else, or another negative errno. */
int records_read_one(Records *records, sd_bus_message *m);
int records_read(Records *records, sd_bus_message *m);

/* Frees what is in it, not the struct itself. */
void records_done(Records *records);

/* The members of a record, into an object that is open. */
void record_json(Json *j, const RecordKind *kind, const void *record);

/* An array of objects. */
void records_json(Json *j, const char *key, const Records *records);
