/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* What the monitor says, in order and without a gap, as far as it keeps it. */

typedef struct Notice {
        uint64_t number;    /* from 1 with each start of the monitor */
        uint64_t time_usec; /* CLOCK_REALTIME */
        const char *type, *device, *text;
} Notice;

/* Which notice was the last one; number 0: none yet. Both count, as numbers begin again. */
typedef struct NoticeMark {
        uint64_t number, time_usec;
} NoticeMark;

typedef struct NoticeFeed NoticeFeed;

typedef struct NoticeFeedOps {
        /* all: these are all that the monitor keeps, because we, it or the bus have just come; some may be
         * known, see notices_first_new(). Else there are only new ones. */
        void (*notices)(void *userdata, const Notice *notices, size_t n, bool all);
        /* The monitor came or went. May be NULL. */
        void (*present)(void *userdata, bool present);
} NoticeFeedOps;

/* Follows the monitor on a bus, of which it keeps a reference. 0 or a negative errno. */
int notice_feed_new(sd_bus *bus, const NoticeFeedOps *ops, void *userdata, NoticeFeed **ret);

/* Whether a signal is from that monitor: anybody can send one that looks so. */
bool notice_feed_sent(const NoticeFeed *f, sd_bus_message *m);

/* Takes NULL, returns NULL. */
NoticeFeed *notice_feed_free(NoticeFeed *f);
DEFINE_TRIVIAL_CLEANUP_FUNC(NoticeFeed *, notice_feed_free);

/* Index of the first of all notices that is not known: behind the one of the mark if that is among them,
 * else all are, because the monitor was started again or more was said than it keeps. */
size_t notices_first_new(const Notice *notices, size_t n, const NoticeMark *mark) _pure_;
