# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton ePDU G2 and G3 ("Marlin", "Shark"), up to eight in a daisy chain, counted from 0 by the agent. A table of
# inputs has one row for each feed; the first is shown. Stock snmp-ups shows the current of all outlets ten times too
# high, the first phase's current of the first strip for all members of a chain, the delay of a sequence as the number
# of an outlet, the second phase's power as that of the whole strip where there is no sum, and current and load of the
# first phase as those of all three. -1 is a threshold that is not set, and a timer that does not run.

[profile]
engine = snmp
title = "Eaton ePDU"
version = 1.0
mib = eaton_epdu
type = pdu
vendor = EATON
order = 175
include = agent
include = pdu
include = eaton-emp

[objects]
epdu = 1.3.6.1.4.1.534.6.6.7
unitEntry = epdu.1.2.1
inputEntry = epdu.3.1.1
voltageEntry = epdu.3.2.1 integer
currentEntry = epdu.3.3.1 integer
powerEntry = epdu.3.4.1
totalPowerEntry = epdu.3.5.1
groupEntry = epdu.5.1.1
groupVoltageEntry = epdu.5.3.1 integer
groupCurrentEntry = epdu.5.4.1 integer
groupPowerEntry = epdu.5.5.1
groupControlEntry = epdu.5.6.1 integer
outletEntry = epdu.6.1.1
outletGroupEntry = epdu.6.2.1
outletVoltageEntry = epdu.6.3.1 integer
outletCurrentEntry = epdu.6.4.1 integer
outletPowerEntry = epdu.6.5.1
outletControlEntry = epdu.6.6.1 integer
temperatureEntry = epdu.7.1.1 integer
humidityEntry = epdu.7.2.1 integer
contactEntry = epdu.7.3.1

[probe]
sysobjectid = 1.3.6.1.4.1.534.6.6.7
need = inputEntry.2.0.1

[table:units]
index = unitEntry.4
first = 0
chain

[table:outlets]
index = outletEntry.3
parent = units

[table:groups]
index = groupEntry.4
parent = units

[when:one-phase]
value = inputEntry.2.{units}.1 is=1,2

# Voltages are those between phases.
[when:delta]
value = voltageEntry.2.{units}.1.1 is-range=5..7

[when:no-temperature]
value = temperatureEntry.3.{units}.1 is=-1,0

[when:no-humidity]
value = humidityEntry.3.{units}.1 is=-1,0

