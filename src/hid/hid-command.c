/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>
#include <time.h>

#include "hid-engine-internal.h"
#include "parse-util.h"
#include "string-util.h"

/* Some devices lose a report that comes right behind another. */
#define BETWEEN_STEPS_NSEC (125 * 1000 * 1000)

/* DelayBeforeReboot, DelayBeforeStartup, DelayBeforeShutdown. */
#define USAGE_DELAY_FIRST 0x00840055U
#define USAGE_DELAY_LAST 0x00840057U
/* The unit of seconds, in all systems of units; the lowest four bits tell these apart. */
#define UNIT_SECONDS 0x1000U

static bool field_is_in_seconds(const HidField *f) {
        return (f->unit & ~15U) == UNIT_SECONDS;
}

/* 1: bound, 0: a field is missing. */
static int bind_command(HidEngine *e, const ProfileCommand *c, BoundCommand *ret) {
        _cleanup_free_ BoundStep *steps = new0(BoundStep, c->n_steps);
        bool any = false;

        if (!steps)
                return -ENOMEM;

        for (size_t i = 0; i < c->n_steps; i++) {
                HidField *f = engine_find_field(e, &c->steps[i].path, c->steps[i].kind, HID_OUTPUT);

                if (!f && !c->steps[i].optional)
                        return 0;
                if (f && !engine_add_report(e, f))
                        return -ENOMEM;
                any = any || f;
                steps[i] = (BoundStep) { &c->steps[i], f };
        }
        if (!any)
                return 0;

        *ret = (BoundCommand) {
                .name = c->name,
                .command = c,
                .n_steps = c->n_steps,
                .steps = TAKE_PTR(steps),
        };
        return 1;
}

int engine_bind_commands(HidEngine *e) {
        e->commands = new0(BoundCommand, e->profile->n_commands);
        if (!e->commands)
                return -ENOMEM;

        for (size_t i = 0; i < e->profile->n_commands; i++) {
                int r = bind_command(e, &e->profile->commands[i], &e->commands[e->n_commands]);

                if (r < 0)
                        return r;
                e->n_commands += (size_t) r;
        }
        return 0;
}

/* Whether the device lets itself be asked for what the command writes to. */
static bool command_answers(const HidEngine *e, const BoundCommand *c) {
        for (size_t i = 0; i < c->n_steps; i++) {
                const HidField *f = c->steps[i].field;

                if (f && f->kind == HID_FEATURE && !c->steps[i].step->optional &&
                    !engine_report(e, f)->answered)
                        return false;
        }
        return true;
}

static const BoundCommand *find_command(const HidEngine *e, const char *name) {
        /* What may have to cut the power is tried even if the device could not be asked. */
        bool unasked = startswith_nocase(name, "load.") || startswith_nocase(name, "shutdown.");
        const BoundCommand *second = NULL;

        for (size_t i = 0; i < e->n_commands; i++) {
                const BoundCommand *c = &e->commands[i];

                if (!strcaseeq(c->name, name) || !engine_when(e, c->command->when, c->command->when_not))
                        continue;
                if (command_answers(e, c))
                        return c;
                if (unasked && !second)
                        second = c;
        }
        return second;
}

static int offer(HidEngine *e, const char *name) {
        return strv_find_nocase(e->offered, name) >= 0 ? 0 : strv_extend(&e->offered, name);
}

static int offer_derived(HidEngine *e) {
        bool on = find_command(e, "load.on.delay"), off = find_command(e, "load.off.delay");
        int r = 0;

        if (off)
                r = offer(e, "load.off");
        if (r >= 0 && on)
                r = offer(e, "load.on");
        if (r >= 0 && on && off)
                r = offer(e, "shutdown.return");
        if (r >= 0 && on && off)
                r = offer(e, "shutdown.stayoff");
        return r;
}

int engine_ask_commands(HidEngine *e) {
        for (size_t i = 0; i < e->n_commands; i++)
                for (size_t k = 0; k < e->commands[i].n_steps; k++)
                        if (e->commands[i].steps[k].field) {
                                int r = engine_need(e, e->commands[i].steps[k].field);

                                if (r < 0)
                                        return r;
                        }
        return 0;
}

int engine_offer_commands(HidEngine *e) {
        int r;

        e->offered = strv_free(e->offered);
        for (size_t i = 0; i < e->n_commands; i++)
                if (find_command(e, e->commands[i].name)) {
                        r = offer(e, e->commands[i].name);
                        if (r < 0)
                                return r;
                }
        return offer_derived(e);
}

/*** Running ***/

static int step_value(const HidEngine *e, const ProfileCommandStep *s, const char *argument, double *ret) {
        switch (s->type) {
        case PROFILE_VALUE_NUMBER:
                *ret = s->number;
                return 0;
        case PROFILE_VALUE_VARIABLE:
                if (engine_variable_number(e, s->variable, ret))
                        return 0;
                break;
        case PROFILE_VALUE_ARGUMENT:
                if (isempty(argument))
                        break;
                return parse_double(argument, ret) < 0 || fabs(*ret) > 1e15 ? -EINVAL : 0;
        }

        if (!s->has_fallback)
                return -EINVAL;
        *ret = s->number;
        return 0;
}

