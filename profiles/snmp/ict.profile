# SPDX-License-Identifier: LGPL-2.1-or-later
# ICT power distribution series: DC, with fuses.

[profile]
engine = snmp
title = "ICT distribution"
version = 1.0
mib = ict
type = pdu
vendor = ICT
include = agent
include = pdu

[objects]
ict = 1.3.6.1.4.1.39145.10
channelName = ict.8.1.2 string
channelState = ict.8.1.5 integer

[probe]
sysobjectid = 1.3.6.1.4.1.39145.10

[table:outlets]
index = ict.8.1.3
first = 0

[variables]
input.current = ict.7.0
input.voltage = ict.6.0
outlet.count = table:outlets
outlet.*.current = ict.8.1.3.* table=outlets
outlet.*.desc = channelName.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.protect.status = ict.8.1.4.* table=outlets lookup=fuses
ups.firmware = ict.4.0 ask=once
ups.model = ict.1.0 ask=once

[lookup:fuses]
1 = good
2 = blown
