/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rate-limit.h"
#include "snmp-engine.h"
#include "snmp-shared.h"

/* A device from start() to stop(): its agent is asked whether it is there and who it is, then it is taken
 * for what it was the last time, or found out anew, and read. */

typedef struct SnmpSession {
        Device *device;
        SnmpShared *shared;
        SnmpListener listener;
        SnmpProfileSet *profiles;
        SnmpLink *link; /* NULL when the engine has it */
        SnmpIdentity identity;
        SnmpDetection *detection;
        SnmpEngine *engine;
        sd_event_source *again; /* finds out anew what the device is, after it was taken for another one */
        Update *update;         /* of the hook that is pending */
        bool known;             /* it was taken for what it was the last time */
        RateLimit polls, texts; /* that traps have caused */
} SnmpSession;

/* The hook start(). What is begun is undone by snmp_session_end(), also after a failure. */
int snmp_session_start(SnmpSession *s, Device *d, Update *u);
void snmp_session_end(SnmpSession *s);

/* Keeps what the next session can begin with. */
void snmp_session_remember(SnmpSession *s);

/* There is another device at the address: nothing that is known counts for it. */
void snmp_session_forget(SnmpSession *s);

/* Says why the agent does not do what it was asked, with what to do about it; why is in words, or NULL. */
void snmp_session_explain(SnmpSession *s, int r, const char *why);

/* Puts into an update what follows from options, whatever the profile. */
void snmp_session_finish_update(const SnmpSession *s, Update *u);
