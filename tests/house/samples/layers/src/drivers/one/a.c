/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "basic.h"
#include "shared.h"
#include "kit.h"
#include "one.h"
#include "../two/two.h"
#include "two.h"
#include "gateway.h"
