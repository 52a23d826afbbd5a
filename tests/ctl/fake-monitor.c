/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A monitor on the bus that says what a test wants. Lines on stdin:
 *
 *   property NAME VALUE          a property; DeadlineUSec may be "+SECONDS" from now on
 *   add LIST KEY:TYPE:VALUE|...  a dictionary to supplies, rules, stages, steps, shutdowns or policy; types
 *                                are s, b, u, x, t, d, as (a,b), a{ss} (k=v,k=v) and a(ts) (usec=text,...)
 *   fail METHOD ERROR TEXT...    the answer to a method from now on
 *   notice TYPE|DEVICE|TEXT
 *   nothing
 *
 * Each line is answered with "ok"; "ready" is the first line. Each call that would change something, or that
 * has arguments, is a line "call METHOD ARGUMENTS". */

#include <stdio.h>

#include "bus-names.h"
#include "daemon.h"
#include "string-util.h"
#include "time-util.h"

#define ENTRIES_MAX 64

typedef enum List {
        LIST_SUPPLIES,
        LIST_RULES,
        LIST_STAGES,
        LIST_STEPS,
        LIST_SHUTDOWNS,
        LIST_POLICY,
        _LIST_MAX,
} List;

static const char *const list_names[_LIST_MAX] = {
        [LIST_SUPPLIES] = "supplies", [LIST_RULES] = "rules",         [LIST_STAGES] = "stages",
        [LIST_STEPS] = "steps",       [LIST_SHUTDOWNS] = "shutdowns", [LIST_POLICY] = "policy",
};

typedef struct Fake {
        sd_event *event;
        sd_bus *bus;
        char *state, *cause, *reason, *cancellation;
        uint64_t deadline, shutdown_time, notices;
        uint32_t power_value, min_supplies;
        bool delay_too_short;
        char **remarks;
        char **lists[_LIST_MAX]; /* as they were written */
        char *fail_method, *fail_error, *fail_text;
} Fake;

/*** Answers ***/

/* Splits at the first of a character; the rest, or "" when there is none. */
static char *cut(char *s, char at) {
        char *p = strchr(s, at);

        if (!p)
                return s + strlen(s);

        *p = '\0';
        return p + 1;
}

static int append_pairs(sd_bus_message *m, const char *contents, char *value, bool times) {
        int r;

        r = sd_bus_message_open_container(m, 'a', contents);
        while (r >= 0 && *value) {
                char *rest = cut(value, ','), *second = cut(value, '=');

                if (times)
                        r = sd_bus_message_append(m, "(ts)", strtoull(value, NULL, 10), second);
                else
                        r = sd_bus_message_append(m, "{ss}", value, second);
                value = rest;
        }

        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_strings(sd_bus_message *m, const char *value) {
        _cleanup_strv_free_ char **l = NULL;
        int r;

        r = strv_split(value, ",", &l);
        return r < 0 ? r : sd_bus_message_append_strv(m, l);
}

static int append_value(sd_bus_message *m, const char *type, char *value) {
        switch (type[0]) {

        case 's':
                return sd_bus_message_append(m, "s", value);
        case 'b':
                return sd_bus_message_append(m, "b", streq(value, "true"));
        case 'u':
                return sd_bus_message_append(m, "u", (uint32_t) strtoul(value, NULL, 10));
        case 'x':
                return sd_bus_message_append(m, "x", (int64_t) strtoll(value, NULL, 10));
        case 't':
                return sd_bus_message_append(m, "t", strtoull(value, NULL, 10));
        case 'd':
                return sd_bus_message_append(m, "d", strtod(value, NULL));
        default:
                if (streq(type, "as"))
                        return append_strings(m, value);

                return append_pairs(m, streq(type, "a{ss}") ? "{ss}" : "(ts)", value, streq(type, "a(ts)"));
        }
}

/* KEY:TYPE:VALUE|... */
static int append_entry(sd_bus_message *m, const char *entry) {
        _cleanup_free_ char *copy = strdup(entry);
        char *field = copy;
        int r;

        if (!copy)
                return -ENOMEM;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        while (r >= 0 && *field) {
                char *rest = cut(field, '|'), *type = cut(field, ':'), *value = cut(type, ':');

                r = sd_bus_message_open_container(m, 'e', "sv");
                if (r >= 0)
                        r = sd_bus_message_append(m, "s", field);
                if (r >= 0)
                        r = sd_bus_message_open_container(m, 'v', type);
                if (r >= 0)
                        r = append_value(m, type, value);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
                field = rest;
        }

        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_list(sd_bus_message *m, char *const *list, size_t max) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && list && list[i] && i < max; i++)
                r = append_entry(m, list[i]);

        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* Whether the call is to fail: then *ret is what the handler returns. */
static bool spoilt(Fake *f, sd_bus_message *m, sd_bus_error *error, int *ret) {
        if (!streq_ptr(f->fail_method, sd_bus_message_get_member(m)))
                return false;

        *ret = sd_bus_error_set(error, f->fail_error, f->fail_text);
        return true;
}

static int answer_lists(Fake *f, sd_bus_message *m, sd_bus_error *error, const List *lists, size_t n,
                        size_t max) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        int r;

        if (spoilt(f, m, error, &r))
                return r;

        r = sd_bus_message_new_method_return(m, &answer);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = append_list(answer, f->lists[lists[i]], max);

        return r < 0 ? r : sd_bus_message_send(answer);
}

