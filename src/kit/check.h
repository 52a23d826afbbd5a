/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* Reads ups.conf and says on stdout what is wrong with the options of the devices that name this driver, for
 * programs: a line "LEVEL TAB FILE TAB LINE TAB MESSAGE" for each problem, with a level of syslog. What any
 * reader of
 * the file says is left out. Returns 0, also with problems, or -ENOMEM. */
int check_options(const Driver *driver);
