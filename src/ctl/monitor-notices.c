/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-names.h"
#include "bus-peer.h"
#include "monitor.h"

struct MonitorWatch {
        BusPeer *monitor;
        sd_bus_slot *notices;
        MonitorOnNotice on_notice;
        void *userdata;
};

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        MonitorWatch *w = userdata;
        MonitorNotice n = {};

        if (!bus_peer_sent(w->monitor, m) ||
            sd_bus_message_read(m, "tssst", &n.number, &n.type, &n.device, &n.text, &n.time_usec) < 0)
                return 0;

        w->on_notice(w->userdata, &n);
        return 0;
}

int monitor_watch_new(sd_bus *bus, MonitorOnNotice on_notice, void *userdata, MonitorWatch **ret) {
        _cleanup_(monitor_watch_freep) MonitorWatch *w = new0(MonitorWatch, 1);
        int r;

        if (!w)
                return -ENOMEM;

        w->on_notice = on_notice;
        w->userdata = userdata;

        r = sd_bus_match_signal_async(bus, &w->notices, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                                      BUS_INTERFACE_MONITOR, "Notice", on_signal, NULL, w);
        if (r < 0)
                return r;

        r = bus_peer_new(bus, BUS_NAME_MONITOR, NULL, NULL, &w->monitor);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(w);
        return 0;
}

MonitorWatch *monitor_watch_free(MonitorWatch *w) {
        if (!w)
                return NULL;

        sd_bus_slot_unref(w->notices);
        bus_peer_free(w->monitor);
        free(w);
        return NULL;
}
