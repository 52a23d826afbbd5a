/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ups-conf.h"

/* What only the programs of the drivers know. */

/* Whether there is a driver of that name in conf_driver_path(). */
bool driver_exists(const char *driver);

/* What is said when conf_driver_path(), for %s, does not exist. */
#define DRIVERS_MISSING "There is no directory %s: Busbar's drivers are not installed there, so that no " \
                "section can " \
                        "be judged. Install them, or let BUSBAR_DRIVER_PATH name their directory"

/* Asks each driver that a section names, and that is there, what it makes of its options, and passes that
 * on; a
 * problem that several of them have is told once. The configuration directory is that of conf_path().
 * Returns 0 or
 * -ENOMEM; a driver that does not answer is reported. */
int driver_check_all(const UpsConf *conf, ConfReport report, void *userdata);
