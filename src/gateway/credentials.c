/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "credentials.h"

#include "client.h"
#include "server.h"
#include "time-util.h"

static LockoutPolicy policy(const Gateway *g) {
        return (LockoutPolicy) {
                .max_failures = g->conf->max_login_failures,
                .max_usec = g->conf->lockout_usec,
        };
}

/* The questions of those who would not be let ask any more are not worth the work: they are told so as soon
 * as they are executed again. */
static void withdraw_questions(Gateway *g, uint64_t now) {
        static const ClientPhase phases[] = { CLIENT_WAITING, CLIENT_BLOCKED };
        const LockoutPolicy p = policy(g);

        for (size_t i = 0; g->server && i < ELEMENTSOF(phases); i++)
                for (Client *c = g->server->clients[phases[i]].first; c; c = c->next) {
                        Session *s = &c->session;

                        if (!s->verification || s->proven ||
                            !lockouts_hold(g->lockouts, &p, s->host, s->username, now))
                                continue;
                        s->verification = verification_cancel(s->verification);
                        s->wants_room = true;
                }
        gateway_room(g);
}

static void note_verdict(Gateway *g, Session *s, const User *user) {
        const LockoutPolicy p = policy(g);
        uint64_t now = now_usec(CLOCK_BOOTTIME);

        s->user = user;
        s->user_generation = g->user_generation;
        if (user) {
                s->proven = true;
                lockouts_succeeded(g->lockouts, s->host, s->username, now);
                return;
        }

        /* Credentials that were right before the accounts changed are no guess. */
        if (!s->proven && lockouts_failed(g->lockouts, &p, s->host, s->username, now))
                withdraw_questions(g, now);
}

void command_verdict(Gateway *g, Session *s, bool match) {
        s->verification = NULL;
        if (s->asked_generation != g->user_generation)
                return;

        note_verdict(g, s, match ? user_table_confirm(g->users, s->username, s->password,
                                                      session_key(s)) : NULL);
}

/* Nobody who was wrong so far is to make those wait who were right. */
static int ask(const Request *q, const char *hash) {
        Gateway *g = q->gateway;
        Session *s = q->session;
        bool known = s->proven || lockouts_trust(g->lockouts, s->host, s->username);

        s->asked_generation = g->user_generation;
        return verifier_ask(g->verifier, known ? &s->host->lane : &s->host->network->lane, hash,
                        s->password, q->verified, q->userdata, &s->verification);
}

CredentialsLook credentials_look(const Request *q) {
        Gateway *g = q->gateway;
        Session *s = q->session;
        const LockoutPolicy p = policy(g);
        const char *hash = NULL;

        if (s->user_generation == g->user_generation)
                return CREDENTIALS_SEEN;
        if (!s->proven &&
            lockouts_refuse(g->lockouts, &p, s->host, s->username, now_usec(CLOCK_BOOTTIME)))
                return CREDENTIALS_LOCKED;

        const User *user = appliance_table_check(g->appliances, s->username, s->password, session_key(s));
        if (!user)
                user = user_table_check(g->users, s->username, s->password, session_key(s), &hash);
        if (hash && q->verified) {
                if (ask(q, hash) >= 0)
                        return CREDENTIALS_ASKED;
                q->out->broken = true;
                return CREDENTIALS_BROKEN;
        }
        if (hash)
                user = user_table_verify(g->users, s->username, s->password, session_key(s));
        note_verdict(g, s, user);
        return CREDENTIALS_SEEN;
}