static int on_list_supplies(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return answer_lists(userdata, m, error, (List[]) { LIST_SUPPLIES }, 1, ENTRIES_MAX);
}

static int on_plan(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return answer_lists(userdata, m, error, (List[]) { LIST_RULES, LIST_STAGES }, 2, ENTRIES_MAX);
}

static int on_rehearse(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return answer_lists(userdata, m, error, (List[]) { LIST_STEPS }, 1, ENTRIES_MAX);
}

static int on_get_policy(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return answer_lists(userdata, m, error, (List[]) { LIST_POLICY }, 1, ENTRIES_MAX);
}

static int on_history(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t count;
        int r;

        r = sd_bus_message_read(m, "u", &count);
        if (r < 0)
                return r;

        printf("call History %" PRIu32 "\n", count);
        return answer_lists(userdata, m, error, (List[]) { LIST_SHUTDOWNS }, 1, count);
}

static int on_set_policy(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *device, *rule;
        double value;
        int r;

        r = sd_bus_message_read(m, "ssd", &device, &rule, &value);
        if (r < 0)
                return r;

        printf("call SetPolicy %s %s %g\n", isempty(device) ? "-" : device, rule, value);
        return spoilt(userdata, m, error, &r) ? r : sd_bus_reply_method_return(m, NULL);
}

static int on_order(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *reason;
        int r;

        r = sd_bus_message_read(m, "s", &reason);
        if (r < 0)
                return r;

        printf("call %s %s\n", sd_bus_message_get_member(m), reason);
        return spoilt(userdata, m, error, &r) ? r : sd_bus_reply_method_return(m, NULL);
}

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", "1");
}

static int get_boolean(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "b", *(bool *) userdata);
}

