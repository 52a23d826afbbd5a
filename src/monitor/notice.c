/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice.h"

#include <syslog.h>

#include "messages.h"
#include "string-util.h"
#include "time-util.h"

typedef struct Step {
        NoticeState *state;
        const NoticeInput *in;
        NoticeEmit emit;
        void *userdata;
} Step;

/* Whether it was said; what was not is tried again, as its state is not noted. */
static bool say(const Step *p, NotifyType t, const char *matter) {
        RateLimit *l = &p->state->limits[t];
        unsigned suppressed = 0;

        l->interval_usec = NOTICE_INTERVAL_USEC;
        l->burst = NOTICE_BURST;
        if (!rate_limit_allow(l, p->in->now_usec, &suppressed))
                return false;

        p->emit(p->userdata, t, matter, suppressed);
        return true;
}

/*** Contact ***/

static void step_silence(const Step *p) {
        NoticeState *s = p->state;
        uint64_t silence = usec_sub(p->in->now_usec, p->in->heard_usec ?: s->contact_usec);

        if (!s->silent) {
                if (silence >= p->in->grace_usec)
                        s->silent = say(p, NOTIFY_COMMBAD, NULL);
                return;
        }

        if (silence >= p->in->no_comm_warn_usec &&
            (s->no_comm_usec == 0 ||
             usec_sub(p->in->now_usec, s->no_comm_usec) >= p->in->no_comm_warn_usec) &&
            say(p, NOTIFY_NOCOMM, NULL))
                s->no_comm_usec = p->in->now_usec;
}

static void step_contact(const Step *p) {
        NoticeState *s = p->state;

        if (s->silent && say(p, NOTIFY_COMMOK, NULL))
                s->silent = false;
        s->contact_usec = p->in->now_usec;
        s->no_comm_usec = 0;
}

/*** States ***/

static const struct {
        StatusBits bit;
        NotifyType begun, ended; /* ended is _NOTIFY_TYPE_INVALID: nothing is said */
} states[] = {
        { STATUS_LB,     NOTIFY_LOWBATT, _NOTIFY_TYPE_INVALID },
        { STATUS_CAL,    NOTIFY_CAL,     NOTIFY_NOTCAL        },
        { STATUS_OFF,    NOTIFY_OFF,     NOTIFY_NOTOFF        },
        { STATUS_BYPASS, NOTIFY_BYPASS,  NOTIFY_NOTBYPASS     },
        { STATUS_ECO,    NOTIFY_ECO,     NOTIFY_NOTECO        },
        { STATUS_OVER,   NOTIFY_OVER,    NOTIFY_NOTOVER       },
        { STATUS_TRIM,   NOTIFY_TRIM,    NOTIFY_NOTTRIM       },
        { STATUS_BOOST,  NOTIFY_BOOST,   NOTIFY_NOTBOOST      },
        { STATUS_FSD,    NOTIFY_FSD,     _NOTIFY_TYPE_INVALID },
};

static void step_line(const Step *p) {
        NoticeState *s = p->state;
        StatusBits now = p->in->status & STATUS_OB ? STATUS_OB : p->in->status & STATUS_OL;

        if (now == 0 || (s->said & (STATUS_OB | STATUS_OL)) == now)
                return;

        /* That a device is on line is no news when it is the first that is heard of it. */
        if ((now == STATUS_OL && !s->line_known) ||
            say(p, now == STATUS_OB ? NOTIFY_ONBATT : NOTIFY_ONLINE, NULL))
                s->said = (s->said & ~(StatusBits) (STATUS_OB | STATUS_OL)) | now;
        s->line_known = true;
}

static void step_state(const Step *p, StatusBits bit, NotifyType begun, NotifyType ended) {
        NoticeState *s = p->state;
        bool is = p->in->status & bit;

        if (is == !!(s->said & bit))
                return;
        if (is && say(p, begun, NULL))
                s->said |= bit;
        else if (!is && (ended == _NOTIFY_TYPE_INVALID || say(p, ended, NULL)))
                s->said &= ~bit;
}

/* A state with a text: said anew when the text is another. */
static void step_text(const Step *p, StatusBits bit, NotifyType begun, NotifyType ended, const char *text,
                char **said) {
        NoticeState *s = p->state;
        bool is = p->in->status & bit;

        if (!is && (s->said & bit) && say(p, ended, NULL)) {
                s->said &= ~bit;
                (void) free_and_strdup(said, NULL);
        }
        if (is && (!(s->said & bit) || !streq(strempty(text), strempty(*said))) &&
            say(p, begun, isempty(text) ? "n/a" : text)) {
                s->said |= bit;
                (void) free_and_strdup(said, text);
        }
}

static void step_replace(const Step *p) {
        NoticeState *s = p->state;

        if (!(p->in->status & STATUS_RB))
                return;
        if (s->replace_usec != 0 &&
            usec_sub(p->in->now_usec, s->replace_usec) < p->in->replace_battery_warn_usec)
                return;
        if (say(p, NOTIFY_REPLBATT, NULL))
                s->replace_usec = p->in->now_usec;
}

