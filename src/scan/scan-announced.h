/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nut-client.h"
#include "scan-internal.h"

/* The search for servers that announce themselves, by one of the two services that can know of them. */

#define SERVICE_TYPE "_nut._tcp"
#define SERVERS_MAX 1024U

typedef struct AvahiSearch AvahiSearch;

typedef struct Announced {
        AvahiSearch *search;
        struct Announced *next;
        sd_bus_slot *slot;
        NutClient *client;
        char *host, *address;
        char **devices; /* a strv */
        uint16_t port;
        bool v4, done;
        size_t order;
} Announced;

struct AvahiSearch {
        ScanSearch head;
        Scan *scan;
        sd_bus *bus;
        sd_bus_slot *match, *browser;
        sd_event_source *timer;
        Announced *servers;
        size_t n_servers, n_waiting;
        bool all_known, over;
};

/* Room for one more, which is waited for; NULL when there are too many, or without memory. */
Announced *announced_new(AvahiSearch *a);

/* All that the service knows of it is there, or nothing (host is NULL): it is added, and where it does not
 * say which devices it has, it is asked first. */
void announced_known(Announced *n);

/* Nobody else will be announced. */
void announced_all(AvahiSearch *a);

/* Asks systemd-resolved, which knows of those on links where mDNS is on. 0 or a negative errno. */
int announced_ask_resolved(AvahiSearch *a);
