/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "problems.h"

/* Looks at upsd.conf and upsd.users: at their words, and at accounts that nobody can use. 0, or a negative
 * errno when memory is short or one of them cannot be read, which was reported. */
int check_accounts(Problems *check);
