/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [commands], and sections [command:NAME]. */

#include "model.h"
#include "names.h"
#include "profile-internal.h"
#include "string-util.h"

static void step_done(ProfileCommandStep *step) {
        profile_path_done(&step->path);
        free(step->variable);
        *step = (ProfileCommandStep) {};
}

void profile_command_done(ProfileCommand *c) {
        for (size_t i = 0; i < c->n_steps; i++)
                step_done(&c->steps[i]);
        free(c->steps);
        free(c->name);
        *c = (ProfileCommand) {};
}

/* N, $VARIABLE[:N], argument[:N]. */
static int parse_value(Loader *l, const ConfLine *line, const char *s, ProfileCommandStep *step) {
        const char *fallback = strchr(s, ':');
        _cleanup_free_ char *head = strndup(s, fallback ? (size_t) (fallback - s) : strlen(s));

        if (!head)
                return -ENOMEM;

        if (head[0] == '$') {
                int r = loader_variable(l, line, head + 1, &step->variable);

                if (r <= 0)
                        return r;
                step->type = PROFILE_VALUE_VARIABLE;
        } else if (streq(head, "argument"))
                step->type = PROFILE_VALUE_ARGUMENT;
        else if (fallback)
                return loader_error(l, line, "\"%s\" is neither a number, $VARIABLE nor argument", s);
        else
                return loader_number(l, line, "value", s, &step->number);

        step->has_fallback = fallback != NULL;
        return fallback ? loader_number(l, line, "What value= has behind its :", fallback + 1,
                        &step->number) : 1;
}

static int parse_when(Loader *l, const ConfLine *line, const char *s, ProfileCommand *command) {
        if (command->when)
                return loader_error(l, line, "A command has one condition");

        return loader_when(l, line, s, &command->when, &command->when_not);
}

static int parse_packing(Loader *l, const ConfLine *line, const char *s, ProfileCommandStep *step) {
        int r = loader_function(l, line, s, &step->function);

        if (r > 0 && step->function < PROFILE_FUNCTION_MINUTES_SECONDS)
                return loader_error(l, line, "The function %s packs nothing, so that it cannot be sent", s);
        step->raw = step->raw || r > 0;
        return r;
}

static int parse_bits(Loader *l, const ConfLine *line, const char *s, ProfileCommandStep *step) {
        int64_t n;
        int r = loader_integer(l, line, "bits", s, 1, UINT32_MAX, &n);

        if (r > 0)
                step->bits = (uint32_t) n;
        return r;
}

static int parse_attribute(
                Loader *l,
                const ConfLine *line,
                const Attribute *a,
                ProfileCommandStep *step,
                ProfileCommand *command) {
        static const char *const flags[] = { "raw", "optional" }, *const known[] = {
                "value", "kind", "scale", "offset", "lookup", "curve", "function", "minimum", "bits",
                                "when", "raw",
                "optional", "each", NULL
        };
        bool *const flag_values[] = { &step->raw, &step->optional };

        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                if (streq(a->name, flags[i])) {
                        *flag_values[i] = true;
                        return !a->value ? 1 : loader_error(l, line, "%s takes no value", a->name);
                }

        for (const char *const *k = known; *k; k++)
                if (!a->value && streq(a->name, *k))
                        return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        if (streq(a->name, "value"))
                return parse_value(l, line, a->value, step);
        if (streq(a->name, "kind"))
                return loader_kind(l, line, a->value, &step->kind);
        if (streq(a->name, "scale"))
                return loader_number(l, line, a->name, a->value, &step->scale);
        if (streq(a->name, "offset"))
                return loader_number(l, line, a->name, a->value, &step->offset);
        if (streq(a->name, "lookup"))
                return loader_lookup(l, line, a->value, &step->lookup);
        if (streq(a->name, "curve"))
                return loader_curve(l, line, a->value, &step->curve);
        if (streq(a->name, "function"))
                return parse_packing(l, line, a->value, step);
        if (streq(a->name, "bits"))
                return parse_bits(l, line, a->value, step);
        if (streq(a->name, "minimum")) {
                step->has_minimum = true;
                return loader_number(l, line, a->name, a->value, &step->minimum);
        }
        if (streq(a->name, "when"))
                return parse_when(l, line, a->value, command);

        return loader_error_unknown(l, line, "attribute", a->name, known);
}

