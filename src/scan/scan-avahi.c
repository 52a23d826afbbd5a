/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-announced.h"

#include "announced.h"
#include "string-util.h"

#define AVAHI "org.freedesktop.Avahi"
#define AVAHI_SERVER AVAHI ".Server"
#define AVAHI_BROWSER AVAHI ".ServiceBrowser"
#define AVAHI_ANY (-1)
#define AVAHI_INET 0

/* Servers that announce themselves by DNS-SD, as Avahi knows them. What does not announce its devices is
 * asked for them. */

static void check_over(AvahiSearch *a) {
        if (a->over || !a->all_known || a->n_waiting > 0)
                return;
        a->over = true;
        scan_search_over(&a->head);
}

/*** What is found ***/

static int add(const Announced *n, const char *name, size_t i) {
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        _cleanup_free_ char *port = scan_nut_port(name, n->host, n->port);
        int r = port ? scan_device_new(SCAN_NUT, "dummy-ups", port, &d) : -ENOMEM;

        if (r < 0)
                return r;
        d->order = UINT64_MAX / 2 + n->order * 4096 + i;
        r = scan_device_add(d, "desc", n->v4 ? "IPv4" : "IPv6", NULL);
        return r < 0 ? r : scan_devices_add(&n->search->scan->devices, TAKE_PTR(d));
}

static void announced_over(Announced *n) {
        size_t i = 0;

        if (n->done)
                return;
        n->done = true;
        STRV_FOREACH(name, n->devices)
                (void) add(n, *name, i++);
        if (i == 0 && n->host)
                (void) add(n, NULL, 0);
        n->search->n_waiting--;
        check_over(n->search);
}

/*** Asking the server ***/

static void on_item(void *userdata, char *const *words, size_t count) {
        Announced *n = userdata;

        if (count >= 2 && strv_length(n->devices) < SERVERS_MAX)
                (void) strv_extend(&n->devices, words[1]);
}

static void on_reply(void *userdata, int r, char *const *words, size_t count) {
        announced_over(userdata);
}

static void on_connected(void *userdata) {
        Announced *n = userdata;

        if (nut_client_list(n->client, on_item, on_reply, n, "LIST", "UPS", NULL) < 0)
                announced_over(n);
}

static void on_lost(void *userdata, int r) {
        announced_over(userdata);
}

static void ask_server(Announced *n) {
        static const NutClientOps ops = { .connected = on_connected, .lost = on_lost };
        Scan *s = n->search->scan;

        if (nut_client_new(s->event, n->address, n->port, NULL, scan_timeout(s), &ops, n, &n->client) < 0)
                announced_over(n);
}

void announced_known(Announced *n) {
        if (!n->host || n->devices)
                announced_over(n);
        else
                ask_server(n);
}

void announced_all(AvahiSearch *a) {
        a->all_known = true;
        check_over(a);
}

Announced *announced_new(AvahiSearch *a) {
        Announced *n = a->n_servers < SERVERS_MAX ? new0(Announced, 1) : NULL;

        if (!n)
                return NULL;
        n->search = a;
        n->next = a->servers;
        a->servers = n;
        n->order = a->n_servers++;
        a->n_waiting++;
        return n;
}

/*** Resolving ***/