void notice_step(NoticeState *s, const NoticeInput *in, NoticeEmit emit, void *userdata) {
        const Step p = { s, in, emit, userdata };

        if (!s->begun) {
                s->begun = true;
                s->contact_usec = in->now_usec;
        }
        if (!in->contact) {
                step_silence(&p);
                /* FSD is known of a device that is silent too, as it is not the device that says it. */
                step_state(&p, STATUS_FSD, NOTIFY_FSD, _NOTIFY_TYPE_INVALID);
                return;
        }

        step_contact(&p);
        step_line(&p);
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                step_state(&p, states[i].bit, states[i].begun, states[i].ended);
        step_text(&p, STATUS_ALARM, NOTIFY_ALARM, NOTIFY_NOTALARM, in->alarms, &s->alarms);
        step_text(&p, STATUS_OTHER, NOTIFY_OTHER, NOTIFY_NOTOTHER, in->others, &s->others);
        step_replace(&p);
}

void notice_state_done(NoticeState *s) {
        free(s->alarms);
        free(s->others);
        *s = (NoticeState) {};
}

int notice_level(NotifyType t) {
        switch (t) {
        case NOTIFY_LOWBATT:
        case NOTIFY_FSD:
        case NOTIFY_SHUTDOWN:
        case NOTIFY_SHUTDOWN_HOSTSYNC:
                return LOG_CRIT;
        case NOTIFY_ONBATT:
        case NOTIFY_COMMBAD:
        case NOTIFY_REPLBATT:
        case NOTIFY_NOCOMM:
        case NOTIFY_NOPARENT:
        case NOTIFY_OFF:
        case NOTIFY_BYPASS:
        case NOTIFY_ALARM:
        case NOTIFY_OVER:
        case NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED:
                return LOG_WARNING;
        default:
                return LOG_NOTICE;
        }
}

const char *notice_message_id(NotifyType t) {
        static const char *const ids[_NOTIFY_TYPE_MAX] = {
                [NOTIFY_ONLINE] = MESSAGE_NOTICE_ONLINE_STR,
                [NOTIFY_ONBATT] = MESSAGE_NOTICE_ONBATT_STR,
                [NOTIFY_LOWBATT] = MESSAGE_NOTICE_LOWBATT_STR,
                [NOTIFY_FSD] = MESSAGE_NOTICE_FSD_STR,
                [NOTIFY_COMMOK] = MESSAGE_NOTICE_COMMOK_STR,
                [NOTIFY_COMMBAD] = MESSAGE_NOTICE_COMMBAD_STR,
                [NOTIFY_SHUTDOWN] = MESSAGE_NOTICE_SHUTDOWN_STR,
                [NOTIFY_SHUTDOWN_HOSTSYNC] = MESSAGE_NOTICE_SHUTDOWN_HOSTSYNC_STR,
                [NOTIFY_REPLBATT] = MESSAGE_NOTICE_REPLBATT_STR,
                [NOTIFY_NOCOMM] = MESSAGE_NOTICE_NOCOMM_STR,
                [NOTIFY_NOPARENT] = MESSAGE_NOTICE_NOPARENT_STR,
                [NOTIFY_CAL] = MESSAGE_NOTICE_CAL_STR,
                [NOTIFY_NOTCAL] = MESSAGE_NOTICE_NOTCAL_STR,
                [NOTIFY_OFF] = MESSAGE_NOTICE_OFF_STR,
                [NOTIFY_NOTOFF] = MESSAGE_NOTICE_NOTOFF_STR,
                [NOTIFY_BYPASS] = MESSAGE_NOTICE_BYPASS_STR,
                [NOTIFY_NOTBYPASS] = MESSAGE_NOTICE_NOTBYPASS_STR,
                [NOTIFY_ECO] = MESSAGE_NOTICE_ECO_STR,
                [NOTIFY_NOTECO] = MESSAGE_NOTICE_NOTECO_STR,
                [NOTIFY_ALARM] = MESSAGE_NOTICE_ALARM_STR,
                [NOTIFY_NOTALARM] = MESSAGE_NOTICE_NOTALARM_STR,
                [NOTIFY_OVER] = MESSAGE_NOTICE_OVER_STR,
                [NOTIFY_NOTOVER] = MESSAGE_NOTICE_NOTOVER_STR,
                [NOTIFY_TRIM] = MESSAGE_NOTICE_TRIM_STR,
                [NOTIFY_NOTTRIM] = MESSAGE_NOTICE_NOTTRIM_STR,
                [NOTIFY_BOOST] = MESSAGE_NOTICE_BOOST_STR,
                [NOTIFY_NOTBOOST] = MESSAGE_NOTICE_NOTBOOST_STR,
                [NOTIFY_OTHER] = MESSAGE_NOTICE_OTHER_STR,
                [NOTIFY_NOTOTHER] = MESSAGE_NOTICE_NOTOTHER_STR,
                [NOTIFY_SUSPEND_STARTING] = MESSAGE_NOTICE_SUSPEND_STARTING_STR,
                [NOTIFY_SUSPEND_FINISHED] = MESSAGE_NOTICE_SUSPEND_FINISHED_STR,
                [NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED] = MESSAGE_NOTICE_SUSPEND_TIMEJUMP_UNEXPECTED_STR,
        };

        return t >= 0 && t < _NOTIFY_TYPE_MAX ? ids[t] : NULL;
}
