/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gateway-bus.h"

#include <inttypes.h>

#include "bus-auth.h"
#include "bus-introspect.h"
#include "bus-names.h"
#include "client.h"
#include "fsd.h"
#include "log.h"
#include "string-util.h"

/* The answer to RequestName that another has the name and we are next, as the D-Bus specification numbers
 * them. */
#define NAME_REPLY_IN_QUEUE 2U

/* A call that waits to be told who the caller is, and what polkit says. */
typedef struct Call Call;

struct Call {
        GatewayBus *bus;
        sd_bus_message *message;
        BusAuth *auth;
        sd_bus_slot *who; /* the question to the bus who the caller is */
        int (*append)(const Call *c, sd_bus_message *reply, bool with_user); /* of a question for a list */
        bool set; /* or clear */
        Call *next;
};

struct GatewayBus {
        Gateway *gateway;
        sd_bus *bus;
        sd_bus_slot *slot, *name, *holder;
        Call *calls;
};

/*** Properties ***/

static int get_listening(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        _cleanup_strv_free_ char **list = NULL;
        GatewayBus *b = userdata;

        int r = server_describe_listeners(b->gateway->server, &list);
        if (r < 0)
                return r;
        return sd_bus_message_append_strv(reply, list);
}

static int get_client_count(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        GatewayBus *b = userdata;

        return sd_bus_message_append(reply, "u", b->gateway->server->n_clients);
}

