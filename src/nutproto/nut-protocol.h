/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Words of the NUT network protocol (RFC 9271 and NUT's net-protocol document). */

#define NUT_PORT 3493
#define NUT_PROTOCOL_VERSION "1.3"

/* The ERR token for a negative errno of a device's verdict (bus-error.h); setting says whether it was SET
 * VAR or INSTCMD. */
const char *nut_error_from_errno(int r, int setting);

/* Negative errno for an ERR token; -EREMOTEIO for one that is not known. */
int nut_error_to_errno(const char *token);

/* What NUT's clients say for an ERR token, of which they compare as many letters as they know; NULL for one
 * that they know no words for. */
const char *nut_error_text(const char *token);
