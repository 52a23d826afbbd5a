/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "line-engine-internal.h"

/* Whether there are mains. On a line without a check one character that became another says that they went,
 * and machines are shut down for it: so it is believed when a second answer, asked for at once, says the
 * same. */

/* Readings, one after the other, of which two must agree. */
#define READINGS_MAX 4U

enum {
        MAINS_UNKNOWN,
        MAINS_THERE,
        MAINS_GONE,
        MAINS_BOTH, /* conditions that contradict each other */
};

static bool is_among(uint64_t set, Condition c) {
        return set & UINT64_C(1) << c;
}

/* What the status rules will make of it. */
static unsigned mains_of(LineEngine *e) {
        Conditions c = {};

        line_collect_conditions(e, &c);
        if (is_among(c.set, CONDITION_OFFLINE))
                return is_among(c.set, CONDITION_ONLINE) ? MAINS_BOTH : MAINS_GONE;
        if (is_among(c.set, CONDITION_ONLINE))
                return MAINS_THERE;
        if (is_among(c.known, CONDITION_ONLINE))
                return MAINS_GONE;
        if (is_among(c.known, CONDITION_OFFLINE))
                return MAINS_THERE;
        return is_among(c.set, CONDITION_DISCHARGING) ? MAINS_GONE : MAINS_UNKNOWN;
}

/* 1 when there was something to ask: what a second answer has borne out already is sure. */
static int ask_again(LineEngine *e) {
        int any = 0;

        for (size_t i = 0; i < e->profile->n_queries; i++) {
                Question *q = &e->questions[i];
                int r;

                if (!q->mains || q->asked != e->polls || !q->answer || q->borne_out)
                        continue;
                r = line_ask(e, q);
                if (r < 0)
                        return r;
                any = 1;
        }
        if (any) {
                int r = line_refresh(e);

                if (r < 0)
                        return r;
        }
        return any;
}

/* At first that there are mains is believed at once. */
static bool is_news(const LineEngine *e, unsigned mains) {
        if (mains == MAINS_UNKNOWN || mains == e->mains)
                return false;
        return e->mains != MAINS_UNKNOWN || mains != MAINS_THERE;
}

int line_confirm_mains(LineEngine *e) {
        unsigned mains = mains_of(e), before;

        if (e->profile->format.check_answer == LINE_CHECK_NONE)
                for (unsigned n = 1; is_news(e, mains); n++) {
                        int r;

                        if (n >= READINGS_MAX) {
                                line_log(e, LOG_NOTICE, 0, "no two answers agree whether there are mains");
                                return -EBADMSG;
                        }
                        r = ask_again(e);
                        if (r < 0)
                                return r;
                        before = mains;
                        mains = mains_of(e);
                        if (r == 0 || mains == before)
                                break;
                }
        if (mains != MAINS_UNKNOWN)
                e->mains = mains;
        return 0;
}
