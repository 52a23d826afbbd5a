/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "history.h"

#include <inttypes.h>
#include <stdio.h>

#include "file.h"
#include "log.h"
#include "parse-util.h"
#include "string-util.h"

/* So many measurements count, the last ones. */
#define MEASUREMENTS 5U

/* A machine that plans for more would never stop too late, and be down with every short failure. */
#define STOP_ESTIMATE_MAX_USEC (UINT64_C(600) * 1000000)

static const char *const outcomes[_OUTCOME_MAX] = {
        [OUTCOME_OPEN]        = "open",
        [OUTCOME_POWERED_OFF] = "powered-off",
        [OUTCOME_CANCELLED]   = "cancelled",
        [OUTCOME_FAILED]      = "failed",
        [OUTCOME_REHEARSED]   = "rehearsed",
};

const char *outcome_to_string(Outcome o) {
        return o >= 0 && o < _OUTCOME_MAX ? outcomes[o] : NULL;
}

static Outcome outcome_from_string(const char *s) {
        for (Outcome o = 0; o < _OUTCOME_MAX; o++)
                if (streq(s, outcomes[o]))
                        return o;
        return _OUTCOME_INVALID;
}

/*** One shutdown ***/

void shutdown_clear_values(Shutdown *s) {
        for (size_t i = 0; i < s->n_values; i++) {
                free(s->values[i].name);
                free(s->values[i].value);
        }
        s->n_values = 0;
}

static Shutdown *shutdown_free(Shutdown *s) {
        if (!s)
                return NULL;

        for (size_t i = 0; i < s->n_events; i++)
                free(s->events[i].text);
        shutdown_clear_values(s);
        free(s->events);
        free(s->values);
        free(s->cause);
        free(s->device);
        free(s->reason);
        free(s);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Shutdown *, shutdown_free);

int shutdown_add_event(Shutdown *s, uint64_t time_usec, const char *text) {
        if (s->n_events >= HISTORY_EVENTS_MAX)
                return 0;

        _cleanup_free_ char *copy = strdup(text);
        if (!copy || !GREEDY_REALLOC(s->events, s->n_events_allocated, s->n_events + 1))
                return -ENOMEM;
        s->events[s->n_events++] = (HistoryEvent) { time_usec, TAKE_PTR(copy) };
        return 0;
}

int shutdown_add_value(Shutdown *s, const char *name, const char *value) {
        if (s->n_values >= HISTORY_VALUES_MAX)
                return 0;

        _cleanup_free_ char *n = strdup(name), *v = strdup(value);
        if (!n || !v || !GREEDY_REALLOC(s->values, s->n_values_allocated, s->n_values + 1))
                return -ENOMEM;
        s->values[s->n_values++] = (HistoryValue) { TAKE_PTR(n), TAKE_PTR(v) };
        return 0;
}

/*** All of them ***/

History *history_new(void) {
        return new0(History, 1);
}

History *history_free(History *h) {
        if (!h)
                return NULL;

        for (size_t i = 0; i < h->n_shutdowns; i++)
                shutdown_free(h->shutdowns[i]);
        free(h->shutdowns);
        free(h);
        return NULL;
}

Shutdown *history_open(const History *h, const char *boot_id) {
        Shutdown *last = h->n_shutdowns > 0 ? h->shutdowns[h->n_shutdowns - 1] : NULL;

        return last && last->outcome == OUTCOME_OPEN && streq(last->boot_id, boot_id) ? last : NULL;
}

static int append(History *h, Shutdown *s) {
        if (!GREEDY_REALLOC(h->shutdowns, h->n_allocated, h->n_shutdowns + 1)) {
                shutdown_free(s);
                return -ENOMEM;
        }
        if (h->n_shutdowns >= HISTORY_SHUTDOWNS_MAX) {
                shutdown_free(h->shutdowns[0]);
                memmove(h->shutdowns, h->shutdowns + 1, --h->n_shutdowns * sizeof(*h->shutdowns));
        }
        h->shutdowns[h->n_shutdowns++] = s;
        return 0;
}

int history_begin(History *h, const char *boot_id, uint64_t time_usec, Shutdown **ret) {
        _cleanup_(shutdown_freep) Shutdown *s = new0(Shutdown, 1);

        if (!s)
                return -ENOMEM;
        s->time_usec = time_usec;
        (void) snprintf(s->boot_id, sizeof(s->boot_id), "%s", boot_id);
        s->cause = strdup("none");
        s->device = strdup("");
        s->reason = strdup("");
        if (!s->cause || !s->device || !s->reason)
                return -ENOMEM;

        Shutdown *added = TAKE_PTR(s);
        int r = append(h, added);
        if (r < 0)
                return r;
        *ret = added;
        return 0;
}

