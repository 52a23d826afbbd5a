/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "dummy-relay.h"
#include "nut-auth.h"
#include "nut-client.h"

/* What the parts of the relay share: reading, writing, and being logged in. */

/* What the relay gives itself, and does not take from the server. */
#define RELAY_LOGINS_VARIABLE "server.numlogins"
#define RELAY_ENCRYPTION_VARIABLE "server.encryption"
#define RELAY_FSD_COMMAND "server.fsd"
#define RELAY_NEED_COMMAND "server.need"
#define RELAY_NEED_MAX_SECONDS 86400U

/* What a server may have a number of: no more of them are taken than any real device has. */
typedef enum RelayItem {
        RELAY_VARIABLES,
        RELAY_COMMANDS,
        RELAY_WRITABLES,
        RELAY_DESCRIPTIONS,
        _RELAY_ITEM_MAX,
} RelayItem;

typedef enum RelayLogin {
        RELAY_LOGIN_NONE,
        RELAY_LOGIN_SECONDARY,
        RELAY_LOGIN_PRIMARY,
} RelayLogin;

typedef struct RelayTls {
        bool wanted, verify, force;
        bool clear_told;   /* that nothing can be verified */
        char **complaints; /* strv: said of the files for it */
} RelayTls;

struct Relay {
        Device *device;
        char *name, *host; /* of the device over there */
        uint16_t port;
        NutCredentials credentials;
        int log_level; /* of complaints that the user should hear once */
        RelayTls tls;
        NutClient *client;
        bool connected;
        bool loop_suspected, unknown, refused, surplus_told; /* and said so */

        RelayLogin login;          /* what the server is to take us for */
        uint32_t need_seconds;     /* for how long we need power, told with each login; 0: no word of it */
        uint32_t n_logins;         /* as last heard, when that was ever */
        bool logins_known;
        bool logged_in, primary;   /* what it takes us for, on this connection */
        bool watch_asked;          /* on this connection */
        char *login_refusal, *primary_refusal; /* ERR tokens, NULL for none */
        bool login_told, refusal_told;         /* and said so */
        uint64_t changed_usec;     /* when the server said last that something happened */
        sd_event_source *logins_timer; /* asks how many are logged in, while they are to leave */

        /* The hook that is pending, if any. */
        bool pending, polling;
        PollSet what;
        Update *update;
        unsigned n_open; /* replies that the hook waits for */
        int error;       /* first failure among them */

        /* Of a poll: */
        char *status, *alarm;
        char **writable; /* strv; the first n_described have been asked for */
        size_t n_writable, n_described;
        unsigned n_describing;
        unsigned n_items[_RELAY_ITEM_MAX]; /* taken from the server */

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

/* One reply that the poll in hand waits for is there; with the last one the poll ends. */
void relay_poll_advance(Relay *r);

/* Whether the server says that the device is under a forced shutdown, as far as the poll in hand knows. */
bool relay_is_forced(const Relay *r);

/*** Connecting ***/

/* Whether the server is on this host, as far as its name tells. */
bool relay_is_local(const Relay *r) _pure_;

/* What options and credentials say of TLS. 0, or -EINVAL, logged. */
int relay_set_up_tls(Relay *r);

/* Begins to connect, with certificates as they are now. 0 or a negative errno. */
int relay_connect(Relay *r, uint64_t timeout_usec, const NutClientOps *ops);

/* Notes that the server was verified, if it was: before anything is said to it. 0 or a negative errno. */
int relay_remember_tls(Relay *r);

/* Says so when a connection cannot be verified since it is in clear. */
void relay_tell_clear(Relay *r);

/* Says why TLS was the reason of a loss, if it was and that is news. */
void relay_tell_tls_failure(Relay *r, int error);

/* Says what the server says instead of data, if that is news. */
void relay_tell_refusal(Relay *r, const char *token);

/* With all replies of a poll there: puts into the update how the server was reached, if it was asked for
 * TLS. 0 or a negative errno. */
int relay_put_tls(Relay *r);

void relay_tls_done(RelayTls *t);

/*** Being logged in ***/

/* What the options say of it; complains at the relay's log level. */
void relay_set_up_login(Relay *r);

/* Parts of a poll: asks for what is wanted and not granted yet; for how many are logged in; and, with all
 * replies there, puts into the update what came of it. 0 or a negative errno. */
int relay_ask_login(Relay *r);
int relay_ask_logins(Relay *r);
int relay_put_login(Relay *r);

/* The connection is gone, and the login with it. */
void relay_forget_login(Relay *r);

/* The server says that something happened to the device of that name. */
void relay_on_changed(Relay *r, const char *name);

/* Whether that is a command of ours, and not of the device. */
bool relay_is_own_command(const char *command) _pure_;

/* Such a command, from relay_command(). 1 when it is done at once, 0 when relay_complete() will be
 * called. */
int relay_run_own(Relay *r, const char *command, const char *argument);

/* Whether a reply only says that there will be none. The reason comes with the loss itself. */
static inline bool reply_is_loss(int error, char *const *words) {
        return error < 0 && !words;
}
