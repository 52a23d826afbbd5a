/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* "-x mibs=--list": not a device is meant, but what mibs= may be. */
bool snmp_list_is_wanted(int argc, char *const argv[]);

/* Prints the names of mibs=, each with its profile. Returns an exit status. */
int snmp_list_print(void);
