/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for logind and for systemd's manager on the bus: it does what a test wants and tells what it was
 * asked. The real ones are met in the container.
 *
 * Each call, and each lock that is let go of, is a line on stdout: "NAME ARGUMENT...". Lines on stdin:
 *
 *   answer METHOD ERROR     a method fails so from now on; "ok": it works; "hang": no answer comes
 *   begin [TYPE]            a shutdown is announced, with metadata if a type is given
 *   abort                   it did not come about
 *   sleep [TYPE] / wake     likewise for sleep
 *   announce yes|no         whether a PowerOff that works is announced as a shutdown; yes at first
 *   job UNIT                a start job for a unit is listed from now on
 *   job-removed UNIT RESULT the end of a job is announced
 *   state STATE             SystemState says so; until then "stopping" with a job, else "running"
 *   scheduled TYPE          ScheduledShutdown says so
 *   delay-max SECONDS       InhibitDelayMaxUSec
 *
 * Each is answered with "done" when it is carried out; "ready" is the first line. */

#include <fcntl.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "daemon.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define LOGIN "org.freedesktop.login1"
#define LOGIN_PATH "/org/freedesktop/login1"
#define LOGIN_INTERFACE "org.freedesktop.login1.Manager"
#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"

#define ANSWERS_MAX 16U

typedef struct Fake Fake;

typedef struct Lock {
        Fake *fake;
        int fd;
        char *what, *mode;
        sd_event_source *source;
        struct Lock *next;
} Lock;

typedef struct Answer {
        char *method, *error;
} Answer;

struct Fake {
        sd_event *event;
        sd_bus *bus;
        Lock *locks;
        Answer answers[ANSWERS_MAX];
        size_t n_answers;
        char *job, *scheduled, *state;
        bool announce, preparing;
        uint64_t delay_max_usec;
};

static void say(const char *what, const char *a, const char *b) {
        printf("%s%s%s%s%s\n", what, *a ? " " : "", a, *b ? " " : "", b);
        (void) fflush(stdout);
}

/* 0: go on; 1: no answer is wanted, or it was given. */
static int prepared(Fake *f, sd_bus_message *m) {
        for (size_t i = 0; i < f->n_answers; i++) {
                const Answer *a = f->answers + i;

                if (!streq(a->method, sd_bus_message_get_member(m)) || streq(a->error, "ok"))
                        continue;
                if (!streq(a->error, "hang"))
                        (void) sd_bus_reply_method_errorf(m, a->error, "Refused for a test");
                return 1;
        }
        return 0;
}

static int announce(Fake *f, const char *what, bool begin, const char *type) {
        _cleanup_free_ char *with = strjoin(what, "WithMetadata");

        if (streq(what, "PrepareForShutdown"))
                f->preparing = begin;

        if (with && type)
                (void) sd_bus_emit_signal(f->bus, LOGIN_PATH, LOGIN_INTERFACE, with, "ba{sv}", begin, 1,
                                "type", "s", type);
        return sd_bus_emit_signal(f->bus, LOGIN_PATH, LOGIN_INTERFACE, what, "b", begin);
}

/*** logind ***/

static int on_lock_closed(sd_event_source *es, int fd, uint32_t events, void *userdata) {
        Lock *l = userdata;

        say("released", l->what, l->mode);
        for (Lock **p = &l->fake->locks; *p; p = &(*p)->next)
                if (*p == l) {
                        *p = l->next;
                        break;
                }
        sd_event_source_disable_unref(l->source);
        safe_close(l->fd);
        free(l->what);
        free(l->mode);
        free(l);
        return 0;
}

static int lock_new(Fake *f, int fd, const char *what, const char *mode) {
        Lock *l = new0(Lock, 1);

        if (!l)
                return -ENOMEM;
        l->fake = f;
        l->fd = fd;
        l->what = strdup(what);
        l->mode = strdup(mode);
        l->next = f->locks;
        f->locks = l;
        return sd_event_add_io(f->event, &l->source, fd, EPOLLHUP, on_lock_closed, l);
}

static int method_inhibit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *what, *who, *why, *mode;
        Fake *f = userdata;
        int fds[2];

        int r = sd_bus_message_read(m, "ssss", &what, &who, &why, &mode);
        if (r < 0)
                return r;
        say("Inhibit", what, mode);
        if (prepared(f, m) > 0)
                return 1;
        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;

        r = lock_new(f, fds[0], what, mode);
        if (r >= 0)
                r = sd_bus_reply_method_return(m, "h", fds[1]);
        (void) close(fds[1]);
        return r < 0 ? r : 1;
}

