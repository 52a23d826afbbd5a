/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "basic.h"
#include "shared.h"
#include "transport.h"
#include "kit.h"