static int get_remarks(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append_strv(reply, *(char ***) userdata);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_version, 0, 0),
        SD_BUS_PROPERTY("State", "s", NULL, offsetof(Fake, state), 0),
        SD_BUS_PROPERTY("Cause", "s", NULL, offsetof(Fake, cause), 0),
        SD_BUS_PROPERTY("Reason", "s", NULL, offsetof(Fake, reason), 0),
        SD_BUS_PROPERTY("Cancellation", "s", NULL, offsetof(Fake, cancellation), 0),
        SD_BUS_PROPERTY("DeadlineUSec", "t", NULL, offsetof(Fake, deadline), 0),
        SD_BUS_PROPERTY("PowerValue", "u", NULL, offsetof(Fake, power_value), 0),
        SD_BUS_PROPERTY("MinSupplies", "u", NULL, offsetof(Fake, min_supplies), 0),
        SD_BUS_PROPERTY("ShutdownTimeUSec", "t", NULL, offsetof(Fake, shutdown_time), 0),
        SD_BUS_PROPERTY("DelayTooShort", "b", get_boolean, offsetof(Fake, delay_too_short), 0),
        SD_BUS_PROPERTY("Remarks", "as", get_remarks, offsetof(Fake, remarks), 0),
        SD_BUS_METHOD("ListSupplies", "", "aa{sv}", on_list_supplies, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Plan", "", "aa{sv}aa{sv}", on_plan, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Rehearse", "", "aa{sv}", on_rehearse, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("History", "u", "aa{sv}", on_history, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetPolicy", "", "aa{sv}", on_get_policy, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("SetPolicy", "ssd", "", on_set_policy, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ForceShutdown", "s", "", on_order, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelShutdown", "s", "", on_order, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("Notice", "tssst", 0),
        SD_BUS_VTABLE_END,
};

/*** Orders ***/

static int set_property(Fake *f, const char *name, const char *value) {
        uint64_t number = strtoull(value, NULL, 10);

        if (streq(name, "State"))
                return free_and_strdup(&f->state, value);
        if (streq(name, "Cause"))
                return free_and_strdup(&f->cause, value);
        if (streq(name, "Reason"))
                return free_and_strdup(&f->reason, value);
        if (streq(name, "Cancellation"))
                return free_and_strdup(&f->cancellation, value);
        if (streq(name, "Remarks"))
                return strv_extend(&f->remarks, value);

        if (streq(name, "DeadlineUSec"))
                f->deadline = value[0] == '+' ? now_usec(CLOCK_BOOTTIME) + number * USEC_PER_SEC : number;
        else if (streq(name, "PowerValue"))
                f->power_value = (uint32_t) number;
        else if (streq(name, "MinSupplies"))
                f->min_supplies = (uint32_t) number;
        else if (streq(name, "DelayTooShort"))
                f->delay_too_short = streq(value, "true");
        else
                return -EINVAL;

        return 0;
}

static int add_entry(Fake *f, const char *list, const char *entry) {
        for (List i = 0; i < _LIST_MAX; i++)
                if (streq(list_names[i], list))
                        return strv_extend(&f->lists[i], entry);

        return -EINVAL;
}

static int spoil(Fake *f, const char *method, const char *error, const char *text) {
        int r;

        r = free_and_strdup(&f->fail_method, method);
        if (r >= 0)
                r = free_and_strdup(&f->fail_error, error);
        return r < 0 ? r : free_and_strdup(&f->fail_text, text);
}

static int obey(Fake *f, char *line) {
        char *first = cut(line, ' '), *second, *third;

        if (streq(line, "nothing"))
                return 0;

        if (streq(line, "notice")) {
                second = cut(first, '|');
                third = cut(second, '|');
                return sd_bus_emit_signal(f->bus, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, "Notice", "tssst",
                                          ++f->notices, first, second, third, now_usec(CLOCK_REALTIME));
        }

        second = cut(first, ' ');
        if (streq(line, "property"))
                return set_property(f, first, second);
        if (streq(line, "add"))
                return add_entry(f, first, second);
        if (!streq(line, "fail"))
                return -EINVAL;

        third = cut(second, ' ');
        return spoil(f, first, second, third);
}

static int on_input(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Fake *f = userdata;
        char line[2048];
        int r;

        /* One line at a time is sent, and its answer is waited for. */
        if (!fgets(line, sizeof(line), stdin))
                return sd_event_exit(f->event, 0);

        line[strcspn(line, "\n")] = '\0';
        r = obey(f, line);
        if (r < 0)
                return sd_event_exit(f->event, r);

        puts("ok");
        (void) fflush(stdout);
        return 0;
}

static int run(Fake *f) {
        int r;

        r = daemon_event_new(&f->event);
        if (r >= 0)
                r = sd_bus_open_system(&f->bus);
        if (r >= 0)
                r = sd_bus_attach_event(f->bus, f->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_add_object_vtable(f->bus, NULL, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, vtable,
                                             f);
        if (r >= 0)
                r = sd_bus_request_name(f->bus, BUS_NAME_MONITOR, 0);
        if (r >= 0)
                r = sd_event_add_io(f->event, NULL, STDIN_FILENO, EPOLLIN, on_input, f);
        if (r < 0)
                return r;

        puts("ready");
        (void) fflush(stdout);
        return sd_event_loop(f->event);
}

static void fake_done(Fake *f) {
        for (List i = 0; i < _LIST_MAX; i++)
                strv_free(f->lists[i]);
        strv_free(f->remarks);
        free(f->state);
        free(f->cause);
        free(f->reason);
        free(f->cancellation);
        free(f->fail_method);
        free(f->fail_error);
        free(f->fail_text);
        sd_bus_flush_close_unref(f->bus);
        sd_event_unref(f->event);
}

int main(void) {
        Fake f = {
                .state = strdup("online"),
                .cause = strdup("none"),
                .cancellation = strdup("mains"),
                .deadline = USEC_INFINITY,
                .power_value = 1,
                .min_supplies = 1,
                .shutdown_time = 120 * USEC_PER_SEC,
        };
        int r = run(&f);

        if (r < 0)
                fprintf(stderr, "fake-monitor: %s\n", strerror(-r));

        fake_done(&f);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
