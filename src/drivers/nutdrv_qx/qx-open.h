/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-driver.h"

/* From the options of a section to a device that is spoken to. */

/* Opens what port= and the options mean: a serial port, a device on USB, a recording. Why that fails is
 * logged. */
int qx_open(Device *d, LineDriver **ret);

/* The transport of a device, by its options. */
Transport qx_transport(const Device *d);
