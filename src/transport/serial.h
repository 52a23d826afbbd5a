/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* Serial ports: made ready, locked, read and written with deadlines. */

typedef enum SerialParity {
        SERIAL_PARITY_NONE,
        SERIAL_PARITY_EVEN,
        SERIAL_PARITY_ODD,
} SerialParity;

/* A modem line: left as it is, or set. */
typedef enum SerialLine {
        SERIAL_LINE_KEEP,
        SERIAL_LINE_OFF,
        SERIAL_LINE_ON,
} SerialLine;

typedef struct SerialSettings {
        unsigned speed;     /* bits per second; 2400 */
        unsigned data_bits; /* 7, 8 */
        unsigned stop_bits; /* 1, 2 */
        SerialParity parity;
        SerialLine dtr, rts;
} SerialSettings;

/* Makes an open tty ready: raw, not blocking, these settings, modem lines ignored for I/O, not hung up when
 * it is closed (no HUPCL), so that a UPS that is fed by DTR or RTS, or takes a change of them for an order,
 * sees none over a restart. Sets only what is different. -ENOTTY: it is none; -EINVAL: it cannot do that;
 * -ENODEV. A tty without modem lines (a pty) has none to set. */
int serial_configure(int fd, const SerialSettings *settings);

/* Locks it against other drivers, ours and others': flock(2), the kernel's exclusive mode (TIOCEXCL) on
 * real ports, and a lock file /var/lock/LCK..NAME (of root, of ours, or of the port's
 * owner) of another program that lives and has the port, and who logs in there, are
 * respected. -EBUSY: *ret_holder says who has it, in new memory. serial_unlock() gives the first two back;
 * negative descriptors are ignored. */
int serial_lock(int fd, const char *path, char **ret_holder);
void serial_unlock(int fd);

/* Why it cannot be opened or locked (-EACCES, -EPERM, -ENOENT, -EBUSY, -ENOTTY) and what to do about it, in
 * words that follow "Cannot open the port: " or stand alone. NULL without memory. */
char *serial_explain(const char *path, int error);

/* Writes all of it. -ETIMEDOUT at the deadline (CLOCK_MONOTONIC); -ENODEV when the line is no more; -EINTR.
 */
int serial_write(int fd, const void *data, size_t n, uint64_t deadline_usec);

/* What has come in, waiting for a first byte until the deadline. Bytes; 0 when there was none in time. */
int serial_read(int fd, void *buffer, size_t size, uint64_t deadline_usec);

/* Drops what has come in and not been read. */
int serial_flush(int fd);
