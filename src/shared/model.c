/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model.h"

#include <math.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"
#include "update-internal.h"
#include "variable.h"

typedef struct Fixed {
        char *name, *value;
} Fixed;

/* What an update changes. Applying one edits a copy of this and then puts the copy in place, so a failure
 * half-way leaves no trace. */
typedef struct State {
        VariableSet variables;
        char **commands;
        char **device_status; /* as the device says */
        char **status;        /* as the world sees it */
        char **alarms;
        bool has_status; /* a device may have none: a PDU */
        Freshness freshness;
} State;

struct Model {
        State state;
        Fixed *defaults, *overrides;
        size_t n_defaults, n_overrides;
        bool ignore_lb;
        uint64_t revision;
        uint64_t on_battery_since_usec;
};

static const char *const freshness_table[_FRESHNESS_MAX] = {
        [FRESHNESS_ABSENT] = "absent",
        [FRESHNESS_STALE] = "stale",
        [FRESHNESS_FRESH] = "fresh",
};

const char *freshness_to_string(Freshness f) {
        return f >= 0 && f < _FRESHNESS_MAX ? freshness_table[f] : "absent";
}

Freshness freshness_from_string(const char *s) {
        for (Freshness f = 0; f < _FRESHNESS_MAX; f++)
                if (streq(freshness_table[f], s))
                        return f;
        return _FRESHNESS_INVALID;
}

static void state_done(State *s) {
        variable_set_done(&s->variables);
        s->commands = strv_free(s->commands);
        s->device_status = strv_free(s->device_status);
        s->status = strv_free(s->status);
        s->alarms = strv_free(s->alarms);
}

static int state_copy(const State *s, State *ret) {
        _cleanup_(state_done) State copy = { .has_status = s->has_status, .freshness = s->freshness };

        if (variable_set_copy(&s->variables, &copy.variables) < 0 ||
            strv_copy(s->commands, &copy.commands) < 0 ||
            strv_copy(s->device_status, &copy.device_status) < 0 ||
            strv_copy(s->alarms, &copy.alarms) < 0)
                return -ENOMEM;

        *ret = copy;
        copy = (State) {};
        return 0;
}

Model *model_new(void) {
        return new0(Model, 1);
}

static void fixed_free(Fixed *f, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(f[i].name);
                free(f[i].value);
        }
        free(f);
}

Model *model_free(Model *m) {
        if (!m)
                return NULL;

        state_done(&m->state);
        fixed_free(m->defaults, m->n_defaults);
        fixed_free(m->overrides, m->n_overrides);
        free(m);
        return NULL;
}

Change *change_free(Change *c) {
        if (!c)
                return NULL;

        strv_free(c->changed);
        strv_free(c->removed);
        strv_free(c->described);
        free(c);
        return NULL;
}

bool change_is_empty(const Change *c) {
        return !c->changed && !c->removed && !c->described && !c->commands && !c->status && !c->alarms &&
                !c->freshness;
}

static int fixed_add(Fixed **fixed, size_t *n, const char *name, const char *value) {
        Fixed *grown;

        if (!variable_name_is_valid(name))
                return -EINVAL;

        grown = reallocarray(*fixed, *n + 1, sizeof(Fixed));
        if (!grown)
                return -ENOMEM;
        *fixed = grown;

        grown[*n] = (Fixed) { strdup(name), text_sanitize(value) };
        if (!grown[*n].name || !grown[*n].value) {
                free(grown[*n].name);
                free(grown[*n].value);
                return -ENOMEM;
        }

        (*n)++;
        return 0;
}

int model_set_default(Model *m, const char *name, const char *value) {
        return fixed_add(&m->defaults, &m->n_defaults, name, value);
}

int model_set_override(Model *m, const char *name, const char *value) {
        return fixed_add(&m->overrides, &m->n_overrides, name, value);
}

void model_set_ignore_lb(Model *m, bool b) {
        m->ignore_lb = b;
}

/* Commands are kept sorted, ignoring case. */
static int command_insert(char ***commands, const char *name) {
        size_t n = strv_length(*commands), i = 0;
        int r;

        while (i < n && strcasecmp((*commands)[i], name) < 0)
                i++;
        if (i < n && strcaseeq((*commands)[i], name))
                return 0;

        r = strv_extend(commands, name);
        if (r < 0)
                return r;

        char *added = (*commands)[n];
        memmove(*commands + i + 1, *commands + i, (n - i) * sizeof(char *));
        (*commands)[i] = added;
        return 0;
}

