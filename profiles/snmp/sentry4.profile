# SPDX-License-Identifier: LGPL-2.1-or-later
# Server Technology PRO1 and PRO2 (Sentry4). Units are members of a chain, with one cord each or two, or none: those have
# sensors alone. The lines of the first cord are those of the input.

[profile]
engine = snmp
title = "Sentry4 PDU"
version = 1.0
mib = sentry4
type = pdu
vendor = "Server Technology"
order = 510
include = agent
include = pdu

[objects]
sentry4 = 1.3.6.1.4.1.1718.4.1
systemProductName = sentry4.1.1.1
systemFirmwareVersion = sentry4.1.1.3
unitEntry = sentry4.2.2.1
unitStatus = sentry4.2.3.1.1
cordConfig = sentry4.3.2.1
cordMonitor = sentry4.3.3.1
lineMonitor = sentry4.4.3.1
lineLabel = sentry4.4.2.1.4
phaseMonitor = sentry4.5.3.1
phaseLabel = sentry4.5.2.1.4
branchLabel = sentry4.7.2.1.4
branchMonitor = sentry4.7.3.1
outletConfig = sentry4.8.2.1
outletName = sentry4.8.2.1.3 string
outletMonitor = sentry4.8.3.1
outletControlAction = sentry4.8.5.1.2 integer
temperatureScale = sentry4.9.1.10
temperatureName = sentry4.9.2.1.3 string
temperatureMonitor = sentry4.9.3.1
temperatureEvent = sentry4.9.4.1 integer
humidityName = sentry4.10.2.1.3 string
humidityMonitor = sentry4.10.3.1
humidityEvent = sentry4.10.4.1 integer

[probe]
sysobjectid = 1.3.6.1.4.1.1718.4
need = cordMonitor.3.1.1

[table:units]
index = unitStatus
number = position
chain

[table:lines]
index = lineMonitor.3
parent = units
select = lineLabel.* is-match=":L[123]$"

[table:outlets]
index = outletMonitor.1
parent = units
number = position

[table:branches]
index = branchMonitor.2
parent = units
number = position

[table:temperatures]
index = temperatureMonitor.1
parent = units
select = temperatureMonitor.2.* is=0,14,15,16,17

[table:humidities]
index = humidityMonitor.1
parent = units
select = humidityMonitor.2.* is=0,14,15,16,17

[when:three-phase]
table = lines 2..9

[when:celsius]
value = temperatureScale.0 is=0

[when:fahrenheit]
value = temperatureScale.0 is=1

