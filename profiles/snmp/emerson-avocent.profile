# SPDX-License-Identifier: LGPL-2.1-or-later
# Avocent PM 1000, 2000 and 3000, strips in chains on ports of one agent. The status of an outlet is that of stock
# snmp-ups.

[profile]
engine = snmp
title = "Avocent PDU"
version = 1.0
mib = emerson_avocent_pdu
type = pdu
vendor = Avocent
order = 215
include = agent
include = pdu

[objects]
pm = 1.3.6.1.4.1.10418.17.2
pduEntry = pm.5.3.1
pduName = pm.5.3.1.3
outletEntry = pm.5.5.1 integer
outletName = pm.5.5.1.4 string

[probe]
sysobjectid = 1.3.6.1.4.1.10418.17.1.7
need = pm.1.2.0

[table:units]
index = pduEntry.8
number = position
chain

[table:outlets]
index = outletEntry.5
parent = units

[variables]
device.mfr = value=Avocent table=units
device.type = value=pdu table=units
device.count = table:units
ups.mfr = value=Avocent
ups.type = value=pdu
device.model = pduEntry.5.* table=units invalid=N/A ask=once
device.serial = pm.1.4.0 ask=once
outlet.count = pduEntry.8.* table=units plausible=1..999 ask=slow
outlet.desc = value="All outlets" table=units
outlet.id = value=0 table=units
outlet.*.current = outletEntry.50.* table=outlets scale=0.1
outlet.*.current.high.critical = outletEntry.100.* table=outlets scale=0.1 ask=slow rw range=0..100
outlet.*.current.high.warning = outletEntry.101.* table=outlets scale=0.1 ask=slow rw range=0..100
outlet.*.current.low.critical = outletEntry.103.* table=outlets scale=0.1 ask=slow rw range=0..100
outlet.*.current.low.warning = outletEntry.102.* table=outlets scale=0.1 ask=slow rw range=0..100
outlet.*.desc = outletName.* table=outlets invalid=N/A ask=slow rw length=31
outlet.*.id = number:outlets table=outlets
outlet.*.realpower = outletEntry.60.* table=outlets scale=0.1
outlet.*.status = outletEntry.5.* table=outlets lookup=off-on
outlet.*.voltage = outletEntry.70.* table=outlets
ups.firmware = pm.1.7.0 ask=once
ups.id = pm.1.1.0 ask=slow
ups.macaddr = ifPhysAddress.1 form=mac ask=once
ups.model = pm.1.2.0 ask=once
ups.serial = pm.1.4.0 ask=once

[lookup:off-on]
1 = off
2 = on

[commands]
outlet.*.load.cycle = set=outletEntry.6.*:4 table=outlets
outlet.*.load.off = set=outletEntry.6.*:3 table=outlets
outlet.*.load.on = set=outletEntry.6.*:2 table=outlets

[status]
online = pduEntry.8.* table=units is-match="."