[variables]
device.mfr = value=EATON table=units
device.type = value=pdu table=units
device.count = table:units
ups.mfr = value=EATON table=units
ups.mfr = value=EATON
ups.type = value=pdu table=units
ups.model = unitEntry.2.{units} table=units ask=once
ups.model = unitEntry.3.{units} table=units ask=once
ups.serial = unitEntry.4.{units} table=units ask=once
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
device.model = unitEntry.2.{units} table=units ask=once
device.model = unitEntry.3.{units} table=units ask=once
device.part = unitEntry.3.{units} table=units ask=once
device.serial = unitEntry.4.{units} table=units ask=once
input.L%.current = currentEntry.4.{units}.1.% table=units scale=0.001 plausible=0..1000 each=1..3
input.L%.current.high.critical = currentEntry.9.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.high.warning = currentEntry.8.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.low.critical = currentEntry.7.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.low.warning = currentEntry.6.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3
input.L%.current.nominal = currentEntry.3.{units}.1.% table=units scale=0.001 plausible=0.001..1000 ask=slow each=1..3
input.L%.current.status = currentEntry.5.{units}.1.% table=units lookup=limits each=1..3
input.L%.load = currentEntry.11.{units}.1.% table=units plausible=0..999 each=1..3
input.L%.power = powerEntry.3.{units}.1.% table=units plausible=0..999999 each=1..3
input.L%.realpower = powerEntry.4.{units}.1.% table=units plausible=0..999999 each=1..3
input.L%.voltage = voltageEntry.3.{units}.1.% table=units scale=0.001 plausible=0..1000 each=1..3 when=!delta
input.L%.voltage.high.critical = voltageEntry.8.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.high.warning = voltageEntry.7.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.low.critical = voltageEntry.6.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.low.warning = voltageEntry.5.{units}.1.% table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 each=1..3 when=!delta
input.L%.voltage.status = voltageEntry.4.{units}.1.% table=units lookup=limits each=1..3 when=!delta
input.L1-L2.voltage = voltageEntry.3.{units}.1.1 table=units scale=0.001 plausible=0..1000 when=delta
input.L2-L3.voltage = voltageEntry.3.{units}.1.2 table=units scale=0.001 plausible=0..1000 when=delta
input.L3-L1.voltage = voltageEntry.3.{units}.1.3 table=units scale=0.001 plausible=0..1000 when=delta
input.current = currentEntry.4.{units}.1.1 table=units scale=0.001 plausible=0..1000 when=one-phase
input.current.high.critical = currentEntry.9.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.high.warning = currentEntry.8.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.low.critical = currentEntry.7.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.low.warning = currentEntry.6.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500 when=one-phase
input.current.nominal = currentEntry.3.{units}.1.1 table=units scale=0.001 plausible=0.001..1000 ask=slow when=one-phase
input.current.status = currentEntry.5.{units}.1.1 table=units lookup=limits when=one-phase
input.feed.color = inputEntry.9.{units}.1 table=units ask=slow plausible=0..4294967295
input.feed.desc = inputEntry.10.{units}.1 table=units ask=slow rw length=31
input.frequency = inputEntry.3.{units}.1 table=units scale=0.1 plausible=1..100
input.frequency.status = inputEntry.4.{units}.1 table=units lookup=frequency-status
input.load = currentEntry.11.{units}.1.1 table=units plausible=0..999 when=one-phase
input.phases = inputEntry.2.{units}.1 table=units lookup=phases ask=slow
input.power = totalPowerEntry.3.{units}.1 table=units plausible=0..999999
input.power = powerEntry.3.{units}.1.4 table=units plausible=0..999999
input.power = powerEntry.3.{units}.1.1 table=units plausible=0..999999 when=one-phase
input.realpower = totalPowerEntry.4.{units}.1 table=units plausible=0..999999
input.realpower = powerEntry.4.{units}.1.4 table=units plausible=0..999999
input.realpower = powerEntry.4.{units}.1.1 table=units plausible=0..999999 when=one-phase
input.realpower.nominal = totalPowerEntry.9.{units}.1 table=units plausible=1..999999 ask=slow
input.voltage = voltageEntry.3.{units}.1.1 table=units scale=0.001 plausible=0..1000
input.voltage.high.critical = voltageEntry.8.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.high.warning = voltageEntry.7.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.low.critical = voltageEntry.6.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.low.warning = voltageEntry.5.{units}.1.1 table=units plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
input.voltage.status = voltageEntry.4.{units}.1.1 table=units lookup=limits
outlet.*.crestfactor = outletCurrentEntry.9.* table=outlets scale=0.001 plausible=0.5..100
outlet.*.current = outletCurrentEntry.3.* table=outlets scale=0.001 plausible=0..1000
outlet.*.current.high.critical = outletCurrentEntry.8.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.high.warning = outletCurrentEntry.7.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.low.critical = outletCurrentEntry.6.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.low.warning = outletCurrentEntry.5.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.current.nominal = outletCurrentEntry.2.* table=outlets scale=0.001 plausible=0.001..1000 ask=slow
outlet.*.current.status = outletCurrentEntry.4.* table=outlets lookup=limits
outlet.*.delay.shutdown = outletControlEntry.10.* table=outlets plausible=0..99999 ask=slow rw range=0..99999
outlet.*.delay.start = outletControlEntry.7.* table=outlets plausible=0..99999 ask=slow rw range=0..99999
outlet.*.desc = outletEntry.3.* table=outlets ask=slow rw length=63
outlet.*.groupid = outletGroupEntry.3.*.1 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.groupid = outletGroupEntry.3.*.2 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.groupid = outletGroupEntry.3.*.3 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.groupid = outletGroupEntry.3.*.4 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.groupid = outletGroupEntry.3.*.5 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.groupid = outletGroupEntry.3.*.6 table=outlets match="\\.([0-9]+)$" ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.load = outletCurrentEntry.10.* table=outlets plausible=0..999
outlet.*.name = outletEntry.6.* table=outlets ask=slow
outlet.*.name = outletEntry.2.* table=outlets ask=slow
outlet.*.power = outletPowerEntry.2.* table=outlets plausible=0..999999
outlet.*.powerfactor = outletPowerEntry.6.* table=outlets scale=0.001 plausible=-1..1
outlet.*.realpower = outletPowerEntry.3.* table=outlets plausible=0..999999
outlet.*.status = outletControlEntry.2.* table=outlets lookup=outlet-status
outlet.*.switchable = outletControlEntry.9.* table=outlets lookup=one-yes ask=slow
outlet.*.switchable = outletControlEntry.3.* table=outlets lookup=has-control ask=slow
outlet.*.timer.shutdown = outletControlEntry.3.* table=outlets
outlet.*.timer.start = outletControlEntry.4.* table=outlets
outlet.*.type = outletEntry.5.* table=outlets lookup=outlet-types ask=slow
outlet.*.voltage = outletVoltageEntry.2.* table=outlets scale=0.001 plausible=0..1000
outlet.*.voltage.high.critical = outletVoltageEntry.7.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.voltage.high.warning = outletVoltageEntry.6.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.voltage.low.critical = outletVoltageEntry.5.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.voltage.low.warning = outletVoltageEntry.4.* table=outlets plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.*.voltage.status = outletVoltageEntry.3.* table=outlets lookup=limits
outlet.count = unitEntry.22.{units} table=units plausible=1..999 ask=slow
outlet.count = table:outlets table=units
outlet.current = currentEntry.4.{units}.1.1 table=units scale=0.001 plausible=0..1000 when=one-phase
outlet.desc = value="All outlets" table=units
outlet.frequency = inputEntry.3.{units}.1 table=units scale=0.1 plausible=1..100
outlet.group.*.color = groupEntry.7.* table=groups ask=slow
outlet.group.*.count = groupEntry.6.* table=groups ask=slow
outlet.group.*.current = groupCurrentEntry.3.* table=groups scale=0.001 plausible=0..1000
outlet.group.*.current.high.critical = groupCurrentEntry.8.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.high.warning = groupCurrentEntry.7.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.low.critical = groupCurrentEntry.6.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.low.warning = groupCurrentEntry.5.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.current.nominal = groupCurrentEntry.2.* table=groups scale=0.001 plausible=0.001..1000 ask=slow
outlet.group.*.current.status = groupCurrentEntry.4.* table=groups lookup=limits
outlet.group.*.desc = groupEntry.3.* table=groups ask=slow rw length=31
outlet.group.*.id = groupEntry.2.* table=groups ask=slow
outlet.group.*.input = groupEntry.9.* table=groups plausible=0..99 ask=slow
outlet.group.*.load = groupCurrentEntry.10.* table=groups plausible=0..999
outlet.group.*.name = groupEntry.8.* table=groups ask=slow
outlet.group.*.name = groupEntry.2.* table=groups ask=slow
outlet.group.*.phase = groupVoltageEntry.2.* table=groups lookup=group-phases ask=slow
outlet.group.*.power = groupPowerEntry.2.* table=groups plausible=0..999999
outlet.group.*.realpower = groupPowerEntry.3.* table=groups plausible=0..999999
outlet.group.*.status = groupControlEntry.2.* table=groups lookup=group-status
outlet.group.*.type = groupEntry.4.* table=groups lookup=group-types ask=slow
outlet.group.*.voltage = groupVoltageEntry.3.* table=groups scale=0.001 plausible=0..1000
outlet.group.*.voltage.high.critical = groupVoltageEntry.8.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.high.warning = groupVoltageEntry.7.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.low.critical = groupVoltageEntry.6.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.low.warning = groupVoltageEntry.5.* table=groups plausible=0..9999999 scale=0.001 ask=slow rw range=0..500
outlet.group.*.voltage.status = groupVoltageEntry.4.* table=groups lookup=limits
outlet.group.count = unitEntry.21.{units} table=units plausible=1..999 ask=slow
outlet.group.count = table:groups table=units
outlet.id = value=0 table=units
outlet.power = powerEntry.3.{units}.1.4 table=units plausible=0..999999
outlet.realpower = powerEntry.4.{units}.1.4 table=units plausible=0..999999
outlet.switchable = unitEntry.10.{units} table=units lookup=unit-switchable ask=slow
outlet.switchable = outletControlEntry.3.{units}.1 table=units lookup=has-control ask=slow
outlet.voltage = voltageEntry.3.{units}.1.1 table=units scale=0.001 plausible=0..1000
ups.firmware = unitEntry.5.{units} table=units ask=once

