/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "dummy-relay.h"
#include "nut-auth.h"
#include "nut-client.h"

/* What the reading and the writing half of the relay share. */

struct Relay {
        Device *device;
        char *name, *host; /* of the device over there */
        uint16_t port;
        NutCredentials credentials;
        int log_level; /* of complaints that the user should hear once */
        NutClient *client;
        bool connected;
        bool loop_suspected, unknown, refused; /* and said so */

        /* The hook that is pending, if any. */
        bool pending;
        PollSet what;
        Update *update;
        unsigned n_open; /* replies that the hook waits for */
        int error;       /* first failure among them */

        /* Of a poll: */
        char *status, *alarm;
        char **writable; /* strv; the first n_described have been asked for */
        size_t n_writable, n_described;
        unsigned n_describing;

        /* Of a set or a command: */
        char *variable, *value;
        char *tracking_id;
        uint64_t tracking_deadline_usec;
        sd_event_source *tracking_timer;
};

/* Forgets what belongs to the hook in hand. */
void relay_clear_hook(Relay *r);

/* Ends the pending hook. The kit may stop the device over it, so the relay may be gone afterwards. */
void relay_complete(Relay *r, int result);

/* Whether a reply only says that there will be none. The reason comes with the loss itself. */
static inline bool reply_is_loss(int error, char *const *words) {
        return error < 0 && !words;
}
