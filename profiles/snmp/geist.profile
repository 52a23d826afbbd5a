# SPDX-License-Identifier: LGPL-2.1-or-later
# Vertiv Geist PDUs (GEIST-V4 and VERTIV-V5 MIBs): of R-series and rPDUs with the interchangeable module.

[profile]
engine = snmp
title = "Vertiv Geist PDU"
version = 1.0
mib = geist
type = pdu
vendor = Vertiv
order = 530
include = agent
include = pdu

[objects]
geist = 1.3.6.1.4.1.21239.5.2
productVersion = geist.1.2
productModel = geist.1.8
productSerial = geist.1.10
mainEntry = geist.3.1.1
phaseEntry = geist.3.2.1
breakerEntry = geist.3.3.1
lineEntry = geist.3.4.1
outletEntry = geist.3.5.1
outletControl = geist.3.5.1.10 integer
outletLabel = geist.3.5.1.4 string
sensorEntry = geist.4.1

[probe]
sysobjectid = 1.3.6.1.4.1.21239.42.1
sysobjectid = 1.3.6.1.4.1.21239.5.2
need = mainEntry.9.1

[table:phases]
index = phaseEntry.4

[table:breakers]
index = breakerEntry.4

[table:outlets]
index = outletEntry.3

[when:three-phase]
table = phases 2..3

[variables]
input.current = phaseEntry.8.1 scale=0.01 when=!three-phase
input.current.maximum = phaseEntry.9.1 scale=0.01 when=!three-phase
input.L*.current = phaseEntry.8.* table=phases scale=0.01 when=three-phase
input.L*.current.maximum = phaseEntry.9.* table=phases scale=0.01 when=three-phase
input.L*.power = phaseEntry.13.* table=phases when=three-phase
input.L*.powerfactor = phaseEntry.14.* table=phases scale=0.01 when=three-phase
input.L*.realpower = phaseEntry.12.* table=phases when=three-phase
input.L*.voltage = phaseEntry.4.* table=phases scale=0.1 when=three-phase
input.phases = table:phases plausible=1..3
input.power = mainEntry.10.1
input.powerfactor = mainEntry.11.1 scale=0.01
input.realpower = mainEntry.9.1
input.voltage = phaseEntry.4.1 scale=0.1 when=!three-phase
outlet.count = table:outlets
outlet.*.desc = outletEntry.3.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.group.count = table:breakers
outlet.group.*.current = breakerEntry.4.* table=breakers scale=0.01
outlet.group.*.id = number:breakers table=breakers
outlet.group.*.name = breakerEntry.3.* table=breakers ask=slow
ups.firmware = productVersion.0 ask=once
ups.model = productModel.0 ask=once
ups.serial = productSerial.0 ask=once
