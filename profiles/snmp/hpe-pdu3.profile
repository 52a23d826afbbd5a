# SPDX-License-Identifier: LGPL-2.1-or-later
# HPE G2 strips (CPQPOWER-MIB, pdu3). Stock snmp-ups shows the first of a chain alone, and takes power (watts) for
# thousandths of it.

[profile]
engine = snmp
title = "HPE PDU3"
version = 1.0
mib = hpe_pdu3_cis
type = pdu
vendor = HPE
order = 275
include = agent
include = pdu

[objects]
pdu3 = 1.3.6.1.4.1.232.165.11
unitEntry = pdu3.1.2.1
inputEntry = pdu3.2.1.1
inputPhaseEntry = pdu3.2.2.1
breakerEntry = pdu3.3.1.1
outletEntry = pdu3.5.1.1
outletName = pdu3.5.1.1.2 string
outletControlEntry = pdu3.5.2.1 integer

[probe]
sysobjectid = 1.3.6.1.4.1.232.165.11
need = unitEntry.3.1

[table:units]
index = unitEntry.3
chain

[table:outlets]
index = outletName
parent = units

[table:breakers]
index = breakerEntry.2
parent = units

[when:three-phase]
value = unitEntry.11.{units} is=3

[variables]
device.type = value=pdu table=units
device.firmware = unitEntry.5.{units} table=units ask=once
device.macaddr = unitEntry.14.{units} table=units ask=once
device.mfr = unitEntry.4.{units} table=units ask=once
device.model = unitEntry.3.{units} table=units ask=once
device.part = unitEntry.7.{units} table=units ask=once
device.serial = unitEntry.8.{units} table=units ask=once
input.current = inputPhaseEntry.11.{units}.1 table=units scale=0.01 plausible=0..1000 when=!three-phase
input.current.nominal = inputPhaseEntry.10.{units}.1 table=units scale=0.01 plausible=1..1000 ask=slow
input.frequency = inputEntry.2.{units} table=units scale=0.1 plausible=1..100
input.L%.current = inputPhaseEntry.11.{units}.% table=units each=1..3 scale=0.01 plausible=0..1000 when=three-phase
input.L%.voltage = inputPhaseEntry.3.{units}.% table=units each=1..3 scale=0.1 plausible=0..1000 when=three-phase
input.phases = unitEntry.11.{units} table=units plausible=1..3 ask=slow
input.power = inputEntry.4.{units} table=units plausible=0..999999
input.realpower = inputEntry.5.{units} table=units plausible=0..999999
input.voltage = inputPhaseEntry.3.{units}.1 table=units scale=0.1 plausible=0..1000
outlet.count = unitEntry.13.{units} table=units plausible=1..999 ask=slow
outlet.count = table:outlets table=units
outlet.group.count = unitEntry.12.{units} table=units plausible=1..999 ask=slow
outlet.group.count = table:breakers table=units
outlet.group.*.count = breakerEntry.25.* table=breakers ask=slow
outlet.group.*.current = breakerEntry.12.* table=breakers scale=0.01 plausible=0..1000
outlet.group.*.load = breakerEntry.18.* table=breakers plausible=0..999
outlet.group.*.name = breakerEntry.2.* table=breakers ask=slow
outlet.group.*.type = breakerEntry.3.* table=breakers lookup=group-types ask=slow
outlet.group.*.voltage = breakerEntry.5.* table=breakers scale=0.1 plausible=0..1000
outlet.switchable = unitEntry.10.{units} table=units lookup=one-yes ask=slow
outlet.*.current = outletEntry.5.* table=outlets scale=0.01 plausible=0..1000
outlet.*.current.nominal = outletEntry.4.* table=outlets scale=0.01 plausible=0..1000 ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.load = outletEntry.11.* table=outlets plausible=0..999
outlet.*.name = outletName.* table=outlets ask=slow rw length=31
outlet.*.power = outletEntry.12.* table=outlets plausible=0..999999
outlet.*.realpower = outletEntry.13.* table=outlets plausible=0..999999
outlet.*.status = outletControlEntry.1.* table=outlets lookup=outlet-status
outlet.*.switchable = outletControlEntry.8.* table=outlets lookup=one-yes ask=slow
outlet.*.type = outletEntry.3.* table=outlets lookup=outlet-types ask=slow

[lookup:group-types]
2 = breaker1pole
3 = breaker2pole
4 = breaker3pole
5 = outlet-section

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
outlet.*.load.cycle = set=outletControlEntry.4.*:0 table=outlets
outlet.*.load.cycle.delay = set=outletControlEntry.4.*:{argument} table=outlets range=0..99999
outlet.*.load.off = set=outletControlEntry.2.*:0 table=outlets
outlet.*.load.off.delay = set=outletControlEntry.2.*:{argument} table=outlets range=0..99999
outlet.*.load.on = set=outletControlEntry.3.*:0 table=outlets
outlet.*.load.on.delay = set=outletControlEntry.3.*:{argument} table=outlets range=0..99999

[status]
online = unitEntry.3.{units} table=units is-match="."