[variables]
device.mfr = value="Server Technology" table=units
device.type = value=pdu table=units
ambient.*.humidity = humidityMonitor.1.* table=humidities plausible=0..100
ambient.*.humidity.high.critical = humidityEvent.5.* table=humidities ask=slow rw range=0..100
ambient.*.humidity.high.warning = humidityEvent.4.* table=humidities ask=slow rw range=0..100
ambient.*.humidity.low.critical = humidityEvent.2.* table=humidities ask=slow rw range=0..100
ambient.*.humidity.low.warning = humidityEvent.3.* table=humidities ask=slow rw range=0..100
ambient.*.humidity.status = humidityMonitor.2.* table=humidities lookup=limits
ambient.*.name = temperatureName.* table=temperatures ask=slow rw length=24
ambient.*.temperature = temperatureMonitor.1.* table=temperatures invalid=-410 scale=0.1 when=celsius
ambient.*.temperature = temperatureMonitor.1.* table=temperatures invalid=-410 divide=18 offset=-17.7778 format=%.1f when=fahrenheit
ambient.*.temperature.high.critical = temperatureEvent.5.* table=temperatures ask=slow rw range=-40..123 when=celsius
ambient.*.temperature.high.warning = temperatureEvent.4.* table=temperatures ask=slow rw range=-40..123 when=celsius
ambient.*.temperature.low.critical = temperatureEvent.2.* table=temperatures ask=slow rw range=-40..123 when=celsius
ambient.*.temperature.low.warning = temperatureEvent.3.* table=temperatures ask=slow rw range=-40..123 when=celsius
ambient.*.temperature.status = temperatureMonitor.2.* table=temperatures lookup=limits
device.model = unitEntry.5.{units} table=units ask=once
device.serial = unitEntry.4.{units} table=units ask=once
input.current = lineMonitor.3.{units}.1.1 table=units plausible=0..999999 scale=0.01 when=!three-phase
input.current.nominal = cordConfig.10.{units}.1 table=units plausible=1..999 ask=slow
input.frequency = cordMonitor.11.{units}.1 table=units plausible=1..999 scale=0.1
input.load = cordMonitor.7.{units}.1 table=units plausible=0..9999 scale=0.1
input.L%.current = lineMonitor.3.{units}.1.% table=units each=1..3 plausible=0..999999 scale=0.01 when=three-phase
input.power = cordMonitor.5.{units}.1 table=units plausible=0..999999
input.power.nominal = cordConfig.12.{units}.1 table=units plausible=1..999999 ask=slow
input.powerfactor = cordMonitor.8.{units}.1 table=units plausible=0..100 scale=0.01
input.realpower = cordMonitor.3.{units}.1 table=units plausible=0..999999
input.voltage = phaseMonitor.3.{units}.1.1 table=units plausible=0..99999 scale=0.1 when=!three-phase
input.L1-L2.voltage = phaseMonitor.3.{units}.1.1 table=units plausible=0..99999 scale=0.1 when=three-phase when=phases-between
input.L2-L3.voltage = phaseMonitor.3.{units}.1.2 table=units plausible=0..99999 scale=0.1 when=three-phase when=phases-between
input.L3-L1.voltage = phaseMonitor.3.{units}.1.3 table=units plausible=0..99999 scale=0.1 when=three-phase when=phases-between
input.L%.voltage = phaseMonitor.3.{units}.1.% table=units each=1..3 plausible=0..99999 scale=0.1 when=three-phase when=!phases-between
outlet.count = table:outlets table=units
outlet.*.current = outletMonitor.3.* table=outlets plausible=0..99999 scale=0.01
outlet.*.desc = outletName.* table=outlets ask=slow rw length=24
outlet.*.id = outletConfig.2.* table=outlets ask=slow
outlet.*.power = outletMonitor.9.* table=outlets plausible=0..99999
outlet.*.powerfactor = outletMonitor.10.* table=outlets plausible=0..100 scale=0.01
outlet.*.realpower = outletMonitor.7.* table=outlets plausible=0..99999
outlet.*.status = outletMonitor.1.* table=outlets lookup=states
outlet.*.voltage = outletMonitor.5.* table=outlets plausible=0..9999 scale=0.1
outlet.group.count = table:branches table=units
outlet.group.*.current = branchMonitor.3.* table=branches plausible=0..99999 scale=0.01
outlet.group.*.id = branchLabel.* table=branches ask=slow
outlet.group.*.status = branchMonitor.1.* table=branches lookup=states
ups.firmware = systemFirmwareVersion.0 ask=once
ups.model = systemProductName.0 ask=once

[when:phases-between]
value = phaseLabel.{units}.1.1 is-match="L1-L2"

[lookup:states]
1 = on
2 = off

[lookup:limits]
0 = good
14 = critical-low
15 = warning-low
16 = warning-high
17 = critical-high

[status]
online = unitStatus.{units} table=units is-match="."
overload = lineMonitor.2.* table=lines is=17

[alarms]
"line %: high current warning!" = lineMonitor.2.{units}.1.% table=units each=1..3 is=16
"line %: high current critical!" = lineMonitor.2.{units}.1.% table=units each=1..3 is=17
"branch * tripped!" = branchMonitor.2.* table=branches is=12,13
"branch *: high current warning!" = branchMonitor.2.* table=branches is=16
"branch *: high current critical!" = branchMonitor.2.* table=branches is=17
"sensor *: high temperature critical!" = temperatureMonitor.2.* table=temperatures is=17
"sensor *: high temperature warning!" = temperatureMonitor.2.* table=temperatures is=16
"sensor *: low temperature critical!" = temperatureMonitor.2.* table=temperatures is=14
"sensor *: low temperature warning!" = temperatureMonitor.2.* table=temperatures is=15

[commands]
outlet.*.load.cycle = set=outletControlAction.*:3 table=outlets
outlet.*.load.off = set=outletControlAction.*:2 table=outlets
outlet.*.load.on = set=outletControlAction.*:1 table=outlets