static int state_apply_op(State *s, const UpdateOp *op) {
        Variable *v;
        ssize_t i;
        int r;

        switch (op->type) {
        case UPDATE_SET:
                return variable_set_value(&s->variables, op->name, op->value);

        case UPDATE_UNSET:
                /* These two follow lists, so it is the lists that have to go. */
                if (strcaseeq(op->name, "ups.status")) {
                        s->device_status = strv_free(s->device_status);
                        s->has_status = false;
                } else if (strcaseeq(op->name, "ups.alarm"))
                        s->alarms = strv_free(s->alarms);
                variable_set_remove(&s->variables, op->name);
                return 0;

        case UPDATE_COMMAND:
                return command_insert(&s->commands, op->name);

        case UPDATE_COMMAND_REMOVE:
                i = strv_find_nocase(s->commands, op->name);
                if (i >= 0)
                        (void) strv_remove(s->commands, s->commands[i]);
                return 0;

        case UPDATE_DESCRIBE:
        case UPDATE_ENUM:
        case UPDATE_RANGE:
                r = variable_set_edit(&s->variables, op->name, false, &v);
                if (r < 0 || !v)
                        return r;
                if (op->type == UPDATE_ENUM)
                        return strv_extend(&v->enums, op->value);
                if (op->type == UPDATE_RANGE)
                        return variable_add_range(v, op->range);
                variable_describe(v, op->flags, op->length_max);
                return 0;
        }

        return -EINVAL;
}

static void state_drop_unseen(State *s, const char *keep_prefix) {
        for (size_t i = s->variables.n; i-- > 0;) {
                const VariableSlot *slot = &s->variables.slots[i];

                if (!slot->seen && !(keep_prefix && startswith_nocase(slot->variable->name, keep_prefix)))
                        variable_set_remove_at(&s->variables, i);
        }
}

static int replace_strv(char ***l, char *const *by) {
        char **copy;
        int r;

        r = strv_copy(by, &copy);
        if (r < 0)
                return r;

        strv_free(*l);
        *l = copy;
        return 0;
}

/* The given texts, or none if the update replaces everything, or those of before. */
static int state_apply_lists(State *s, const Update *u) {
        int r;

        if (u->status_given || u->replace) {
                r = replace_strv(&s->device_status, u->status);
                if (r < 0)
                        return r;
                s->has_status = u->status_given;
        }

        return u->alarms_given || u->replace ? replace_strv(&s->alarms, u->alarms) : 0;
}

static int model_apply_fixed(const Model *m, State *s) {
        for (size_t i = 0; i < m->n_defaults; i++) {
                bool found;
                int r;

                (void) variable_set_search(&s->variables, m->defaults[i].name, &found);
                if (found)
                        continue;
                r = variable_set_value(&s->variables, m->defaults[i].name, m->defaults[i].value);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < m->n_overrides; i++) {
                Variable *v;
                int r;

                r = variable_set_edit(&s->variables, m->overrides[i].name, true, &v);
                if (r < 0)
                        return r;
                r = free_and_strdup(&v->value, m->overrides[i].value);
                if (r < 0)
                        return r;
                v->flags = (v->flags & ~VARIABLE_WRITABLE) | VARIABLE_IMMUTABLE;
        }

        return 0;
}

static const Variable *variable_set_find(const VariableSet *s, const char *name) {
        bool found;
        size_t i = variable_set_search(s, name, &found);

        return found ? s->slots[i].variable : NULL;
}

static double variable_set_number(const VariableSet *s, const char *name) {
        const Variable *v = variable_set_find(s, name);
        double d;

        return v && parse_double(v->value, &d) >= 0 ? d : NAN;
}

static bool battery_is_low(const VariableSet *s) {
        /* A comparison with NaN is false: what is unknown is not low. */
        return variable_set_number(s, "battery.charge") < variable_set_number(s, "battery.charge.low") ||
                variable_set_number(s, "battery.runtime") < variable_set_number(s, "battery.runtime.low");
}

/* The tokens for the world: the device's, LB by our own reckoning if asked for, ALARM in front while
 * there are alarms. */
static int model_derive_status(const Model *m, State *s) {
        int r;

        if (!s->has_status && !s->alarms)
                return 0;

        if (s->alarms && !strv_contains(s->device_status, "ALARM")) {
                r = strv_extend(&s->status, "ALARM");
                if (r < 0)
                        return r;
        }

        STRV_FOREACH(token, s->device_status) {
                if (m->ignore_lb && streq(*token, "LB"))
                        continue;
                r = strv_extend(&s->status, *token);
                if (r < 0)
                        return r;
        }

        return m->ignore_lb && battery_is_low(&s->variables) ? strv_extend(&s->status, "LB") : 0;
}

static int state_render_list(State *s, const char *variable, char *const *l) {
        _cleanup_free_ char *joined = strv_join(l, " ");

        return joined ? variable_set_value(&s->variables, variable, joined) : -ENOMEM;
}

