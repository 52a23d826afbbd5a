/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session.h"

#include "string-util.h"
#include "watch.h"

void session_reset(Session *s) {
        session_logout(s);
        watch_clear(s);
        s->verification = verification_cancel(s->verification);
        free(s->username);
        s->username = NULL;
        if (s->password)
                explicit_bzero(s->password, strlen(s->password));
        free(s->password);
        s->password = NULL;
        s->user = NULL;
        s->asked_generation = s->user_generation = 0;
        s->tracking = s->proven = false;
}

void session_done(Session *s) {
        session_reset(s);
        s->tls = tls_session_free(s->tls);
}

/* Among the others by connection, newest first: the order in which stock upsd lists them. */
void session_login(Session *s, Device *d) {
        Session *before = NULL, *after = d->sessions;

        while (after && after->sequence > s->sequence) {
                before = after;
                after = after->next;
        }

        s->previous = before;
        s->next = after;
        if (before)
                before->next = s;
        else
                d->sessions = s;
        if (after)
                after->previous = s;
        s->device = d;
        d->n_sessions += !s->uncounted;
        device_note(d, NEWS_LOGINS);
}

void session_logout(Session *s) {
        if (!s->device)
                return;

        if (s->previous)
                s->previous->next = s->next;
        else
                s->device->sessions = s->next;
        if (s->next)
                s->next->previous = s->previous;
        s->device->n_sessions -= !s->uncounted;
        device_note(s->device, NEWS_LOGINS);
        s->device = NULL;
        s->need_seconds = 0;
        s->need_logged = false;
        s->uncounted = false;
        s->next = s->previous = NULL;
}

char *session_peer(const Session *s) {
        return strjoin(s->username ?: "", "@", s->address);
}
