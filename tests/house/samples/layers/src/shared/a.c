/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <systemd/sd-bus.h>
#include "basic.h"
#include "shared.h"
#include "nutproto.h"
#include "config.h"
