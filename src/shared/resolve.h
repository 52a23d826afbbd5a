/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netdb.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* Host names to addresses without holding up the event loop: getaddrinfo() runs on a thread of its own. */

typedef struct Resolve Resolve;

/* Called once from the event loop. r is 0 and addresses the receiver's, to be freed with freeaddrinfo(); or
 * r is -EHOSTUNREACH when the name is not known or has no address, or another negative errno. */
typedef void (*Resolved)(void *userdata, int r, struct addrinfo *addresses);

/* Begins to look up host, a name or a numeric address (which needs no thread). The addresses are each there
 * once, as for SOCK_STREAM, which says nothing about what they are used for. 0 or a negative errno, and then
 * resolved() is not called. */
int resolve_new(sd_event *event, const char *host, uint16_t port, Resolved resolved, void *userdata,
                Resolve **ret);

/* Forgets the question: resolved() will not be called. May be called at any time, also in resolved(); the
 * thread ends by itself. Takes NULL, returns NULL. */
Resolve *resolve_free(Resolve *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Resolve *, resolve_free);
