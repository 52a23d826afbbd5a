# SPDX-License-Identifier: LGPL-2.1-or-later
# HPE metered and switched rack strips (CPQPOWER-MIB, pdu2), daisy chained, counted from 0 by the agent. Stock snmp-ups
# shows the load of all three phases under the name of the first, a load of the whole strip from another maker's MIB,
# and current and thresholds of the first phase as those of all three.

[profile]
engine = snmp
title = "HPE ePDU"
version = 1.0
mib = hpe_epdu
type = pdu
vendor = HPE
order = 265
include = agent
include = pdu

[objects]
pdu2 = 1.3.6.1.4.1.232.165.7
unitEntry = pdu2.1.2.1
inputEntry = pdu2.2.1.1
phaseEntry = pdu2.2.2.1 integer
groupEntry = pdu2.3.1.1
temperatureEntry = pdu2.4.2.1 integer
humidityEntry = pdu2.4.3.1 integer
contactEntry = pdu2.4.4.1
outletEntry = pdu2.5.1.1
outletControlEntry = pdu2.5.2.1 integer

[probe]
sysobjectid = 1.3.6.1.4.1.232.165.7
need = inputEntry.1.0

[table:units]
index = inputEntry.1
first = 0
chain

[table:outlets]
index = outletEntry.2
parent = units

[table:groups]
index = groupEntry.3
parent = units

[when:one-phase]
value = inputEntry.1.{units} is=1,2

[when:delta]
value = phaseEntry.2.{units}.1 is-range=5..7

[when:no-temperature]
value = temperatureEntry.3.{units}.1 is=-1,1

[when:no-humidity]
value = humidityEntry.3.{units}.1 is=-1,1

