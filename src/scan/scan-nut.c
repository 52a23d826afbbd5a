/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include "nut-client.h"
#include "string-util.h"

/* Devices of one server are told apart by the lower bits of the order. */
#define DEVICES_MAX 4096U

typedef struct NutSearch {
        ScanSearch head;
        ScanWalk *walk;
        Scan *scan;
} NutSearch;

typedef struct NutProbe {
        ScanProbe head;
        Scan *scan;
        NutClient *client;
        unsigned n_devices;
} NutProbe;

char *scan_nut_port(const char *name, const char *host, uint16_t port) {
        const char *at = isempty(name) ? "" : "@";
        bool brackets = strchr(host, ':') && host[0] != '[';

        if (port == SCAN_NUT_PORT)
                return strprintf("%s%s%s%s%s", strempty(name), at, brackets ? "[" : "", host,
                                brackets ? "]" : "");
        return strprintf("%s%s%s%s%s:%u", strempty(name), at, brackets ? "[" : "", host, brackets ? "]" : "",
                        port);
}

static uint16_t port_of(const Scan *s) {
        return s->settings->nut_port ?: (uint16_t) SCAN_NUT_PORT;
}

static void on_item(void *userdata, char *const *words, size_t n) {
        NutProbe *p = userdata;
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        _cleanup_free_ char *port = NULL;

        /* UPS NAME DESCRIPTION */
        if (n < 2 || !streq(words[0], "UPS") || p->n_devices >= DEVICES_MAX)
                return;
        port = scan_nut_port(words[1], p->head.address, port_of(p->scan));
        if (!port || scan_device_new(SCAN_NUT, "dummy-ups", port, &d) < 0)
                return;
        d->order = p->head.order * DEVICES_MAX + p->n_devices++;
        (void) scan_devices_add(&p->scan->devices, TAKE_PTR(d));
}

static void on_reply(void *userdata, int r, char *const *words, size_t n) {
        NutProbe *p = userdata;

        if (r < 0 && n > 1)
                scan_say(p->scan, LOG_NOTICE, SCAN_NUT, "the server at %s does not list its devices: %s",
                                p->head.address, words[1]);
        scan_probe_over(&p->head);
}

static void on_connected(void *userdata) {
        NutProbe *p = userdata;

        if (nut_client_list(p->client, on_item, on_reply, p, "LIST", "UPS", NULL) < 0)
                scan_probe_over(&p->head);
}

static void on_lost(void *userdata, int r) {
        NutProbe *p = userdata;

        if (r == -EPROTO)
                scan_say(p->scan, LOG_NOTICE, SCAN_NUT, "what listens on port %u of %s is no NUT server",
                                port_of(p->scan), p->head.address);
        scan_probe_over(&p->head);
}

static int ask(ScanProbe *head, void *userdata) {
        static const NutClientOps ops = { .connected = on_connected, .lost = on_lost };
        NutSearch *search = userdata;
        NutProbe *p = (NutProbe *) head;

        p->scan = search->scan;
        return nut_client_new(p->scan->event, head->address, port_of(p->scan), NULL, scan_timeout(p->scan),
                        &ops, p, &p->client);
}

static void probe_done(ScanProbe *head) {
        NutProbe *p = (NutProbe *) head;

        p->client = nut_client_leave(p->client);
}

static void on_walked(void *userdata) {
        NutSearch *search = userdata;

        scan_search_over(&search->head);
}

static void search_free(ScanSearch *head) {
        NutSearch *search = (NutSearch *) head;

        scan_walk_free(search->walk);
        free(search);
}

static int begin(Scan *s, ScanSearch **ret) {
        static const ScanWalkOps ops = {
                .probe_size = sizeof(NutProbe),
                .ask = ask,
                .done = probe_done,
                .over = on_walked,
        };
        NutSearch *search = new0(NutSearch, 1);
        int r;

        if (!search)
                return -ENOMEM;
        search->scan = s;
        r = scan_walk_new(s, s->settings->ranges, scan_parallel(s, 1), &ops, search, &search->walk);
        if (r <= 0) {
                free(search);
                return r;
        }
        *ret = &search->head;
        return 1;
}

const ScanSearchOps scan_nut_ops = { .kind = SCAN_NUT, .begin = begin, .free = search_free };
