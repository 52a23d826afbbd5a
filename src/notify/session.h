/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* org.freedesktop.Notifications on the bus of the session, as far as we need it. Without a bus or a
 * notification service nothing is shown, and nobody is told about that. */

typedef struct Session Session;

typedef struct Message {
        const char *summary, *body, *icon;
        uint8_t urgency;
        bool stays;         /* until it is taken away; else it goes by itself */
        const char *action; /* text of a button, or NULL */
} Message;

typedef struct SessionOps {
        void (*pressed)(void *userdata); /* the button of the message that is shown */
        void (*closed)(void *userdata);  /* the user does not want to see it */
        void (*ready)(void *userdata);   /* there is a service now, and it shows nothing of ours */
} SessionOps;

/* 0 or a negative errno. */
int session_new(sd_event *event, const SessionOps *ops, void *userdata, Session **ret);

/* Takes NULL, returns NULL. */
Session *session_free(Session *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Session *, session_free);

/* Shows a message in the place of the one that is shown. */
void session_show(Session *s, const Message *m);

/* Takes it away. */
void session_hide(Session *s);

/* Shows another one beside it, which goes by itself. */
void session_tell(Session *s, const Message *m);