[variables]
device.mfr = value=HPE table=units
device.type = value=pdu table=units
device.count = table:units
ups.mfr = value=HPE table=units
ups.mfr = value=HPE
ups.type = value=pdu table=units
ups.model = unitEntry.3.{units} table=units ask=once
ups.serial = unitEntry.7.{units} table=units ask=once
ambient.contacts.1.status = contactEntry.4.{units}.1 table=units lookup=contacts
ambient.contacts.2.status = contactEntry.4.{units}.2 table=units lookup=contacts
ambient.humidity = humidityEntry.4.{units}.1 table=units scale=0.1 plausible=0..100 when=!no-humidity
ambient.humidity.high = humidityEntry.9.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.high.critical = humidityEntry.9.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.high.warning = humidityEntry.8.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.low = humidityEntry.7.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.low.critical = humidityEntry.7.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.low.warning = humidityEntry.6.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=0..100 when=!no-humidity
ambient.humidity.status = humidityEntry.5.{units}.1 table=units lookup=limits when=!no-humidity
ambient.present = temperatureEntry.3.{units}.1 table=units lookup=present
ambient.temperature = temperatureEntry.4.{units}.1 table=units scale=0.1 plausible=-50..150 when=!no-temperature
ambient.temperature.high = temperatureEntry.9.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.high.critical = temperatureEntry.9.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.high.warning = temperatureEntry.8.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.low = temperatureEntry.7.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.low.critical = temperatureEntry.7.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.low.warning = temperatureEntry.6.{units}.1 table=units invalid=-1 scale=0.1 ask=slow rw range=-50..150 when=!no-temperature
ambient.temperature.status = temperatureEntry.5.{units}.1 table=units lookup=limits when=!no-temperature
device.macaddr = ifPhysAddress.2 form=mac ask=once
device.model = unitEntry.3.{units} table=units ask=once
device.part = unitEntry.6.{units} table=units ask=once
device.serial = unitEntry.7.{units} table=units ask=once
input.L%.current = phaseEntry.11.{units}.% table=units scale=0.001 plausible=0..1000 each=1..3
input.L%.current.high.critical = phaseEntry.16.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.high.warning = phaseEntry.15.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.low.critical = phaseEntry.14.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.low.warning = phaseEntry.13.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.nominal = phaseEntry.10.{units}.% table=units scale=0.001 plausible=0.001..1000 ask=slow each=1..3
input.L%.current.status = phaseEntry.12.{units}.% table=units lookup=limits each=1..3
input.L%.load = phaseEntry.18.{units}.% table=units plausible=0..999 each=1..3
input.L%.power = phaseEntry.20.{units}.% table=units plausible=0..999999 each=1..3
input.L%.realpower = phaseEntry.21.{units}.% table=units plausible=0..999999 each=1..3
input.L%.voltage = phaseEntry.3.{units}.% table=units scale=0.001 plausible=0..1000 each=1..3 when=!delta
input.L%.voltage.high.critical = phaseEntry.8.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.high.warning = phaseEntry.7.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.low.critical = phaseEntry.6.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.low.warning = phaseEntry.5.{units}.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.status = phaseEntry.4.{units}.% table=units lookup=limits each=1..3 when=!delta
input.L1-L2.voltage = phaseEntry.3.{units}.1 table=units scale=0.001 plausible=0..1000 when=delta
input.L2-L3.voltage = phaseEntry.3.{units}.2 table=units scale=0.001 plausible=0..1000 when=delta
input.L3-L1.voltage = phaseEntry.3.{units}.3 table=units scale=0.001 plausible=0..1000 when=delta
input.current = phaseEntry.11.{units}.1 table=units scale=0.001 plausible=0..1000 when=one-phase
input.current.high.critical = phaseEntry.16.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.high.warning = phaseEntry.15.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.low.critical = phaseEntry.14.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.low.warning = phaseEntry.13.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.nominal = phaseEntry.10.{units}.1 table=units scale=0.001 plausible=0.001..1000 ask=slow when=one-phase
input.current.status = phaseEntry.12.{units}.1 table=units lookup=limits when=one-phase
input.frequency = inputEntry.2.{units} table=units scale=0.1 plausible=1..100
input.frequency.status = inputEntry.3.{units} table=units lookup=frequency-status
input.load = phaseEntry.18.{units}.1 table=units plausible=0..999 when=one-phase
input.phases = inputEntry.1.{units} table=units lookup=phases ask=slow
input.power = inputEntry.4.{units} table=units plausible=0..999999
input.powerfactor = inputEntry.8.{units} table=units scale=0.001 plausible=-1..1
input.realpower = inputEntry.5.{units} table=units plausible=0..999999
input.voltage = phaseEntry.3.{units}.1 table=units scale=0.001 plausible=0..1000
input.voltage.high.critical = phaseEntry.8.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.high.warning = phaseEntry.7.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.low.critical = phaseEntry.6.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.low.warning = phaseEntry.5.{units}.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.status = phaseEntry.4.{units}.1 table=units lookup=limits
outlet.*.current = outletEntry.5.* table=outlets scale=0.001 plausible=0..1000
outlet.*.current.high.critical = outletEntry.10.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.high.warning = outletEntry.9.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.low.critical = outletEntry.8.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.low.warning = outletEntry.7.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.status = outletEntry.6.* table=outlets lookup=limits
outlet.*.desc = outletEntry.2.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.load = outletEntry.12.* table=outlets plausible=0..999
outlet.*.power = outletEntry.13.* table=outlets plausible=0..999999
outlet.*.powerfactor = outletEntry.17.* table=outlets scale=0.001 plausible=-1..1
outlet.*.realpower = outletEntry.14.* table=outlets plausible=0..999999
outlet.*.status = outletControlEntry.1.* table=outlets lookup=outlet-status
outlet.*.switchable = outletControlEntry.8.* table=outlets lookup=one-yes ask=slow rw enum
outlet.*.timer.shutdown = outletControlEntry.2.* table=outlets
outlet.*.timer.start = outletControlEntry.3.* table=outlets
outlet.*.type = outletEntry.3.* table=outlets lookup=outlet-types ask=slow
outlet.count = unitEntry.12.{units} table=units plausible=1..999 ask=slow
outlet.count = table:outlets table=units
outlet.desc = value="All outlets" table=units
outlet.group.*.count = groupEntry.26.* table=groups ask=slow
outlet.group.*.current = groupEntry.12.* table=groups scale=0.001 plausible=0..1000
outlet.group.*.current.high.critical = groupEntry.17.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.high.warning = groupEntry.16.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.low.critical = groupEntry.15.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.low.warning = groupEntry.14.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.nominal = groupEntry.11.* table=groups scale=0.001 plausible=0.001..1000 ask=slow
outlet.group.*.current.status = groupEntry.13.* table=groups lookup=limits
outlet.group.*.id = number:groups table=groups
outlet.group.*.load = groupEntry.19.* table=groups plausible=0..999
outlet.group.*.name = groupEntry.2.* table=groups ask=slow rw length=31
outlet.group.*.phase = groupEntry.4.* table=groups lookup=group-phases ask=slow
outlet.group.*.power = groupEntry.20.* table=groups plausible=0..999999
outlet.group.*.powerfactor = groupEntry.24.* table=groups scale=0.001 plausible=-1..1
outlet.group.*.realpower = groupEntry.21.* table=groups plausible=0..999999
outlet.group.*.status = groupEntry.27.* table=groups lookup=group-status
outlet.group.*.type = groupEntry.3.* table=groups lookup=group-types ask=slow
outlet.group.*.voltage = groupEntry.5.* table=groups scale=0.001 plausible=0..1000
outlet.group.*.voltage.high.critical = groupEntry.10.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.high.warning = groupEntry.9.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.low.critical = groupEntry.8.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.low.warning = groupEntry.7.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.status = groupEntry.6.* table=groups lookup=limits
outlet.group.count = unitEntry.11.{units} table=units plausible=1..999 ask=slow
outlet.group.count = table:groups table=units
outlet.id = value=0 table=units
ups.firmware = unitEntry.5.{units} table=units ask=once

