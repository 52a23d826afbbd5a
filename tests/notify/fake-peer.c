/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for what the programs of notify talk to: fake-peer monitor|notifications|systemd
 *
 * The monitor keeps its notices as the real one does, and takes on its stdin
 *
 *      notice TYPE|DEVICE|TEXT
 *      keep TYPE|DEVICE|TEXT|AGE       a notice without its signal, said so many seconds ago
 *      property NAME VALUE             with its signal; DeadlineUSec is in seconds from now
 *      refuse TEXT                     the answer to orders from now on
 *
 * The notification service, on the bus of the session,
 *
 *      press ID
 *      dismiss ID
 *
 * Each is answered by "ok"; "ready" is the first line. What is asked of it, it prints. It comes back on the
 * bus by itself when that comes back. */

#include <stdio.h>

#include "bus-names.h"
#include "daemon.h"
#include "string-util.h"
#include "time-util.h"

#define NOTICES_MAX 256U
#define NOTIFICATIONS "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH "/org/freedesktop/Notifications"
#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"

typedef struct Notice {
        uint64_t number, time;
        char *type, *device, *text;
} Notice;

typedef struct Fake {
        sd_event *event;
        BusLink *link;
        sd_bus *bus, *session;
        Notice notices[NOTICES_MAX];
        uint64_t n_notices;
        char *state, *reason, *cancellation, *refusal;
        uint64_t deadline;
        uint32_t last_id;
        bool ready;
} Fake;

static void say(const char *fmt, ...) _printf_(1, 2);
static void say(const char *fmt, ...) {
        va_list ap;

        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        putchar('\n');
        (void) fflush(stdout);
}

/* Splits at the first of a character; the rest, or "" when there is none. */
static char *cut(char *s, char at) {
        char *p = strchr(s, at);

        if (!p)
                return s + strlen(s);
        *p = '\0';
        return p + 1;
}

/*** The monitor ***/

static Notice *add_notice(Fake *f, const char *type, const char *device, const char *text, uint64_t age) {
        Notice *n = f->notices + f->n_notices % NOTICES_MAX;

        free(n->type);
        free(n->device);
        free(n->text);
        *n = (Notice) {
                .number = ++f->n_notices,
                .time = now_usec(CLOCK_REALTIME) - age * USEC_PER_SEC,
                .type = strdup(type),
                .device = strdup(device),
                .text = strdup(text),
        };
        return n;
}

