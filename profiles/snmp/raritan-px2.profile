# SPDX-License-Identifier: LGPL-2.1-or-later
# Raritan PX2, PX3, PX4, PXC, and Server Technology PRO4X. Each value of this MIB has its number of decimals in a table
# of its own. The last number behind a sensor of a strip is its type: 1 current, 4 voltage, 5 power, 6 apparent power,
# 7 power factor, 10 temperature, 11 humidity, 23 frequency, 25 voltage to neutral. Units cascaded by USB are members of
# a chain. Stock snmp-ups shows the current of the inlet as input.load, apparent as real power of outlets and the
# other way round, and scales by a fixed factor for some models, and as whole numbers else.

[profile]
engine = snmp
title = "Raritan PX2"
version = 1.0
mib = raritan-px2
type = pdu
vendor = Raritan
order = 325
include = agent
include = pdu

[objects]
raritan = 1.3.6.1.4.1.13742.6
pduManufacturer = raritan.3.2.1.1.2
pduModel = raritan.3.2.1.1.3
pduSerialNumber = raritan.3.2.1.1.4
pduRatedCurrent = raritan.3.2.1.1.6
outletCount = raritan.3.2.2.1.4
pxMACAddress = raritan.3.2.2.1.11
pduName = raritan.3.2.2.1.13 string
boardVersion = raritan.3.2.3.1.4
boardFirmwareVersion = raritan.3.2.3.1.6
inletLabel = raritan.3.3.3.1.2
inletPoleCount = raritan.3.3.3.1.5
inletSensorDecimalDigits = raritan.3.3.4.1.7
inletLowerCritical = raritan.3.3.4.1.21 gauge
inletLowerWarning = raritan.3.3.4.1.22 gauge
inletUpperCritical = raritan.3.3.4.1.23 gauge
inletUpperWarning = raritan.3.3.4.1.24 gauge
inletPoleDecimalDigits = raritan.3.3.6.1.7
ocpLabel = raritan.3.4.3.1.2
ocpName = raritan.3.4.3.1.3 string
ocpDecimalDigits = raritan.3.4.4.1.7
outletLabel = raritan.3.5.3.1.2
outletName = raritan.3.5.3.1.3 string
outletReceptacle = raritan.3.5.3.1.29
outletPowerOffPeriod = raritan.3.5.3.1.12
outletSwitchable = raritan.3.5.3.1.28
outletDecimalDigits = raritan.3.5.4.1.7
outletLowerCritical = raritan.3.5.4.1.21 gauge
outletLowerWarning = raritan.3.5.4.1.22 gauge
outletUpperCritical = raritan.3.5.4.1.23 gauge
outletUpperWarning = raritan.3.5.4.1.24 gauge
externalSensorType = raritan.3.6.3.1.2
externalSensorSerialNumber = raritan.3.6.3.1.3
externalSensorName = raritan.3.6.3.1.4 string
externalSensorUnits = raritan.3.6.3.1.16
externalDecimalDigits = raritan.3.6.3.1.17
externalLowerCritical = raritan.3.6.3.1.31 integer
externalLowerWarning = raritan.3.6.3.1.32 integer
externalUpperCritical = raritan.3.6.3.1.33 integer
externalUpperWarning = raritan.3.6.3.1.34 integer
switchingOperation = raritan.4.1.2.1.2 integer
outletSwitchingState = raritan.4.1.2.1.3
inletAvailable = raritan.5.2.3.1.2
inletState = raritan.5.2.3.1.3
inletValue = raritan.5.2.3.1.4
inletPoleValue = raritan.5.2.4.1.4
ocpState = raritan.5.3.3.1.3
ocpValue = raritan.5.3.3.1.4
outletState = raritan.5.4.3.1.3
outletValue = raritan.5.4.3.1.4
externalState = raritan.5.5.3.1.3
externalValue = raritan.5.5.3.1.4

[probe]
sysobjectid = 1.3.6.1.4.1.13742.6
need = inletValue.1.1.1

[table:units]
index = inletValue
depth = 1
chain

[table:outlets]
index = outletLabel
parent = units

# Breakers.
[table:breakers]
index = ocpLabel
parent = units

# Not each sensor measures: numbers go by place, names say what it is.
[table:temperatures]
index = externalSensorType
parent = units
select = externalSensorType.* is=10

[table:humidities]
index = externalSensorType
parent = units
select = externalSensorType.* is=11

[table:contacts]
index = externalSensorType
parent = units
select = externalSensorType.* is=14,17,18,19,20,43

[when:three-phase]
value = inletPoleCount.{units}.1 is-range=3..5

