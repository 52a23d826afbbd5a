/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Units for what upsmon.conf wants done as root at a shutdown. They are written by the generator and started
 * by the service manager: no program of ours runs as root for it. */

/* What upsmon writes into POWERDOWNFLAG, all of it. */
#define POWER_DOWN_FLAG_MAGIC "upsmon-shutdown-file"

/* s as one argument of an ExecStart=: line, with quotes; NULL without memory. */
char *unit_quote(const char *s);

/* Text of busbar-shutdowncmd.service: writes the flag file first, then runs the command with a shell. One of
 * the two may be NULL: there is none. In new memory, NULL without memory. */
char *shutdown_command_unit(const char *command, const char *flag);

/* Text of busbar-powerdownflag.service, which at boot removes a flag file that is left over. */
char *power_down_flag_unit(const char *flag);