static int append_forced(sd_bus_message *reply, Gateway *g) {
        for (size_t i = 0; i < device_table_count(g->devices); i++) {
                const Device *d = device_table_get(g->devices, i);

                if (!d->forced)
                        continue;
                int r = sd_bus_message_append(reply, "(ssst)", d->name, d->forced->owner, d->forced->reason,
                                d->forced->since_usec);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int get_forced(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        GatewayBus *b = userdata;

        int r = sd_bus_message_open_container(reply, 'a', "(ssst)");
        if (r < 0)
                return r;
        r = append_forced(reply, b->gateway);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(reply);
}

/*** Calls ***/

static Call *call_free(Call *c) {
        if (!c)
                return NULL;

        for (Call **p = &c->bus->calls; *p; p = &(*p)->next)
                if (*p == c) {
                        *p = c->next;
                        break;
                }
        bus_auth_free(c->auth);
        sd_bus_slot_unref(c->who);
        sd_bus_message_unref(c->message);
        free(c);
        return NULL;
}

static Call *call_new(GatewayBus *b, sd_bus_message *m) {
        Call *c = new0(Call, 1);

        if (!c)
                return NULL;
        c->bus = b;
        c->message = sd_bus_message_ref(m);
        c->next = b->calls;
        b->calls = c;
        return c;
}

static void answer(Call *c, int r, const sd_bus_error *error) {
        if (r < 0 && sd_bus_error_is_set(error))
                (void) sd_bus_reply_method_error(c->message, error);
        else if (r < 0)
                (void) sd_bus_reply_method_errno(c->message, r, NULL);
        else
                (void) sd_bus_reply_method_return(c->message, NULL);
        call_free(c);
}

/*** Lists ***/

static int append_phase(sd_bus_message *reply, const Server *s, ClientPhase phase, bool with_user) {
        for (const Client *c = s->clients[phase].first; c; c = c->next) {
                const Session *session = &c->session;
                int r = sd_bus_message_append(reply, "(sssb)", session->address,
                                with_user ? strempty(session->username) : "",
                                session->device ? session->device->name : "", session->secure);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_clients(const Call *c, sd_bus_message *reply, bool with_user) {
        int r = sd_bus_message_open_container(reply, 'a', "(sssb)");

        for (ClientPhase p = CLIENT_IDLE; r >= 0 && p <= CLIENT_WAITING; p++)
                r = append_phase(reply, c->bus->gateway->server, p, with_user);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* The device that the call names, which is its first argument, or NULL with an error that says so. */
static Device *call_device(GatewayBus *b, sd_bus_message *m, sd_bus_error *error) {
        const char *name;

        (void) sd_bus_message_rewind(m, true);
        int r = sd_bus_message_read(m, "s", &name);
        if (r < 0) {
                (void) sd_bus_error_set_errno(error, r);
                return NULL;
        }

        Device *d = device_table_find(b->gateway->devices, name);
        if (!d)
                (void) sd_bus_error_setf(error, BUS_ERROR_ABSENT, "There is no device \"%s\"", name);
        return d;
}

static int append_logins(const Call *c, sd_bus_message *reply, bool with_user) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const Device *d = call_device(c->bus, c->message, &error);

        int r = sd_bus_message_open_container(reply, 'a', "(ssxb)");
        /* A device that has gone since the call came has nobody any more. */
        for (const Session *s = d ? d->sessions : NULL; r >= 0 && s; s = s->next)
                r = sd_bus_message_append(reply, "(ssxb)", s->address,
                                with_user ? strempty(s->username) : "",
                                s->need_seconds > 0 ? (int64_t) s->need_seconds : INT64_C(-1),
                                !s->uncounted);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int send_list(const Call *c, bool with_user) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        int r = sd_bus_message_new_method_return(c->message, &reply);
        if (r >= 0)
                r = c->append(c, reply, with_user);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/* Half of what it takes to be a user of upsd.users is the name, so not everybody gets to know it. */
static int on_lister(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Call *c = userdata;
        uint32_t uid;
        bool known = !sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "u", &uid) >= 0;

        int r = send_list(c, known && bus_gate_trusts(c->bus->gateway->gate, uid));
        if (r < 0)
                answer(c, r, NULL);
        else
                call_free(c);
        return 0;
}

static int list(GatewayBus *b, sd_bus_message *m,
                int (*append)(const Call *c, sd_bus_message *reply, bool with_user)) {
        Call *c = call_new(b, m);
        if (!c)
                return -ENOMEM;

        c->append = append;
        int r = sd_bus_call_method_async(c->bus->bus, &c->who, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser", on_lister,
                        c, "s", sd_bus_message_get_sender(m));
        if (r < 0) {
                call_free(c);
                return r;
        }
        return 1;
}

static int method_list_clients(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return list(userdata, m, append_clients);
}

static int method_list_logins(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return call_device(userdata, m, error) ? list(userdata, m, append_logins) : -ENODEV;
}

/*** Forced shutdowns ***/

static int clear_forced(Call *c, Device *d, const char *owner) {
        _cleanup_free_ char *why = strjoin("cleared by ", owner);
        if (!why)
                return -ENOMEM;

        fsd_clear(c->bus->gateway, d, why);
        return 0;
}

/* Reads the arguments anew, since the device may have gone while the question was open. */
static int carry_out(Call *c, const char *owner, sd_bus_error *error) {
        const char *reason = "";

        Device *d = call_device(c->bus, c->message, error);
        if (!d)
                return -ENODEV;

        int r = c->set ? sd_bus_message_read(c->message, "s", &reason) : 0;
        if (r < 0)
                return r;
        return c->set ? fsd_set(c->bus->gateway, d, owner, reason) : clear_forced(c, d, owner);
}

/* The owner of the flag is the user of the calling process. A refusal is in the log already. */
static void on_authorized(void *userdata, int r, uid_t uid, const sd_bus_error *refusal) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Call *c = userdata;

        c->auth = NULL; /* it ends with this call */
        if (r < 0) {
                answer(c, r, refusal);
                return;
        }

        _cleanup_free_ char *owner = strprintf("uid %" PRIu32 "@bus", uid);
        r = owner ? carry_out(c, owner, &error) : -ENOMEM;
        answer(c, r, &error);
}

static int ask(GatewayBus *b, sd_bus_message *m, bool set) {
        const char *name;

        int r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;

        Call *c = call_new(b, m);
        if (!c)
                return -ENOMEM;

        c->set = set;
        const char *details[] = { "device", name, NULL };
        r = bus_auth_check(b->gateway->gate, m, POLKIT_FORCE_SHUTDOWN, details, on_authorized, c, &c->auth);
        if (r < 0) {
                call_free(c);
                return r;
        }
        return 1;
}

static int method_set(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return ask(userdata, m, true);
}

static int method_clear(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return ask(userdata, m, false);
}

static const char version[] = BUSBAR_VERSION;

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", version);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Listening", "as", get_listening, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ClientCount", "u", get_client_count, 0, 0),
        SD_BUS_PROPERTY("ForcedShutdowns", "a(ssst)", get_forced, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_METHOD_WITH_ARGS("ListClients", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sssb)", clients),
                        method_list_clients, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListLogins", SD_BUS_ARGS("s", device), SD_BUS_RESULT("a(ssxb)", logins),
                        method_list_logins, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetForcedShutdown", SD_BUS_ARGS("s", device, "s", reason), SD_BUS_NO_RESULT,
                        method_set, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ClearForcedShutdown", SD_BUS_ARGS("s", device), SD_BUS_NO_RESULT,
                        method_clear, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("LoginsChanged", SD_BUS_ARGS("s", device, "u", count), 0),
        SD_BUS_VTABLE_END,
};

/*** Life ***/

/* Another gateway has the name. We serve what we find on the bus nonetheless, as one that was started by
 * hand for a test would, and get the name when the other goes. */
static int on_holder(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t pid = 0;

        if (!sd_bus_message_is_method_error(m, NULL))
                (void) sd_bus_message_read(m, "u", &pid);
        if (pid > 0)
                log_warning("Process %" PRIu32 " has the bus name " BUS_NAME_GATEWAY " already; going on "
                            "without it until that one ends", pid);
        else
                log_warning("Another process has the bus name " BUS_NAME_GATEWAY " already; going on "
                            "without it until that one ends");
        return 0;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        GatewayBus *b = userdata;
        uint32_t result = 0;

        if (sd_bus_message_is_method_error(m, NULL)) {
                log_warning("The bus does not give us the name " BUS_NAME_GATEWAY ", going on without: %s",
                                strempty(sd_bus_message_get_error(m)->message));
                return 0;
        }
        if (sd_bus_message_read(m, "u", &result) < 0 || result != NAME_REPLY_IN_QUEUE)
                return 0;

        (void) sd_bus_call_method_async(b->bus, &b->holder, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "GetConnectionUnixProcessID", on_holder, b, "s",
                        BUS_NAME_GATEWAY);
        return 0;
}

int gateway_bus_new(Gateway *g, sd_bus *bus, GatewayBus **ret) {
        _cleanup_(gateway_bus_freep) GatewayBus *b = new0(GatewayBus, 1);

        if (!b)
                return -ENOMEM;
        b->gateway = g;
        b->bus = sd_bus_ref(bus);

        int r = sd_bus_add_object_vtable(bus, &b->slot, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY, vtable, b);
        if (r < 0)
                return r;
        r = sd_bus_request_name_async(bus, &b->name, BUS_NAME_GATEWAY, SD_BUS_NAME_QUEUE, on_name, b);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

GatewayBus *gateway_bus_free(GatewayBus *b) {
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

static void property_changed(GatewayBus *b, const char *name) {
        if (b)
                (void) sd_bus_emit_properties_changed(b->bus, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY, name,
                                NULL);
}

void gateway_bus_forced_changed(GatewayBus *b) {
        property_changed(b, "ForcedShutdowns");
}

void gateway_bus_listening_changed(GatewayBus *b) {
        property_changed(b, "Listening");
}

void gateway_bus_logins_changed(GatewayBus *b, const Device *d) {
        if (b)
                (void) sd_bus_emit_signal(b->bus, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY, "LoginsChanged",
                                "su", d->name, d->n_sessions);
}

int gateway_bus_introspect(FILE *f) {
        static const BusInterface interfaces[] = { { BUS_INTERFACE_GATEWAY, vtable }, {} };

        return bus_introspect(f, interfaces);
}
