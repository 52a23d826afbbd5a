# SPDX-License-Identifier: LGPL-2.1-or-later
# Telecom and server PDUs of TS with metered inlets.

[profile]
engine = snmp
title = "TS BSPDU"
version = 1.0
mib = ts-bspdu
type = pdu
vendor = TS
include = agent
include = pdu

[objects]
ts = 1.3.6.1.4.1.42610.1.4.4.1.6.1.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.42610

[table:inlets]
index = ts.6
number = position

[variables]
input.count = table:inlets
input.*.current = ts.6.* table=inlets scale=0.01
input.*.realpower = ts.15.* table=inlets scale=0.1
input.*.voltage = ts.9.* table=inlets plausible=1..9999
