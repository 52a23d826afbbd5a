/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor-bus.h"

/* Shared by monitor-bus.c (properties, life), -read (methods that tell something) and -write (methods
 * that do something, and are not for everybody). */

/* A method that is answered later. */
typedef struct Call Call;

struct MonitorBus {
        Monitor *monitor;
        sd_bus *bus;
        sd_bus_slot *slot, *name, *holder;
        Call *calls;
};

typedef enum CallKind { CALL_POLICY, CALL_FORCE, CALL_CANCEL, CALL_FINISH, CALL_REHEARSE } CallKind;

struct Call {
        MonitorBus *bus;
        CallKind kind;
        sd_bus_message *message;
        BusAuth *auth;
        sd_bus_slot *slot;
        sd_event_source *timer;
        void *state; /* of a rehearsal */
        bool waiting; /* for the end of the shutdown's first part */
        Call *next;
};

/* So many rehearsals may be under way, one for each sender, and so many other calls of one sender may wait
 * for an answer; more are refused. */
#define REHEARSALS_MAX 4U
#define CALLS_PER_SENDER_MAX 8U

/* -EBUSY when there are too many, with the error set. */
int call_new(MonitorBus *b, CallKind kind, sd_bus_message *m, sd_bus_error *error, Call **ret);
Call *call_free(Call *c);

/* Answers with nothing, or with an error, and frees the call. */
void call_answer(Call *c, int r, const sd_bus_error *error);

/* Appends one entry of an a{sv}. */
int append_entry(sd_bus_message *m, const char *key, const char *type, ...);

int method_list_supplies(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_plan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_rehearse(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_history(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_policy(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_set_policy(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_force(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_finish(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_notices(sd_bus_message *m, void *userdata, sd_bus_error *error);
