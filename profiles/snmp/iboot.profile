# SPDX-License-Identifier: LGPL-2.1-or-later
# Dataprobe iBoot-PDU: outlets are counted from 0 by the agent. 999.99 stands for a circuit that is not there.

[profile]
engine = snmp
title = "iBoot PDU"
version = 1.0
mib = iboot
type = pdu
vendor = Dataprobe
order = 600
include = agent
include = pdu

[objects]
iboot = 1.3.6.1.4.1.1418.6
outletName = iboot.5.1.2
outletStatus = iboot.5.1.3
outletCommand = iboot.5.1.5 integer
outletState = iboot.5.1.7

[probe]
sysobjectid = 1.3.6.1.4.1.1418.6
need = outletState.0

[table:outlets]
index = outletState
first = 0

[variables]
input.%.current = iboot.6.2.0 each=1..1 plausible=0..999 scale=0.01
input.%.voltage = iboot.6.1.0 each=1..1 plausible=0..999 scale=0.01
input.2.current = iboot.6.4.0 plausible=0..999 scale=0.01
input.2.voltage = iboot.6.3.0 plausible=0..999 scale=0.01
outlet.count = table:outlets
outlet.*.desc = outletName.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.status = outletState.* table=outlets lookup=states
ups.firmware = iboot.1.1.0 ask=once
ups.model = iboot.1.4.0 ask=once

[lookup:states]
0 = off
1 = on