[variables]
device.type = value=pdu table=units
ups.model = pduModel.{units} table=units ask=once
ambient.*.humidity = externalValue.* table=humidities decimals=externalDecimalDigits.* when=humidity-known
ambient.*.humidity.high.critical = externalUpperCritical.* table=humidities decimals=externalDecimalDigits.* ask=slow rw range=0..100
ambient.*.humidity.high.warning = externalUpperWarning.* table=humidities decimals=externalDecimalDigits.* ask=slow rw range=0..100
ambient.*.humidity.low.critical = externalLowerCritical.* table=humidities decimals=externalDecimalDigits.* ask=slow rw range=0..100
ambient.*.humidity.low.warning = externalLowerWarning.* table=humidities decimals=externalDecimalDigits.* ask=slow rw range=0..100
ambient.*.humidity.status = externalState.* table=humidities lookup=limits
ambient.*.name = externalSensorName.* table=temperatures ask=slow rw length=64
ambient.*.name = externalSensorName.* table=humidities ask=slow rw length=64
ambient.*.name = externalSensorName.* table=contacts ask=slow rw length=64
ambient.*.serial = externalSensorSerialNumber.* table=temperatures ask=slow
ambient.*.temperature = externalValue.* table=temperatures decimals=externalDecimalDigits.* when=temperature-known when=!fahrenheit
ambient.*.temperature = externalValue.* table=temperatures decimals=externalDecimalDigits.* divide=1.8 offset=-17.7778 format=%.1f when=temperature-known when=fahrenheit
ambient.*.temperature.high.critical = externalUpperCritical.* table=temperatures decimals=externalDecimalDigits.* ask=slow rw range=-50..150 when=!fahrenheit
ambient.*.temperature.high.warning = externalUpperWarning.* table=temperatures decimals=externalDecimalDigits.* ask=slow rw range=-50..150 when=!fahrenheit
ambient.*.temperature.low.critical = externalLowerCritical.* table=temperatures decimals=externalDecimalDigits.* ask=slow rw range=-50..150 when=!fahrenheit
ambient.*.temperature.low.warning = externalLowerWarning.* table=temperatures decimals=externalDecimalDigits.* ask=slow rw range=-50..150 when=!fahrenheit
ambient.*.temperature.status = externalState.* table=temperatures lookup=limits
ambient.*.contacts.1.status = externalState.* table=contacts lookup=contacts
device.macaddr = pxMACAddress.{units} table=units form=mac ask=once
device.mfr = pduManufacturer.{units} table=units ask=once
device.model = pduModel.{units} table=units ask=once
device.revision = boardVersion.{units}.1.1 table=units ask=once
device.serial = pduSerialNumber.{units} table=units ask=once
input.current = inletValue.{units}.1.1 table=units decimals=inletSensorDecimalDigits.{units}.1.1 when=!three-phase
input.current.high.critical = inletUpperCritical.{units}.1.1 table=units decimals=inletSensorDecimalDigits.{units}.1.1 ask=slow rw range=0..1000
input.current.high.warning = inletUpperWarning.{units}.1.1 table=units decimals=inletSensorDecimalDigits.{units}.1.1 ask=slow rw range=0..1000
input.current.nominal = pduRatedCurrent.{units} table=units match="^([0-9.]+)" ask=once
input.current.status = inletState.{units}.1.1 table=units lookup=limits
input.frequency = inletValue.{units}.1.23 table=units decimals=inletSensorDecimalDigits.{units}.1.23
input.L%.current = inletPoleValue.{units}.1.%.1 table=units each=1..3 decimals=inletPoleDecimalDigits.{units}.1.%.1 when=three-phase
input.L%.voltage = inletPoleValue.{units}.1.%.25 table=units each=1..3 decimals=inletPoleDecimalDigits.{units}.1.%.25 when=three-phase
input.L1-L2.voltage = inletPoleValue.{units}.1.1.4 table=units decimals=inletPoleDecimalDigits.{units}.1.1.4 when=three-phase
input.L2-L3.voltage = inletPoleValue.{units}.1.2.4 table=units decimals=inletPoleDecimalDigits.{units}.1.2.4 when=three-phase
input.L3-L1.voltage = inletPoleValue.{units}.1.3.4 table=units decimals=inletPoleDecimalDigits.{units}.1.3.4 when=three-phase
input.phases = inletPoleCount.{units}.1 table=units lookup=poles ask=once
input.power = inletValue.{units}.1.6 table=units decimals=inletSensorDecimalDigits.{units}.1.6
input.powerfactor = inletValue.{units}.1.7 table=units decimals=inletSensorDecimalDigits.{units}.1.7
input.realpower = inletValue.{units}.1.5 table=units decimals=inletSensorDecimalDigits.{units}.1.5
input.voltage = inletValue.{units}.1.4 table=units decimals=inletSensorDecimalDigits.{units}.1.4
input.voltage.high.critical = inletUpperCritical.{units}.1.4 table=units decimals=inletSensorDecimalDigits.{units}.1.4 ask=slow rw range=0..1000
input.voltage.high.warning = inletUpperWarning.{units}.1.4 table=units decimals=inletSensorDecimalDigits.{units}.1.4 ask=slow rw range=0..1000
input.voltage.low.critical = inletLowerCritical.{units}.1.4 table=units decimals=inletSensorDecimalDigits.{units}.1.4 ask=slow rw range=0..1000
input.voltage.low.warning = inletLowerWarning.{units}.1.4 table=units decimals=inletSensorDecimalDigits.{units}.1.4 ask=slow rw range=0..1000
input.voltage.status = inletState.{units}.1.4 table=units lookup=limits
outlet.count = table:outlets table=units
outlet.count = outletCount.{units} table=units ask=slow
outlet.*.current = outletValue.*.1 table=outlets decimals=outletDecimalDigits.*.1
outlet.*.current.high.critical = outletUpperCritical.*.1 table=outlets decimals=outletDecimalDigits.*.1 ask=slow rw range=0..1000
outlet.*.current.high.warning = outletUpperWarning.*.1 table=outlets decimals=outletDecimalDigits.*.1 ask=slow rw range=0..1000
outlet.*.current.low.critical = outletLowerCritical.*.1 table=outlets decimals=outletDecimalDigits.*.1 ask=slow rw range=0..1000
outlet.*.current.low.warning = outletLowerWarning.*.1 table=outlets decimals=outletDecimalDigits.*.1 ask=slow rw range=0..1000
outlet.*.current.status = outletState.*.1 table=outlets lookup=limits
outlet.*.desc = outletName.* table=outlets ask=slow rw length=64
outlet.*.id = outletLabel.* table=outlets ask=slow
outlet.*.power = outletValue.*.6 table=outlets decimals=outletDecimalDigits.*.6
outlet.*.powerfactor = outletValue.*.7 table=outlets decimals=outletDecimalDigits.*.7
outlet.*.realpower = outletValue.*.5 table=outlets decimals=outletDecimalDigits.*.5
outlet.*.status = outletSwitchingState.* table=outlets lookup=switch-state
outlet.*.status = outletState.*.14 table=outlets lookup=switch-state
outlet.*.switchable = outletSwitchable.* table=outlets lookup=one-yes ask=slow
outlet.*.type = outletReceptacle.* table=outlets ask=slow
outlet.*.voltage = outletValue.*.4 table=outlets decimals=outletDecimalDigits.*.4
outlet.group.count = table:breakers table=units
outlet.group.*.current = ocpValue.*.1 table=breakers decimals=ocpDecimalDigits.*.1
outlet.group.*.current.status = ocpState.*.1 table=breakers lookup=limits
outlet.group.*.id = ocpLabel.* table=breakers ask=slow
outlet.group.*.name = ocpName.* table=breakers ask=slow
outlet.group.*.status = ocpState.*.15 table=breakers lookup=breaker-state
ups.firmware = boardFirmwareVersion.{units}.1.1 table=units ask=once
ups.id = pduName.{units} table=units ask=slow rw length=64

