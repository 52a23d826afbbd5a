# SPDX-License-Identifier: LGPL-2.1-or-later
# Western Telematic (WTI) VMR, NPS and RSM switched PDUs.

[profile]
engine = snmp
title = "WTI PDU"
version = 1.0
mib = wti
type = pdu
vendor = WTI
include = agent
include = pdu

[objects]
wti = 1.3.6.1.4.1.2634.3
plugEntry = wti.100.200.1
plugName = wti.100.200.1.5 string
unitEntry = wti.200.10.1

[probe]
sysobjectid = 1.3.6.1.4.1.2634

[table:outlets]
index = plugEntry.3

[variables]
input.1.current = wti.200.20.0 scale=0.1
input.1.realpower = wti.200.30.0
input.1.voltage = unitEntry.5.1 plausible=1..999
input.2.current = wti.200.40.0 scale=0.1
input.2.realpower = wti.200.50.0
input.2.voltage = unitEntry.8.1 plausible=1..999
input.current = wti.200.60.0 scale=0.1
input.realpower = wti.200.70.0
outlet.count = table:outlets
outlet.*.current = plugEntry.7.* table=outlets scale=0.1
outlet.*.desc = plugName.* table=outlets ask=slow
outlet.*.id = plugEntry.2.* table=outlets ask=slow
outlet.*.realpower = plugEntry.8.* table=outlets
outlet.*.status = plugEntry.3.* table=outlets lookup=states
ups.model = unitEntry.2.1 ask=once

[lookup:states]
0 = off
1 = on
