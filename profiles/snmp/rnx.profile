# SPDX-License-Identifier: LGPL-2.1-or-later
# RNX UPDU. A row has the number of a module, 0 for the whole PDU, and of its channel, 0 for the whole module.

[profile]
engine = snmp
title = "RNX UPDU"
version = 1.0
mib = rnx
type = pdu
vendor = RNX
include = agent
include = pdu

[objects]
rnx = 1.3.6.1.4.1.55108.1.3.1.1

[probe]
sysobjectid = 1.3.6.1.4.1.55108.1

[table:channels]
index = rnx.3
number = position
select = rnx.3.* is=6

[table:modules]
index = rnx.3
number = position
select = rnx.3.* is=5

[variables]
input.current = rnx.11.0.0 scale=0.001 when=!three-phase
input.L%.current = rnx.11.0.% each=1..3 scale=0.001 when=three-phase
input.L%.power = rnx.9.0.% each=1..3 when=three-phase
input.L%.realpower = rnx.7.0.% each=1..3 when=three-phase
input.L%.voltage = rnx.10.0.% each=1..3 scale=0.001 when=three-phase
input.power = rnx.9.0.0
input.realpower = rnx.7.0.0
input.voltage = rnx.10.0.0 scale=0.001
outlet.count = table:channels
outlet.*.current = rnx.11.* table=channels scale=0.001
outlet.*.desc = rnx.12.* table=channels ask=slow
outlet.*.id = number:channels table=channels
outlet.*.power = rnx.9.* table=channels
outlet.*.realpower = rnx.7.* table=channels
outlet.*.voltage = rnx.10.* table=channels scale=0.001
outlet.group.count = table:modules
outlet.group.*.current = rnx.11.* table=modules scale=0.001
outlet.group.*.id = number:modules table=modules
outlet.group.*.name = rnx.12.* table=modules ask=slow
outlet.group.*.realpower = rnx.7.* table=modules
outlet.group.*.voltage = rnx.10.* table=modules scale=0.001

[when:three-phase]
exists = rnx.11.0.3
