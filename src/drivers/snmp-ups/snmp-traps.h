/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "snmp-oid.h"

/* The sockets on which traps arrive. A trap says nothing but that its sender wants to be looked at: whoever
 * sent it in the name of an agent has that polled, and no more. */

typedef struct SnmpTrapPort SnmpTrapPort;

/* Who is told. */
typedef struct SnmpTrapSink {
        /* Whether somebody cares for what comes from there. */
        bool (*is_known)(const struct sockaddr *from, void *userdata);
        /* Something came; oid is NULL when it cannot be read: version 3. */
        void (*trapped)(const struct sockaddr *from, const SnmpOid *oid, void *userdata);
        void *userdata;
} SnmpTrapSink;

/* Takes over the UDP sockets that the service manager has passed to the process. 0 or a negative errno. */
int snmp_trap_ports_take_passed(SnmpTrapPort **ports, sd_event *event, const SnmpTrapSink *sink);

/* Listens on a port of all addresses, unless that is done already. 0 or a negative errno. */
int snmp_trap_ports_open(SnmpTrapPort **ports, sd_event *event, const SnmpTrapSink *sink, uint16_t port);

/* Closes all; returns NULL. */
SnmpTrapPort *snmp_trap_ports_free(SnmpTrapPort *ports);
