/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "line-engine-internal.h"
#include "value-number.h"
#include "string-util.h"

static bool is_fatal(int r) {
        return r == -ENODEV || r == -EINTR || r == -ENOMEM;
}

/*** Finding ***/

static const LineCommand *find_exactly(LineEngine *e, const char *name) {
        const LineContext c = {.e = e};

        for (size_t i = 0; i < e->profile->n_commands; i++)
                if (strcaseeq(e->profile->commands[i].name, name) &&
                        line_whens_hold(&c, &e->profile->commands[i].whens))
                        return &e->profile->commands[i];
        return NULL;
}

/* Names that NUT gave up but clients still send. */
const LineCommand *line_find_command(LineEngine *e, const char *name) {
        const LineCommand *c = find_exactly(e, name);

        if (!c && strcaseeq(name, "beeper.off"))
                return find_exactly(e, "beeper.disable");
        if (!c && strcaseeq(name, "beeper.on"))
                return find_exactly(e, "beeper.enable");
        return c;
}

bool line_engine_has_command(const LineEngine *e, const char *command) {
        return line_find_command((LineEngine *) e, command) != NULL;
}

/*** Running ***/

static bool template_takes_argument(const LineTemplate *t) {
        for (size_t i = 0; i < t->n_pieces; i++) {
                const LineSelector *s = &t->pieces[i].selector;

                if (t->pieces[i].text)
                        continue;
                if (s->source == LINE_SOURCE_ARGUMENT ||
                        (s->template && template_takes_argument(s->template)))
                        return true;
        }
        return false;
}

/* Also when it only chooses among rows of a name. */
static bool takes_argument(const LineCommand *command) {
        if (command->n_ranges > 0 || command->lookup)
                return true;
        for (size_t i = 0; i < command->n_steps; i++)
                if (template_takes_argument(&command->steps[i].send) ||
                        command->steps[i].selector.source == LINE_SOURCE_ARGUMENT)
                        return true;
        return false;
}

static int check_argument(LineEngine *e, const LineCommand *command, const char *argument) {
        double v;

        if (isempty(argument))
                return 0;
        for (const char *p = argument; *p; p++)
                if ((unsigned char) *p < 0x20 || (unsigned char) *p >= 0x7f)
                        return -EINVAL;
        if (!takes_argument(command)) {
                line_explain(e, strdup("the command takes no argument"));
                return -EINVAL;
        }
        if ((!command->lookup || value_lookup_entry(command->lookup, argument)) &&
                (command->n_ranges == 0 ||
                        (value_number_parse(argument, 10, &v) &&
                                line_in_ranges(e, command->ranges, command->n_ranges, v))))
                return 0;
        line_explain_value(e, command->lookup, command->ranges, command->n_ranges, 0);
        return -EINVAL;
}

static int ask_now(LineEngine *e, Question *q) {
        int r = line_ask(e, q);

        return r < 0 ? r : r == 0 ? -ETIMEDOUT : 0;
}

static int ask_unknown(LineEngine *e, Question *q) {
        return q->answer ? 0 : ask_now(e, q);
}

static int check_step(LineEngine *e, const LineStep *s, const char *argument) {
        const LineContext c = {.e = e, .argument = argument};
        _cleanup_free_ char *text = NULL;
        int r;

        r = line_selector_each_query(e, &s->selector, ask_now);
        if (r >= 0)
                r = line_value(&c, &s->selector, &s->conversion, &text);
        if (r < 0)
                return r;
        if (r > 0 && value_test_holds(&s->test, text))
                return 0;

        line_explain(e, strdup(s->why ?: "the device is in no state for it"));
        line_log(e, LOG_NOTICE, 0, "nothing was sent: %s", strempty(e->why));
        return -EBUSY;
}

typedef struct Rendered {
        char *text;
        size_t n;
} Rendered;

static int render_step(LineEngine *e, const LineStep *s, const char *argument, Rendered *ret) {
        const LineContext c = {.e = e, .argument = argument};
        int r;

        r = line_template_each_query(e, &s->send, ask_unknown);
        if (r >= 0)
                r = line_render(&c, &s->send, &ret->text, &ret->n);
        if (r < 0)
                return is_fatal(r) ? r : -EINVAL;
        return r > 0 ? 0 : -EINVAL;
}

static LineOrder order_of(const LineEngine *e, const LineCommand *command) {
        return (LineOrder){
                .accepted = command->accepted ?: e->profile->format.accepted,
                .silence_is_done = command->silence_is_done < 0 ? e->profile->format.silence_is_done
                                                                : command->silence_is_done > 0,
                .timeout_usec = command->timeout_usec,
        };
}

static int send_step(LineEngine *e, const LineCommand *command, const Rendered *what) {
        LineOrder order = order_of(e, command);

        order.text = (const uint8_t *) what->text;
        order.n = what->n;
        return line_send(e, &order);
}

