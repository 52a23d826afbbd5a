/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-driver.h"

/* Which profile a device is for. */

typedef struct LineDetection {
        const LineProfiles *profiles;
        const LineDriverSetup *setup;
        const LineEngineOptions *options;
        const char *known; /* id of the profile that it was the last time, or NULL */
        const char *before; /* id of the one that line_detect_stronger() gave then, or NULL */
        bool thorough;     /* ... but all are to be tried even if the device is silent at first */
        bool hurried;      /* there is little time: first the quick way, then the thorough one */
        bool brisk;        /* a device that answers late is found the next time, which is not far */
        void (*log)(const void *userdata, int level, int error, const char *message); /* as in options */
} LineDetection;

/* Tries the profile that is demanded, else the one that is known, else all that take part, in order. The
 * link stays the caller's, and is at rest. The profile stays that of profiles. Errors and *ret_why as
 * line_driver_new(), but -EINVAL, with *ret_why, is not logged. */
int line_detect(const LineDetection *t, LineLink **link, LineProfile **ret, char **ret_why);

/* What to say of a protocol that is none; new memory. */
char *line_detect_no_protocol(const LineProfiles *profiles, const char *protocol);

/* The first of two profiles, by their ids, which may be NULL, that stands before the one that was found: it
 * asks for more to be sure, and noise may be all that kept it from being found. NULL for none. */
const char *line_detect_stronger(
        const LineProfiles *profiles, const LineProfile *found, const char *a, const char *b);
