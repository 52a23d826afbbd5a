# SPDX-License-Identifier: LGPL-2.1-or-later
# Conteg intelligent PDUs behind one agent, as members of a chain.

[profile]
engine = snmp
title = "Conteg PDU"
version = 1.0
mib = conteg
type = pdu
vendor = Conteg
order = 570
include = agent
include = pdu

[objects]
conteg = 1.3.6.1.4.1.28402.12.1.1.2
pduName = conteg.1.1.1.10
measureEntry = conteg.6.1.1
portName = conteg.7.1.1.2
portMeasure = conteg.7.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.28402.11.1
need = measureEntry.7.1.1

[table:units]
index = measureEntry.7
depth = 1
chain

[table:ports]
index = portMeasure.5
parent = units
max = 512

[variables]
device.mfr = value=Conteg table=units
device.type = value=pdu table=units
device.name = pduName.{units} table=units ask=slow
input.current = measureEntry.5.{units}.1 table=units scale=0.01
input.powerfactor = measureEntry.4.{units}.1 table=units scale=0.0001
input.power = measureEntry.9.{units}.1 table=units
input.realpower = measureEntry.10.{units}.1 table=units
input.voltage = measureEntry.7.{units}.1 table=units scale=0.01
outlet.count = table:ports table=units
outlet.*.current = portMeasure.5.* table=ports scale=0.01
outlet.*.desc = portName.* table=ports ask=slow
outlet.*.id = number:ports table=ports
outlet.*.realpower = portMeasure.11.* table=ports

[status]
online = measureEntry.7.{units}.1 table=units is-match="."