static int on_notices(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Fake *f = userdata;
        uint64_t after;
        int r;

        r = sd_bus_message_read(m, "t", &after);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(tssst)");
        for (uint64_t i = usec_sub(f->n_notices, NOTICES_MAX); r >= 0 && i < f->n_notices; i++) {
                const Notice *n = f->notices + i % NOTICES_MAX;

                if (n->number > after)
                        r = sd_bus_message_append(reply, "(tssst)", n->number, n->type, n->device, n->text,
                                        n->time);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int on_order(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Fake *f = userdata;
        const char *reason;
        int r;

        r = sd_bus_message_read(m, "s", &reason);
        if (r < 0)
                return r;

        say("call %s %s%s", sd_bus_message_get_member(m), reason,
                        sd_bus_message_get_allow_interactive_authorization(m) > 0 ? " (interactive)" : "");
        if (f->refusal)
                return sd_bus_error_set(error, BUS_ERROR_FAILED, f->refusal);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable monitor_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("State", "s", NULL, offsetof(Fake, state), SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Reason", "s", NULL, offsetof(Fake, reason), SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Cancellation", "s", NULL, offsetof(Fake, cancellation),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("DeadlineUSec", "t", NULL, offsetof(Fake, deadline),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_METHOD("Notices", "t", "a(tssst)", on_notices, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ForceShutdown", "s", "", on_order, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelShutdown", "s", "", on_order, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("Notice", "tssst", 0),
        SD_BUS_VTABLE_END,
};

static int set_property(Fake *f, const char *name, const char *value) {
        int r = 0;

        if (streq(name, "State"))
                r = free_and_strdup(&f->state, value);
        else if (streq(name, "Reason"))
                r = free_and_strdup(&f->reason, value);
        else if (streq(name, "Cancellation"))
                r = free_and_strdup(&f->cancellation, value);
        else
                f->deadline = streq(value, "never") ? UINT64_MAX
                        : now_usec(CLOCK_BOOTTIME) + strtoull(value, NULL, 10) * USEC_PER_SEC;
        return r < 0 || !f->bus ? r : sd_bus_emit_properties_changed(f->bus, BUS_PATH_MONITOR,
                        BUS_INTERFACE_MONITOR, name, NULL);
}

static int obey_notice(Fake *f, bool loud, char *type) {
        char *device = cut(type, '|'), *text = cut(device, '|'), *age = cut(text, '|');
        const Notice *n = add_notice(f, type, device, text, strtoull(age, NULL, 10));
        int r;

        if (!loud || !f->bus)
                return 0;
        r = sd_bus_emit_signal(f->bus, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, "Notice", "tssst",
                        n->number, n->type, n->device, n->text, n->time);
        /* The bus is gone, and the loop has not said so yet. */
        return r == -ENOTCONN ? 0 : r;
}

static int on_connected(void *userdata, sd_bus *bus) {
        Fake *f = userdata;
        int r;

        r = sd_bus_add_object_vtable(bus, NULL, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, monitor_vtable, f);
        if (r >= 0)
                r = sd_bus_request_name(bus, BUS_NAME_MONITOR, 0);
        if (r < 0)
                return r;

        f->bus = bus;
        say(f->ready ? "back" : "ready");
        f->ready = true;
        return 0;
}

static void on_lost(void *userdata) {
        ((Fake *) userdata)->bus = NULL;
}

static const BusLinkOps link_ops = { .connected = on_connected, .lost = on_lost };

/*** The notification service ***/

/* The value of a hint that is wanted, else nothing. */
static int read_hints(sd_bus_message *m, uint8_t *ret_urgency) {
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = streq(key, "urgency") ? sd_bus_message_read(m, "v", "y", ret_urgency)
                                                  : sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int on_notify(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *application, *icon, *summary, *body;
        _cleanup_strv_free_ char **actions = NULL;
        _cleanup_free_ char *joined = NULL;
        uint8_t urgency = 0;
        Fake *f = userdata;
        uint32_t replaces;
        int32_t timeout;
        int r;

        r = sd_bus_message_read(m, "susss", &application, &replaces, &icon, &summary, &body);
        if (r >= 0)
                r = sd_bus_message_read_strv(m, &actions);
        if (r >= 0)
                r = read_hints(m, &urgency);
        if (r >= 0)
                r = sd_bus_message_read(m, "i", &timeout);
        if (r < 0)
                return r;

        uint32_t id = replaces ?: ++f->last_id;
        joined = strv_join(actions, ",");
        printf("notify %u replaces %u urgency %u timeout %d actions [%s] %s|", (unsigned) id,
                        (unsigned) replaces, (unsigned) urgency, (int) timeout, joined, summary);
        for (const char *s = body; *s; s++)
                putchar(*s == '\n' ? '/' : *s);
        say("%s", "");
        return sd_bus_reply_method_return(m, "u", id);
}

static int emit_closed(sd_bus *bus, uint32_t id, uint32_t reason) {
        return sd_bus_emit_signal(bus, NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed", "uu", id,
                        reason);
}

static int on_close(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t id;
        int r;

        r = sd_bus_message_read(m, "u", &id);
        if (r < 0)
                return r;

        say("close %u", (unsigned) id);
        r = emit_closed(sd_bus_message_get_bus(m), id, 3);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable notifications_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", on_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CloseNotification", "u", "", on_close, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("NotificationClosed", "uu", 0),
        SD_BUS_SIGNAL("ActionInvoked", "us", 0),
        SD_BUS_VTABLE_END,
};

/*** systemd ***/

static int on_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *unit, *mode;
        int r;

        r = sd_bus_message_read(m, "ss", &unit, &mode);
        if (r < 0)
                return r;
        say("call %s %s %s", sd_bus_message_get_member(m), unit, mode);
        r = sd_bus_reply_method_return(m, "o", SYSTEMD_PATH "/job/1");
        return r < 0 ? r : sd_bus_emit_signal(sd_bus_message_get_bus(m), SYSTEMD_PATH, SYSTEMD ".Manager",
                        "JobRemoved", "uoss", UINT32_C(1), SYSTEMD_PATH "/job/1", unit, "done");
}

static int on_get_unit(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, "o", SYSTEMD_PATH "/unit/any");
}

static int on_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, NULL);
}

static int get_active(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", "active");
}

static const sd_bus_vtable unit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("ActiveState", "s", get_active, 0, 0),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable systemd_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Subscribe", "", "", on_subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetUnit", "s", "o", on_get_unit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ReloadUnit", "ss", "o", on_unit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StopUnit", "ss", "o", on_unit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/*** Orders ***/

static int obey(Fake *f, char *line) {
        char *rest = cut(line, ' ');

        if (streq(line, "notice") || streq(line, "keep"))
                return obey_notice(f, streq(line, "notice"), rest);
        if (streq(line, "property")) {
                char *value = cut(rest, ' ');

                return set_property(f, rest, value);
        }
        if (streq(line, "refuse"))
                return free_and_strdup(&f->refusal, rest);
        if (streq(line, "press"))
                return sd_bus_emit_signal(f->session, NOTIFICATIONS_PATH, NOTIFICATIONS, "ActionInvoked",
                                "us", (uint32_t) strtoul(rest, NULL, 10), "cancel");
        if (streq(line, "dismiss"))
                return emit_closed(f->session, (uint32_t) strtoul(rest, NULL, 10), 2);
        return -EINVAL;
}

static int on_input(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Fake *f = userdata;
        char line[4096];

        /* One line at a time is sent, and its answer is waited for. */
        if (!fgets(line, sizeof(line), stdin))
                return sd_event_exit(f->event, 0);

        line[strcspn(line, "\n")] = '\0';
        int r = obey(f, line);
        if (r < 0)
                return sd_event_exit(f->event, r);
        say("ok");
        return 0;
}

static int serve(Fake *f, sd_bus *bus, const char *path, const char *name, const char *interface,
                const sd_bus_vtable *vtable) {
        int r;

        r = sd_bus_attach_event(bus, f->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, path, interface, vtable, f);
        if (r >= 0)
                r = sd_bus_request_name(bus, name, 0);
        if (r >= 0)
                say("ready");
        return r;
}

static int start(Fake *f, const char *role) {
        int r;

        if (streq(role, "monitor"))
                return bus_link_new(f->event, &link_ops, f, &f->link);
        if (streq(role, "notifications")) {
                r = sd_bus_open_user(&f->session);
                return r < 0 ? r : serve(f, f->session, NOTIFICATIONS_PATH, NOTIFICATIONS, NOTIFICATIONS,
                                notifications_vtable);
        }

        r = sd_bus_open_system(&f->session);
        if (r >= 0)
                r = sd_bus_add_object_vtable(f->session, NULL, SYSTEMD_PATH "/unit/any", SYSTEMD ".Unit",
                                unit_vtable, f);
        return r < 0 ? r : serve(f, f->session, SYSTEMD_PATH, SYSTEMD, SYSTEMD ".Manager", systemd_vtable);
}

int main(int argc, char *argv[]) {
        Fake f = { .state = strdup("online"), .cancellation = strdup("mains"), .deadline = UINT64_MAX };
        int r;

        r = daemon_event_new(&f.event);
        if (r >= 0)
                r = start(&f, argv[1]);
        if (r >= 0)
                r = sd_event_add_io(f.event, NULL, STDIN_FILENO, EPOLLIN, on_input, &f);
        if (r >= 0)
                r = sd_event_loop(f.event);
        if (r < 0)
                fprintf(stderr, "fake-peer: %s\n", strerror(-r));

        bus_link_free(f.link);
        sd_bus_flush_close_unref(f.session);
        for (size_t i = 0; i < NOTICES_MAX; i++) {
                free(f.notices[i].type);
                free(f.notices[i].device);
                free(f.notices[i].text);
        }
        free(f.state);
        free(f.reason);
        free(f.cancellation);
        free(f.refusal);
        sd_event_unref(f.event);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
