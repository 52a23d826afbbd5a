/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "model.h"
#include "snmp-link.h"
#include "snmp-profile.h"
#include "status-rules.h"

/* The SNMP engine: a link and a profile make a device. All happens on the event loop. An operation that
 * returns 0 is under way, and done is called once when it is over, never from within the call; until then
 * there can be no other (-EBUSY). u has to stay until then, and on failure holds nothing to be used. */

typedef struct SnmpEngine SnmpEngine;
typedef void (*SnmpEngineDone)(SnmpEngine *e, int r, void *userdata);

typedef struct SnmpEngineOptions {
        StatusRules rules;
        unsigned slow_every;      /* full polls from one slow reading to the next; 0: 10 */
        /* Value of a driver option by name, or NULL; of a flag, anything that is not NULL. */
        const char *(*option)(const void *userdata, const char *name);
        /* A line for the log, about the device. error as for log_device(). */
        void (*log)(const void *userdata, int level, int error, const char *message);
        const void *userdata;
} SnmpEngineOptions;

/*** Whose profile ***/

/* What an agent says about itself: sysObjectID and sysDescr; either may be missing. */
typedef struct SnmpIdentity {
        SnmpOid object_id;
        char *description;
} SnmpIdentity;

void snmp_identity_done(SnmpIdentity *i);

typedef struct SnmpDetection SnmpDetection;

/* r is 0 with a profile (a reference of the callee's) and the identity (owned by the caller of it); else why
 * is in words what was tried and what came, with the next step: -EPROTO: it answers, but is none that we
 * know; -EACCES: it lets nothing be read; errors of links. The detection is over then and may be
 * freed from here. */
typedef void (*SnmpDetected)(int r, SnmpProfile *profile, const SnmpIdentity *identity, const char *why,
        void *userdata);

/* Finds out which profile an agent is for, as docs/PROFILES-SNMP.md says; mib is NULL or "auto" for all, and
 * -EINVAL when no profile has that name. Sends nothing but requests to read. profiles and link stay the
 * caller's, and are needed until it is over. */
int snmp_detect(SnmpLink *link,
        sd_event *event,
        const SnmpProfiles *profiles,
        const char *mib,
        SnmpDetected detected,
        void *userdata,
        SnmpDetection **ret);
SnmpDetection *snmp_detection_free(SnmpDetection *d); /* cancels it */
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpDetection *, snmp_detection_free);

/*** The device ***/

/* Takes link over on success; the profile is referenced, the identity copied. Asks nothing. known is what
 * snmp_engine_save() gave for a device of that profile, or NULL: with it, tables need not be discovered
 * before the first reading; it comes from disk, and is ignored when it makes no sense. */
int snmp_engine_new(SnmpLink *link,
        sd_event *event,
        SnmpProfile *profile,
        const SnmpIdentity *identity,
        const SnmpEngineOptions *options,
        const char *known,
        SnmpEngine **ret);
SnmpEngine *snmp_engine_free(SnmpEngine *e); /* and its link */
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpEngine *, snmp_engine_free);

/* Reads everything for the first time: tables as far as they are not known, all rows, [variables] that
 * options write; and describes what can be written or run. With known tables, what the profile needs in
 * [probe] is checked along with the first reading: -ENXIO when the agent is another one by now. */
int snmp_engine_start(SnmpEngine *e, Update *u, SnmpEngineDone done, void *userdata);

/* Errors of links; a single object that the agent does not have any more is no error. -ENXIO: what the
 * profile needs is gone, or the agent says that it is another. That is looked at when objects are missing
 * that were there, and with what is read slowly. */
int snmp_engine_poll(SnmpEngine *e, bool full, Update *u, SnmpEngineDone done, void *userdata);

/* Writes a variable, reads it back, and puts what the device has now into u. -EOPNOTSUPP, -EINVAL (not in
 * the enumeration or range), -EPIPE: the device refuses it; -EREMOTEIO: it took it, but has another value,
 * which is logged; else as above. Some of these are returned at once. */
int snmp_engine_set(SnmpEngine *e,
        const char *variable,
        const char *value,
        Update *u,
        SnmpEngineDone done,
        void *userdata);

/* Runs a command; argument may be NULL. Errors as above; -EBUSY: its check does not hold now. */
int snmp_engine_command(SnmpEngine *e,
        const char *command,
        const char *argument,
        Update *u,
        SnmpEngineDone done,
        void *userdata);

/* How long these take at the most, if each request may take request_usec: what is read before, what is sent
 * with its pauses, the looks at what came of it, and what is read behind that. 0 for no such command. */
uint64_t snmp_engine_set_usec(const SnmpEngine *e, uint64_t request_usec);
uint64_t snmp_engine_command_usec(const SnmpEngine *e, const char *command, uint64_t request_usec);

/* Forgets what is under way; done is not called. */
void snmp_engine_cancel(SnmpEngine *e);

/* In words, why the last operation has failed: what was set, and how it was refused. NULL when there is no
 * more to say than the error does. */
const char *snmp_engine_why(const SnmpEngine *e) _pure_;

/* What a next session can begin with, in new memory: the members of tables, and how much the agent takes in
 * one request. */
int snmp_engine_save(const SnmpEngine *e, char **ret);

/* Whether that has changed since it was saved last. */
bool snmp_engine_is_news(const SnmpEngine *e) _pure_;

/* Calls for each variable that has a value now, also for those that are not shown. */
void snmp_engine_values(const SnmpEngine *e,
        void (*visit)(const char *name, const char *value, void *userdata),
        void *userdata);

/* Whether the profile has anything that a driver option sets or is written to. */
bool snmp_engine_takes_option(const SnmpEngine *e, const char *option) _pure_;

/* What it was made of. */
const SnmpProfile *snmp_engine_profile(const SnmpEngine *e) _pure_;
/* Likewise. */
const SnmpLink *snmp_engine_link(const SnmpEngine *e) _pure_;