uint64_t line_engine_command_usec(const LineEngine *e, const char *command) {
        const LineCommand *c = line_find_command((LineEngine *) e, command);
        const LineFormat *format = &e->profile->format;
        uint64_t usec = 0;

        for (size_t i = 0; c && i < c->n_steps; i++) {
                const LineOrder order = order_of(e, c);

                if (c->steps[i].type == LINE_STEP_PAUSE)
                        usec += c->steps[i].pause_usec;
                else
                        usec += format->pause_usec + (c->steps[i].type == LINE_STEP_SEND
                                                                     ? line_order_usec(e, &order)
                                                                     : format->timeout_usec);
        }
        return usec;
}

/* Checks come first, wherever they stand, and all texts are made before the first is sent: half a command is
 * worse than none. */
static int run_steps(LineEngine *e, const LineCommand *command, const char *argument, Rendered *texts) {
        int r = 0;

        for (size_t i = 0; i < command->n_steps && r >= 0; i++)
                if (command->steps[i].type == LINE_STEP_CHECK)
                        r = check_step(e, &command->steps[i], argument);
        for (size_t i = 0; i < command->n_steps && r >= 0; i++)
                if (command->steps[i].type == LINE_STEP_SEND)
                        r = render_step(e, &command->steps[i], argument, &texts[i]);
        e->written = e->written || r >= 0;
        for (size_t i = 0; i < command->n_steps && r >= 0; i++)
                if (command->steps[i].type == LINE_STEP_SEND)
                        r = send_step(e, command, &texts[i]);
                else if (command->steps[i].type == LINE_STEP_PAUSE)
                        r = line_pause(e, command->steps[i].pause_usec);
        return r;
}

int line_run(LineEngine *e, const LineCommand *command, const char *argument) {
        _cleanup_free_ Rendered *texts = new0(Rendered, command->n_steps);
        int r;

        if (!texts)
                return -ENOMEM;
        r = check_argument(e, command, argument);
        if (r >= 0)
                r = run_steps(e, command, argument, texts);
        for (size_t i = 0; i < command->n_steps; i++)
                free(texts[i].text);
        return r;
}

int line_run_starts(LineEngine *e) {
        const LineContext c = {.e = e};

        for (size_t i = 0; i < e->profile->n_starts; i++) {
                const LineStart *s = &e->profile->starts[i];
                const LineCommand *command;
                int r;

                if (!line_whens_hold(&c, &s->whens))
                        continue;
                command = find_exactly(e, s->command);
                line_explain(e, NULL);
                r = command ? line_run(e, command, NULL) : -EOPNOTSUPP;
                if (is_fatal(r))
                        return r;
                if (r < 0)
                        line_log(e, LOG_WARNING, r, "cannot do %s at start: %s", s->command,
                                e->why ?: r == -EOPNOTSUPP ? "the device cannot do it now" : strerror(-r));
        }
        return 0;
}

/*** Afterwards ***/

int line_read_written(LineEngine *e) {
        for (size_t i = 0; i < e->profile->n_queries; i++) {
                Question *q = &e->questions[i];
                int r;

                if (q->query->ask != LINE_ASK_WRITTEN || !q->polled || (!q->answered && q->failed) ||
                        !line_question_counts(e, q))
                        continue;
                r = line_ask(e, q);
                if (is_fatal(r))
                        return r;
                /* It may be busy with what it was told. */
                if (r <= 0 && !q->refused)
                        return 0;
        }
        return 0;
}

static int read_after(LineEngine *e, const LineCommand *command) {
        for (size_t i = 0; i < command->n_after; i++) {
                Question *q = &e->questions[command->after[i]];
                int r = line_question_counts(e, q) ? line_ask(e, q) : 1;

                if (is_fatal(r))
                        return r;
        }
        return line_read_written(e);
}

/* Of several rows of a name: a later one may be for arguments that are not in the range of the first. */
static const LineCommand *choose(LineEngine *e, const LineCommand *first, const char *argument) {
        const LineContext c = {.e = e};
        const LineCommand *end = e->profile->commands + e->profile->n_commands;

        for (const LineCommand *i = first; i < end; i++)
                if (strcaseeq(i->name, first->name) && line_whens_hold(&c, &i->whens) &&
                        check_argument(e, i, argument) >= 0)
                        return i;
        return first;
}

int line_engine_command(LineEngine *e, const char *command, const char *argument, Update *u) {
        const LineCommand *c = line_find_command(e, command);
        int r;

        line_explain(e, NULL);
        if (!c)
                return -EOPNOTSUPP;
        c = choose(e, c, argument);
        r = line_run(e, c, argument);
        if (r < 0)
                return r;

        /* It is done, whatever the device answers now. */
        r = read_after(e, c);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = line_refresh(e);
        return r < 0 ? r : line_publish(e, u);
}
