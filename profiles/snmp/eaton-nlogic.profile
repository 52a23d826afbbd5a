# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton ePDU G3HD and G4 ("nLogic"), up to eight in a chain. Stock snmp-ups shows the first one alone.

[profile]
engine = snmp
title = "Eaton nLogic PDU"
version = 1.0
mib = eaton_pdu_nlogic
type = pdu
vendor = EATON
order = 185
include = agent
include = pdu

[objects]
nlogic = 1.3.6.1.4.1.534.7.1
unitEntry = nlogic.1.2.1
unitName = nlogic.1.2.1.2 string
inputEntry = nlogic.2.1.1
inputPhaseEntry = nlogic.2.2.1
breakerEntry = nlogic.3.1.1
outletEntry = nlogic.5.1.1
outletControlEntry = nlogic.5.2.1 integer
outletName = nlogic.5.1.1.2 string

[probe]
sysobjectid = 1.3.6.1.4.1.534.7.1
need = unitEntry.3.1

[table:units]
index = unitEntry.3
chain

[table:outlets]
index = outletName
parent = units

[table:breakers]
index = breakerEntry.5
parent = units

[when:three-phase]
value = unitEntry.11.{units} is=3

[variables]
device.type = value=pdu table=units
device.count = table:units
device.firmware = unitEntry.5.{units} table=units ask=once
device.macaddr = unitEntry.14.{units} table=units ask=once
device.mfr = unitEntry.4.{units} table=units ask=once
device.model = unitEntry.3.{units} table=units ask=once
device.name = unitName.{units} table=units ask=slow rw length=63
device.part = unitEntry.7.{units} table=units ask=once
device.serial = unitEntry.8.{units} table=units ask=once
input.current = inputEntry.11.{units} table=units scale=0.01 plausible=0..1000
input.frequency = inputEntry.2.{units} table=units scale=0.1 plausible=1..100
input.L%.voltage = inputPhaseEntry.3.{units}.% table=units each=1..3 scale=0.1 plausible=0..1000 when=three-phase
input.phases = unitEntry.11.{units} table=units plausible=1..3 ask=slow
input.voltage = inputPhaseEntry.3.{units}.1 table=units scale=0.1 plausible=0..1000
outlet.count = unitEntry.13.{units} table=units plausible=1..999 ask=slow
outlet.count = table:outlets table=units
outlet.group.count = unitEntry.12.{units} table=units plausible=1..999 ask=slow
outlet.group.count = table:breakers table=units
outlet.group.*.current = breakerEntry.12.* table=breakers scale=0.01 plausible=0..1000
outlet.group.*.voltage = breakerEntry.5.* table=breakers scale=0.1 plausible=0..1000
outlet.switchable = unitEntry.10.{units} table=units lookup=one-yes ask=slow
outlet.*.current = outletEntry.5.* table=outlets scale=0.01 plausible=0..1000
outlet.*.current.nominal = outletEntry.4.* table=outlets scale=0.01 plausible=0..1000 ask=slow
outlet.*.delay.reboot = outletControlEntry.7.* table=outlets plausible=0..99999 ask=slow rw range=0..99999
outlet.*.delay.shutdown = outletControlEntry.9.* table=outlets plausible=0..99999 ask=slow rw range=0..99999
outlet.*.delay.start = outletControlEntry.6.* table=outlets plausible=0..99999 ask=slow rw range=0..99999
outlet.*.id = number:outlets table=outlets
outlet.*.load = outletEntry.11.* table=outlets plausible=0..999
outlet.*.name = outletName.* table=outlets ask=slow rw length=31
outlet.*.power = outletEntry.12.* table=outlets plausible=0..999999
outlet.*.realpower = outletEntry.13.* table=outlets plausible=0..999999
outlet.*.status = outletControlEntry.1.* table=outlets lookup=outlet-status
outlet.*.switchable = outletControlEntry.8.* table=outlets lookup=one-yes ask=slow rw enum
outlet.*.type = outletEntry.3.* table=outlets lookup=outlet-types ask=slow

[lookup:one-yes]
1 = yes
2 = no

[lookup:outlet-status]
1 = off
2 = on
3 = pendingOff
4 = pendingOn

[lookup:outlet-types]
0 = unknown
1 = iecC13
2 = iecC19
3 = i5-20R
10 = uk
11 = french
12 = schuko
20 = nema515
21 = nema51520
22 = nema520
23 = nemaL520
24 = nemaL530
25 = nema615
26 = nema620
27 = nemaL620
28 = nemaL630
29 = nemaL715
30 = rf203p277

[commands]
outlet.*.load.cycle = set=outletControlEntry.10.*:5 table=outlets
outlet.*.load.off = set=outletControlEntry.10.*:1 table=outlets
outlet.*.load.on = set=outletControlEntry.10.*:2 table=outlets

[status]
online = unitEntry.3.{units} table=units is-match="."