[lookup:limits]
1 = good
2 = warning-low
3 = critical-low
4 = warning-high
5 = critical-high

[lookup:phases]
1 = 1
2 = 2
3 = 3
4 = 3

[lookup:frequency-status]
1 = good
2 = out-of-range

[lookup:present]
-1 = unknown
1 = no
2 = yes

[lookup:contacts]
-1 = unknown
0 = unknown
1 = opened
2 = closed
3 = bad

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

[lookup:group-types]
0 = unknown
1 = unknown
2 = breaker1pole
3 = breaker2pole
4 = breaker3pole
5 = outlet-section

[lookup:group-phases]
1 = L1
2 = L1
3 = L2
4 = L3
5 = L1
6 = L2
7 = L3

# 1 is none at all.
[lookup:group-status]
2 = on
3 = off

[status]
online = inputEntry.1.{units} table=units is-match="."
overload = phaseEntry.12.{units}.% table=units each=1..3 is=5

[alarms]
"frequency out of range!" = inputEntry.3.{units} table=units is=2
"L%: low voltage warning!" = phaseEntry.4.{units}.% table=units each=1..3 is=2
"L%: low voltage critical!" = phaseEntry.4.{units}.% table=units each=1..3 is=3
"L%: high voltage warning!" = phaseEntry.4.{units}.% table=units each=1..3 is=4
"L%: high voltage critical!" = phaseEntry.4.{units}.% table=units each=1..3 is=5
"L%: low current warning!" = phaseEntry.12.{units}.% table=units each=1..3 is=2
"L%: low current critical!" = phaseEntry.12.{units}.% table=units each=1..3 is=3
"L%: high current warning!" = phaseEntry.12.{units}.% table=units each=1..3 is=4
"L%: high current critical!" = phaseEntry.12.{units}.% table=units each=1..3 is=5
"low temperature warning!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=2
"low temperature critical!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=3
"high temperature warning!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=4
"high temperature critical!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=5
"low humidity warning!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=2
"low humidity critical!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=3
"high humidity warning!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=4
"high humidity critical!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=5
"outlet *: low current warning!" = outletEntry.6.* table=outlets is=2
"outlet *: low current critical!" = outletEntry.6.* table=outlets is=3
"outlet *: high current warning!" = outletEntry.6.* table=outlets is=4
"outlet *: high current critical!" = outletEntry.6.* table=outlets is=5
"group *: low current warning!" = groupEntry.13.* table=groups is=2
"group *: low current critical!" = groupEntry.13.* table=groups is=3
"group *: high current warning!" = groupEntry.13.* table=groups is=4
"group *: high current critical!" = groupEntry.13.* table=groups is=5
"group *: low voltage warning!" = groupEntry.6.* table=groups is=2
"group *: low voltage critical!" = groupEntry.6.* table=groups is=3
"group *: high voltage warning!" = groupEntry.6.* table=groups is=4
"group *: high voltage critical!" = groupEntry.6.* table=groups is=5

[commands]
outlet.*.load.cycle = set=outletControlEntry.4.*:0 table=outlets
outlet.*.load.cycle.delay = set=outletControlEntry.4.*:{argument} table=outlets range=0..99999
outlet.*.load.off = set=outletControlEntry.2.*:0 table=outlets
outlet.*.load.off.delay = set=outletControlEntry.2.*:{argument} table=outlets range=0..99999
outlet.*.load.on = set=outletControlEntry.3.*:0 table=outlets
outlet.*.load.on.delay = set=outletControlEntry.3.*:{argument} table=outlets range=0..99999
