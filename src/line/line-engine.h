/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"
#include "line-profile.h"
#include "model.h"
#include "status-rules.h"

/* The engine of line protocols: a link and a profile make a device. Calls may block as long as the link
 * does, and belong to one thread at a time. */

typedef struct LineEngine LineEngine;

typedef struct LineEngineOptions {
        StatusRules rules;
        /* Value of a driver option by name, or NULL; of a flag, anything that is not NULL. */
        const char *(*option)(const void *userdata, const char *name);
        /* A line for the log, about the device. error as for log_device(). */
        void (*log)(const void *userdata, int level, int error, const char *message);
        /* Whether to give up, because the device is being taken away. */
        bool (*is_cancelled)(const void *userdata);
        /* Lets time pass, in place of sleeping; optional. */
        void (*pause)(const void *userdata, uint64_t usec);
        /* Where line_engine_probe() puts, in new memory, what the profile says (why=) of the need that did
         * not hold, after all before it have; optional. */
        char **ret_why;
        /* Somebody says which profile it is: links and ids that it is for do not count. */
        bool is_demanded;
        /* That it may not be ready yet is in the log already. */
        bool is_known_not_ready;
        const void *userdata;
} LineEngineOptions;

/* Asks what the profile needs to know to tell whether the device is its own. 0: it is; -ENODEV: it is not;
 * -ETIMEDOUT: nothing at all has come from the device; else as line_link_exchange(). Sends nothing but
 * queries. The answers are not kept. */
int line_engine_probe(LineLink *link, const LineProfile *profile, const LineEngineOptions *options);

/* Takes link over on success; the profile is referenced. Asks nothing. */
int line_engine_new(
        LineLink *link, LineProfile *profile, const LineEngineOptions *options, LineEngine **ret);
LineEngine *line_engine_free(LineEngine *e);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineEngine *, line_engine_free);

/* Gives the link back, so that another profile can try; e is empty then and good for line_engine_free()
 * only. */
LineLink *line_engine_steal_link(LineEngine *e);

/* A first full reading, [start], options that are written, and descriptions of all that can be written or
 * run. */
int line_engine_start(LineEngine *e, Update *u);

/* From now on only what these commands hang on is read: there is no time for more. NULL at the end. */
void line_engine_need_only(LineEngine *e, const char *const *commands);

/* Reads with as few requests as that takes: each query once. -ENODEV when the device is gone, -ETIMEDOUT
 * when it does not answer what it has to, -EBADMSG when what it answers is not what the profile says,
 * -EAGAIN while it says of itself that it is not ready, which is logged once. */
int line_engine_poll(LineEngine *e, bool full, Update *u);

/* Writes a variable, asks again for what it comes from, and puts what the device has now into u.
 * -EOPNOTSUPP, -EINVAL (not in the enumeration or range), -EPIPE: the device refuses it; -EREMOTEIO: it took
 * it, but has another value, which is logged; else as above. */
int line_engine_set(LineEngine *e, const char *variable, const char *value, Update *u);

/* Runs a command. argument may be NULL. Errors as above; -EBUSY: a check says not now. */
int line_engine_command(LineEngine *e, const char *command, const char *argument, Update *u);

/* In words, why the last line_engine_set() or line_engine_command() has failed: what was sent and answered,
 * or which values it may have. NULL when there is no more to say than the error does. */
const char *line_engine_why(const LineEngine *e) _pure_;

/* Whether a command can be run now. */
bool line_engine_has_command(const LineEngine *e, const char *command);

/* How long it takes at the most, as far as the profile says; 0 for one that cannot be run. */
uint64_t line_engine_command_usec(const LineEngine *e, const char *command);

/* The value of a variable as last read, also a hidden one; NULL when it is not known. */
const char *line_engine_value(const LineEngine *e, const char *name) _pure_;
