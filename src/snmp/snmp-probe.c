/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sysexits.h>

#include "snmp-engine.h"
#include "snmp-walk.h"
#include "string-util.h"

/* For those who write profiles: what the engine makes of a walk.
 *
 *     snmp-probe WALK [PROFILE...]
 *
 * Without profiles all that are installed are tried (BUSBAR_PROFILES=DIRECTORY...). Variables are
 * "name: value", with what may be written behind; commands "@ name". With SNMP_PROBE_V1=1 the agent speaks
 * version 1; SNMP_PROBE_MIB=NAME is mibs=NAME. */

typedef struct Probe {
        sd_event *event;
        SnmpLink *link;
        SnmpProfiles profiles;
        SnmpDetection *detection;
        SnmpProfile *profile;
        SnmpIdentity identity;
        SnmpEngine *engine;
        Update *update;
        int result;
} Probe;

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        fprintf(stderr, "%s:%u: %s\n", file, line, message);
}

static void report_walk(void *userdata, unsigned line, const char *message) {
        fprintf(stderr, "%s:%u: %s\n", (const char *) userdata, line, message);
}

static void on_log(const void *userdata, int level, int error, const char *message) {
        fprintf(stderr, "log(%d): %s%s%s\n", level, message, error ? ": " : "",
                error ? strerror(abs(error)) : "");
}

static void on_detected(
        int r, SnmpProfile *profile, const SnmpIdentity *identity, const char *why, void *userdata) {
        Probe *p = userdata;

        p->result = r;
        if (r < 0)
                fprintf(stderr, "%s\n", strempty(why));
        else {
                p->profile = profile;
                if (identity->object_id.n > 0)
                        (void) snmp_oid_copy(&identity->object_id, &p->identity.object_id);
                if (identity->description)
                        p->identity.description = strdup(identity->description);
        }
        (void) sd_event_exit(p->event, 0);
}

static void on_started(SnmpEngine *e, int r, void *userdata) {
        Probe *p = userdata;

        p->result = r;
        if (r < 0)
                fprintf(stderr, "%s: %s\n", strerror(-r), strempty(snmp_engine_why(e)));
        (void) sd_event_exit(p->event, 0);
}

static void print_variable(const Variable *v) {
        printf("%s: %s", v->name, v->value);
        if (v->flags & VARIABLE_WRITABLE)
                printf("   [rw%s", v->flags & VARIABLE_STRING ? " string" : "");
        if (v->flags & VARIABLE_WRITABLE && v->length_max > 0)
                printf(" %u", v->length_max);
        STRV_FOREACH (e, v->enums)
                printf(" \"%s\"", *e);
        for (size_t i = 0; i < v->n_ranges; i++)
                printf(" %jd..%jd", (intmax_t) v->ranges[i].min, (intmax_t) v->ranges[i].max);
        printf("%s\n", v->flags & VARIABLE_WRITABLE ? "]" : "");
}

static int print(Probe *p) {
        _cleanup_(model_freep) Model *m = model_new();
        int r;

        if (!m)
                return -ENOMEM;
        r = model_apply(m, p->update, NULL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < model_n_variables(m); i++)
                print_variable(model_variable(m, i));
        STRV_FOREACH (command, model_commands(m))
                printf("@ %s\n", *command);
        return 0;
}

static int load_profiles(Probe *p, char **paths, int n) {
        if (n == 0)
                return snmp_profiles_load(report, NULL, &p->profiles);
        p->profiles.profiles = new0(SnmpProfile *, (size_t) n);
        for (int i = 0; i < n; i++) {
                int r = snmp_profile_load(paths[i], report, NULL, &p->profiles.profiles[i]);

                if (r < 0)
                        return r;
                p->profiles.n_profiles++;
        }
        return 0;
}

static int loop(Probe *p) {
        int r = sd_event_loop(p->event);

        if (r >= 0) {
                /* The loop is over for good after that: the next part has its own. */
                sd_event_unref(p->event);
                r = sd_event_new(&p->event);
        }
        return r < 0 ? r : p->result;
}

static int make_link(Probe *p, const char *path, SnmpLink **ret) {
        SnmpWalk walk = {};
        int r = snmp_walk_load(path, report_walk, (void *) path, &walk);

        if (r >= 0)
                r = snmp_walk_link_new(p->event, path, &walk, getenv("SNMP_PROBE_V1") != NULL, ret);
        if (r < 0) {
                fprintf(stderr, "%s: %s\n", path, strerror(-r));
                snmp_walk_done(&walk);
        }
        return r;
}

static int run(Probe *p, const char *path) {
        const SnmpEngineOptions options = {.log = on_log};
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        int r = make_link(p, path, &p->link);

        if (r >= 0)
                r = snmp_detect(p->link, p->event, &p->profiles, getenv("SNMP_PROBE_MIB"), on_detected, p,
                        &p->detection);
        if (r >= 0)
                r = loop(p);
        p->detection = snmp_detection_free(p->detection);
        p->link = snmp_link_free(p->link);
        if (r < 0)
                return r;

        printf("# %s\n", p->profile->id);
        r = make_link(p, path, &link);
        if (r >= 0)
                r = snmp_engine_new(link, p->event, p->profile, &p->identity, &options, NULL, &p->engine);
        if (r < 0)
                return r;
        link = NULL;
        p->update = update_new();
        r = snmp_engine_start(p->engine, p->update, on_started, p);
        if (r >= 0)
                r = loop(p);
        return r < 0 ? r : print(p);
}

int main(int argc, char *argv[]) {
        Probe p = {};
        int r;

        if (argc < 2) {
                fputs("snmp-probe WALK [PROFILE...]\n", stderr);
                return EX_USAGE;
        }
        r = sd_event_new(&p.event);
        if (r >= 0)
                r = load_profiles(&p, argv + 2, argc - 2);
        if (r >= 0)
                r = run(&p, argv[1]);
        update_free(p.update);
        snmp_engine_free(p.engine);
        snmp_profile_unref(p.profile);
        snmp_profiles_done(&p.profiles);
        snmp_identity_done(&p.identity);
        sd_event_unref(p.event);
        if (r < 0)
                fprintf(stderr, "%s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
