/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "line-engine.h"

/* What the drivers on the engine of line protocols have in common: it joins the kit (a Device with options
 * and hooks) with the engine (a link and a profile). A driver finds its device and opens a link; the rest is
 * here. */

typedef struct LineDriver LineDriver;

/* Loads the profiles of a directory ("qx", "serial"); what is wrong with them is logged, once. -ENOENT when
 * there are none at all, which is logged as well. */
int line_driver_load_profiles(const Device *d, const char *directory, LineProfiles *ret);

/* Finds out which profile a device is for, by protocol (may be NULL: whoever needs() says so, in order), and
 * makes a device of link and profile. Takes the link over in any case. -ENODEV: it is none that we know;
 * -ETIMEDOUT: it does not answer at all; -EINVAL: there is no such protocol, which was logged with those
 * there are. */
int line_driver_new(
        Device *d, LineLink *link, const LineProfiles *profiles, const char *protocol, LineDriver **ret);
LineDriver *line_driver_free(LineDriver *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineDriver *, line_driver_free);

/* The hooks of the same names. l may be NULL, but for start: then it is -ENODEV. */
int line_driver_start(LineDriver *l, Update *u);
int line_driver_poll(LineDriver *l, PollSet what, Update *u);
int line_driver_set(LineDriver *l, const char *variable, const char *value, Update *u);
int line_driver_command(LineDriver *l, const char *command, const char *argument, Update *u);
