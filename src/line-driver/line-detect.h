/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-driver.h"

/* Which profile a device is for. */

typedef struct LineDetection {
        const LineProfiles *profiles;
        const LineDriverSetup *setup;
        const LineEngineOptions *options;
        const char *known; /* id of the profile that it was the last time, or NULL */
        bool thorough;     /* ... but all are to be tried even if the device is silent at first */
        void (*log)(const void *userdata, int level, int error, const char *message); /* as in options */
} LineDetection;

/* Tries the profile that is demanded, else the one that is known, else all that take part, in order. The
 * link stays the caller's, and is at rest. The profile stays that of profiles. Errors and *ret_why as
 * line_driver_new(), but -EINVAL, with *ret_why, is not logged. */
int line_detect(const LineDetection *t, LineLink **link, LineProfile **ret, char **ret_why);
