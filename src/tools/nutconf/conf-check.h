/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf-file.h"

/* Reads the new text of a file as its daemon will. What that refuses, and was not refused before the change,
 * is said, and then it is -EINVAL, but for what is wrong with no line of its own. */
int conf_check(const ConfFile *f);

/* Tells of drop-ins that have their own say about what was written. Returns 0 or -ENOMEM. */
int conf_check_drop_ins(const ConfFile *f);
