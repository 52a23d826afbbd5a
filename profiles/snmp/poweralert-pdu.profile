# SPDX-License-Identifier: LGPL-2.1-or-later
# Tripp Lite PADM: PDUs of the Tripp Lite products MIB.

[profile]
engine = snmp
title = "Tripp Lite PADM PDU"
version = 1.0
mib = tripplite-pdu
type = pdu
vendor = "Tripp Lite"
order = 347
include = agent
include = pdu

[objects]
tl = 1.3.6.1.4.1.850.1.1
tlDeviceModel = tl.1.2.1.5
tlPdu = tl.3.2
inputEntry = tlPdu.3.1.1.1
inputPhase = tlPdu.3.1.2.1
outputEntry = tlPdu.3.2.1.1
outletEntry = tlPdu.3.3.1.1
outletCommand = tlPdu.3.3.1.1.6 integer
circuitEntry = tlPdu.3.4.1.1

[probe]
sysobjectid = 1.3.6.1.4.1.850.1.1.1
need = outputEntry.4.1.1

[table:outlets]
index = outletEntry.4.1

[table:circuits]
index = circuitEntry.4.1

[table:phases]
index = inputPhase.4.1

[when:three-phase]
table = phases 2..3

[variables]
input.frequency = inputPhase.3.1.1 scale=0.1
input.L*.voltage = inputPhase.4.1.* table=phases scale=0.1 when=three-phase
input.phases = table:phases plausible=1..3
input.voltage = inputPhase.4.1.1 scale=0.1 when=!three-phase
input.voltage.maximum = inputPhase.6.1.1 scale=0.1 when=!three-phase
input.voltage.minimum = inputPhase.5.1.1 scale=0.1 when=!three-phase
input.voltage.nominal = inputEntry.1.1 ask=slow
outlet.count = table:outlets
outlet.*.current = outletEntry.12.1.* table=outlets scale=0.01
outlet.*.desc = outletEntry.2.1.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.status = outletEntry.4.1.* table=outlets lookup=states
outlet.group.count = table:circuits
outlet.group.*.current = circuitEntry.4.1.* table=circuits scale=0.01
outlet.group.*.id = number:circuits table=circuits
output.current = outputEntry.5.1.1 scale=0.01
output.frequency = outputEntry.11.1.1 scale=0.1
output.realpower = outputEntry.8.1.1
output.voltage = outputEntry.4.1.1 scale=0.1
ups.model = tlDeviceModel.1 ask=once

[lookup:states]
1 = off
2 = on

[commands]
outlet.*.load.cycle = set=outletCommand.1.*:3 table=outlets
outlet.*.load.off = set=outletCommand.1.*:1 table=outlets
outlet.*.load.on = set=outletCommand.1.*:2 table=outlets
