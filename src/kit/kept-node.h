/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Device nodes that stay open over a restart of the service: the service manager holds them meanwhile, in
 * its descriptor store, by the name of the device. Without a service manager nothing is kept. */

/* Takes the node that was kept for a device of that name from those passed to the process: a descriptor of
 * the caller's own, or -ENOENT, also when it has hung up. Of another port than that it is forgotten. */
int kept_node_take(const char *device, const char *port);

/* Has the service manager keep a node, in place of the one before. fd stays the caller's. 0 or a negative
 * errno, a transient one if it is to be tried again. */
int kept_node_store(const char *device, int fd);

/* Has it closed there. */
void kept_node_forget(const char *device);

/* Forgets those passed to the process that nobody has taken. */
void kept_node_forget_rest(void);

/* Whether a node leads to its device no longer. */
bool kept_node_has_hung_up(int fd);

/* The same, also for one that only the kernel knows to be gone: the node has been taken away. */
bool kept_node_is_gone(int fd);
