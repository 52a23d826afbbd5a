/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* Prints the settings of the UPS, each with its type and what it may be. 0, or a negative errno with
 * c->why. */
int upsrw_list(ToolClient *c);