static int method_power_off(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Fake *f = userdata;
        uint64_t flags = 0;
        int interactive;

        if (streq(sd_bus_message_get_member(m), "PowerOff"))
                (void) sd_bus_message_read(m, "b", &interactive);
        else
                (void) sd_bus_message_read(m, "t", &flags);
        say(sd_bus_message_get_member(m), flags == 16 ? "16" : "", "");
        if (prepared(f, m) > 0)
                return 1;
        int r = sd_bus_reply_method_return(m, NULL);
        if (r >= 0 && f->announce)
                r = announce(f, "PrepareForShutdown", true, NULL);
        return r < 0 ? r : 1;
}

static int method_can_power_off(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return prepared(userdata, m) > 0 ? 1 : sd_bus_reply_method_return(m, "s", "yes");
}

static int method_list_inhibitors(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        if (prepared(userdata, m) > 0)
                return 1;
        return sd_bus_reply_method_return(m, "a(ssssuu)", 1, "shutdown", "apt", "installing", "block", 0U,
                        1U);
}

static int get_login(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Fake *f = userdata;

        if (streq(property, "ScheduledShutdown"))
                return sd_bus_message_append(reply, "(st)", strempty(f->scheduled), UINT64_C(0));
        if (streq(property, "PreparingForShutdown"))
                return sd_bus_message_append(reply, "b", (int) f->preparing);
        return sd_bus_message_append(reply, "t", f->delay_max_usec);
}

#define METHOD(name, in, out, handler) \
        SD_BUS_METHOD(name, in, out, handler, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable login_vtable[] = {
        SD_BUS_VTABLE_START(0),
        METHOD("Inhibit", "ssss", "h", method_inhibit),
        METHOD("PowerOff", "b", "", method_power_off),
        METHOD("PowerOffWithFlags", "t", "", method_power_off),
        METHOD("CanPowerOff", "", "s", method_can_power_off),
        METHOD("ListInhibitors", "", "a(ssssuu)", method_list_inhibitors),
        SD_BUS_PROPERTY("InhibitDelayMaxUSec", "t", get_login, 0, 0),
        SD_BUS_PROPERTY("ScheduledShutdown", "(st)", get_login, 0, 0),
        SD_BUS_PROPERTY("PreparingForShutdown", "b", get_login, 0, 0),
        SD_BUS_VTABLE_END,
};

/*** systemd ***/

static int method_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *unit, *mode;

        int r = sd_bus_message_read(m, "ss", &unit, &mode);
        if (r < 0)
                return r;
        say(sd_bus_message_get_member(m), unit, mode);
        if (prepared(userdata, m) > 0)
                return 1;
        return sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/job/1");
}

static int method_file_state(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return prepared(userdata, m) > 0 ? 1 : sd_bus_reply_method_return(m, "s", "static");
}

static int method_get_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return prepared(userdata, m) > 0 ? 1
                : sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/unit/x");
}

static int method_nothing(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return prepared(userdata, m) > 0 ? 1 : sd_bus_reply_method_return(m, NULL);
}

static int method_list_jobs(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Fake *f = userdata;

        if (prepared(f, m) > 0)
                return 1;
        if (!f->job)
                return sd_bus_reply_method_return(m, "a(usssoo)", 0);
        return sd_bus_reply_method_return(m, "a(usssoo)", 1, 1U, f->job, "start", "waiting", "/job",
                        "/unit");
}

static int get_state(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        Fake *f = userdata;

        say("SystemState", "", "");
        return sd_bus_message_append(reply, "s", f->state ?: f->job ? "stopping" : "running");
}

static const sd_bus_vtable systemd_vtable[] = {
        SD_BUS_VTABLE_START(0),
        METHOD("StartUnit", "ss", "o", method_unit),
        METHOD("StopUnit", "ss", "o", method_unit),
        METHOD("GetUnitFileState", "s", "s", method_file_state),
        METHOD("GetUnit", "s", "o", method_get_unit),
        METHOD("Subscribe", "", "", method_nothing),
        METHOD("ListJobs", "", "a(usssoo)", method_list_jobs),
        SD_BUS_PROPERTY("SystemState", "s", get_state, 0, 0),
        SD_BUS_VTABLE_END,
};

