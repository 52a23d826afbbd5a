/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-relay-internal.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* How often to ask who is still there after a forced shutdown: machines wait for the answer. */
#define LOGINS_INTERVAL_USEC (250 * USEC_PER_MSEC)
/* A server that has news all the time is read no more often than this. */
#define CHANGED_INTERVAL_USEC (50 * USEC_PER_MSEC)

void relay_set_up_login(Relay *r) {
        const char *login = device_option(r->device, "login");

        r->need_seconds = (uint32_t) MAX(device_option_integer(r->device, "need"), 0);
        if (!login || streq(login, "none"))
                return;
        if (!r->credentials.user) {
                (void) log_device(r->device, r->log_level, 0,
                                "login = %s needs a user name and a password for %s; not logging in there.",
                                login, r->host);
                return;
        }

        r->login = streq(login, "primary") ? RELAY_LOGIN_PRIMARY : RELAY_LOGIN_SECONDARY;
}

void relay_forget_login(Relay *r) {
        r->logged_in = r->primary = r->watch_asked = r->login_told = false;
        (void) free_and_strdup(&r->login_refusal, NULL);
        (void) free_and_strdup(&r->primary_refusal, NULL);
        r->logins_timer = sd_event_source_disable_unref(r->logins_timer);
}

/*** Asking ***/

static int relay_ask_word(Relay *r, NutReply reply, const char *word) {
        int k;

        k = nut_client_request(r->client, reply, r, word, r->name, NULL);
        if (k >= 0)
                r->n_open++;
        return k;
}

/* What the server did not want, for when the rest of the poll has gone well. */
static void note_refusal(char **refusal, char *const *words, size_t n_words) {
        (void) free_and_strdup(refusal, n_words >= 2 ? words[1] : "ERR");
}

/* A server that is none of ours does not know the word, and then nobody hears of it. */
static int relay_tell_need(Relay *r, NutReply reply) {
        _cleanup_free_ char *text = strprintf("%u", (unsigned) r->need_seconds);

        if (!text)
                return -ENOMEM;
        return nut_client_request(r->client, reply, r, "NEED", r->name, text, NULL);
}

static void on_login(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;

        (void) free_and_strdup(&r->login_refusal, NULL);
        r->logged_in = error >= 0 || error == -EALREADY;
        if (r->logged_in && r->need_seconds > 0)
                (void) relay_tell_need(r, NULL);
        if (!r->logged_in)
                note_refusal(&r->login_refusal, words, n_words);
        relay_poll_advance(r);
}

static void on_granted(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;

        (void) free_and_strdup(&r->primary_refusal, NULL);
        r->primary = error >= 0;
        if (!r->primary)
                note_refusal(&r->primary_refusal, words, n_words);
        relay_poll_advance(r);
}

/* Before NUT 2.8.0 the word was another. */
static void on_primary(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (!reply_is_loss(error, words) && error < 0 && error != -EACCES &&
            relay_ask_word(r, on_granted, "MASTER") >= 0)
                relay_poll_advance(r);
        else
                on_granted(r, error, words, n_words);
}

static void on_watch(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;
        /* The device may yet come. All other refusals stay what they are. */
        if (error == -ENODEV)
                r->watch_asked = false;
        relay_poll_advance(r);
}

/* Watching comes before the values are read, so that no change falls between. */
int relay_ask_login(Relay *r) {
        int k = 0;

        if (r->login != RELAY_LOGIN_NONE && !r->logged_in)
                k = relay_ask_word(r, on_login, "LOGIN");
        if (k >= 0 && r->login == RELAY_LOGIN_PRIMARY && !r->primary)
                k = relay_ask_word(r, on_primary, "PRIMARY");
        if (k >= 0 && !r->watch_asked) {
                r->watch_asked = true;
                k = relay_ask_word(r, on_watch, "WATCH");
        }
        return k;
}

/*** How many are logged in ***/

/* A server that cannot tell just now is no reason to take the others for gone: the last number stands. */
static bool put_logins(Relay *r, Update *u, char *const *words, size_t n_words) {
        uint64_t n;

        if (n_words >= 3 && parse_uint64(words[2], 0, UINT32_MAX, &n) >= 0) {
                r->n_logins = (uint32_t) n;
                r->logins_known = true;
        }
        return r->logins_known && update_setf(u, RELAY_LOGINS_VARIABLE, "%u", (unsigned) r->n_logins) >= 0;
}

static void on_logins(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;
        if (r->logged_in)
                (void) put_logins(r, r->update, words, error < 0 ? 0 : n_words);
        relay_poll_advance(r);
}

int relay_ask_logins(Relay *r) {
        int k;

        if (r->login == RELAY_LOGIN_NONE)
                return 0;

        k = nut_client_request(r->client, on_logins, r, "GET", "NUMLOGINS", r->name, NULL);
        if (k >= 0)
                r->n_open++;
        return k;
}

static void arm_logins(Relay *r) {
        if (sd_event_source_set_time_relative(r->logins_timer, LOGINS_INTERVAL_USEC) >= 0)
                (void) sd_event_source_set_enabled(r->logins_timer, SD_EVENT_ONESHOT);
}

