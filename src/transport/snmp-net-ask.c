/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-net-link.h"
#include "string-util.h"
#include "time-util.h"

/* Reports of version 3 that have a request sent anew: a new engine, and its time. */
#define REPORTS_MAX 4U
/* After an answer that is none: how long another one may take until it is asked again, and how many of them
 * are enough. */
#define GARBLED_USEC (50 * USEC_PER_MSEC)
#define GARBLED_MAX 3U

/*** Time ***/

static uint64_t loop_now(const NetLink *l) {
        uint64_t now;

        return sd_event_now(l->net->event, CLOCK_MONOTONIC, &now) >= 0 ? now : now_usec(CLOCK_MONOTONIC);
}

/* Not all links wait for the same time: agents that all came back at once, or a switch that drops what comes
 * in bursts, are not hit at the same moment again. A bit less than is said: so all attempts are made before
 * the deadline. */
static uint64_t attempt_usec(const NetLink *l) {
        uint64_t usec = l->options.timeout_usec;

        return usec - (uint64_t) random() % (usec / 10 + 1);
}

/* Nobody can say whether the agent has done what it did not answer. */
static bool is_sent_once(const NetLink *l) {
        return l->state == NET_ASKING && l->request.operation == SNMP_SET && !l->request.may_repeat;
}