uint64_t history_stop_usec(const History *h) {
        uint64_t longest = 0, second = 0;
        unsigned n = 0;

        for (size_t i = h->n_shutdowns; i-- > 0 && n < MEASUREMENTS;)
                if (h->shutdowns[i]->stop_usec > 0) {
                        uint64_t usec = h->shutdowns[i]->stop_usec;

                        second = MAX(second, MIN(usec, longest));
                        longest = MAX(longest, usec);
                        n++;
                }

        uint64_t usec = n > 2 ? second : longest;
        return MIN(usec + usec / 4, STOP_ESTIMATE_MAX_USEC);
}

/*** As text ***/

static int format_shutdown(const Shutdown *s, char **text) {
        int r = text_appendf(text, "shutdown %" PRIu64 " \"%s\" %s %" PRIu64 " %" PRIu64, s->time_usec,
                        s->boot_id, outcome_to_string(s->outcome), s->request_usec, s->stop_usec);
        const char *const words[] = { s->cause, s->device, s->reason };

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(words); i++)
                r = text_append_quoted(text, words[i]);
        for (size_t i = 0; r >= 0 && i < s->n_values; i++) {
                r = text_appendf(text, "\nvalue");
                if (r >= 0)
                        r = text_append_quoted(text, s->values[i].name);
                if (r >= 0)
                        r = text_append_quoted(text, s->values[i].value);
        }
        for (size_t i = 0; r >= 0 && i < s->n_events; i++) {
                r = text_appendf(text, "\nevent %" PRIu64, s->events[i].time_usec);
                if (r >= 0)
                        r = text_append_quoted(text, s->events[i].text);
        }
        return r < 0 ? r : text_appendf(text, "\n");
}

int history_format(const History *h, char **ret) {
        _cleanup_free_ char *text = NULL;

        int r = text_appendf(&text, "# Kept by busbar-monitor; shown by \"busbarctl why\".\n");
        for (size_t i = 0; r >= 0 && i < h->n_shutdowns; i++)
                r = format_shutdown(h->shutdowns[i], &text);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}

static bool is_boot_id(const char *s) {
        return strlen(s) == 32 && strspn(s, "0123456789abcdef") == 32;
}

static int take_shutdown(History *h, const ConfLine *l) {
        uint64_t time, request, stop;
        Shutdown *s;

        if (l->n_words != 9 || !is_boot_id(l->words[2]) || outcome_from_string(l->words[3]) < 0 ||
            parse_uint64(l->words[1], 0, UINT64_MAX, &time) < 0 ||
            parse_uint64(l->words[4], 0, UINT64_MAX, &request) < 0 ||
            parse_uint64(l->words[5], 0, UINT64_MAX / 8, &stop) < 0)
                return -EINVAL;

        int r = history_begin(h, l->words[2], time, &s);
        if (r < 0)
                return r;
        s->outcome = outcome_from_string(l->words[3]);
        s->request_usec = request;
        s->stop_usec = stop;
        r = free_and_strdup(&s->cause, l->words[6]);
        if (r >= 0)
                r = free_and_strdup(&s->device, l->words[7]);
        return r < 0 ? r : free_and_strdup(&s->reason, l->words[8]);
}

static int take_line(History *h, const ConfLine *l) {
        uint64_t time;

        if (streq(l->words[0], "shutdown"))
                return take_shutdown(h, l);

        Shutdown *s = h->n_shutdowns > 0 ? h->shutdowns[h->n_shutdowns - 1] : NULL;
        if (!s || l->n_words != 3)
                return -EINVAL;
        if (streq(l->words[0], "value"))
                return shutdown_add_value(s, l->words[1], l->words[2]);
        if (!streq(l->words[0], "event") || parse_uint64(l->words[1], 0, UINT64_MAX, &time) < 0)
                return -EINVAL;
        return shutdown_add_event(s, time, l->words[2]);
}

int history_from_lines(const Conf *c, ConfReport report, void *userdata, History **ret) {
        _cleanup_(history_freep) History *h = history_new();

        if (!h)
                return -ENOMEM;
        for (size_t i = 0; i < conf_n_lines(c); i++) {
                int r = take_line(h, conf_line(c, i));

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        conf_line_report(conf_line(c, i), report, userdata, LOG_WARNING,
                                        "this does not belong here, ignoring it");
        }

        *ret = TAKE_PTR(h);
        return 0;
}
