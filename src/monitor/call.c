/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "call.h"

#include <stdarg.h>

#include "string-util.h"

int call_method(sd_bus *bus, sd_bus_slot **slot, Peer peer, const char *member, uint64_t timeout_usec,
                sd_bus_message_handler_t handler, void *userdata, const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;

        *slot = sd_bus_slot_unref(*slot);
        if (!bus)
                return -ENOTCONN;

        int r = sd_bus_message_new_method_call(bus, &m, peer.name, peer.path, peer.interface, member);
        if (r < 0)
                return r;
        if (!isempty(types)) {
                va_start(ap, types);
                r = sd_bus_message_appendv(m, types, ap);
                va_end(ap);
                if (r < 0)
                        return r;
        }
        return sd_bus_call_async(bus, slot, m, handler, userdata, timeout_usec);
}

int call_get(sd_bus *bus, sd_bus_slot **slot, Peer peer, const char *property, uint64_t timeout_usec,
                sd_bus_message_handler_t handler, void *userdata) {
        Peer properties = { peer.name, peer.path, "org.freedesktop.DBus.Properties" };

        return call_method(bus, slot, properties, "Get", timeout_usec, handler, userdata, "ss",
                        peer.interface, property);
}

const char *call_failure(sd_bus_message *m) {
        const sd_bus_error *e = sd_bus_message_get_error(m);

        return e && !isempty(e->message) ? e->message : e && e->name ? e->name : "no reason given";
}

const char *call_error_name(sd_bus_message *m) {
        const sd_bus_error *e = sd_bus_message_get_error(m);

        return e ? e->name : NULL;
}
