/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Names of units, and those made from what stands in configuration files. */

/* What systemd lets a unit name have, without the final NUL. */
#define UNIT_NAME_LENGTH_MAX 255U

/* Escapes s to be the instance part of a unit name, as systemd-escape(1) does; NULL without memory. A path
 * without its first slash becomes what names the unit of that path. */
char *unit_name_escape(const char *s);

/* Whether systemd lets a unit have that name, as far as letters and length go. */
bool unit_name_is_valid(const char *s);

/* Name of the unit that serves a device, in new memory: "busbar-DRIVER@INSTANCE.service". -EINVAL for a
 * driver that no unit can be named after, -ENAMETOOLONG, -ENOMEM. */
int unit_name_for_device(const char *driver, const char *device, char **ret);

/* The same for the unit that serves all devices of a group: "busbar-DRIVER-group@INSTANCE.service". */
int unit_name_for_group(const char *driver, const char *group, char **ret);
