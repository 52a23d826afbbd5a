/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [commands], and sections [command:NAME]. */

#include "line-profile-internal.h"
#include "string-util.h"

#define STEPS_MAX 64U
#define AFTER_MAX 64U
#define TEXTS_MAX 64U

static void step_done(LineStep *step) {
        line_template_done(&step->send);
        line_selector_done(&step->selector);
        value_conversion_done(&step->conversion);
        value_test_done(&step->test);
        free(step->why);
        *step = (LineStep) {};
}

void line_command_done(LineCommand *c) {
        for (size_t i = 0; i < c->n_steps; i++)
                step_done(&c->steps[i]);
        free(c->steps);
        value_ranges_done(c->ranges, c->n_ranges);
        strv_free(c->accepted);
        free(c->after);
        free(c->name);
        *c = (LineCommand) {};
}

/* Takes the step over. Returns 1. */
static int add_step(Loader *l, const ConfLine *line, LineStep *step, LineCommand *command) {
        LineStep *grown;

        if (command->n_steps >= STEPS_MAX)
                return loader_error(l, line, "A command has at most %u steps", STEPS_MAX);
        grown = reallocarray(command->steps, command->n_steps + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        command->steps = grown;
        grown[command->n_steps++] = *step;
        *step = (LineStep) {};
        return 1;
}

static int add_send(Loader *l, const ConfLine *line, const char *s, LineCommand *command) {
        _cleanup_(step_done) LineStep step = { .type = LINE_STEP_SEND };
        int r = line_loader_template(l, line, s, LINE_ALLOW_ARGUMENT, &step.send);

        return r <= 0 ? r : add_step(l, line, &step, command);
}

static int add_pause(Loader *l, const ConfLine *line, const char *s, LineCommand *command) {
        LineStep step = { .type = LINE_STEP_PAUSE };
        int r = loader_seconds(l, line, "pause", s, 60, &step.pause_usec);

        return r <= 0 ? r : add_step(l, line, &step, command);
}

static int own_check(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        LineStep *step = userdata;

        if (!streq(a->name, "why"))
                return -ENOENT;
        if (isempty(a->value))
                return loader_error(l, line, "why wants a text");

        step->why = strdup(a->value);
        return step->why ? 1 : -ENOMEM;
}

static int add_check(Loader *l, const ConfLine *line, LineCommand *command) {
        static const char *const names[] = { "why", NULL };
        _cleanup_(step_done) LineStep step = { .type = LINE_STEP_CHECK };
        bool has_test = false;
        const ValueTarget target = {
                .conversion = &step.conversion,
                .test = &step.test,
                .has_test = &has_test,
                .own = own_check,
                .own_names = names,
                .userdata = &step,
        };
        int r;

        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "check wants a selector and a test: check = QUERY:1 is=...");

        value_conversion_init(&step.conversion);
        r = line_loader_selector(l, line, line->words[2], LINE_ALLOW_ARGUMENT | LINE_ALLOW_TEMPLATE,
                        &step.selector);
        if (r > 0)
                r = loader_value_attributes(l, line, 3, &target);
        if (r <= 0)
                return r;
        if (!has_test)
                return loader_error(l, line, "check wants is=, is-match= or is-range=");

        return add_step(l, line, &step, command);
}

