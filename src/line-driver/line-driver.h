/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "line-engine.h"

/* What the drivers on the engine of line protocols have in common: it joins the kit (a Device with options
 * and hooks) with the engine (a link and a profile). A driver finds its device and opens a link; the rest is
 * here. */

typedef struct LineDriver LineDriver;

/* Options of these drivers, for their tables. Delays have no initial values, as those are the profile's to
 * say. */
#define LINE_DRIVER_OPTIONS                                                                                \
        { "runtimecal", OPTION_STRING,                                                                     \
          .help = "runtime, load, runtime, load: what battery.runtime is worked out from" },               \
        { "chargetime", OPTION_STRING, .help = "seconds that charging an empty battery takes" },           \
        { "idleload", OPTION_STRING, .help = "percent of load that the battery bears at the least" },      \
        { "battery_voltage_reports_one_pack", OPTION_FLAG,                                                 \
          .help = "the voltage that the device tells is that of one pack of several" },                    \
        { "record", OPTION_STRING, .help = "file to record all lines in; serial numbers are left out" }

/* And those of devices that cut the load when they are told to. */
#define LINE_DRIVER_DELAYS                                                                                 \
        { "offdelay", OPTION_INTEGER, NULL, 0, INT32_MAX,                                                  \
          .help = "seconds from the shutdown command until the load is cut" },                             \
        { "ondelay", OPTION_INTEGER, NULL, 0, INT32_MAX,                                                   \
          .help = "seconds from the cut on until the load may come back" }

/* How a driver wants its device to be found out. */
typedef struct LineDriverSetup {
        const char *protocol; /* a name of protocol=, or NULL: whoever needs() says so, in order */
        bool is_drivers_own;  /* it is the driver that says so: there is no protocol= */
        char *const *options; /* strv of NAME=VALUE that the profile sees in place of what is configured;
                               * copied; may be NULL */
        char *const *answers; /* strv of REQUEST=ANSWER: what the device would say if it knew the question;
                               * copied; may be NULL */
        /* Called before a profile is tried: to set the speed of the line, say. May be NULL. */
        int (*prepare)(void *userdata, const LineProfile *profile);
        void *userdata;
} LineDriverSetup;

/* Loads the profiles of a directory ("qx", "serial"); what is wrong with them is logged, once. -ENOPKG when
 * there are none at all, which is logged as well. */
int line_driver_load_profiles(Device *d, const char *directory, LineProfiles *ret);

/* Finds out which profile a device is for, and makes a device of link and profile. Which one it was is
 * logged when it is news, and tried first the next time. Takes the link over in any case. -EINVAL: there is
 * no such protocol, which was logged with those there are. -EPROTO: it answers, but is none that we know;
 * -ETIMEDOUT: it does not answer at all. For these *ret_why says in new memory what was tried, what came,
 * and what to do; for others it may be NULL. */
int line_driver_new(Device *d,
        LineLink *link,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LineDriver **ret,
        char **ret_why);
LineDriver *line_driver_free(LineDriver *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineDriver *, line_driver_free);

/* The way to the device that was the right one the last time, as its link is named; NULL in *ret when that
 * is not known. */
int line_driver_known_way(const Device *d, char **ret);

/* The hooks of the same names. l may be NULL, but for start: then it is -ENODEV. */
int line_driver_start(LineDriver *l, Update *u);
int line_driver_poll(LineDriver *l, PollSet what, Update *u);
int line_driver_set(LineDriver *l, const char *variable, const char *value, Update *u);
int line_driver_command(LineDriver *l, const char *command, const char *argument, Update *u);

/* The late shutdown, on a device that was not started: a shutdown that is under way is stopped by first, if
 * the device knows how to and there is time (first may be NULL), then the first of the commands that is not
 * refused is run. As long as the device does not say whether it does it, that is said again. */
int line_driver_power_off(LineDriver *l, const char *first, const char *const *commands);

/* Says why the device cannot be had: device_explain(). Returns the negative errno r. */
int line_driver_complain(Device *d, int r, const char *fmt, ...) _printf_(3, 4);

/* -EINVAL, which was told, when no profile has the protocol that is demanded. */
int line_driver_check_protocol(Device *d, const LineProfiles *profiles, const LineDriverSetup *setup);

/* How important a message is that says why the device cannot be had: it is news only the first time. In
 * start(). */
int line_driver_complaint_level(const Device *d);
