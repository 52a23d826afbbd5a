/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "file-writer.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

/* A stop that seems to have taken longer was something else. */
#define STOP_MAX_USEC (3600 * USEC_PER_SEC)

/* Which variables of the decisive supply are kept. */
static const char *const prefixes[] = { "battery.", "input.voltage", "output.voltage", "ups.load",
                "ups.status",
                                        "ups.alarm", "ups.test.result", "ups.mode." };

static bool is_kept(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (startswith(name, prefixes[i]))
                        return true;
        return false;
}

void record_save(Monitor *m) {
        _cleanup_free_ char *text = NULL;

        if (!m->state_directory)
                return;
        int r = history_format(m->history, &text);
        if (r >= 0)
                r = file_writer_write(m->history_file, text);
        if (r < 0)
                log_warning_errno(r, "Cannot write %s/history: %m", m->state_directory);
}

static void take_values(Monitor *m, Shutdown *s, const Supply *supply) {
        const MirrorDevice *d = mirror_find(m->mirror, supply->device);
        const Model *model = d ? mirror_device_model(d) : NULL;

        shutdown_clear_values(s);
        for (size_t i = 0; model && i < model_n_variables(model); i++) {
                const Variable *v = model_variable(model, i);

                if (is_kept(v->name))
                        (void) shutdown_add_value(s, v->name, v->value);
        }
}

void record_decision(Monitor *m) {
        Shutdown *s = history_open(m->history, m->boot_id);
        size_t i = decision_supply(m->decision);

        /* A FSD that we set before we were started anew is no cause. */
        if (s && decision_cause(m->decision) == CAUSE_FORCED && i < m->n_supplies &&
            m->supplies[i]->set_by_us)
                return;
        if (!s && history_begin(m->history, m->boot_id, now_usec(CLOCK_REALTIME), &s) < 0) {
                log_oom();
                return;
        }
        if (free_and_strdup(&s->cause, cause_to_string(decision_cause(m->decision))) < 0 ||
            free_and_strdup(&s->reason, strempty(m->reason)) < 0 ||
            free_and_strdup(&s->device, i < m->n_supplies ? m->supplies[i]->device : "") < 0)
                log_oom();
        if (i < m->n_supplies)
                take_values(m, s, m->supplies[i]);
}

void record_event(Monitor *m, const char *text) {
        Shutdown *s = history_open(m->history, m->boot_id);

        if (s && shutdown_add_event(s, now_usec(CLOCK_REALTIME), text) < 0)
                log_oom();
}

void record_request(Monitor *m) {
        Shutdown *s = history_open(m->history, m->boot_id);

        if (s)
                s->request_usec = now_usec(CLOCK_REALTIME);
        record_save(m);
}

void record_outcome(Monitor *m, Outcome outcome) {
        Shutdown *s = history_open(m->history, m->boot_id);

        if (!s)
                return;
        s->outcome = outcome;
        record_save(m);
}

/*** What became of the last one ***/

/* When the journal of that boot ends, in CLOCK_REALTIME; 0 if that cannot be read. */
static uint64_t end_of_boot(const char *boot_id) {
        _cleanup_free_ char *match = strjoin("_BOOT_ID=", boot_id);
        sd_journal *j = NULL;
        uint64_t usec = 0;

        if (!match || sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return 0;
        if (sd_journal_add_match(j, match, 0) >= 0 && sd_journal_seek_tail(j) >= 0 &&
            sd_journal_previous(j) > 0)
                (void) sd_journal_get_realtime_usec(j, &usec);
        sd_journal_close(j);
        return usec;
}

/* Without a request the power went before we were ready. In a container the boot is that of its host,
 * whose journal goes on. */
static void conclude(const Monitor *m, Shutdown *s) {
        bool requested = s->request_usec > 0;
        uint64_t end = requested && !streq(s->boot_id, m->boot_id) ? end_of_boot(s->boot_id) : 0;

        s->outcome = requested ? OUTCOME_POWERED_OFF : OUTCOME_FAILED;
        if (end > s->request_usec && end - s->request_usec <= STOP_MAX_USEC)
                s->stop_usec = end - s->request_usec;
}

void record_load(Monitor *m) {
        _cleanup_free_ char *path = monitor_state_path(m, "history");
        _cleanup_(conf_freep) Conf *c = NULL;
        History *h = NULL;
        bool changed = false;

        if (!path || conf_load(path, conf_report_log, NULL, &c) < 0 ||
            history_from_lines(c, conf_report_log, NULL, &h) < 0)
                return;
        history_free(m->history);
        m->history = h;

        for (size_t i = 0; i < h->n_shutdowns; i++) {
                Shutdown *s = h->shutdowns[i];

                if (s->outcome != OUTCOME_OPEN || (streq(s->boot_id, m->boot_id) && !monitor_is_early(m)))
                        continue;
                conclude(m, s);
                changed = true;
        }
        if (changed)
                record_save(m);
}
