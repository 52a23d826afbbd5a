/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-introspect.h"
#include "bus-names.h"
#include "log.h"
#include "monitor-bus-internal.h"
#include "rehearsal.h"
#include "string-util.h"

/* The answer to RequestName that another has the name and we are next, as the D-Bus specification numbers
 * them. */
#define NAME_REPLY_IN_QUEUE 2U

/*** Properties ***/

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        MonitorBus *b = userdata;
        const Shown *s = &b->monitor->shown;

        if (streq(property, "Version"))
                return sd_bus_message_append(reply, "s", BUSBAR_VERSION);
        if (streq(property, "State"))
                return sd_bus_message_append(reply, "s", host_state_to_string(s->state));
        if (streq(property, "Cause"))
                return sd_bus_message_append(reply, "s", cause_to_string(s->cause));
        if (streq(property, "Reason"))
                return sd_bus_message_append(reply, "s", strempty(b->monitor->reason));
        if (streq(property, "Cancellation"))
                return sd_bus_message_append(reply, "s", cancellation_to_string(s->cancellation));
        if (streq(property, "DeadlineUSec"))
                return sd_bus_message_append(reply, "t", s->deadline_usec);
        if (streq(property, "PowerValue"))
                return sd_bus_message_append(reply, "u", s->power_value);
        if (streq(property, "MinSupplies"))
                return sd_bus_message_append(reply, "u", s->min_supplies);
        if (streq(property, "ShutdownTimeUSec"))
                return sd_bus_message_append(reply, "t", s->shutdown_time_usec);
        if (streq(property, "DelayTooShort"))
                return sd_bus_message_append(reply, "b", s->delay_too_short);
        if (streq(property, "Remarks"))
                return sd_bus_message_append_strv(reply, b->monitor->remarks);
        return -ENOENT;
}

void monitor_bus_changed(MonitorBus *b, const Shown *before) {
        const Shown *s = b ? &b->monitor->shown : NULL;
        const char *names[12];
        size_t n = 0;

        if (!b)
                return;
        if (s->state != before->state)
                names[n++] = "State";
        if (s->cause != before->cause) {
                names[n++] = "Cause";
                names[n++] = "Reason";
        }
        if (s->cancellation != before->cancellation)
                names[n++] = "Cancellation";
        if (s->deadline_usec != before->deadline_usec)
                names[n++] = "DeadlineUSec";
        if (s->power_value != before->power_value)
                names[n++] = "PowerValue";
        if (s->min_supplies != before->min_supplies)
                names[n++] = "MinSupplies";
        if (s->shutdown_time_usec != before->shutdown_time_usec)
                names[n++] = "ShutdownTimeUSec";
        if (s->delay_too_short != before->delay_too_short)
                names[n++] = "DelayTooShort";
        if (s->remarks != before->remarks)
                names[n++] = "Remarks";
        names[n] = NULL;
        if (n > 0)
                (void) sd_bus_emit_properties_changed_strv(b->bus, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR,
                                (char **) names);
}

void monitor_bus_notice(MonitorBus *b, const Notice *n) {
        if (b)
                (void) sd_bus_emit_signal(b->bus, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, "Notice", "tssst",
                                n->number, notify_type_to_string(n->type), n->device, n->text, n->time_usec);
}

#define PROPERTY(name, type, flags) SD_BUS_PROPERTY(name, type, get_property, 0, flags)
#define CHANGES SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("Version", "s", SD_BUS_VTABLE_PROPERTY_CONST),
        PROPERTY("State", "s", CHANGES),
        PROPERTY("Cause", "s", CHANGES),
        PROPERTY("Reason", "s", CHANGES),
        PROPERTY("Cancellation", "s", CHANGES),
        PROPERTY("DeadlineUSec", "t", CHANGES),
        PROPERTY("PowerValue", "u", CHANGES),
        PROPERTY("MinSupplies", "u", CHANGES),
        PROPERTY("ShutdownTimeUSec", "t", CHANGES),
        PROPERTY("DelayTooShort", "b", CHANGES),
        PROPERTY("Remarks", "as", CHANGES),
        SD_BUS_METHOD_WITH_ARGS("ListSupplies", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", supplies),
                        method_list_supplies, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Plan", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", rules, "aa{sv}", stages),
                        method_plan, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Rehearse", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", steps), method_rehearse,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("History", SD_BUS_ARGS("u", count), SD_BUS_RESULT("aa{sv}", shutdowns),
                        method_history, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetPolicy", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", rules),
        method_get_policy,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetPolicy", SD_BUS_ARGS("s", device, "s", rule, "d", value),
        SD_BUS_NO_RESULT,
                        method_set_policy, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ForceShutdown", SD_BUS_ARGS("s", reason), SD_BUS_NO_RESULT, method_force,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CancelShutdown", SD_BUS_ARGS("s", reason), SD_BUS_RESULT("as", final),
                        method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("FinishShutdown", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_finish,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Notices", SD_BUS_ARGS("t", after), SD_BUS_RESULT("a(tssst)", notices),
                        method_notices, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Notice",
                        SD_BUS_ARGS("t", number, "s", type, "s", device, "s", text, "t", time), 0),
        SD_BUS_VTABLE_END,
};

