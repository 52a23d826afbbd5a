/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

extern const Driver snmp_ups_driver;
