/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-relay-internal.h"
#include "string-util.h"
#include "time-util.h"

#define TRACKING_INTERVAL_USEC (250 * USEC_PER_MSEC)
/* Together with the first reply less than the ten seconds after which the kit takes a hook for hung. */
#define TRACKING_TIMEOUT_USEC (8 * USEC_PER_SEC)

static void relay_complete_write(Relay *r, int result) {
        if (result >= 0 && r->variable)
                result = update_set(r->update, r->variable, r->value);
        relay_complete(r, result);
}

static int relay_track_later(Relay *r);

static void on_tracking(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;
        int k;

        if (reply_is_loss(error, words))
                return;

        if (error < 0)
                k = error;
        else if (strcaseeq(words[0], "SUCCESS"))
                k = 0;
        else if (!strcaseeq(words[0], "PENDING"))
                k = -EPROTO;
        else if (now_usec(CLOCK_MONOTONIC) >= r->tracking_deadline_usec)
                k = -ETIMEDOUT;
        else {
                k = relay_track_later(r);
                if (k >= 0)
                        return;
        }

        relay_complete_write(r, k);
}

static int on_tracking_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Relay *r = userdata;
        int k;

        k = nut_client_request(r->client, on_tracking, r, "GET", "TRACKING", r->tracking_id, NULL);
        if (k < 0)
                relay_complete(r, k);
        return 0;
}

static int relay_track_later(Relay *r) {
        r->tracking_timer = sd_event_source_disable_unref(r->tracking_timer);
        return sd_event_add_time_relative(device_event(r->device), &r->tracking_timer, CLOCK_MONOTONIC,
                        TRACKING_INTERVAL_USEC, 10 * USEC_PER_MSEC, on_tracking_timer, r);
}

/* Whoever asked is told that it is not allowed, which sounds as if that were about them. */
static void relay_tell_refused(Relay *r) {
        if (r->refused)
                return;

        r->refused = true;
        (void) log_device(r->device, LOG_WARNING, 0,
                        "The server at %s, port %u, does not let the user %s do this: wrong password, or no "
                        "right to.",
                        r->host, r->port, r->credentials.user);
}

static void on_written(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;
        int k = error;

        if (reply_is_loss(error, words))
                return;
        if (k == -EACCES)
                relay_tell_refused(r);

        if (k >= 0 && !strcaseeq(words[0], "OK"))
                k = -EPROTO;
        if (k >= 0 && n_words >= 3 && strcaseeq(words[1], "TRACKING")) {
                r->tracking_deadline_usec = usec_add(now_usec(CLOCK_MONOTONIC), TRACKING_TIMEOUT_USEC);
                k = free_and_strdup(&r->tracking_id, words[2]);
                if (k >= 0)
                        k = relay_track_later(r);
                if (k >= 0)
                        return;
        }

        relay_complete_write(r, k);
}

/* Whether something may be written now: 0 or the errno that says why not. */
static int relay_begin_write(Relay *r, Update *u) {
        relay_clear_hook(r);
        if (!r->credentials.user)
                return -EACCES;
        if (!r->connected)
                return -ESTALE;

        r->update = u;
        return 0;
}

static int relay_end_begin(Relay *r, int k) {
        if (k < 0) {
                relay_clear_hook(r);
                return k;
        }

        r->pending = true;
        return DEVICE_PENDING;
}

int relay_set(Relay *r, const char *variable, const char *value, Update *u) {
        int k;

        k = relay_begin_write(r, u);
        if (k < 0)
                return k;

        k = free_and_strdup(&r->variable, variable);
        if (k >= 0)
                k = free_and_strdup(&r->value, value);
        if (k >= 0)
                k = nut_client_request(r->client, on_written, r, "SET", "VAR", r->name, variable, value,
                                NULL);
        return relay_end_begin(r, k);
}

int relay_command(Relay *r, const char *command, const char *argument, Update *u) {
        int k;

        k = relay_begin_write(r, u);
        if (k < 0)
                return k;

        k = relay_is_own_command(command)
                ? relay_run_own(r, command, argument)
                : nut_client_request(r->client, on_written, r, "INSTCMD", r->name, command, argument, NULL);
        if (k > 0) {
                relay_clear_hook(r);
                return 0;
        }
        return relay_end_begin(r, k);
}
