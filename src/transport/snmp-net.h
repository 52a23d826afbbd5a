/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "snmp-link.h"

/* Agents on the network, by net-snmp's single-session API. It reads no configuration of net-snmp's, no MIB,
 * and keeps no state on disk. */

typedef struct SnmpNet SnmpNet;

typedef enum SnmpVersion {
        SNMP_V1,
        SNMP_V2C,
        SNMP_V3,
} SnmpVersion;

typedef enum SnmpLevel {
        SNMP_LEVEL_NO_AUTH,
        SNMP_LEVEL_AUTH,
        SNMP_LEVEL_PRIV,
} SnmpLevel;

typedef struct SnmpCredentials {
        SnmpVersion version;
        const char *community; /* versions 1 and 2c */
        SnmpLevel level;       /* version 3, from here on */
        const char *user;
        const char *auth_protocol; /* "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512" */
        const char *auth_password;
        const char *priv_protocol; /* "DES", "AES" (128), "AES192", "AES256" */
        const char *priv_password;
        const char *context;       /* or NULL */
} SnmpCredentials;

typedef struct SnmpNetOptions {
        uint64_t timeout_usec; /* for each attempt, about; 0: a second */
        unsigned retries;      /* attempts after the first, at the most; all together take no longer than
                                * retries + 1 times timeout_usec, unless a request says otherwise */
} SnmpNetOptions;

/* What the links of a process share: net-snmp itself, and how many requests an agent has at a time: two, of
 * links with the same address, port and community, or user and context. */
int snmp_net_new(sd_event *event, SnmpNet **ret);
SnmpNet *snmp_net_free(SnmpNet *n); /* after its links */
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpNet *, snmp_net_free);

/* Makes a link; strings are copied. peer is as in net-snmp: HOST, HOST:PORT, [v6], udp:..., udp6:...,
 * tcp:.... Neither resolves nor sends: that is part of the first request, as is the discovery of the engine
 * id of version 3, which is repeated when the agent says that it has another one, or another time. -EINVAL:
 * *ret_why (new memory) says what is wrong with peer or credentials, which is not for another try. */
int snmp_net_open(SnmpNet *net,
        const char *peer,
        const SnmpCredentials *credentials,
        const SnmpNetOptions *options,
        SnmpLink **ret,
        char **ret_why);

/* Whether an address is that of the agent, as far as it is known: for notifications. The port does not
 * count. */
bool snmp_net_is_from(const SnmpLink *link, const struct sockaddr *address);

/* Whether this build of net-snmp knows a protocol of version 3. */
bool snmp_net_knows_auth(const char *protocol);
bool snmp_net_knows_priv(const char *protocol);