/* Between two polls. While one is under way it brings the number itself. */
static void on_logins_again(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;
        Update *u;

        if (reply_is_loss(error, words))
                return;
        if (r->logins_timer)
                arm_logins(r);
        if (error < 0 || r->polling || !r->logged_in)
                return;

        u = update_new();
        if (u && put_logins(r, u, words, n_words))
                device_publish(r->device, u);
        else
                update_free(u);
}

static int on_logins_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Relay *r = userdata;

        if (!r->connected)
                return 0;
        if (r->polling ||
            nut_client_request(r->client, on_logins_again, r, "GET", "NUMLOGINS", r->name, NULL) < 0)
                arm_logins(r);
        return 0;
}

/* The primary waits for the others to leave. */
static void relay_follow_logins(Relay *r) {
        if (!r->primary || !r->logged_in || !relay_is_forced(r)) {
                r->logins_timer = sd_event_source_disable_unref(r->logins_timer);
                return;
        }
        if (!r->logins_timer)
                (void) sd_event_add_time_relative(device_event(r->device), &r->logins_timer, CLOCK_MONOTONIC,
                                LOGINS_INTERVAL_USEC, 10 * USEC_PER_MSEC, on_logins_timer, r);
}

/*** The end of a poll ***/

static void relay_tell_login(Relay *r) {
        const char *as = r->login == RELAY_LOGIN_PRIMARY ? "primary" : "secondary";
        const char *refusal = r->login_refusal ?: r->primary_refusal;

        if (r->login == RELAY_LOGIN_NONE)
                return;
        if (!refusal && !r->login_told)
                (void) log_device(r->device, LOG_INFO, 0, "Logged in to %s at %s, port %u, as %s.", r->name,
                                r->host, r->port, as);
        else if (refusal && !r->refusal_told)
                (void) log_device(r->device, LOG_WARNING, 0,
                                "The server at %s, port %u, does not take the user %s for %s %s of %s (%s), "
                                "so %s. In its upsd.users there must be this user with the password that is "
                                "configured here, and with \"upsmon %s\".",
                                r->host, r->port, r->credentials.user,
                                r->login == RELAY_LOGIN_PRIMARY ? "the" : "a", as, r->name, refusal,
                                r->login_refusal ? "it does not wait for this machine at a shutdown"
                                                 : "this machine cannot tell the others there to shut down",
                                as);
        r->login_told = !refusal;
        r->refusal_told = refusal;
}

int relay_put_login(Relay *r) {
        relay_tell_login(r);
        relay_follow_logins(r);
        if (r->login == RELAY_LOGIN_NONE)
                return 0;

        int k = update_command(r->update, RELAY_NEED_COMMAND);
        return k >= 0 && r->primary && r->logged_in ? update_command(r->update, RELAY_FSD_COMMAND) : k;
}

/*** What the server says by itself ***/

/* A poll or a write that is under way may take its time; what matters most need not. */
static void on_status(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;
        Update *u;

        /* The end of a poll has nothing to learn from here, and the next one comes at once. */
        if (error < 0 || n_words < 4 || !r->pending ||
            model_freshness(device_model(r->device)) != FRESHNESS_FRESH)
                return;
        if (r->polling && free_and_strdup(&r->status, words[3]) < 0)
                return;

        u = update_new();
        if (u)
                (void) update_set(u, "ups.status", words[3]);
        device_publish(r->device, u);
}

void relay_on_changed(Relay *r, const char *name) {
        uint64_t now = now_usec(CLOCK_MONOTONIC), next = usec_add(r->changed_usec, CHANGED_INTERVAL_USEC);

        if (!strcaseeq(name, r->name))
                return;

        if (r->pending)
                (void) nut_client_request(r->client, on_status, r, "GET", "VAR", r->name, "ups.status",
                                NULL);
        device_poll_within(r->device, usec_sub(next, now));
        r->changed_usec = now;
}

/*** Commands of ours ***/

static void on_forced(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (!reply_is_loss(error, words))
                relay_complete(r, error >= 0 && !strcaseeq(words[0], "OK") ? -EPROTO : error);
}

static int relay_force_shutdown(Relay *r) {
        if (!r->primary)
                return -EACCES;
        return nut_client_request(r->client, on_forced, r, "FSD", r->name, NULL);
}

static void on_need(void *userdata, int error, char *const *words, size_t n_words) {
        Relay *r = userdata;

        if (reply_is_loss(error, words))
                return;
        /* No word of a stock server's; it cannot be told and that is all. */
        if (error < 0 && n_words >= 2 && strcaseeq(words[1], "UNKNOWN-COMMAND"))
                error = 0;
        relay_complete(r, error);
}

/* While we are not logged in it is kept until then. */
static int relay_need(Relay *r, const char *argument) {
        uint64_t seconds;

        if (parse_uint64(strempty(argument), 1, RELAY_NEED_MAX_SECONDS, &seconds) < 0)
                return -EINVAL;

        r->need_seconds = (uint32_t) seconds;
        return r->logged_in ? relay_tell_need(r, on_need) : 1;
}

bool relay_is_own_command(const char *command) {
        return streq(command, RELAY_FSD_COMMAND) || streq(command, RELAY_NEED_COMMAND);
}

int relay_run_own(Relay *r, const char *command, const char *argument) {
        return streq(command, RELAY_FSD_COMMAND) ? relay_force_shutdown(r) : relay_need(r, argument);
}