/*** Orders ***/

static int set_answer(Fake *f, const char *method, const char *error) {
        for (size_t i = 0; i < f->n_answers; i++)
                if (streq(f->answers[i].method, method))
                        return free_and_strdup(&f->answers[i].error, error);
        if (f->n_answers >= ANSWERS_MAX)
                return -E2BIG;
        f->answers[f->n_answers++] = (Answer) { strdup(method), strdup(error) };
        return 0;
}

static int obey(Fake *f, char **w) {
        size_t n = strv_length(w);
        const char *argument = n > 1 ? w[1] : NULL;
        uint64_t seconds;

        if (streq(w[0], "answer") && n == 3)
                return set_answer(f, w[1], w[2]);
        if (streq(w[0], "begin"))
                return announce(f, "PrepareForShutdown", true, argument);
        if (streq(w[0], "abort"))
                return announce(f, "PrepareForShutdown", false, NULL);
        if (streq(w[0], "sleep"))
                return announce(f, "PrepareForSleep", true, argument);
        if (streq(w[0], "wake"))
                return announce(f, "PrepareForSleep", false, NULL);
        if (streq(w[0], "announce") && n == 2)
                return parse_boolean(argument, &f->announce);
        if (streq(w[0], "job-removed") && n == 3)
                return sd_bus_emit_signal(f->bus, SYSTEMD_PATH, SYSTEMD_INTERFACE, "JobRemoved", "uoss", 1U,
                                "/org/freedesktop/systemd1/job/1", w[1], w[2]);
        if (streq(w[0], "job"))
                return free_and_strdup(&f->job, argument);
        if (streq(w[0], "state"))
                return free_and_strdup(&f->state, argument);
        if (streq(w[0], "scheduled"))
                return free_and_strdup(&f->scheduled, argument);
        if (streq(w[0], "delay-max") && n == 2 && parse_uint64(argument, 0, 86400, &seconds) >= 0) {
                f->delay_max_usec = seconds * USEC_PER_SEC;
                return 0;
        }
        return -EINVAL;
}

static int on_input(sd_event_source *es, int fd, uint32_t events, void *userdata) {
        _cleanup_strv_free_ char **words = NULL;
        Fake *f = userdata;
        char line[512];

        if (!fgets(line, sizeof(line), stdin))
                return sd_event_exit(f->event, 0);
        if (strv_split(line, " \n", &words) < 0 || !words)
                return 0;
        int r = obey(f, words);
        say(r < 0 ? "failed" : "done", "", "");
        return 0;
}

static int serve(Fake *f) {
        int r = sd_bus_open_system(&f->bus);
        if (r >= 0)
                r = sd_bus_add_object_vtable(f->bus, NULL, LOGIN_PATH, LOGIN_INTERFACE, login_vtable, f);
        if (r >= 0)
                r = sd_bus_add_object_vtable(f->bus, NULL, SYSTEMD_PATH, SYSTEMD_INTERFACE, systemd_vtable,
                                f);
        if (r >= 0)
                r = sd_bus_request_name(f->bus, SYSTEMD, 0);
        if (r >= 0)
                r = sd_bus_request_name(f->bus, LOGIN, 0);
        return r < 0 ? r : sd_bus_attach_event(f->bus, f->event, SD_EVENT_PRIORITY_NORMAL);
}

int main(int argc, char *argv[]) {
        Fake f = { .announce = true, .delay_max_usec = 120 * USEC_PER_SEC };

        (void) setvbuf(stdin, NULL, _IONBF, 0);
        int r = daemon_event_new(&f.event);
        if (r >= 0)
                r = serve(&f);
        if (r >= 0)
                r = sd_event_add_io(f.event, NULL, STDIN_FILENO, EPOLLIN, on_input, &f);
        if (r < 0) {
                fprintf(stderr, "fake-system: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }

        say("ready", "", "");
        r = sd_event_loop(f.event);
        while (f.locks)
                (void) on_lock_closed(NULL, -1, 0, f.locks);
        sd_bus_flush_close_unref(f.bus);
        sd_event_unref(f.event);
        for (size_t i = 0; i < f.n_answers; i++) {
                free(f.answers[i].method);
                free(f.answers[i].error);
        }
        free(f.job);
        free(f.scheduled);
        free(f.state);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
