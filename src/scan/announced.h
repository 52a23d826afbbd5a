/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* The devices that a server announces in its TXT record (DNS-SD): "device_list=a;b" as NUT's servers were
 * made to by hand, "ups=a,b" as ours do. entry is one string of the record. Names that can be none are left
 * out; all others are appended to *devices, a strv. 0 or -ENOMEM. */
int announced_devices(const char *entry, size_t n, char ***devices);

/* The first part of the name that a PTR record of DNS-SD leads to: of "ups1._nut._tcp.local" it is "ups1".
 * The record is whole, as in a DNS message, without compression. In new memory. -EBADMSG: it is none.
 * -ENOMEM. */
int announced_instance(const void *record, size_t n, char **ret);
