/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "args.h"
#include "device-list.h"

/* A driver process at work: its devices, its place on the bus, its readiness, and its reload. */

/* Serves the devices of the list until told to end. Returns the exit status of the process, after logging
 * why it is not 0. */
int manager_run(const Driver *driver, const Args *args, const DeviceList *list);