/* Whether a field takes a time until something is switched: a mistake in it may cut the power at once. */
static bool field_is_delay(const HidField *f) {
        uint32_t usage = f->n_path > 0 ? f->path[f->n_path - 1].usage : 0;

        return (usage >= USAGE_DELAY_FIRST && usage <= USAGE_DELAY_LAST) || field_is_in_seconds(f);
}

static bool step_is_delay(const BoundStep *b) {
        return b->step->function != PROFILE_FUNCTION_NONE || field_is_delay(b->field);
}

/* The number that is sent for one that is meant. */
static int64_t step_number(const BoundStep *b, double v) {
        const ProfileCommandStep *s = b->step;

        if (s->function != PROFILE_FUNCTION_NONE)
                return delay_pack(s->function, v);
        return s->raw || s->lookup ? llround(CLAMP(v, -9e18, 9e18)) : hid_field_from_physical(b->field, v);
}

/* What a delay must never become: none at all, because it is shorter than the device can count, or a short
 * one, because it is longer. */
static int bound_delay(const HidEngine *e, const BoundStep *b, double meant, int64_t *raw) {
        int64_t max = MIN(b->field->logical_max, (INT64_C(1) << b->field->size_bits) - 1);

        if (meant < 0)
                return -EINVAL;
        /* A physical range that begins later than now. */
        *raw = MAX(*raw, INT64_C(0));
        if (meant > 0 && *raw == 0)
                *raw = b->step->function != PROFILE_FUNCTION_NONE ? delay_pack(b->step->function, 60) : 1;
        if (b->step->function == PROFILE_FUNCTION_NONE && max > 0 && *raw > max) {
                engine_log(e, LOG_NOTICE, 0, "a delay of %.0f is more than it can count: it is %lld",
                                meant, (long long) max);
                *raw = max;
        }
        return 0;
}

/* "Never" is all bits set, whatever the device counts in, and whether it knows a sign or not. In a packed
 * delay there is no such thing. */
static int step_never(const BoundStep *b, int64_t *ret) {
        if (b->step->function != PROFILE_FUNCTION_NONE || b->step->bits != 0)
                return -EINVAL;
        *ret = -1;
        return 0;
}

static int step_raw(const HidEngine *e, const BoundStep *b, const char *argument, int64_t *ret) {
        const ProfileCommandStep *s = b->step;
        double v, meant;
        bool delay;
        int r;

        if (s->lookup && s->type == PROFILE_VALUE_ARGUMENT && !isempty(argument)) {
                if (!lookup_raw(s->lookup, argument, &v))
                        return -EINVAL;
                *ret = llround(v) | (int64_t) s->bits;
                return 0;
        }

        r = step_value(e, s, argument, &v);
        if (r < 0)
                return r;

        delay = step_is_delay(b);
        if (v == -1 && delay && !s->has_minimum)
                return step_never(b, ret);
        meant = v;

        v = v * s->scale + s->offset;
        if (s->has_minimum)
                v = MAX(v, s->minimum);
        if (s->curve)
                v = curve_at(s->curve, v);
        if (!isfinite(v))
                return -EINVAL;

        *ret = step_number(b, v);
        if (delay && !s->curve && !s->lookup) {
                r = bound_delay(e, b, s->has_minimum ? v : meant, ret);
                if (r < 0)
                        return r;
        }
        *ret |= (int64_t) s->bits;
        return *ret < INT64_C(1) << b->field->size_bits &&
               *ret >= -(INT64_C(1) << (b->field->size_bits - 1)) ? 0 : -EINVAL;
}

static int pause_between(const HidEngine *e) {
        struct timespec left = { .tv_nsec = BETWEEN_STEPS_NSEC };

        while (nanosleep(&left, &left) < 0)
                if (errno != EINTR ||
                    (e->options.is_cancelled && e->options.is_cancelled(e->options.userdata)))
                        return -EINTR;
        return 0;
}

/* All values are worked out before the first is sent. */
static int run_steps(HidEngine *e, const BoundCommand *c, const char *argument) {
        _cleanup_free_ int64_t *raw = new0(int64_t, c->n_steps);
        bool first = true;
        int r;

        if (!raw)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_steps; i++)
                if (c->steps[i].field) {
                        r = step_raw(e, &c->steps[i], argument, &raw[i]);
                        if (r < 0)
                                return r;
                }

        for (size_t i = 0; i < c->n_steps; i++) {
                const BoundStep *s = &c->steps[i];

                if (!s->field)
                        continue;
                r = first ? 0 : pause_between(e);
                if (r < 0)
                        return r;
                first = false;

                r = engine_write_raw(e, s->field, raw[i]);
                if (r < 0 && !(s->step->optional && r != -ENODEV && r != -EINTR))
                        return r;
        }
        return 0;
}

