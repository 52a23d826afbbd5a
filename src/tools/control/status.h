/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "control.h"

/* The tables of upsdrvctl and upsdrvsvcctl, with the columns of NUT's. */

/* The names of the selected, one a line. */
void status_list(const Selection *s);

/* What runs; services: with the unit of each and its state. */
int status_print(Control *c, const Selection *s, bool services);