/* Adds a step from "... = PATH attributes". Returns 1 when it is fine. */
static int add_step(Loader *l, const ConfLine *line, ProfileCommand *command) {
        _cleanup_(step_done) ProfileCommandStep step = { .kind = -1, .scale = 1 };
        Attribute attributes[ATTRIBUTES_MAX];
        ProfileCommandStep *grown;
        bool has_value = false, fine = true;
        int n, r;

        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A command is sent with %s = PATH value=...", line->words[0]);

        r = loader_path(l, line, line->words[2], false, &step.path);
        n = r > 0 ? loader_attributes(l, line, 3, attributes) : 0;
        if (r <= 0 || n < 0)
                return MIN(r, 0);

        for (int i = 0; i < n; i++) {
                for (int k = 0; k < i; k++)
                        if (streq(attributes[i].name, attributes[k].name))
                                return loader_error(l, line, "%s stands here twice", attributes[i].name);

                has_value = has_value || streq(attributes[i].name, "value");
                r = parse_attribute(l, line, &attributes[i], &step, command);
                if (r < 0)
                        return r;
                fine = fine && r > 0;
        }
        if (!fine)
                return 0;
        if (!has_value)
                return loader_error(l, line, "It is not said what is sent: add value=");
        if (step.lookup && step.type != PROFILE_VALUE_ARGUMENT)
                return loader_error(l, line, "lookup is for value=argument");

        grown = reallocarray(command->steps, command->n_steps + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        command->steps = grown;
        grown[command->n_steps++] = step;
        step = (ProfileCommandStep) {};
        return 1;
}

/* Takes the command over. */
static int add_command(Loader *l, const ConfLine *line, ProfileCommand *command) {
        HidProfile *p = hid_loader(l)->profile;

        if (p->n_commands >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u commands", PROFILE_ROWS_MAX);
        if (!GREEDY_REALLOC(p->commands, hid_loader(l)->commands_allocated, p->n_commands + 1))
                return -ENOMEM;

        p->commands[p->n_commands++] = *command;
        *command = (ProfileCommand) {};
        return 0;
}

static int read_command(Loader *l, const ConfLine *line, void *userdata) {
        _cleanup_(profile_command_done) ProfileCommand command = { .file = line->file, .line = line->line };
        int r;

        r = loader_command_name(l, line, line->words[0], &command.name);
        if (r > 0)
                r = add_step(l, line, &command);
        if (r <= 0)
                return r;
        if (command.steps[0].optional)
                return loader_error(l, line, "optional is for the steps of a [command:NAME]");

        return add_command(l, line, &command);
}

int loader_read_command(Loader *l, const ConfLine *line) {
        return loader_each(l, line, read_command, NULL);
}

static int read_section_line(Loader *l, const ConfLine *line, void *userdata) {
        static const char *const keys[] = { "set", "when", NULL };
        ProfileCommand *command = userdata;
        const char *key = line->words[0];

        if (streq(key, "set"))
                return add_step(l, line, command);
        if (!streq(key, "when"))
                return loader_error_unknown(l, line, "key", key, keys);
        if (!line->assignment || line->n_words != 3)
                return loader_error(l, line, "when wants the name of a condition");

        return parse_when(l, line, line->words[2], command);
}

static int read_section(
                Loader *l, const ConfLine *head, size_t first, size_t last, const int64_t *number) {
        _cleanup_(profile_command_done) ProfileCommand command = { .file = head->file,
                        .line = head->section_line };
        ConfLine place = { .file = head->file, .line = head->section_line };
        int r;

        r = loader_command_name(l, &place, head->words[2], &command.name);
        if (r <= 0)
                return r;

        for (size_t i = first; i <= last; i++) {
                const ConfLine *line = &l->lines[i];

                if (loader_is_each(line))
                        continue;
                r = number ? loader_each_number(l, line, *number, read_section_line, &command)
                        : read_section_line(l, line, &command);
                if (r < 0)
                        return r;
        }

        if (command.n_steps == 0)
                return l->failed ? 0 : loader_error(l, &place,
                                "[command:%s] has no line set = PATH value=...",
                                command.name);
        return add_command(l, &place, &command);
}

int loader_read_command_section(Loader *l, const char *name, size_t first, size_t last) {
        return loader_each_section(l, name, first, last, read_section);
}
