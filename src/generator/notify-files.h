/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "output.h"
#include "upsmon-conf.h"

/* busbar-notify(8) runs the scripts of administrators, which can read what it can. Files with passwords are
 * not for them, so that it gets copies of what concerns it, in a directory of its own. */

/* Makes the copies, readable to that group alone, and tells their directory in new memory: NULL without
 * upsmon.conf. Returns 0 or a negative errno. */
int write_notify_files(const Generator *g, const UpsmonConf *m, gid_t group, char **ret_directory);
