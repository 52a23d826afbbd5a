/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd.h"

#include <signal.h>
#include <stdio.h>

#include "string-util.h"
#include "time-util.h"

#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER SERVICE ".Manager"

#define CALL_USEC (20 * USEC_PER_SEC)
#define JOB_USEC (30 * USEC_PER_SEC)
#define GONE_USEC (5 * USEC_PER_SEC)

/* One that was begun, to be waited for with others. */
typedef struct Job {
        char *path, *result;
} Job;

struct Systemd {
        sd_bus *bus;
        sd_bus_slot *jobs, *units;
        char *failure;
        char *job, *result; /* the one that is waited for, and how it ended */
        char *removed;      /* the unit that went last */
        Job *jobs_begun;
        size_t n_jobs;
        uint64_t call_usec, job_usec;
};

static int on_job(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *path, *result;
        Systemd *s = userdata;
        uint32_t id;

        if (sd_bus_message_read(m, "uoss", &id, &path, NULL, &result) < 0)
                return 0;
        for (size_t i = 0; i < s->n_jobs; i++)
                if (streq(path, s->jobs_begun[i].path))
                        (void) free_and_strdup(&s->jobs_begun[i].result, result);
        return streq_ptr(path, s->job) ? free_and_strdup(&s->result, result) : 0;
}

static int on_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Systemd *s = userdata;
        const char *name;

        return sd_bus_message_read(m, "so", &name, NULL) < 0 ? 0 : free_and_strdup(&s->removed, name);
}

static int call(Systemd *s, sd_bus_message **ret, const char *method, const char *types, ...) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        r = sd_bus_message_new_method_call(s->bus, &m, SERVICE, OBJECT, MANAGER, method);
        if (r >= 0 && !isempty(types)) {
                va_start(arguments, types);
                r = sd_bus_message_appendv(m, types, arguments);
                va_end(arguments);
        }
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, true);
        if (r >= 0)
                r = sd_bus_call(s->bus, m, s->call_usec, &error, ret);
        if (r < 0) {
                (void) free_and_strdup(&s->failure, error.message ?: strerror(-r));
                if (sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit"))
                        r = -ENOENT;
                else if (sd_bus_error_has_name(&error, "org.freedesktop.systemd1.UnitMasked"))
                        r = -ERFKILL;
        }
        return r;
}

int systemd_new(Systemd **ret) {
        _cleanup_(systemd_freep) Systemd *s = new0(Systemd, 1);
        int r;

        if (!s)
                return -ENOMEM;
        s->call_usec = CALL_USEC;
        s->job_usec = JOB_USEC;
        r = sd_bus_open_system(&s->bus);
        if (r >= 0)
                r = sd_bus_match_signal(s->bus, &s->jobs, SERVICE, OBJECT, MANAGER, "JobRemoved", on_job, s);
        if (r >= 0)
                r = sd_bus_match_signal(s->bus, &s->units, SERVICE, OBJECT, MANAGER, "UnitRemoved", on_unit,
                                s);
        if (r >= 0)
                r = call(s, NULL, "Subscribe", NULL);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Systemd *systemd_free(Systemd *s) {
        if (!s)
                return NULL;

        sd_bus_slot_unref(s->jobs);
        sd_bus_slot_unref(s->units);
        sd_bus_flush_close_unref(s->bus);
        free(s->failure);
        free(s->job);
        free(s->result);
        free(s->removed);
        for (size_t i = 0; i < s->n_jobs; i++) {
                free(s->jobs_begun[i].path);
                free(s->jobs_begun[i].result);
        }
        free(s->jobs_begun);
        free(s);
        return NULL;
}

void systemd_set_patience(Systemd *s, uint64_t usec) {
        s->call_usec = s->job_usec = usec;
}

const char *systemd_failure(const Systemd *s) {
        return s->failure ?: "no answer";
}

/*** Reading ***/

int systemd_get(Systemd *s, const char *unit, char **ret_path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *path;
        int r;

        r = call(s, &m, "GetUnit", "s", unit);
        if (r >= 0)
                r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;

        *ret_path = strdup(path);
        return *ret_path ? 0 : -ENOMEM;
}

int systemd_state(Systemd *s, const char *unit, char **ret_state) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = systemd_get(s, unit, &path);
        if (r < 0)
                return r;
        return sd_bus_get_property_string(s->bus, SERVICE, path, SERVICE ".Unit", "ActiveState", NULL,
                        ret_state);
}

int systemd_file_state(Systemd *s, const char *unit, char **ret_state) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *state;
        int r;

        r = call(s, &m, "GetUnitFileState", "s", unit);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &state);
        if (r < 0)
                return r;

        *ret_state = strdup(state);
        return *ret_state ? 0 : -ENOMEM;
}

