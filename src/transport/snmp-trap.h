/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "macro.h"
#include "snmp-oid.h"

/* Notifications of agents. What they say is not to be trusted: anybody can send them. They are good for
 * asking the agent earlier than it would have been. */

typedef struct SnmpTrap {
        SnmpOid oid;    /* snmpTrapOID; of version 1 as RFC 3584 makes it */
        bool is_inform; /* is acknowledged */
} SnmpTrap;

/* Reads a notification of version 1 or 2c. 0; -EBADMSG: it is none, or of version 3, of which nothing is
 * read; -ENOMEM. */
int snmp_trap_parse(const uint8_t *data, size_t n, SnmpTrap *ret);
void snmp_trap_done(SnmpTrap *t);

/* Turns an inform into the answer that it wants, in place. 0, or -EBADMSG for what is no inform. */
int snmp_trap_acknowledge(uint8_t *data, size_t n);

typedef struct SnmpTrapListener SnmpTrapListener;

/* Something came from there. oid is NULL when what it is cannot be read. An inform was acknowledged if
 * is_known() said so, which is asked first. The listener may be freed from neither. */
typedef void (*SnmpTrapped)(const struct sockaddr *from, const SnmpOid *oid, void *userdata);
typedef bool (*SnmpTrapIsKnown)(const struct sockaddr *from, void *userdata);

/* Opens a socket for notifications to any of our addresses, of IPv4 and IPv6. Returns a descriptor, or the
 * negative errno of bind(): -EADDRINUSE, -EACCES for ports below 1024. */
int snmp_trap_bind(uint16_t port);

/* Listens at a UDP socket, which is taken over in any case. What comes from those that are not known is
 * dropped. */
int snmp_trap_listener_new(sd_event *event,
        int fd,
        SnmpTrapIsKnown is_known,
        SnmpTrapped trapped,
        void *userdata,
        SnmpTrapListener **ret);
SnmpTrapListener *snmp_trap_listener_free(SnmpTrapListener *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpTrapListener *, snmp_trap_listener_free);
