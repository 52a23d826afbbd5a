/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-announced.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "announced.h"
#include "string-util.h"

#define RESOLVED "org.freedesktop.resolve1"
#define RESOLVED_PATH "/org/freedesktop/resolve1"
#define RESOLVED_MANAGER RESOLVED ".Manager"
#define DOMAIN "local"

/* Of DNS. */
#define CLASS_IN 1
#define TYPE_PTR 12

/*** One server ***/

/* The first address of the first place where it is. */
static int read_place(sd_bus_message *m, Announced *n) {
        const char *host;
        const void *data;
        char text[INET6_ADDRSTRLEN];
        int32_t interface, family;
        size_t size;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(qqqsa(iiay)s)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'r', "qqqsa(iiay)s");
        if (r <= 0)
                return r < 0 ? r : -ENODATA;
        r = sd_bus_message_skip(m, "qq");
        if (r >= 0)
                r = sd_bus_message_read(m, "qs", &n->port, &host);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(iiay)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'r', "iiay");
        if (r <= 0)
                return r < 0 ? r : -ENODATA;
        r = sd_bus_message_read(m, "ii", &interface, &family);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', &data, &size);
        if (r < 0)
                return r;
        if (size != (family == AF_INET ? 4 : 16) || !inet_ntop(family, data, text, sizeof(text)))
                return -EBADMSG;

        n->v4 = family == AF_INET;
        n->address = strdup(text);
        n->host = n->address ? strdup(host) : NULL;
        return n->host ? 0 : -ENOMEM;
}

/* Behind the first place nothing else of the array is of interest. */
static int read_devices(sd_bus_message *m, Announced *n) {
        int r;

        r = sd_bus_message_rewind(m, true);
        if (r >= 0)
                r = sd_bus_message_skip(m, "a(qqqsa(iiay)s)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "ay");
        while (r > 0) {
                const void *data;
                size_t size;

                r = sd_bus_message_read_array(m, 'y', &data, &size);
                if (r > 0 && announced_devices(data, size, &n->devices) < 0)
                        r = -ENOMEM;
        }
        return r;
}

static int on_service(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        Announced *n = userdata;

        if (!sd_bus_message_is_method_error(m, NULL) && read_place(m, n) >= 0)
                (void) read_devices(m, n);
        announced_known(n);
        return 0;
}

static void ask_service(AvahiSearch *a, const char *instance) {
        Announced *n = announced_new(a);

        if (n && scan_bus_call(a->scan, &n->slot, (const char *const[]) { RESOLVED, RESOLVED_PATH,
                         RESOLVED_MANAGER, "ResolveService" }, on_service, n, "isssit", 0, instance,
                         SERVICE_TYPE, DOMAIN, AF_UNSPEC, UINT64_C(0)) < 0)
                announced_known(n);
}

/*** All servers ***/

static int read_records(AvahiSearch *a, sd_bus_message *m) {
        int r = sd_bus_message_enter_container(m, 'a', "(iqqay)");

        while (r >= 0) {
                _cleanup_free_ char *instance = NULL;
                const void *data;
                size_t size;

                r = sd_bus_message_enter_container(m, 'r', "iqqay");
                if (r <= 0)
                        break;
                r = sd_bus_message_skip(m, "iqq");
                if (r >= 0)
                        r = sd_bus_message_read_array(m, 'y', &data, &size);
                if (r >= 0 && announced_instance(data, size, &instance) >= 0)
                        ask_service(a, instance);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int on_records(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        AvahiSearch *a = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        if (error)
                scan_say(a->scan, LOG_NOTICE, SCAN_AVAHI, "nobody here knows of servers that announce "
                                "themselves: there is no Avahi, and systemd-resolved says \"%s\"; start "
                                "avahi-daemon, or set MulticastDNS=yes, or name addresses",
                                error->message ?: error->name);
        else
                (void) read_records(a, m);
        announced_all(a);
        return 0;
}

int announced_ask_resolved(AvahiSearch *a) {
        a->browser = sd_bus_slot_unref(a->browser);
        return scan_bus_call(a->scan, &a->browser, (const char *const[]) { RESOLVED, RESOLVED_PATH,
                        RESOLVED_MANAGER, "ResolveRecord" }, on_records, a, "isqqt", 0,
                        SERVICE_TYPE "." DOMAIN, CLASS_IN, TYPE_PTR, UINT64_C(0));
}
