/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snmp-engine.h"
#include "snmp-shared.h"

/* The way to an agent, as port= and the options say. */

/* Opens it: a link to the network, or a walk that plays an agent. Nothing is sent. Failures are
 * explained. */
int snmp_open_link(Device *d, SnmpShared *shared, SnmpLink **ret);

/* Asks who it is, sysDescr and sysObjectID: that it does not answer at all is found out soon. */
int snmp_open_ask(SnmpLink *link, const Device *d, SnmpDone done, void *userdata);

/* What has turned out to be a serial number does not stay in a recording. */
void snmp_open_redact(const SnmpEngine *e);

/* What an error means to the user, in new memory; why is what link or engine say of it, or NULL. NULL when
 * there is no more to say than the error does. */
char *snmp_open_explain(const Device *d, int r, const char *why);

/* The transport, by port=. */
Transport snmp_open_transport(const Device *d);
