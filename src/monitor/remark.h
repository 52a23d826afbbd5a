/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

typedef struct Monitor Monitor;

/* What people have to know though nothing happens because of it: a FSD that is ignored, a test that holds
 * the limits up, a file that cannot be read. Says in the log what is new. */
void remarks_renew(Monitor *m);
