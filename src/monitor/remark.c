/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remark.h"

#include "log.h"
#include "monitor.h"
#include "string-util.h"

#define LEFT_OVER                                                                                         \
        "a forced shutdown (FSD) beside OL is left over from before and ignored until it is gone once or "  \
        "the power fails"

static const char *find_remark(const Monitor *m, size_t i) {
        const Supply *s = m->supplies[i];
        const SupplyReading *r = &s->reading;

        if (decision_supply_view(m->decision, i).ignored)
                return LEFT_OVER;
        if (r->contact != CONTACT_FRESH || !(r->status & STATUS_OB))
                return NULL;
        if (s->test_disbelieved)
                return "ups.test.result says that a test runs, which is not believed any more";
        if (r->testing && r->mains != MAINS_ABSENT)
                return "on battery because of a test, so that neither LB nor a limit counts until it is "
                       "over";
        return NULL;
}

static int add(char ***l, const char *device, const char *text) {
        _cleanup_free_ char *line = strprintf("UPS %s: %s", device, text);

        return line ? strv_extend(l, line) : -ENOMEM;
}

static void say(const Supply *s, const char *text) {
        (void) log_full(text ? LOG_WARNING : LOG_INFO, 0, &(LogContext) { .device = s->device },
                        "UPS %s: %s", s->system, text ?: "no longer so");
}

static int list(Monitor *m, char ***l) {
        int r = m->conf_remark ? strv_extend(l, m->conf_remark) : 0;

        for (size_t i = 0; r >= 0 && i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];
                const char *text = find_remark(m, i);

                if (text != s->remark)
                        say(s, text);
                s->remark = text;
                if (text)
                        r = add(l, s->system, text);
        }
        return r;
}

void remarks_renew(Monitor *m) {
        _cleanup_strv_free_ char **l = NULL;

        if (list(m, &l) < 0) {
                log_oom();
                return;
        }
        if (strv_equal(l, m->remarks))
                return;
        strv_free(m->remarks);
        m->remarks = TAKE_PTR(l);
        m->shown.remarks++;
        monitor_notify_status(m);
}
