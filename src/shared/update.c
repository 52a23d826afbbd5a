/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "string-util.h"
#include "update-internal.h"

bool variable_name_is_valid(const char *s) {
        size_t n = strlen(s);

        if (n == 0 || n > VARIABLE_NAME_MAX)
                return false;

        for (; *s; s++)
                if (*s <= ' ' || *s > '~' || strchr("\"\\#=", *s))
                        return false;
        return true;
}

char *text_sanitize(const char *s) {
        char *copy = strndup(s, VARIABLE_VALUE_MAX), *to = copy;
        unsigned char previous = 0;

        if (!copy)
                return NULL;

        for (const char *from = copy; *from; from++) {
                unsigned char c = (unsigned char) *from;
                bool continuation = (c & 0xc0) == 0x80 && previous >= 0x80;

                if (c >= ' ' && c <= '~')
                        *to++ = (char) c;
                else if (!continuation)
                        *to++ = '?';
                previous = c;
        }

        *to = '\0';
        return copy;
}

Update *update_new(void) {
        Update *u = new0(Update, 1);

        if (u)
                u->freshness = _FRESHNESS_INVALID;
        return u;
}

Update *update_free(Update *u) {
        if (!u)
                return NULL;

        for (size_t i = 0; i < u->n_ops; i++) {
                free(u->ops[i].name);
                free(u->ops[i].value);
        }
        free(u->ops);
        free(u->keep_prefix);
        strv_free(u->status);
        strv_free(u->alarms);
        free(u);
        return NULL;
}

int update_error(const Update *u) {
        return u->error;
}

static int update_fail(Update *u, int r) {
        if (u->error == 0)
                u->error = r;
        return r;
}

/* Appends an operation about a name; value, which may be NULL, is sanitized. */
static int update_push(Update *u, UpdateOpType type, const char *name, const char *value, UpdateOp **ret) {
        _cleanup_free_ char *n = NULL, *v = NULL;

        if (!variable_name_is_valid(name))
                return update_fail(u, -EINVAL);

        n = strdup(name);
        if (value)
                v = text_sanitize(value);
        if (!n || (value && !v) || !GREEDY_REALLOC(u->ops, u->n_allocated, u->n_ops + 1))
                return update_fail(u, -ENOMEM);

        u->ops[u->n_ops] = (UpdateOp) { .type = type, .name = TAKE_PTR(n), .value = TAKE_PTR(v) };
        if (ret)
                *ret = &u->ops[u->n_ops];
        u->n_ops++;
        return 0;
}

int update_replace(Update *u, const char *keep_prefix) {
        int r;

        r = free_and_strdup(&u->keep_prefix, keep_prefix);
        if (r < 0)
                return update_fail(u, r);

        u->replace = true;
        return 0;
}

bool update_replaces(const Update *u) {
        return u->replace;
}

int update_set(Update *u, const char *name, const char *value) {
        if (strcaseeq(name, "ups.status")) {
                u->status = strv_free(u->status);
                u->status_given = true;
                return update_status(u, value);
        }

        return update_push(u, UPDATE_SET, name, value, NULL);
}

int update_setf(Update *u, const char *name, const char *fmt, ...) {
        _cleanup_free_ char *value = NULL;
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&value, fmt, ap);
        va_end(ap);
        if (r < 0) {
                value = NULL;
                return update_fail(u, -ENOMEM);
        }

        return update_set(u, name, value);
}

const char *update_get(const Update *u, const char *name) {
        for (size_t i = u->n_ops; i-- > 0;) {
                const UpdateOp *op = &u->ops[i];

                if (strcaseeq(op->name, name) && (op->type == UPDATE_SET || op->type == UPDATE_UNSET))
                        return op->type == UPDATE_SET ? op->value : NULL;
        }

        return NULL;
}

int update_unset(Update *u, const char *name) {
        return update_push(u, UPDATE_UNSET, name, NULL, NULL);
}

int update_describe(Update *u, const char *name, VariableFlags flags, uint32_t length_max) {
        UpdateOp *op;
        int r;

        r = update_push(u, UPDATE_DESCRIBE, name, NULL, &op);
        if (r < 0)
                return r;

        op->flags = flags;
        op->length_max = length_max;
        return 0;
}

int update_enum(Update *u, const char *name, const char *value) {
        return update_push(u, UPDATE_ENUM, name, value, NULL);
}

int update_range(Update *u, const char *name, int64_t min, int64_t max) {
        UpdateOp *op;
        int r;

        r = update_push(u, UPDATE_RANGE, name, NULL, &op);
        if (r < 0)
                return r;

        op->range = (Range) { min, max };
        return 0;
}

int update_command(Update *u, const char *name) {
        return update_push(u, UPDATE_COMMAND, name, NULL, NULL);
}

int update_command_remove(Update *u, const char *name) {
        return update_push(u, UPDATE_COMMAND_REMOVE, name, NULL, NULL);
}

int update_status(Update *u, const char *tokens) {
        _cleanup_strv_free_ char **words = NULL;
        _cleanup_free_ char *clean = NULL;
        int r;

        u->status_given = true;

        clean = text_sanitize(tokens);
        if (!clean)
                return update_fail(u, -ENOMEM);
        r = strv_split(clean, " ", &words);
        if (r < 0)
                return update_fail(u, r);

        STRV_FOREACH(word, words)
                if (!strv_contains(u->status, *word)) {
                        r = strv_extend(&u->status, *word);
                        if (r < 0)
                                return update_fail(u, r);
                }

        return 0;
}

bool update_gives_status(const Update *u) {
        return u->status_given;
}

bool update_has_status(const Update *u, const char *token) {
        return strv_contains(u->status, token);
}

void update_restart_status(Update *u) {
        u->status = strv_free(u->status);
        u->alarms = strv_free(u->alarms);
}

bool update_drop_empty_status(Update *u) {
        u->status_given = u->status_given && u->status;
        return u->status_given;
}

int update_alarm(Update *u, const char *text) {
        _cleanup_free_ char *clean = NULL;
        int r;

        u->alarms_given = true;
        if (isempty(text))
                return 0;

        clean = text_sanitize(text);
        if (!clean)
                return update_fail(u, -ENOMEM);
        if (strv_contains(u->alarms, clean))
                return 0;
        r = strv_extend(&u->alarms, clean);
        return r < 0 ? update_fail(u, r) : 0;
}

int update_freshness(Update *u, Freshness f) {
        u->freshness = f;
        return 0;
}
