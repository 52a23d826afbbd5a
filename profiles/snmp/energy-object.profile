# SPDX-License-Identifier: LGPL-2.1-or-later
# Any device with switched outlets that follows the standard for energy objects (RFC 7460): Digital Loggers power
# controllers, and others. A power whose caliber is "unavailable" is not measured. The multiplier is a power of ten.

[profile]
engine = snmp
title = "Energy objects (RFC 7460)"
version = 1.0
mib = energy-object
type = pdu
order = 985
include = agent
include = pdu

[objects]
eoPowerEntry = 1.3.6.1.2.1.229.1.2.1
eoPowerAdminState = 1.3.6.1.2.1.229.1.2.1.8 integer

[probe]
sysobjectid = 1.3.6.1.2.1.229
need = eoPowerEntry.9.1

[table:outlets]
index = eoPowerEntry.9

[when:measured]
value = eoPowerEntry.5.{outlets} is-range=2..5

[when:units]
value = eoPowerEntry.3.{outlets} is=0

[when:milli]
value = eoPowerEntry.3.{outlets} is=-3

[when:deci]
value = eoPowerEntry.3.{outlets} is=-1

[variables]
outlet.count = table:outlets
outlet.*.id = number:outlets table=outlets
outlet.*.realpower = eoPowerEntry.1.* table=outlets when=measured when=units
outlet.*.realpower = eoPowerEntry.1.* table=outlets when=measured when=milli scale=0.001
outlet.*.realpower = eoPowerEntry.1.* table=outlets when=measured when=deci scale=0.1
outlet.*.status = eoPowerEntry.9.* table=outlets lookup=power-states

# IEEE 1621: off, sleep, on.
[lookup:power-states]
257 = off
259 = on

[commands]
outlet.*.load.off = set=eoPowerAdminState.*:257 table=outlets
outlet.*.load.on = set=eoPowerAdminState.*:259 table=outlets