pid_t systemd_main_pid(Systemd *s, const char *unit) {
        _cleanup_free_ char *path = NULL;
        uint32_t pid;

        if (systemd_get(s, unit, &path) < 0 ||
            sd_bus_get_property_trivial(s->bus, SERVICE, path, SERVICE ".Service", "MainPID", NULL, 'u',
                            &pid) < 0)
                return 0;
        return (pid_t) pid;
}

/* Whether a job waits or runs that is to bring the unit up. */
static bool has_start_job(Systemd *s, const char *path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *type = NULL;
        const char *job;
        uint32_t id = 0;

        if (sd_bus_get_property(s->bus, SERVICE, path, SERVICE ".Unit", "Job", NULL, &m, "(uo)") < 0 ||
            sd_bus_message_read(m, "(uo)", &id, &job) < 0 || id == 0 ||
            sd_bus_get_property_string(s->bus, SERVICE, job, SERVICE ".Job", "JobType", NULL, &type) < 0)
                return false;
        return streq(type, "start") || streq(type, "restart") || streq(type, "reload-or-start");
}

bool systemd_is_wanted(Systemd *s, const char *unit) {
        _cleanup_free_ char *path = NULL, *state = NULL;

        if (systemd_get(s, unit, &path) < 0 || systemd_state(s, unit, &state) < 0)
                return false;
        if (streq(state, "active") || streq(state, "activating") || streq(state, "reloading"))
                return true;
        return has_start_job(s, path);
}

bool systemd_waits_to_restart(Systemd *s, const char *unit) {
        _cleanup_free_ char *path = NULL, *state = NULL;

        /* "auto-restart", and in between others with that in their names. */
        return systemd_get(s, unit, &path) >= 0 &&
                sd_bus_get_property_string(s->bus, SERVICE, path, SERVICE ".Unit", "SubState", NULL,
                                &state) >= 0 && strstr(state, "auto-restart");
}

bool systemd_was_up(Systemd *s, const char *unit) {
        _cleanup_free_ char *path = NULL;
        uint64_t usec = 0;

        return systemd_get(s, unit, &path) >= 0 &&
                sd_bus_get_property_trivial(s->bus, SERVICE, path, SERVICE ".Unit",
                                "ActiveEnterTimestampMonotonic", NULL, 't', &usec) >= 0 && usec > 0;
}

/* How many special files the unit opens, and how many of them are among the two. */
static int count_files(Systemd *s, const char *unit, const char *first, const char *second,
                unsigned *ret_known) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *path = NULL;
        const char *type, *file;
        unsigned known = 0;
        int r, n = 0;

        r = systemd_get(s, unit, &path);
        if (r >= 0)
                r = sd_bus_get_property(s->bus, SERVICE, path, SERVICE ".Socket", "Listen", NULL, &m,
                                "a(ss)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ss)");
        while (r >= 0 && (r = sd_bus_message_read(m, "(ss)", &type, &file)) > 0) {
                n++;
                known += streq_ptr(file, first) || streq_ptr(file, second);
        }

        *ret_known = known;
        return r < 0 ? r : n;
}

bool systemd_socket_is(Systemd *s, const char *unit, const char *first, const char *second) {
        unsigned known;
        int n = count_files(s, unit, first, second, &known);

        return n > 0 && known == (unsigned) n && n == (first ? 1 : 0) + (second ? 1 : 0);
}

bool systemd_socket_has(Systemd *s, const char *unit, const char *first, const char *second) {
        unsigned known;

        return count_files(s, unit, first, second, &known) > 0 && known > 0;
}

int systemd_list(Systemd *s, const char *pattern, char ***ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_strv_free_ char **units = NULL;
        const char *name, *state;
        int r;

        r = call(s, &m, "ListUnitsByPatterns", "asas", 0, 1, pattern);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
        while (r >= 0 && (r = sd_bus_message_read(m, "(ssssssouso)", &name, NULL, NULL, &state, NULL, NULL,
                                          NULL, NULL, NULL, NULL)) > 0)
                if (!streq(state, "inactive") && !streq(state, "failed") && strv_extend(&units, name) < 0)
                        return -ENOMEM;
        if (r < 0)
                return r;

        *ret = TAKE_PTR(units);
        return 0;
}

/*** Waiting ***/

/* Until *what is there. */
static int wait_for(Systemd *s, char *const *what, uint64_t timeout_usec) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + timeout_usec;

        while (!*what) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                int r = sd_bus_process(s->bus, NULL);

                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                if (now >= end)
                        return -ETIMEDOUT;
                r = sd_bus_wait(s->bus, end - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }

        return 0;
}