[lookup:limits]
0 = good
1 = warning-low
2 = critical-low
3 = warning-high
4 = critical-high

[lookup:phases]
1 = 1
2 = 2
3 = 3
4 = 3

[lookup:frequency-status]
0 = good
1 = out-of-range

[lookup:present]
-1 = unknown
0 = no
1 = yes

[lookup:contacts]
-1 = unknown
0 = opened
1 = closed

# none, switched, advanced monitored, managed, monitored
[lookup:unit-switchable]
0 = no
1 = yes
2 = no
3 = yes
4 = no

[lookup:has-control]
-1 = yes
0 = yes

[lookup:one-yes]
1 = yes
2 = no

[lookup:outlet-status]
0 = off
1 = on
2 = pendingOff
3 = pendingOn

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
1 = breaker1pole
2 = breaker2pole
3 = breaker3pole
4 = outlet-section
5 = user-defined

[lookup:group-phases]
0 = unknown
1 = 1
2 = 1-N
3 = 2-N
4 = 3-N
5 = 1-2
6 = 2-3
7 = 3-1

[lookup:group-status]
0 = off
1 = on
2 = rebooting
3 = mixed

[status]
online = unitEntry.4.{units} table=units is-match="."
overload = currentEntry.5.{units}.1.% table=units each=1..3 is=4