static int read_txt(sd_bus_message *m, Announced *n) {
        int r = sd_bus_message_enter_container(m, 'a', "ay");

        while (r >= 0) {
                const void *data;
                size_t size;

                r = sd_bus_message_read_array(m, 'y', &data, &size);
                if (r <= 0)
                        break;
                r = announced_devices(data, size, &n->devices);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_resolved(sd_bus_message *m, Announced *n) {
        const char *name, *type, *domain, *host, *address;
        int32_t interface, protocol, address_protocol;
        int r;

        r = sd_bus_message_read(m, "iissssisq", &interface, &protocol, &name, &type, &domain, &host,
                        &address_protocol, &address, &n->port);
        if (r >= 0)
                r = read_txt(m, n);
        if (r < 0)
                return r;
        n->v4 = address_protocol == AVAHI_INET;
        n->address = strdup(address);
        n->host = n->address ? strdup(host) : NULL;
        return n->host ? 0 : -ENOMEM;
}

static int on_resolved(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        Announced *n = userdata;

        if (!sd_bus_message_is_method_error(m, NULL))
                (void) read_resolved(m, n);
        announced_known(n);
        return 0;
}

/*** Browsing ***/

static int on_new(AvahiSearch *a, sd_bus_message *m) {
        const char *name, *type, *domain;
        int32_t interface, protocol;
        uint32_t flags;
        Announced *n;
        int r;

        r = sd_bus_message_read(m, "iisssu", &interface, &protocol, &name, &type, &domain, &flags);
        if (r < 0)
                return r;
        n = announced_new(a);
        if (!n)
                return -ENOBUFS;
        r = scan_bus_call(a->scan, &n->slot, (const char *const[]) { AVAHI, "/", AVAHI_SERVER,
                        "ResolveService" }, on_resolved, n, "iisssiu", interface, protocol, name, type,
                        domain, AVAHI_ANY, UINT32_C(0));
        if (r < 0)
                announced_over(n);
        return r;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        AvahiSearch *a = userdata;

        if (sd_bus_message_is_signal(m, AVAHI_BROWSER, "ItemNew"))
                (void) on_new(a, m);
        else if (sd_bus_message_is_signal(m, AVAHI_BROWSER, "AllForNow") ||
                 sd_bus_message_is_signal(m, AVAHI_BROWSER, "Failure"))
                announced_all(a);
        return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        AvahiSearch *a = userdata;

        a->all_known = true;
        for (Announced *n = a->servers; n; n = n->next)
                announced_over(n);
        check_over(a);
        return 0;
}

static int on_browser(sd_bus_message *m, void *userdata, sd_bus_error *e) {
        AvahiSearch *a = userdata;

        if (sd_bus_message_is_method_error(m, NULL) && announced_ask_resolved(a) < 0)
                announced_all(a);
        return 0;
}

static void search_free(ScanSearch *head) {
        AvahiSearch *a = (AvahiSearch *) head;

        for (Announced *n = a->servers, *next; n; n = next) {
                next = n->next;
                sd_bus_slot_unref(n->slot);
                nut_client_leave(n->client);
                free(n->host);
                free(n->address);
                strv_free(n->devices);
                free(n);
        }
        sd_bus_slot_unref(a->match);
        sd_bus_slot_unref(a->browser);
        sd_event_source_disable_unref(a->timer);
        free(a);
}

/* Signals may come before the answer that says of which browser they are: ours is the only one of ours. */
static int ask(AvahiSearch *a) {
        int r;

        r = sd_bus_add_match_async(a->bus, &a->match,
                "type='signal',sender='" AVAHI "',interface='" AVAHI_BROWSER "'", on_signal, NULL, a);
        if (r >= 0)
                r = scan_bus_call(a->scan, &a->browser, (const char *const[]) { AVAHI, "/", AVAHI_SERVER,
                                "ServiceBrowserNew" }, on_browser, a, "iissu", AVAHI_ANY, AVAHI_ANY,
                                SERVICE_TYPE, "", UINT32_C(0));
        if (r >= 0)
                r = sd_event_add_time_relative(a->scan->event, &a->timer, CLOCK_MONOTONIC,
                                2 * scan_timeout(a->scan), 0, on_time, a);
        return r;
}

static int begin(Scan *s, ScanSearch **ret) {
        AvahiSearch *a;
        sd_bus *bus;
        int r;

        if (scan_bus(s, SCAN_AVAHI, &bus) < 0)
                return 0;
        a = new0(AvahiSearch, 1);
        if (!a)
                return -ENOMEM;
        a->scan = s;
        a->bus = bus;
        r = ask(a);
        if (r < 0) {
                search_free(&a->head);
                return r;
        }
        *ret = &a->head;
        return 1;
}

const ScanSearchOps scan_avahi_ops = { .kind = SCAN_AVAHI, .begin = begin, .free = search_free };
