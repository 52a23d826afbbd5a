# SPDX-License-Identifier: LGPL-2.1-or-later
# PLANET IPM managed PDUs.

[profile]
engine = snmp
title = "PLANET PDU"
version = 1.0
mib = planet
type = pdu
vendor = PLANET
include = agent
include = pdu

[objects]
planet = 1.3.6.1.4.1.10456.3.3

[probe]
sysobjectid = 1.3.6.1.4.1.10456

[table:outlets]
index = planet.3.1.4

[variables]
input.current = planet.2.1.5.1
input.realpower = planet.2.1.6.1
input.voltage = planet.2.1.3.1
outlet.count = table:outlets
outlet.*.current = planet.3.1.7.* table=outlets
outlet.*.id = number:outlets table=outlets
outlet.*.realpower = planet.3.1.9.* table=outlets
outlet.*.status = planet.3.1.4.* table=outlets lookup=states
outlet.*.voltage = planet.3.1.6.* table=outlets
ups.temperature = planet.5.1.3.1 scale=0.1

[lookup:states]
0 = off
1 = on