static void start_timer(NetLink *l) {
        uint64_t now = now_usec(CLOCK_MONOTONIC), at = now + attempt_usec(l);
        bool is_last = l->attempt >= l->options.retries || is_sent_once(l);

        /* What was before it, as the discovery of an engine, is not to leave it without time. */
        if (is_sent_once(l))
                l->deadline_usec = MAX(l->deadline_usec, at);
        (void) sd_event_source_set_time(l->timer, is_last ? l->deadline_usec : MIN(at, l->deadline_usec));
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/*** Sending ***/

static int send_next(NetLink *l) {
        bool discover = l->usm && !net_usm_has_engine(l->usm);

        l->state = discover ? NET_DISCOVERING : NET_ASKING;
        return net_session_ask(l->session, discover ? NULL : &l->request);
}

void net_link_ask(NetLink *l) {
        int r = send_next(l);

        /* An error of the socket may be one of what was sent before. */
        if (r == -ECONNREFUSED && l->attempt == 0)
                r = send_next(l);
        if (r < 0) {
                net_link_finish(l, r, NULL, NULL);
                return;
        }
        start_timer(l);
}

/*** No answer ***/

static char *why_timeout(const NetLink *l, int r) {
        if (r == -EBADMSG)
                return strdup("what comes from there is no message of SNMP, or of another version of it");
        if (r != -EACCES)
                return NULL;
        if (l->unverified)
                return strdup(
                        "the answers cannot be verified: the authentication password or protocol is wrong");
        return strdup(
                "the agent is there, but does not answer what it is asked: the privacy password or protocol "
                "may be wrong");
}

/* Nothing came in time, or nothing that could be used. An agent that cannot decrypt what it gets may be
 * silent about it. */
static void give_up(NetLink *l) {
        int r = -ETIMEDOUT;

        if (l->unverified)
                r = -EACCES;
        else if (l->n_garbled > 0)
                r = -EBADMSG;
        else if (l->usm && l->discovered && l->credentials.level == SNMP_LEVEL_PRIV && !l->ever_verified &&
                 l->state == NET_ASKING)
                r = -EACCES;
        net_link_finish(l, r, NULL, why_timeout(l, r));
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        NetLink *l = userdata;

        if (!net_link_is_asking(l)) {
                net_link_finish(l, -ETIMEDOUT, NULL,
                        l->state == NET_RESOLVING
                                ? strprintf("no name server has an answer about \"%s\"", l->peer.host)
                                : NULL);
                return 0;
        }
        if (l->n_garbled >= GARBLED_MAX || loop_now(l) >= l->deadline_usec ||
            l->attempt >= l->options.retries || is_sent_once(l)) {
                give_up(l);
                return 0;
        }

        l->attempt++;
        /* An agent that was replaced, or has lost count of its starts, may have nothing to say to messages
         * for the one that was known. */
        if (l->usm && !l->discovered)
                net_usm_forget(l->usm);
        net_link_ask(l);
        return 0;
}

int net_link_add_timer(NetLink *l) {
        int r = sd_event_add_time(l->net->event, &l->timer, CLOCK_MONOTONIC, 0, 1, on_timer, l);

        return r < 0 ? r : sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
}

/*** Reports ***/

static char *why_refused(const NetLink *l, int report) {
        static const char *const level_names[] = { "noAuthNoPriv", "authNoPriv", "authPriv" };

        switch (report) {
        case SNMPERR_UNKNOWN_USER_NAME:
                return strprintf("the agent does not know the user \"%s\"", l->credentials.user);
        case SNMPERR_AUTHENTICATION_FAILURE:
                return strprintf(
                        "the agent rejects user \"%s\": the authentication password or protocol is wrong",
                        l->credentials.user);
        case SNMPERR_UNSUPPORTED_SEC_LEVEL:
                return strprintf("the agent does not have user \"%s\" with security level %s",
                        l->credentials.user, level_names[l->credentials.level]);
        case SNMPERR_DECRYPTION_ERR:
                return strprintf(
                        "the agent cannot decrypt what user \"%s\" sends: the privacy password or protocol "
                        "is wrong",
                        l->credentials.user);
        case SNMPERR_NOT_IN_TIME_WINDOW:
                return strdup("the clock of the agent cannot be followed");
        case SNMPERR_UNKNOWN_ENG_ID:
                return strdup("the agent does not know its own engine id");
        default:
                return NULL;
        }
}

static void set_engine(NetLink *l, const NetAnswer *a) {
        int r = net_usm_set_engine(l->usm, a->engine, a->n_engine);

        if (r < 0) {
                net_link_finish(l, r == -ENOMEM ? r : -EBADMSG, NULL,
                        r == -ENOMEM ? NULL : strdup("the agent has an engine id that none can have"));
                return;
        }
        l->discovered = true;
        l->ever_verified = false;
        net_link_ask(l);
}

static void on_report(NetLink *l, const NetAnswer *a) {
        if (l->state == NET_DISCOVERING) {
                set_engine(l, a);
                return;
        }
        if (a->report == SNMPERR_UNKNOWN_ENG_ID && l->n_reports++ < REPORTS_MAX) {
                set_engine(l, a);
                return;
        }
        if (a->report == SNMPERR_NOT_IN_TIME_WINDOW && l->n_reports++ < REPORTS_MAX) {
                net_link_ask(l);
                return;
        }
        if (a->report == SNMPERR_BAD_CONTEXT) {
                net_link_finish(l, -EACCES, NULL, strprintf("the agent does not have the context \"%s\"",
                                                            strempty(l->credentials.context)));
                return;
        }

        char *why = why_refused(l, a->report);

        net_link_finish(l, why ? -EACCES : -EPROTO, NULL, why);
}

/*** Receiving ***/

static void on_reply(NetLink *l, NetAnswer *a) {
        if (a->error < 0) {
                net_link_finish(l, a->error, NULL,
                        a->error == -EPROTO ? strdup("the agent answers what it was not asked") : NULL);
                return;
        }
        l->ever_verified = true;
        net_link_finish(l, 0, &a->reply, NULL);
}

/* Whoever sends that is there, and has nothing better to come: there is no point in waiting. */
static void take_garbled(NetLink *l) {
        uint64_t at = usec_add(loop_now(l), GARBLED_USEC), due;

        if (!net_link_is_asking(l))
                return;
        l->n_garbled++;
        if (sd_event_source_get_time(l->timer, &due) >= 0 && at < due)
                (void) sd_event_source_set_time(l->timer, at);
}

void net_link_receive(NetLink *l) {
        NetAnswer a;
        int r = net_session_read(l->session, &a);

        if (r == -EBADMSG || r == -EACCES) {
                if (r == -EBADMSG)
                        take_garbled(l);
                l->unverified |= r == -EACCES;
                return;
        }
        if (r < 0) {
                if (net_link_is_asking(l))
                        net_link_finish(l, r, NULL, NULL);
                else if (l->peer.is_stream)
                        net_link_close(l);
                return;
        }

        if (a.kind == NET_ANSWER_REPORT && net_link_is_asking(l) && l->usm)
                on_report(l, &a);
        else if (a.kind == NET_ANSWER_REPLY && l->state == NET_ASKING)
                on_reply(l, &a);
        net_answer_done(&a);
}