/*** Calls that are answered later ***/

/* Of one sender, or without one of all. */
static unsigned count_calls(const MonitorBus *b, bool rehearsals, const char *sender) {
        unsigned n = 0;

        for (const Call *c = b->calls; c; c = c->next)
                if ((c->kind == CALL_REHEARSE) == rehearsals &&
                    (!sender || streq(strempty(sd_bus_message_get_sender(c->message)), sender)))
                        n++;
        return n;
}

/* What is free for all must not be in the way of what ends a shutdown, and no caller in that of another. */
static bool is_crowded(const MonitorBus *b, CallKind kind, const char *sender) {
        if (kind != CALL_REHEARSE)
                return count_calls(b, false, sender) >= CALLS_PER_SENDER_MAX;

        return count_calls(b, true, sender) > 0 || count_calls(b, true, NULL) >= REHEARSALS_MAX;
}

int call_new(MonitorBus *b, CallKind kind, sd_bus_message *m, sd_bus_error *error, Call **ret) {
        if (is_crowded(b, kind, strempty(sd_bus_message_get_sender(m))))
                return sd_bus_error_set_const(error, BUS_ERROR_BUSY, "Too many calls wait for an answer");

        Call *c = new0(Call, 1);
        if (!c)
                return -ENOMEM;
        c->bus = b;
        c->kind = kind;
        c->message = sd_bus_message_ref(m);
        c->next = b->calls;
        b->calls = c;
        *ret = c;
        return 0;
}

Call *call_free(Call *c) {
        if (!c)
                return NULL;

        for (Call **p = &c->bus->calls; *p; p = &(*p)->next)
                if (*p == c) {
                        *p = c->next;
                        break;
                }
        bus_auth_free(c->auth);
        rehearsal_free(c->state);
        sd_bus_slot_unref(c->slot);
        sd_event_source_disable_unref(c->timer);
        sd_bus_message_unref(c->message);
        free(c);
        return NULL;
}

void call_answer(Call *c, int r, const sd_bus_error *error) {
        if (r < 0 && sd_bus_error_is_set(error))
                (void) sd_bus_reply_method_error(c->message, error);
        else if (r < 0)
                (void) sd_bus_reply_method_errno(c->message, r, NULL);
        else
                (void) sd_bus_reply_method_return(c->message, NULL);
        call_free(c);
}

/*** Life ***/

/* Another monitor has the name. Two that shut a machine down do no harm; this one gets the name when the
 * other goes. */
static int on_holder(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t pid = 0;

        if (!sd_bus_message_is_method_error(m, NULL))
                (void) sd_bus_message_read(m, "u", &pid);
        log_warning("Process %" PRIu32 " has the bus name " BUS_NAME_MONITOR " already; going on without it "
                    "until that one ends", pid);
        return 0;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        MonitorBus *b = userdata;
        uint32_t result = 0;

        if (sd_bus_message_is_method_error(m, NULL)) {
                log_warning("The bus does not give us the name " BUS_NAME_MONITOR ", going on without: %s",
                                strempty(sd_bus_message_get_error(m)->message));
                return 0;
        }
        if (sd_bus_message_read(m, "u", &result) < 0 || result != NAME_REPLY_IN_QUEUE)
                return 0;

        (void) sd_bus_call_method_async(b->bus, &b->holder, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "GetConnectionUnixProcessID", on_holder, b, "s",
                        BUS_NAME_MONITOR);
        return 0;
}

int monitor_bus_new(Monitor *m, MonitorBus **ret) {
        _cleanup_(monitor_bus_freep) MonitorBus *b = new0(MonitorBus, 1);

        if (!b)
                return -ENOMEM;
        b->monitor = m;
        b->bus = sd_bus_ref(m->bus);

        int r = sd_bus_add_object_vtable(b->bus, &b->slot, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR, vtable,
                        b);
        if (r < 0)
                return r;
        r = sd_bus_request_name_async(b->bus, &b->name, BUS_NAME_MONITOR, SD_BUS_NAME_QUEUE, on_name, b);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

MonitorBus *monitor_bus_free(MonitorBus *b) {
        if (!b)
                return NULL;

        while (b->calls)
                call_free(b->calls);
        sd_bus_slot_unref(b->slot);
        sd_bus_slot_unref(b->name);
        sd_bus_slot_unref(b->holder);
        sd_bus_unref(b->bus);
        free(b);
        return NULL;
}

int monitor_bus_introspect(FILE *f) {
        static const BusInterface interfaces[] = { { BUS_INTERFACE_MONITOR, vtable }, {} };

        return bus_introspect(f, interfaces);
}
