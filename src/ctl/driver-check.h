/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ups-conf.h"

/* What only the programs of the drivers know. */

/* Where they are: $BUSBAR_DRIVERDIR, else where they were installed. */
const char *driver_directory(void);

/* Whether there is a driver of that name. */
bool driver_exists(const char *driver);

/* Asks each driver that a section names, and that is there, what it makes of its options, and passes that
 * on; a
 * problem that several of them have is told once. The configuration directory is that of conf_path().
 * Returns 0 or
 * -ENOMEM; a driver that does not answer is reported. */
int driver_check_all(const UpsConf *conf, ConfReport report, void *userdata);
