# SPDX-License-Identifier: LGPL-2.1-or-later
# nVent Enlogic PDUs, up to four in a chain.

[profile]
engine = snmp
title = "Enlogic PDU"
version = 1.0
mib = enlogic
type = pdu
vendor = Enlogic
order = 540
include = agent
include = pdu

[objects]
enlogic = 1.3.6.1.4.1.38446.1
unitEntry = enlogic.1.2.1
unitStatus = enlogic.2.4.1
phaseConfig = enlogic.3.2.1
phaseStatus = enlogic.3.4.1
breakerConfig = enlogic.4.2.1
breakerStatus = enlogic.4.4.1

[probe]
sysobjectid = 1.3.6.1.4.1.38446.1
need = unitStatus.4.1

[table:units]
index = unitStatus.4
chain

[table:phases]
index = phaseStatus.5
parent = units
select = phaseStatus.3.* is-range=1..5

[table:breakers]
index = breakerStatus.4
parent = units
select = breakerStatus.4.* is-range=1..5

[when:three-phase]
table = phases 2..3

[variables]
device.mfr = value=Enlogic table=units
device.type = value=pdu table=units
device.model = unitEntry.11.{units} table=units ask=once
device.serial = unitEntry.12.{units} table=units ask=once
input.current = phaseStatus.5.{units}.1 table=units scale=0.01 when=!three-phase
input.current.status = phaseStatus.3.{units}.1 table=units lookup=limits when=!three-phase
input.L*.current = phaseStatus.5.* table=phases scale=0.01 when=three-phase
input.L*.current.status = phaseStatus.3.* table=phases lookup=limits when=three-phase
input.L*.power = phaseStatus.8.* table=phases when=three-phase
input.L*.powerfactor = phaseStatus.9.* table=phases scale=0.01 when=three-phase
input.L*.realpower = phaseStatus.7.* table=phases when=three-phase
input.L*.voltage = phaseStatus.6.* table=phases when=three-phase
input.L*.voltage.status = phaseStatus.4.* table=phases lookup=limits when=three-phase
input.phases = table:phases table=units plausible=1..3
input.power = unitStatus.5.{units} table=units
input.realpower = unitStatus.4.{units} table=units
input.voltage = phaseStatus.6.{units}.1 table=units when=!three-phase
input.voltage.status = phaseStatus.4.{units}.1 table=units lookup=limits when=!three-phase
outlet.group.count = table:breakers table=units
outlet.group.*.current = breakerStatus.5.* table=breakers scale=0.01
outlet.group.*.current.status = breakerStatus.4.* table=breakers lookup=limits
outlet.group.*.id = breakerStatus.3.* table=breakers ask=slow
outlet.group.*.name = breakerConfig.3.* table=breakers ask=slow
ups.firmware = unitEntry.14.{units} table=units ask=once

[lookup:limits]
1 = critical-high
2 = warning-high
3 = warning-low
4 = critical-low
5 = good

[status]
online = unitStatus.4.{units} table=units is-match="."
overload = phaseStatus.3.* table=phases is=1

[alarms]
"L*: high current critical!" = phaseStatus.3.* table=phases is=1
"L*: high current warning!" = phaseStatus.3.* table=phases is=2
"L*: high voltage critical!" = phaseStatus.4.* table=phases is=1
"L*: high voltage warning!" = phaseStatus.4.* table=phases is=2
"L*: low voltage warning!" = phaseStatus.4.* table=phases is=3
"L*: low voltage critical!" = phaseStatus.4.* table=phases is=4
"breaker *: high current critical!" = breakerStatus.4.* table=breakers is=1
