/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether the UPS is to cut the power at the end of this shutdown: either the file POWERDOWNFLAG says so, as
 * with NUT, or the monitor has armed the late power-off in this boot. Says it in upsmon's words on stderr.
 * 0: it is, -ENOENT: it is not, -EBADMSG: the file is there and is something else. configuration is the path
 * of the file to read instead of upsmon.conf, or NULL. */
int power_down_flag_check(const char *configuration);
