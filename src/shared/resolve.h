/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netdb.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* Host names to addresses without holding up the event loop: getaddrinfo() runs on a thread of its own. */

typedef struct Resolve Resolve;

/* What those share of whom there may be hundreds: so many threads at a time run for them, however many names
 * are asked for; the others wait for their turn. Also counts threads whose question was forgotten. */
#define RESOLVE_THREADS_MAX 16U
typedef struct ResolveQueue ResolveQueue;

/* The queue of one event loop, which is the caller's to free. 0 or a negative errno. */
int resolve_queue_new(sd_event *event, ResolveQueue **ret);
/* When no question of it is left; threads may still run. Takes NULL, returns NULL. */
ResolveQueue *resolve_queue_free(ResolveQueue *q);
DEFINE_TRIVIAL_CLEANUP_FUNC(ResolveQueue *, resolve_queue_free);

/* Called once from the event loop. r is 0 and addresses the receiver's, to be freed with freeaddrinfo(); or
 * r is -EHOSTUNREACH when the name is not known or has no address, or another negative errno. */
typedef void (*Resolved)(void *userdata, int r, struct addrinfo *addresses);

/* Begins to look up host, a name or a numeric address (which needs no thread). The addresses are each there
 * once, as for SOCK_STREAM, which says nothing about what they are used for. 0 or a negative errno, and then
 * resolved() is not called. queue: NULL for none. */
int resolve_new(sd_event *event, ResolveQueue *queue, const char *host, uint16_t port, Resolved resolved,
                void *userdata, Resolve **ret);

/* Forgets the question: resolved() will not be called. May be called at any time, also in resolved(); the
 * thread ends by itself. Takes NULL, returns NULL. */
Resolve *resolve_free(Resolve *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Resolve *, resolve_free);
