/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which variables hang on which objects of an agent, found out from outside: one object after the other is
 * changed, and what becomes of it is seen.
 *
 * Usage: snmp-trace WALK < OBJECTS
 *
 * Prints "profile ID", then "variable NAME VALUE" for each variable, and for each object of the standard
 * input (an identifier per line) "object OID NAME" for each variable that changes with it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "macro.h"
#include "model.h"
#include "snmp-engine.h"
#include "snmp-walk.h"

typedef struct Trace {
        sd_event *event;
        SnmpProfiles profiles;
        SnmpProfile *profile;
        SnmpIdentity identity;
        SnmpWalk walk;
        bool is_over;
        int result;
        char *why;
} Trace;

static void report_line(void *userdata, int level, const char *file, unsigned line, const char *message) {
        fprintf(stderr, "%s:%u: %s\n", file, line, message);
}

static const char *option_none(const void *userdata, const char *name) {
        return NULL;
}

static void log_none(const void *userdata, int level, int error, const char *message) {
}

static int walk_copy(const SnmpWalk *from, SnmpWalk *ret) {
        SnmpWalk w = {.values = calloc(from->n_values, sizeof(SnmpValue))};
        int r = w.values ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < from->n_values; i++) {
                r = snmp_value_copy(&from->values[i], &w.values[i]);
                w.n_values += r >= 0;
        }
        if (r < 0)
                snmp_walk_done(&w);
        else
                *ret = w;
        return r;
}

static int link_new(Trace *t, SnmpLink **ret) {
        SnmpWalk w = {0};
        int r = walk_copy(&t->walk, &w);

        if (r < 0)
                return r;
        r = snmp_walk_link_new(t->event, "trace", &w, false, ret);
        if (r < 0)
                snmp_walk_done(&w);
        return r;
}

static int wait_over(Trace *t) {
        int r = 0;

        while (r >= 0 && !t->is_over)
                r = sd_event_run(t->event, UINT64_MAX);
        t->is_over = false;
        return r < 0 ? r : t->result;
}

/*** The device ***/

static void on_detected(int r, SnmpProfile *profile, const SnmpIdentity *identity, const char *why,
        void *userdata) {
        Trace *t = userdata;

        t->is_over = true;
        t->result = r;
        if (r < 0) {
                fprintf(stderr, "snmp-trace: %s\n", why);
                return;
        }
        t->profile = profile;
        t->identity.description = identity->description ? strdup(identity->description) : NULL;
        t->result = snmp_oid_copy(&identity->object_id, &t->identity.object_id);
}

static int detect(Trace *t) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        _cleanup_(snmp_detection_freep) SnmpDetection *detection = NULL;
        int r;

        r = link_new(t, &link);
        if (r >= 0)
                r = snmp_detect(link, t->event, &t->profiles, NULL, on_detected, t, &detection);
        return r < 0 ? r : wait_over(t);
}

static void on_started(SnmpEngine *e, int r, void *userdata) {
        Trace *t = userdata;

        t->is_over = true;
        t->result = r;
}

/* The device, as it is shown of the walk as it is now. */
static int read_model(Trace *t, Model **ret) {
        static const SnmpEngineOptions options = {.option = option_none, .log = log_none};
        _cleanup_(snmp_engine_freep) SnmpEngine *engine = NULL;
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_(model_freep) Model *m = model_new();
        SnmpLink *link = NULL;
        int r;

        if (!u || !m)
                return -ENOMEM;
        r = link_new(t, &link);
        if (r < 0)
                return r;
        r = snmp_engine_new(link, t->event, t->profile, &t->identity, &options, NULL, &engine);
        if (r < 0) {
                snmp_link_free(link);
                return r;
        }
        r = snmp_engine_start(engine, u, on_started, t);
        if (r >= 0)
                r = wait_over(t);
        if (r >= 0)
                r = model_apply(m, u, NULL);
        if (r >= 0)
                *ret = TAKE_PTR(m);
        return r;
}

/*** What hangs on what ***/

static bool print_changed(const Model *a, const Model *b, const char *object) {
        bool any = false;

        for (size_t i = 0; i < model_n_variables(a); i++) {
                const Variable *v = model_variable(a, i);
                const char *other = model_get(b, v->name);

                if (other && strcmp(other, v->value) == 0)
                        continue;
                printf("object %s %s\n", object, v->name);
                any = true;
        }
        for (size_t i = 0; i < model_n_variables(b); i++)
                any |= !model_get(a, model_variable(b, i)->name);
        return any;
}

static void change(SnmpValue *v, unsigned try) {
        static const double factors[] = {1.1, 0.9, 1.25};

        if (v->type == SNMP_TYPE_STRING) {
                _cleanup_free_ char *text = NULL;
                double number;

                if (!snmp_value_number(v, &number) ||
                    asprintf(&text, "%.0f", try < 3 ? number * factors[try] + 1 : (double) (try - 3)) < 0)
                        return;
                free(v->bytes);
                v->n_bytes = strlen(text);
                v->bytes = (uint8_t *) TAKE_PTR(text);
        } else if (try < 3) {
                v->integer = (int64_t) ((double) v->integer * factors[try]) + (try == 1 ? -2 : 2);
                v->count = (uint64_t) ((double) v->count * factors[try]) + (try == 1 ? 1 : 2);
                v->real *= factors[try];
        } else {
                v->integer = (int64_t) (try - 3);
                v->count = try - 3;
                v->real = try - 3;
        }
}

static int trace_object(Trace *t, const Model *before, const char *text) {
        _cleanup_(snmp_oid_done) SnmpOid oid = {0};
        SnmpValue *v;
        bool is_seen = false;
        int r;

        r = snmp_oid_parse(text, &oid);
        if (r < 0)
                return r;
        v = (SnmpValue *) snmp_walk_find(&t->walk, &oid);
        for (unsigned try = 0; v && r >= 0 && !is_seen && try < 9; try++) {
                _cleanup_(model_freep) Model *after = NULL;
                SnmpValue kept = {0};

                r = snmp_value_copy(v, &kept);
                if (r < 0)
                        break;
                change(v, try);
                r = read_model(t, &after);
                if (r >= 0)
                        is_seen = print_changed(before, after, text);
                snmp_value_done(v);
                *v = kept;
        }
        return r;
}

static int trace(Trace *t, const char *path) {
        _cleanup_(model_freep) Model *m = NULL;
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        int r;

        r = snmp_walk_load(path, NULL, NULL, &t->walk);
        if (r >= 0)
                r = detect(t);
        if (r >= 0)
                r = read_model(t, &m);
        if (r < 0)
                return r;
        printf("profile %s\n", t->profile->id);
        for (size_t i = 0; i < model_n_variables(m); i++)
                printf("variable %s %s\n", model_variable(m, i)->name, model_variable(m, i)->value);
        while (r >= 0 && getline(&line, &size, stdin) > 0) {
                line[strcspn(line, "\n")] = '\0';
                r = trace_object(t, m, line);
        }
        return r;
}

int main(int argc, char **argv) {
        Trace t = {0};
        int r;

        if (argc != 2)
                return EXIT_FAILURE;
        r = sd_event_new(&t.event);
        if (r >= 0)
                r = snmp_profiles_load(report_line, NULL, &t.profiles);
        if (r >= 0)
                r = trace(&t, argv[1]);
        if (r < 0)
                fprintf(stderr, "snmp-trace: %s: %s\n", argv[1], strerror(-r));
        snmp_identity_done(&t.identity);
        snmp_profile_unref(t.profile);
        snmp_profiles_done(&t.profiles);
        snmp_walk_done(&t.walk);
        sd_event_unref(t.event);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