[when:temperature-known]
value = externalState.{temperatures} is-range=2..6

[when:humidity-known]
value = externalState.{humidities} is-range=2..6

[when:fahrenheit]
value = externalSensorUnits.{temperatures} is=14

[lookup:poles]
1 = 1
2 = 1
3 = 3
4 = 3

[lookup:one-yes]
1 = yes
2 = no

[lookup:limits]
2 = critical-low
3 = warning-low
4 = good
5 = warning-high
6 = critical-high

[lookup:switch-state]
7 = on
8 = off

[lookup:breaker-state]
0 = off
1 = on

# 0 open, 1 closed; 4 normal, 11 alarmed.
[lookup:contacts]
0 = opened
1 = closed
4 = inactive
11 = active

[lookup:current-alarms]
2 = "low current critical!"
3 = "low current warning!"
5 = "high current warning!"
6 = "high current critical!"

[lookup:voltage-alarms]
2 = "low voltage critical!"
3 = "low voltage warning!"
5 = "high voltage warning!"
6 = "high voltage critical!"

[alarms]
* = inletState.{units}.1.1 table=units lookup=current-alarms
* = inletState.{units}.1.4 table=units lookup=voltage-alarms
"breaker * tripped!" = ocpState.*.15 table=breakers is=0
"outlet * high current critical!" = outletState.*.1 table=outlets is=6
"sensor *: high temperature critical!" = externalState.* table=temperatures is=6
"sensor *: high temperature warning!" = externalState.* table=temperatures is=5
"sensor *: low temperature critical!" = externalState.* table=temperatures is=2
"sensor *: low temperature warning!" = externalState.* table=temperatures is=3
"sensor *: high humidity critical!" = externalState.* table=humidities is=6
"sensor *: high humidity warning!" = externalState.* table=humidities is=5
"sensor *: low humidity critical!" = externalState.* table=humidities is=2
"sensor *: low humidity warning!" = externalState.* table=humidities is=3
"sensor *: alarm!" = externalState.* table=contacts is=11

[commands]
outlet.*.load.cycle = set=switchingOperation.*:2 table=outlets
outlet.*.load.off = set=switchingOperation.*:0 table=outlets
outlet.*.load.on = set=switchingOperation.*:1 table=outlets

[status]
online = inletValue.{units}.1.1 table=units is-match="."
