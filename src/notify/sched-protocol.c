/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sched-protocol.h"

#include <inttypes.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define SECONDS_MAX (UINT64_C(100) * 366 * 24 * 3600)

static const struct {
        const char *name;
        size_t n_words;
        UpsschedAction action;
} verbs[] = {
        [SCHED_EVENT]          = { "EVENT", 4, _UPSSCHED_ACTION_INVALID },
        [SCHED_START]          = { "START", 6, UPSSCHED_START_TIMER },
        [SCHED_START_SHARED]   = { "START-SHARED", 6, UPSSCHED_START_TIMER_SHARED },
        [SCHED_CANCEL]         = { "CANCEL", 6, UPSSCHED_CANCEL_TIMER },
        [SCHED_CANCEL_MATCHED] = { "CANCEL-MATCHED", 6, UPSSCHED_CANCEL_TIMER_MATCHED },
        [SCHED_LIST_TIMERS]    = { "LIST-TIMERS", 1, _UPSSCHED_ACTION_INVALID },
};
static_assert(ELEMENTSOF(verbs) == _SCHED_VERB_MAX, "each verb is known");

static bool has_delay(SchedVerb v) {
        return v == SCHED_START || v == SCHED_START_SHARED;
}

static bool has_timer(SchedVerb v) {
        return v != SCHED_EVENT && v != SCHED_LIST_TIMERS;
}

static int refuse(const char **ret_why, const char *why) {
        *ret_why = why;
        return -EINVAL;
}

static int find_verb(const Lexer *l, SchedVerb *ret, const char **ret_why) {
        const char *word = lexer_word(l, 0);

        for (SchedVerb v = 0; word && v < _SCHED_VERB_MAX; v++) {
                if (!streq(verbs[v].name, word))
                        continue;
                if (lexer_n_words(l) != verbs[v].n_words)
                        return refuse(ret_why, "wrong number of arguments");

                *ret = v;
                return 0;
        }
        return refuse(ret_why, "unknown request");
}

int sched_request_parse(const Lexer *l, SchedRequest *ret, const char **ret_why) {
        SchedRequest request = { .type = _NOTIFY_TYPE_INVALID };
        uint64_t seconds;
        size_t i = 1;
        int r;

        r = find_verb(l, &request.verb, ret_why);
        if (r < 0)
                return r;

        if (has_timer(request.verb)) {
                request.name = lexer_word(l, i++);
                if (isempty(request.name))
                        return refuse(ret_why, "the timer has no name");
                request.command = lexer_word(l, i++);
        }
        if (has_delay(request.verb)) {
                if (parse_uint64(request.command, 0, SECONDS_MAX, &seconds) < 0)
                        return refuse(ret_why, "the time must be a number of seconds");
                request.delay_usec = seconds * USEC_PER_SEC;
                request.command = NULL;
        }
        if (request.verb != SCHED_LIST_TIMERS)
                request.event = (TimerEvent) {
                        .type = lexer_word(l, i),
                        .system = lexer_word(l, i + 1),
                        .message = lexer_word(l, i + 2),
                };
        if (request.verb == SCHED_EVENT) {
                request.type = notify_type_from_string(request.event.type);
                if (request.type < 0)
                        return refuse(ret_why, "unknown type of notice");
        }

        *ret = request;
        return 0;
}

static void print_word(FILE *f, const char *s) {
        char word[LEXER_WORD_LENGTH_MAX + 1], escaped[2 * sizeof(word)];

        (void) snprintf(word, sizeof(word), "%s", strempty(s));
        (void) lexer_escape(escaped, sizeof(escaped), word);
        fprintf(f, " \"%s\"", escaped);
}

char *sched_request_format(const SchedRequest *r) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;

        fputs(verbs[r->verb].name, f);
        if (has_timer(r->verb))
                print_word(f, r->name);
        if (has_delay(r->verb))
                fprintf(f, " %" PRIu64, r->delay_usec / USEC_PER_SEC);
        else if (has_timer(r->verb))
                print_word(f, r->command);
        if (r->verb != SCHED_LIST_TIMERS) {
                print_word(f, r->event.type);
                print_word(f, r->event.system);
                print_word(f, r->event.message);
        }
        fputc('\n', f);
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

/* Names and messages must not look like other columns or lines. */
static void print_column(FILE *f, char *const *l, const char *separator, char end) {
        if (strv_length(l) == 0)
                fputs("\"\"", f);
        STRV_FOREACH(s, l) {
                if (s != l)
                        fputs(separator, f);
                for (const char *c = *s; *c; c++)
                        fputc((unsigned char) *c < ' ' ? ' ' : *c, f);
        }
        fputc(end, f);
}

void timers_print(const Timers *t, uint64_t now_usec, uint64_t real_usec, FILE *f) {
        for (size_t i = 0; i < timers_count(t); i++) {
                const Timer *timer = timers_get(t, i);
                uint64_t left = usec_sub(timer->due_usec, now_usec);
                char *name[] = { timer->name, NULL };

                print_column(f, name, "", '\t');
                fprintf(f, "%" PRIu64 "\t%" PRIu64 "\t", usec_add(real_usec, left) / USEC_PER_SEC,
                                left / USEC_PER_SEC);
                print_column(f, timer->types, ",", '\t');
                print_column(f, timer->systems, ",", '\t');
                print_column(f, timer->messages, ".\t", '\n');
        }
}

void sched_request_run(Sched *s, const SchedRequest *r, FILE *answer) {
        if (r->verb == SCHED_LIST_TIMERS) {
                fputs("BEGIN LIST TIMERS\n", answer);
                timers_print(sched_timers(s), now_usec(CLOCK_BOOTTIME), now_usec(CLOCK_REALTIME), answer);
                fputs("END LIST TIMERS\n", answer);
        } else if (r->verb == SCHED_EVENT) {
                /* It is not read before somebody needs it: NOTIFYCMD may be a script that calls upssched. */
                if (!sched_conf(s))
                        (void) sched_reload(s);
                if (!sched_conf(s) || !sched_conf(s)->exists) {
                        fputs("ERR There is no upssched.conf, or it cannot be read\n", answer);
                        return;
                }
                sched_notice(s, r->type, &r->event);
        } else
                sched_act(s, verbs[r->verb].action, r->name, r->delay_usec, r->command, &r->event);
        fputs("OK\n", answer);
}
