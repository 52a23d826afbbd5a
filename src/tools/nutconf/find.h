/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf-file.h"
#include "options.h"

/* What the --scan-... options find, and --autoconfigure makes of it. */

/* Makes the searches one after the other and prints what they find: "TYPE DRIVER PORT" lines or, verbose,
 * sections of ups.conf. Says what is wrong. */
int find_devices(const Options *o);

/* Adds sections for USB devices that none is for yet, and MODE=standalone if there is no mode. Says what it
 * did. */
int find_configure(ConfFiles *files);
