/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One verdict of a device, in the three forms it takes on its way: errno in a driver, error name on the bus,
 * ERR token at port 3493. The table:
 *
 *   0            -                    SUCCESS
 *   -EOPNOTSUPP  Error.NotSupported   VAR-NOT-SUPPORTED / CMD-NOT-SUPPORTED, tracking UNKNOWN
 *   -EROFS       Error.ReadOnly       READONLY
 *   -EINVAL      Error.InvalidValue   INVALID-VALUE, tracking INVALID-ARGUMENT
 *   -EMSGSIZE    Error.TooLong        TOO-LONG
 *   -ESTALE      Error.Stale          DATA-STALE
 *   -ENODEV      Error.Absent         DRIVER-NOT-CONNECTED
 *   -EBUSY       Error.Busy           (tracking FAILED)
 *   -EACCES      DBus AccessDenied    ACCESS-DENIED
 *   other        Error.Failed         SET-FAILED / INSTCMD-FAILED, tracking FAILED */

/* Bus error name for a negative errno. Never NULL. */
const char *bus_error_from_errno(int r);

/* Negative errno for a bus error name, our own or a standard one; -EIO for one that is not known, 0 for
 * NULL. */
int bus_error_to_errno(const char *name);
