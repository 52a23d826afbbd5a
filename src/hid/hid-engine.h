/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"
#include "hid-profile.h"
#include "model.h"
#include "status-rules.h"

/* The HID engine: a link and a profile make a device. Used by usbhid-ups and mge-shut. Calls may block as
 * long as the link does, and belong to one thread at a time. */

typedef struct HidEngine HidEngine;

typedef struct HidEngineOptions {
        StatusRules rules;
        /* Value of a driver option by name, or NULL: lowbatt, offdelay, ondelay and what profiles name;
         * of a flag, anything that is not NULL. */
        const char *(*option)(const void *userdata, const char *name);
        /* A line for the log, about the device. error as for log_device(). */
        void (*log)(const void *userdata, int level, int error, const char *message);
        /* Whether to give up, because the device is being taken away. */
        bool (*is_cancelled)(const void *userdata);
        const void *userdata;
        bool fix_descriptor;   /* [corrections] are applied; disable_fix_report_desc turns it off */
        bool poll_only;        /* reports that the device sends by itself are not used */
        bool interrupt_only;   /* and these are all that is used after the start, but for the status, which
                                * is read with each full poll. Not with poll_only or a link without fd */
        bool max_report;       /* ask for as many bytes as a report can have */
        bool explore;          /* all fields as unmapped.* variables */
        int pipe_events_tolerance; /* -1: never; after more polls than this in a row without an event, a poll
                                    * fails with -EIO, as the device seems to hang */
} HidEngineOptions;

/* Binds the profile to the fields of the device. Takes link over on success; the profile is referenced.
 * -ENODEV: nothing of the profile is in this device. */
int hid_engine_new(HidLink *link, HidProfile *profile, const HidEngineOptions *options, HidEngine **ret);
HidEngine *hid_engine_free(HidEngine *e);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidEngine *, hid_engine_free);

/* Names, fixed values and descriptions of all that can be written or run, and a first full reading. -EAGAIN
 * when the device lost the question what its status is: to be opened anew. */
int hid_engine_start(HidEngine *e, Update *u);

/* Reads with as few transfers as that takes: each report once. -ENODEV when the device is gone, -ETIMEDOUT
 * when two transfers in a row get no answer: the rest of the poll is not tried. -EIO when all reports fail,
 * or, if only one is asked for, that one again and again. */
int hid_engine_poll(HidEngine *e, bool full, Update *u);

/* Takes in what the device sent by itself; never waits. Returns 1 when there was something. */
int hid_engine_event(HidEngine *e, Update *u);

/* Readable when hid_engine_event() has something to do; -1 for none. */
int hid_engine_fd(const HidEngine *e) _pure_;

/* Writes a variable, reads it back and puts what the device has now into u. -EOPNOTSUPP, -EINVAL (not in the
 * enumeration or range), or what the device said. */
int hid_engine_set(HidEngine *e, const char *variable, const char *value, Update *u);

/* Runs a command. argument may be NULL. -EOPNOTSUPP, -EINVAL as above. */
int hid_engine_command(HidEngine *e, const char *command, const char *argument, Update *u);

/* Whether a command can be run, and the variables as last read, for late shutdown. */
bool hid_engine_has_command(const HidEngine *e, const char *command) _pure_;

/* Shows the fields of the device and what the profile makes of each, as text (busbarctl report, -DD). New
 * memory. */
int hid_engine_describe(const HidEngine *e, char **ret);
