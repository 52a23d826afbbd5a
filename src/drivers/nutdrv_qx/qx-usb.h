/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-driver.h"

/* Finds the device on USB that the options mean, and the way in which lines are sent to it. Why that fails
 * is logged. */
int qx_usb_open(Device *d, const LineProfiles *profiles, const LineDriverSetup *setup, LineDriver **ret);