static int run_named(HidEngine *e, const char *name, const char *argument) {
        const BoundCommand *c = find_command(e, name);

        return c ? run_steps(e, c, argument) : -EOPNOTSUPP;
}

/* Both delays have to be set; the one that switches off is the last. */
static int run_shutdown(HidEngine *e, bool comes_back) {
        Slot *automatic = engine_find_slot(e, "ups.start.auto");
        const Slot *on = engine_find_slot(e, "ups.delay.start");
        const Slot *off = engine_find_slot(e, "ups.delay.shutdown");
        const char *start = comes_back ? on ? on->value : NULL : "-1";
        int r;

        if (!find_command(e, "load.on.delay") || !find_command(e, "load.off.delay"))
                return -EOPNOTSUPP;

        if (automatic && automatic->value && automatic->chosen >= 0 &&
            automatic->bindings[automatic->chosen].row->writable) {
                r = engine_write_slot(e, automatic, comes_back ? "yes" : "no");
                if (r == -ENODEV || r == -EINTR)
                        return r;
        }

        r = run_named(e, "load.on.delay", start);
        if (r >= 0)
                r = pause_between(e);
        return r < 0 ? r : run_named(e, "load.off.delay", off ? off->value : NULL);
}

static int run_command(HidEngine *e, const char *name, const char *argument) {
        if (find_command(e, name))
                return run_named(e, name, argument);
        if (strcaseeq(name, "load.on"))
                return run_named(e, "load.on.delay", "0");
        if (strcaseeq(name, "load.off"))
                return run_named(e, "load.off.delay", "0");
        if (strcaseeq(name, "shutdown.return"))
                return run_shutdown(e, true);
        if (strcaseeq(name, "shutdown.stayoff"))
                return run_shutdown(e, false);
        return -EOPNOTSUPP;
}

/* Names that NUT gave up but clients still send. */
static const char *command_name(const HidEngine *e, const char *name) {
        if (strcaseeq(name, "beeper.off") && find_command(e, "beeper.disable"))
                return "beeper.disable";
        if (strcaseeq(name, "beeper.on") && find_command(e, "beeper.enable"))
                return "beeper.enable";
        return name;
}

int engine_read_back(HidEngine *e) {
        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++)
                for (size_t id = 0; e->reports[kind] && id < 256; id++) {
                        Report *r = e->reports[kind][id];
                        int k;

                        if (!r || !r->due || kind == HID_OUTPUT)
                                continue;
                        k = engine_read(e, r);
                        if (k == -ENODEV || k == -EINTR)
                                return k;
                }
        return 0;
}

int hid_engine_command(HidEngine *e, const char *command, const char *argument, Update *u) {
        int r;

        r = run_command(e, command_name(e, command), argument);
        if (r < 0)
                return r;

        /* It is done, whatever the device answers now: it may be busy switching itself off. */
        (void) engine_read_back(e);
        return engine_publish(e, u);
}

bool hid_engine_has_command(const HidEngine *e, const char *command) {
        return strv_find_nocase(e->offered, command_name(e, command)) >= 0;
}

/*** Setting ***/

int engine_write_slot(HidEngine *e, Slot *s, const char *value) {
        const Binding *b = &s->bindings[s->chosen];
        int64_t raw;
        int r;

        r = row_parse(b, value, &raw);
        if (r < 0)
                return r;

        r = engine_write_raw(e, b->field, raw);
        return r == -ERANGE ? -EINVAL : r;
}

/* A value that the driver keeps. One that began as a number goes into commands, so it stays one. */
bool held_is_valid(const Slot *s, const Binding *b, const char *value, bool may_be_never) {
        const ProfileRow *row = b->row;
        double v, first;

        if (row->length_max > 0 && strlen(value) > row->length_max)
                return false;
        if (parse_double(value, &v) < 0)
                return row->length_max > 0 && parse_double(row->held, &first) < 0;
        if (row->has_range && (v < (double) row->range_min || v > (double) row->range_max))
                return false;
        if (!startswith(s->name, "ups.delay."))
                return true;

        if (v < 0)
                return may_be_never && v == -1;
        return !b->field || !field_is_in_seconds(b->field) || b->field->logical_max <= 0 ||
               v <= hid_field_to_physical(b->field, b->field->logical_max);
}

static int set_held(const Slot *s, Binding *b, const char *value) {
        return held_is_valid(s, b, value, false) ? free_and_strdup(&b->held, value) : -EINVAL;
}

int hid_engine_set(HidEngine *e, const char *variable, const char *value, Update *u) {
        Slot *s = engine_find_slot(e, variable);
        const ProfileRow *row;
        int r;

        if (!s || s->chosen < 0 || !s->bindings[s->chosen].row->writable)
                return -EOPNOTSUPP;

        row = s->bindings[s->chosen].row;
        r = row->held ? set_held(s, &s->bindings[s->chosen], value) : engine_write_slot(e, s, value);
        if (r < 0)
                return r;

        r = engine_read_back(e);
        return r < 0 ? r : engine_publish(e, u);
}
