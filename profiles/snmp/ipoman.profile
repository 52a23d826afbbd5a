# SPDX-License-Identifier: LGPL-2.1-or-later
# Ingrasys iPoMan and Chenbro PDUs: inlets, and outlets with their own meters.

[profile]
engine = snmp
title = "iPoMan PDU"
version = 1.0
mib = ipoman
type = pdu
vendor = Ingrasys
include = agent
include = pdu

[objects]
ipoman = 1.3.6.1.4.1.2468.1.4.2.1
inletConfig = ipoman.3.1.2.1
inletStatus = ipoman.3.1.3.1
outletConfig = ipoman.3.2.2.1
outletStatus = ipoman.3.2.3.1

[probe]
sysobjectid = 1.3.6.1.4.1.2468.1.4.2.1

[table:inlets]
index = inletStatus.3

[table:outlets]
index = outletStatus.3

[when:one-inlet]
table = inlets 1..1

[variables]
input.count = table:inlets
input.current = inletStatus.3.1 scale=0.001 when=one-inlet
input.frequency = inletStatus.4.1 scale=0.1 when=one-inlet
input.voltage = inletStatus.2.1 scale=0.1 when=one-inlet
input.*.current = inletStatus.3.* table=inlets scale=0.001 when=!one-inlet
input.*.frequency = inletStatus.4.* table=inlets scale=0.1 when=!one-inlet
input.*.voltage = inletStatus.2.* table=inlets scale=0.1 when=!one-inlet
outlet.count = table:outlets
outlet.*.current = outletStatus.3.* table=outlets scale=0.001
outlet.*.desc = outletConfig.2.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