[alarms]
"frequency out of range!" = inputEntry.4.{units}.1 table=units is=1
"L%: low voltage warning!" = voltageEntry.4.{units}.1.% table=units each=1..3 is=1
"L%: low voltage critical!" = voltageEntry.4.{units}.1.% table=units each=1..3 is=2
"L%: high voltage warning!" = voltageEntry.4.{units}.1.% table=units each=1..3 is=3
"L%: high voltage critical!" = voltageEntry.4.{units}.1.% table=units each=1..3 is=4
"L%: low current warning!" = currentEntry.5.{units}.1.% table=units each=1..3 is=1
"L%: low current critical!" = currentEntry.5.{units}.1.% table=units each=1..3 is=2
"L%: high current warning!" = currentEntry.5.{units}.1.% table=units each=1..3 is=3
"L%: high current critical!" = currentEntry.5.{units}.1.% table=units each=1..3 is=4
"low temperature warning!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=1
"low temperature critical!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=2
"high temperature warning!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=3
"high temperature critical!" = temperatureEntry.5.{units}.1 table=units when=!no-temperature is=4
"low humidity warning!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=1
"low humidity critical!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=2
"high humidity warning!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=3
"high humidity critical!" = humidityEntry.5.{units}.1 table=units when=!no-humidity is=4
"outlet *: low current warning!" = outletCurrentEntry.4.* table=outlets is=1
"outlet *: low current critical!" = outletCurrentEntry.4.* table=outlets is=2
"outlet *: high current warning!" = outletCurrentEntry.4.* table=outlets is=3
"outlet *: high current critical!" = outletCurrentEntry.4.* table=outlets is=4
"outlet *: low voltage warning!" = outletVoltageEntry.3.* table=outlets is=1
"outlet *: low voltage critical!" = outletVoltageEntry.3.* table=outlets is=2
"outlet *: high voltage warning!" = outletVoltageEntry.3.* table=outlets is=3
"outlet *: high voltage critical!" = outletVoltageEntry.3.* table=outlets is=4
"group *: low current warning!" = groupCurrentEntry.4.* table=groups is=1
"group *: low current critical!" = groupCurrentEntry.4.* table=groups is=2
"group *: high current warning!" = groupCurrentEntry.4.* table=groups is=3
"group *: high current critical!" = groupCurrentEntry.4.* table=groups is=4
"group *: low voltage warning!" = groupVoltageEntry.4.* table=groups is=1
"group *: low voltage critical!" = groupVoltageEntry.4.* table=groups is=2
"group *: high voltage warning!" = groupVoltageEntry.4.* table=groups is=3
"group *: high voltage critical!" = groupVoltageEntry.4.* table=groups is=4

[commands]
outlet.*.load.cycle = set=outletControlEntry.5.*:0 table=outlets
outlet.*.load.cycle.delay = set=outletControlEntry.5.*:{argument} table=outlets range=0..99999
outlet.*.load.off = set=outletControlEntry.3.*:0 table=outlets
outlet.*.load.off.delay = set=outletControlEntry.3.*:{argument} table=outlets range=0..99999
outlet.*.load.on = set=outletControlEntry.4.*:0 table=outlets
outlet.*.load.on.delay = set=outletControlEntry.4.*:{argument} table=outlets range=0..99999
outlet.group.*.load.cycle = set=groupControlEntry.5.*:0 table=groups
outlet.group.*.load.cycle.delay = set=groupControlEntry.5.*:{argument} table=groups range=0..99999
outlet.group.*.load.off = set=groupControlEntry.3.*:0 table=groups
outlet.group.*.load.off.delay = set=groupControlEntry.3.*:{argument} table=groups range=0..99999
outlet.group.*.load.on = set=groupControlEntry.4.*:0 table=groups
outlet.group.*.load.on.delay = set=groupControlEntry.4.*:{argument} table=groups range=0..99999
