/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-traps.h"

#include <systemd/sd-daemon.h>

#include "snmp-trap.h"

struct SnmpTrapPort {
        SnmpTrapPort *next;
        SnmpTrapListener *listener;
        uint16_t port; /* 0: it was passed */
};

static int add(
        SnmpTrapPort **ports, sd_event *event, const SnmpTrapSink *sink, int fd, uint16_t port) {
        _cleanup_close_ int owned = fd;
        _cleanup_free_ SnmpTrapPort *p = new0(SnmpTrapPort, 1);
        int r;

        if (!p)
                return -ENOMEM;

        r = snmp_trap_listener_new(
                event, TAKE_FD(owned), sink->is_known, sink->trapped, sink->userdata, &p->listener);
        if (r < 0)
                return r;

        p->port = port;
        p->next = *ports;
        *ports = TAKE_PTR(p);
        return 0;
}

int snmp_trap_ports_take_passed(SnmpTrapPort **ports, sd_event *event, const SnmpTrapSink *sink) {
        int n = sd_listen_fds(false), r;

        for (int i = 0; i < n; i++) {
                int fd = SD_LISTEN_FDS_START + i;

                if (sd_is_socket(fd, AF_INET, SOCK_DGRAM, -1) <= 0 &&
                    sd_is_socket(fd, AF_INET6, SOCK_DGRAM, -1) <= 0)
                        continue;
                r = add(ports, event, sink, fd, 0);
                if (r < 0)
                        return r;
        }
        return n < 0 ? n : 0;
}

int snmp_trap_ports_open(SnmpTrapPort **ports, sd_event *event, const SnmpTrapSink *sink, uint16_t port) {
        int fd;

        for (const SnmpTrapPort *p = *ports; p; p = p->next)
                if (p->port == port)
                        return 0;

        fd = snmp_trap_bind(port);
        return fd < 0 ? fd : add(ports, event, sink, fd, port);
}

SnmpTrapPort *snmp_trap_ports_free(SnmpTrapPort *ports) {
        while (ports) {
                SnmpTrapPort *next = ports->next;

                snmp_trap_listener_free(ports->listener);
                free(ports);
                ports = next;
        }
        return NULL;
}