static int add_after(Loader *l, const ConfLine *line, const char *s, LineCommand *command) {
        size_t *grown, query;
        int r = line_loader_query(l, line, s, &query);

        if (r <= 0)
                return r;
        if (command->n_after >= AFTER_MAX)
                return loader_error(l, line, "There are at most %u queries after a command", AFTER_MAX);
        for (size_t i = 0; i < command->n_after; i++)
                if (command->after[i] == query)
                        return loader_error(l, line, "after=%s stands here twice", s);

        grown = reallocarray(command->after, command->n_after + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        command->after = grown;
        grown[command->n_after++] = query;
        return 1;
}

static int add_accepted(Loader *l, const ConfLine *line, const char *s, LineCommand *command) {
        int r;

        if (isempty(s) || strv_length(command->accepted) >= TEXTS_MAX)
                return loader_error(l, line, "accepted wants a text, at most %u times", TEXTS_MAX);

        r = strv_extend(&command->accepted, s);
        return r < 0 ? r : 1;
}

static int set_silence(Loader *l, const ConfLine *line, const char *s, LineCommand *command) {
        if (!streq(s, "done") && !streq(s, "failed"))
                return loader_error(l, line, "silence is failed or done, not \"%s\"", s);

        command->silence_is_done = streq(s, "done");
        return 1;
}

static const char *const attribute_names[] = {
        "range", "lookup", "accepted", "silence", "after", "timeout", NULL
};

/* An attribute of a line, or a line of a section. */
static int own_command(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        LineCommand *command = userdata;
        const char *s = a->value;
        bool known = false;

        for (size_t i = 0; attribute_names[i]; i++)
                known = known || streq(attribute_names[i], a->name);
        if (!known)
                return -ENOENT;
        if (!s)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        if (streq(a->name, "range"))
                return loader_value_range(l, line, s, &command->ranges, &command->n_ranges);
        if (streq(a->name, "lookup"))
                return loader_value_lookup(l, line, s, &command->lookup);
        if (streq(a->name, "accepted"))
                return add_accepted(l, line, s, command);
        if (streq(a->name, "silence"))
                return set_silence(l, line, s, command);
        if (streq(a->name, "after"))
                return add_after(l, line, s, command);

        return loader_seconds(l, line, "timeout", s, 60, &command->timeout_usec);
}

/* Takes the command over. */
static int add_command(Loader *l, const ConfLine *line, LineCommand *command) {
        LineLoader *loader = line_loader(l);
        LineProfile *p = loader->profile;

        if (p->n_commands >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u commands", PROFILE_ROWS_MAX);
        if (command->lookup && command->n_ranges > 0)
                return loader_error(l, line, "lookup and range exclude each other");
        if (!GREEDY_REALLOC(p->commands, loader->commands_allocated, p->n_commands + 1))
                return -ENOMEM;

        p->commands[p->n_commands++] = *command;
        *command = (LineCommand) {};
        return 0;
}

static int read_command(Loader *l, const ConfLine *line, void *userdata) {
        _cleanup_(line_command_done) LineCommand command = {
                .silence_is_done = -1,
                .file = line->file,
                .line = line->line,
        };
        const ValueTarget target = {
                .whens = &command.whens,
                .own = own_command,
                .own_names = attribute_names,
                .userdata = &command,
        };
        size_t first = 2;
        int r;

        r = loader_command_name(l, line, line->words[0], &command.name);
        while (r > 0 && first < line->n_words &&
               (first + 1 == line->n_words || !streq(line->words[first + 1], "=")))
                r = add_send(l, line, line->words[first++], &command);
        if (r > 0)
                r = loader_value_attributes(l, line, first, &target);
        if (r <= 0)
                return r;
        if (command.n_steps == 0)
                return loader_error(l, line, "It is not said what is sent");

        return add_command(l, line, &command);
}

int line_loader_read_command(Loader *l, const ConfLine *line) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [commands] is NAME = \"TEMPLATE\" ATTRIBUTES");

        return loader_each(l, line, read_command, NULL);
}

static int read_section_line(Loader *l, const ConfLine *line, void *userdata) {
        static const char *const keys[] = {
                "check", "send", "pause", "when", "range", "lookup", "accepted", "silence", "after",
                "timeout", "each", NULL
        };
        LineCommand *command = userdata;
        const char *key = line->words[0];
        Attribute a = { .name = key };
        int r;

        if (streq(key, "check"))
                return add_check(l, line, command);

        r = loader_value(l, line, &a.value);
        if (r <= 0)
                return r;
        if (streq(key, "send"))
                return add_send(l, line, a.value, command);
        if (streq(key, "pause"))
                return add_pause(l, line, a.value, command);
        if (streq(key, "when"))
                return line_loader_when(l, line, a.value, &command->whens);
        if ((streq(key, "lookup") && command->lookup) ||
            (streq(key, "timeout") && command->timeout_usec > 0) ||
            (streq(key, "silence") && command->silence_is_done >= 0))
                return loader_error(l, line, "%s stands here twice", key);

        r = own_command(l, line, &a, command);
        return r == -ENOENT ? loader_error_unknown(l, line, "key", key, keys) : r;
}

static bool sends_something(const LineCommand *command) {
        for (size_t i = 0; i < command->n_steps; i++)
                if (command->steps[i].type == LINE_STEP_SEND)
                        return true;

        return false;
}

static int read_section(
                Loader *l, const ConfLine *head, size_t first, size_t last, const int64_t *number) {
        _cleanup_(line_command_done) LineCommand command = {
                .silence_is_done = -1,
                .file = head->file,
                .line = head->section_line,
        };
        ConfLine place = { .file = head->file, .line = head->section_line };
        bool failed = l->failed;
        int r;

        r = loader_command_name(l, &place, head->words[2], &command.name);
        if (r <= 0)
                return r;

        l->failed = false;
        for (size_t i = first; i <= last; i++) {
                const ConfLine *line = &l->lines[i];

                if (loader_is_each(line))
                        continue;
                r = number ? loader_each_number(l, line, *number, read_section_line, &command)
                        : read_section_line(l, line, &command);
                if (r < 0)
                        return r;
        }

        if (!sends_something(&command) && !l->failed)
                (void) loader_error(l, &place, "[command:%s] has no line send = \"TEMPLATE\"", command.name);
        r = l->failed ? 0 : add_command(l, &place, &command);
        l->failed = l->failed || failed;
        return r;
}

int line_loader_read_command_section(Loader *l, const char *name, size_t first, size_t last) {
        return loader_each_section(l, name, first, last, read_section);
}
