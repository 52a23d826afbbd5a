# SPDX-License-Identifier: LGPL-2.1-or-later
# Schleifenbauer PDUs on a data bus behind one gateway, as members of a chain.

[profile]
engine = snmp
title = "Schleifenbauer PDU"
version = 1.0
mib = schleifenbauer
type = pdu
vendor = Schleifenbauer
include = agent
include = pdu

[objects]
spdu = 1.3.6.1.4.1.31034.12.1.1.2
identEntry = spdu.1.1.1
inputEntry = spdu.6.1.1
outletNames = spdu.7.1.1
outletEntry = spdu.7.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.31034

[table:units]
index = identEntry.6
chain

[table:phases]
index = inputEntry.5
parent = units

[table:outlets]
index = outletEntry.5
parent = units

[when:three-phase]
table = phases 2..3

[variables]
device.mfr = value=Schleifenbauer table=units
device.type = value=pdu table=units
device.name = identEntry.10.{units} table=units ask=slow
device.model = identEntry.3.{units} table=units ask=once
device.serial = identEntry.6.{units} table=units ask=once
input.current = inputEntry.5.{units}.1 table=units scale=0.01 when=!three-phase
input.L*.current = inputEntry.5.* table=phases scale=0.01 when=three-phase
input.L*.power = inputEntry.9.* table=phases when=three-phase
input.L*.powerfactor = inputEntry.4.* table=phases scale=0.0001 when=three-phase
input.L*.voltage = inputEntry.7.* table=phases scale=0.01 when=three-phase
input.phases = table:phases table=units plausible=1..3
input.power = inputEntry.9.{units}.1 table=units when=!three-phase
input.powerfactor = inputEntry.4.{units}.1 table=units scale=0.0001 when=!three-phase
input.voltage = inputEntry.7.{units}.1 table=units scale=0.01 when=!three-phase
outlet.count = table:outlets table=units
outlet.*.current = outletEntry.5.* table=outlets scale=0.01
outlet.*.desc = outletNames.2.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.power = outletEntry.10.* table=outlets
outlet.*.powerfactor = outletEntry.4.* table=outlets scale=0.0001
outlet.*.voltage = outletEntry.7.* table=outlets scale=0.01

[status]
online = identEntry.6.{units} table=units is-match="."
