# SPDX-License-Identifier: LGPL-2.1-or-later
# ATEN PE PDUs.

[profile]
engine = snmp
title = "ATEN PDU"
version = 1.0
mib = aten
type = pdu
vendor = ATEN
include = agent
include = pdu

[objects]
aten = 1.3.6.1.4.1.21317.1.3.2.2.2.2

[probe]
sysobjectid = 1.3.6.1.4.1.21317

[table:outlets]
index = aten.99.1.3

[variables]
outlet.count = table:outlets
outlet.*.current = aten.99.1.2.* table=outlets scale=0.001
outlet.*.id = number:outlets table=outlets
outlet.*.realpower = aten.99.1.4.* table=outlets scale=0.001
outlet.*.voltage = aten.99.1.3.* table=outlets scale=0.001
