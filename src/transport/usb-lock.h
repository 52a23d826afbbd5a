/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "macro.h"

/* Who has a device node. Two drivers on one device disturb each other, and neither would notice: so ours
 * lock the nodes that they use, with flock(2), however they came by them. */

typedef enum UsbLock {
        USB_LOCK_SHARED, /* besides others that do so: the usbfs node of a device whose hidraw node is locked
                          */
        USB_LOCK_EXCLUSIVE,
} UsbLock;

/* Locks an open node. Returns 0, or -EBUSY: then *ret_holder says who has it, in new memory, "PID 1234
 * (usbhid-ups, busbar-usbhid-ups@ups.service)", or "somebody" when that cannot be found out. ret_holder may
 * be NULL. */
int usb_node_lock(int fd, UsbLock lock, char **ret_holder);

/* Gives the lock back: a descriptor that others hold as well keeps it beyond close(). Negative ones are
 * ignored. */
void usb_node_unlock(int fd);

/* The processes other than ours that are known to have a node open, or, where that cannot be seen, those
 * whose program is one that drives power devices, as text like above, separated by commas. NULL when there
 * are none, or no memory. */
char *usb_node_users(const char *node);

/* A process as text, "PID 1234 (usbhid-ups, nut-driver@ups.service)". NULL without memory. */
char *usb_process_describe(pid_t pid);

/* Whether a process has a node with this number open; not also when we may not see that. */
bool usb_process_has_open(pid_t pid, dev_t number);

/* The same: 1 or 0; -EACCES when we may not see that. */
int usb_process_look_for(pid_t pid, dev_t number);

/* The first few processes other than ours that fit, as text like above; NULL when there are none, or no
 * memory. comm is the name of the program, of 15 characters at most. */
typedef bool (*UsbProcessFits)(pid_t pid, const char *comm, const void *userdata);
char *usb_processes_describe(UsbProcessFits fits, const void *userdata);

/* Whose a node is, and that we may therefore not open it: a sentence without its end. NULL without memory.
 */
char *usb_node_describe_access(const char *node);

/* Why a node cannot be opened (-EACCES, -EPERM) and what to do about it: "/dev/hidraw0 belongs to root:root
 * (mode 600) ...". NULL without memory. */
char *usb_node_explain_access(const char *node);

/* The unit of a process by the contents of /proc/PID/cgroup, in new memory; NULL when it is in none. */
char *usb_cgroup_unit(const char *cgroup);

/* The holder of a flock() on a file, from the contents of /proc/locks; 0 when it is not there. */
pid_t usb_locks_find(const char *locks, dev_t device, ino_t inode);
