/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shared.h"
#include "nutproto.h"
#include "gateway.h"
#include "kit.h"
#include "../drivers/one/one.h"
#include "monitor.h"
