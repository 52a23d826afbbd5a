/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* The options of nutdrv_qx, and of the drivers that it takes the place of, which have fewer. */
extern const Option qx_options[];
extern const Option qx_blazer_ser_options[];
extern const Option qx_blazer_usb_options[];
extern const Option qx_bestups_options[];
extern const Option qx_masterguard_options[];
