/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nutproto.h"
#include "transport.h"
#include "gateway.h"