/* Fills s, a copy of the present state, from the update. */
static int model_build(const Model *m, const Update *u, State *s) {
        bool had_alarms = s->alarms;
        Variable *v;
        int r;

        if (u->replace)
                s->commands = strv_free(s->commands);

        if (u->status_given || u->alarms) {
                /* There from the start, so that this very update can describe it. */
                r = variable_set_edit(&s->variables, "ups.status", true, &v);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < u->n_ops; i++) {
                r = state_apply_op(s, &u->ops[i]);
                if (r < 0)
                        return r;
        }

        r = state_apply_lists(s, u);
        if (r < 0)
                return r;

        if (s->alarms)
                r = state_render_list(s, "ups.alarm", s->alarms);
        else if (had_alarms)
                variable_set_remove(&s->variables, "ups.alarm");
        if (r < 0)
                return r;

        if (u->replace)
                state_drop_unseen(s, u->keep_prefix);

        r = model_apply_fixed(m, s);
        if (r < 0)
                return r;

        r = model_derive_status(m, s);
        if (r < 0)
                return r;
        if (s->has_status || s->status) {
                r = state_render_list(s, "ups.status", s->status);
                if (r < 0)
                        return r;
        } else
                variable_set_remove(&s->variables, "ups.status");

        if (u->freshness != _FRESHNESS_INVALID)
                s->freshness = u->freshness;
        return 0;
}

/* Both sets are sorted alike, so one walk over both finds every difference; shared variables are equal
 * without a look. */
static int diff_variables(const VariableSet *a, const VariableSet *b, Change *c) {
        int r = 0;

        for (size_t i = 0, j = 0; r >= 0 && (i < a->n || j < b->n);) {
                const Variable *x = i < a->n ? a->slots[i].variable : NULL;
                const Variable *y = j < b->n ? b->slots[j].variable : NULL;
                int order = !x ? 1 : !y ? -1 : x == y ? 0 : strcasecmp(x->name, y->name);

                if (order < 0) {
                        r = strv_extend(&c->removed, x->name);
                        i++;
                } else if (order > 0) {
                        r = strv_extend(&c->changed, y->name);
                        if (r >= 0 && (y->flags || y->enums || y->n_ranges > 0))
                                r = strv_extend(&c->described, y->name);
                        j++;
                } else {
                        if (x != y && !streq(x->value, y->value))
                                r = strv_extend(&c->changed, y->name);
                        if (r >= 0 && x != y && !variable_same_description(x, y))
                                r = strv_extend(&c->described, y->name);
                        i++;
                        j++;
                }
        }

        return r;
}

static int state_diff(const State *a, const State *b, Change **ret) {
        _cleanup_(change_freep) Change *c = new0(Change, 1);
        int r;

        if (!c)
                return -ENOMEM;

        r = diff_variables(&a->variables, &b->variables, c);
        if (r < 0)
                return r;

        c->commands = !strv_equal(a->commands, b->commands);
        c->status = !strv_equal(a->status, b->status);
        c->alarms = !strv_equal(a->alarms, b->alarms);
        c->freshness = a->freshness != b->freshness;

        *ret = TAKE_PTR(c);
        return 0;
}

int model_apply(Model *m, const Update *u, Change **ret) {
        _cleanup_(change_freep) Change *change = NULL;
        _cleanup_(state_done) State next = {};
        State previous;
        int r;

        r = update_error(u);
        if (r < 0)
                return r;

        r = state_copy(&m->state, &next);
        if (r < 0)
                return r;
        r = model_build(m, u, &next);
        if (r < 0)
                return r;
        r = state_diff(&m->state, &next, &change);
        if (r < 0)
                return r;

        previous = m->state;
        m->state = next;
        next = previous;

        if (change->changed || change->removed)
                m->revision++;
        if (!strv_contains(m->state.status, "OB"))
                m->on_battery_since_usec = 0;
        else if (m->on_battery_since_usec == 0)
                m->on_battery_since_usec = now_usec(CLOCK_BOOTTIME);

        if (ret)
                *ret = TAKE_PTR(change);
        return 0;
}

const Variable *model_find(const Model *m, const char *name) {
        return variable_set_find(&m->state.variables, name);
}

const char *model_get(const Model *m, const char *name) {
        const Variable *v = model_find(m, name);

        return v ? v->value : NULL;
}

double model_get_number(const Model *m, const char *name) {
        return variable_set_number(&m->state.variables, name);
}

size_t model_n_variables(const Model *m) {
        return m->state.variables.n;
}

const Variable *model_variable(const Model *m, size_t i) {
        return m->state.variables.slots[i].variable;
}

char *const *model_commands(const Model *m) {
        return m->state.commands;
}

char *const *model_status(const Model *m) {
        return m->state.status;
}

char *const *model_alarms(const Model *m) {
        return m->state.alarms;
}

const char *model_find_command(const Model *m, const char *name) {
        ssize_t i = strv_find_nocase(m->state.commands, name);

        return i >= 0 ? m->state.commands[i] : NULL;
}

bool model_has_status(const Model *m, const char *token) {
        return strv_contains(m->state.status, token);
}

Freshness model_freshness(const Model *m) {
        return m->state.freshness;
}

uint64_t model_revision(const Model *m) {
        return m->revision;
}

void model_set_revision(Model *m, uint64_t revision) {
        m->revision = revision;
}

uint64_t model_on_battery_since_usec(const Model *m) {
        return m->on_battery_since_usec;
}

void model_set_on_battery_since_usec(Model *m, uint64_t usec) {
        if (m->on_battery_since_usec > 0 && usec > 0)
                m->on_battery_since_usec = usec;
}
