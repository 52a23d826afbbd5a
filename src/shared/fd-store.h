/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* The kernel takes up to 253 descriptors in a message. */
#define FD_STORE_BATCH 200U

/* Tells the service manager something, see sd_notify(3), and hands descriptors over that it is to store, up
 * to FD_STORE_BATCH; they stay the caller's as well. Does not wait for a service manager that is busy, as
 * sd_pid_notify_with_fds() would: -EAGAIN or -ETOOMANYREFS, and it may be tried again. -EAFNOSUPPORT: there
 * is no service manager that can be told. */
int fd_store_notify(const char *text, const int *fds, size_t n);