/* The answer to a request that began a job. */
static int wait_job(Systemd *s, sd_bus_message *m) {
        const char *path;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = free_and_strdup(&s->job, path);
        if (r >= 0)
                r = free_and_strdup(&s->result, NULL);
        if (r >= 0)
                r = wait_for(s, &s->result, s->job_usec);
        if (r >= 0 && !streq(s->result, "done") && !streq(s->result, "skipped")) {
                (void) free_and_strdup(&s->failure, s->result);
                return -EIO;
        }
        if (r == -ETIMEDOUT)
                (void) free_and_strdup(&s->failure, "the job does not come to its end");
        return r;
}

int systemd_wait_gone(Systemd *s, const char *unit) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + GONE_USEC;

        for (;;) {
                _cleanup_free_ char *path = NULL;
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                int r;

                (void) free_and_strdup(&s->removed, NULL);
                r = systemd_get(s, unit, &path);
                if (r == -ENOENT)
                        return 0;
                if (r < 0)
                        return r;
                if (now >= end)
                        return -ETIMEDOUT;
                r = wait_for(s, &s->removed, end - now);
                if (r < 0 && r != -ETIMEDOUT)
                        return r;
        }
}

/*** Jobs ***/

int systemd_begin(Systemd *s, const char *method, const char *unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *path;
        Job *jobs;
        int r;

        jobs = reallocarray(s->jobs_begun, s->n_jobs + 1, sizeof(Job));
        if (!jobs)
                return -ENOMEM;
        s->jobs_begun = jobs;

        r = call(s, &m, method, "ss", unit, "replace");
        if (r >= 0)
                r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;
        jobs[s->n_jobs] = (Job) { .path = strdup(path) };
        if (!jobs[s->n_jobs].path)
                return -ENOMEM;
        return (int) s->n_jobs++;
}

int systemd_wait(Systemd *s) {
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), s->job_usec);
        int r = 0;

        for (size_t i = 0; i < s->n_jobs && r >= 0; i++)
                r = wait_for(s, &s->jobs_begun[i].result, usec_sub(end, now_usec(CLOCK_MONOTONIC)));
        return r;
}

const char *systemd_result(const Systemd *s, size_t i) {
        return s->jobs_begun[i].result;
}

int systemd_kill(Systemd *s, const char *unit) {
        return call(s, NULL, "KillUnit", "ssi", unit, "all", (int32_t) SIGKILL);
}

int systemd_reread(Systemd *s) {
        return call(s, NULL, "Reload", NULL);
}

int systemd_start(Systemd *s, const char *unit, bool wait) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call(s, &m, "StartUnit", "ss", unit, "replace");
        return r < 0 || !wait ? r : wait_job(s, m);
}

int systemd_stop(Systemd *s, const char *unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call(s, &m, "StopUnit", "ss", unit, "replace");
        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : wait_job(s, m);
}

void systemd_reset(Systemd *s, const char *unit) {
        (void) call(s, NULL, "ResetFailedUnit", "s", unit);
}

static int append_list(sd_bus_message *m, const char *name, const char *value) {
        return value ? sd_bus_message_append(m, "(sv)", name, "as", 1, value) : 0;
}

static int append_files(sd_bus_message *m, const char *first, const char *second) {
        if (second)
                return sd_bus_message_append(m, "(sv)", "Listen", "a(ss)", 2, "Special", first, "Special",
                                second);
        return sd_bus_message_append(m, "(sv)", "Listen", "a(ss)", 1, "Special", first);
}

int systemd_start_special(Systemd *s, const char *unit, const char *description, const char *first,
                const char *second, const char *bound_to) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(s->bus, &m, SERVICE, OBJECT, MANAGER, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", unit, "replace");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)(sv)(sv)(sv)(sv)", "Description", "s", description,
                                "Writable", "b", true, "CollectMode", "s", "inactive-or-failed",
                                "FileDescriptorName", "s", "node",
                                "Slice", "s", "system-busbar.slice");
        if (r >= 0)
                r = append_files(m, first, second);
        if (r >= 0)
                r = append_list(m, "BindsTo", bound_to);
        if (r >= 0)
                r = append_list(m, "After", bound_to);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sa(sv))", 0);
        if (r >= 0)
                r = sd_bus_call(s->bus, m, s->call_usec, &error, &reply);
        if (r < 0) {
                (void) free_and_strdup(&s->failure, error.message ?: strerror(-r));
                return r;
        }

        return wait_job(s, reply);
}
