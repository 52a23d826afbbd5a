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

/* A call that waits for the word of polkit. */
typedef struct Call Call;

struct Call {
        GatewayBus *bus;
        sd_bus_message *message;
        BusAuth *auth;
        sd_bus_slot *who; /* the question who the caller is */
        bool set; /* or clear */
        Call *next;
};

struct GatewayBus {
        Gateway *gateway;
        sd_bus *bus;
        sd_bus_slot *slot, *name;
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

/*** Methods ***/

static int append_clients(sd_bus_message *reply, const Server *s, ClientPhase phase) {
        for (const Client *c = s->clients[phase].first; c; c = c->next) {
                const Session *session = &c->session;
                int r = sd_bus_message_append(reply, "(sssb)", session->address, strempty(session->username),
                                session->device ? session->device->name : "", false);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int method_list_clients(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        GatewayBus *b = userdata;

        int r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sssb)");
        for (ClientPhase p = CLIENT_IDLE; r >= 0 && p <= CLIENT_VERIFYING; p++)
                r = append_clients(reply, b->gateway->server, p);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;
        return sd_bus_message_send(reply);
}

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

static int clear_forced(Call *c, Device *d, const char *owner) {
        _cleanup_free_ char *why = strjoin("cleared by ", owner);
        if (!why)
                return -ENOMEM;

        fsd_clear(c->bus->gateway, d, why);
        return 0;
}

/* Reads the arguments anew, since the device may have gone while the questions were open. */
static int carry_out(Call *c, const char *owner, sd_bus_error *error) {
        const char *name, *reason = "";

        (void) sd_bus_message_rewind(c->message, true);
        int r = sd_bus_message_read(c->message, "s", &name);
        if (r >= 0 && c->set)
                r = sd_bus_message_read(c->message, "s", &reason);
        if (r < 0)
                return r;

        Device *d = device_table_find(c->bus->gateway->devices, name);
        if (!d)
                return sd_bus_error_setf(error, BUS_ERROR_ABSENT, "There is no device \"%s\"", name);
        return c->set ? fsd_set(c->bus->gateway, d, owner, reason) : clear_forced(c, d, owner);
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

/* The owner of the flag is the user of the calling process. */
static int on_user(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Call *c = userdata;
        uint32_t uid;

        _cleanup_free_ char *owner = sd_bus_message_read(m, "u", &uid) < 0
                ? strdup(strempty(sd_bus_message_get_sender(c->message)))
                : strprintf("uid %" PRIu32 "@bus", uid);
        int r = owner ? carry_out(c, owner, &error) : -ENOMEM;

        answer(c, r, &error);
        return 0;
}

static void on_authorized(void *userdata, int r, const sd_bus_error *refusal) {
        Call *c = userdata;

        c->auth = NULL; /* it ends with this call */
        if (r >= 0)
                r = sd_bus_call_method_async(c->bus->bus, &c->who, "org.freedesktop.DBus",
                                "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser",
                                on_user, c, "s", sd_bus_message_get_sender(c->message));
        if (r < 0)
                answer(c, r, refusal);
}

static int ask(GatewayBus *b, sd_bus_message *m, bool set) {
        const char *name;

        int r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;

        Call *c = new0(Call, 1);
        if (!c)
                return -ENOMEM;

        c->bus = b;
        c->set = set;
        c->message = sd_bus_message_ref(m);
        c->next = b->calls;
        b->calls = c;

        const char *details[] = { "device", name, NULL };
        r = bus_auth_check(m, POLKIT_FORCE_SHUTDOWN, details, on_authorized, c, &c->auth);
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
        SD_BUS_METHOD_WITH_ARGS("SetForcedShutdown", SD_BUS_ARGS("s", device, "s", reason), SD_BUS_NO_RESULT,
                        method_set, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ClearForcedShutdown", SD_BUS_ARGS("s", device), SD_BUS_NO_RESULT,
                        method_clear, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/*** Life ***/

/* Without the name we still serve what we find on the bus: a gateway that was started by hand beside
 * another. */
static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t result = 0;

        if (sd_bus_message_is_method_error(m, NULL))
                log_warning("Cannot be " BUS_NAME_GATEWAY " on the bus: %s",
                                sd_bus_message_get_error(m)->message);
        else if (sd_bus_message_read(m, "u", &result) < 0 || result != 1)
                log_warning("There is another " BUS_NAME_GATEWAY " on the bus, waiting for it to go");
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
        r = sd_bus_request_name_async(bus, &b->name, BUS_NAME_GATEWAY, SD_BUS_NAME_QUEUE,
                        on_name, b);
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

int gateway_bus_introspect(FILE *f) {
        static const BusInterface interfaces[] = { { BUS_INTERFACE_GATEWAY, vtable }, {} };

        return bus_introspect(f, interfaces);
}
