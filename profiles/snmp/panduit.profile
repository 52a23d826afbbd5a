# SPDX-License-Identifier: LGPL-2.1-or-later
# Panduit G5 PDUs, of one layout with those of other makers from one source.

[profile]
engine = snmp
title = "Panduit PDU"
version = 1.0
mib = panduit
type = pdu
vendor = Panduit
order = 550
include = agent
include = pdu

[objects]
panduit = 1.3.6.1.4.1.19536.10.1
unitEntry = panduit.1.2.1
inputEntry = panduit.2.1.1
phaseEntry = panduit.2.2.1
breakerEntry = panduit.3.1.1
outletEntry = panduit.5.1.1
outletName = panduit.5.1.1.2 string
outletControl = panduit.5.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.19536.10.1
need = unitEntry.7.1

[table:units]
index = unitEntry.7
chain

[table:breakers]
index = breakerEntry.5
parent = units
select = breakerEntry.5.* is-range=1..9999

[table:outlets]
index = outletName
parent = units

[variables]
device.type = value=pdu table=units
device.mfr = unitEntry.4.{units} table=units ask=once
device.model = unitEntry.7.{units} table=units ask=once
device.serial = unitEntry.8.{units} table=units ask=once
input.current = inputEntry.11.{units} table=units scale=0.01
input.frequency = inputEntry.2.{units} table=units plausible=1..999 scale=0.1
input.power = inputEntry.4.{units} table=units
input.powerfactor = inputEntry.9.{units} table=units plausible=0..100 scale=0.01
input.realpower = inputEntry.5.{units} table=units
input.voltage = breakerEntry.5.{units}.1 table=units plausible=1..9999 scale=0.1
outlet.count = table:outlets table=units
outlet.group.count = table:breakers table=units
outlet.group.*.current = breakerEntry.12.* table=breakers scale=0.01
outlet.group.*.id = breakerEntry.2.* table=breakers ask=slow
outlet.group.*.load = breakerEntry.18.* table=breakers
outlet.group.*.power = breakerEntry.19.* table=breakers
outlet.group.*.realpower = breakerEntry.20.* table=breakers
outlet.group.*.voltage = breakerEntry.5.* table=breakers scale=0.1
outlet.*.current = outletEntry.5.* table=outlets plausible=0..99999 scale=0.01
outlet.*.current.nominal = outletEntry.4.* table=outlets plausible=1..99999 scale=0.01 ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.name = outletName.* table=outlets ask=slow rw length=31
outlet.*.power = outletEntry.12.* table=outlets
outlet.*.realpower = outletEntry.13.* table=outlets
ups.firmware = unitEntry.5.{units} table=units ask=once

[status]
online = unitEntry.7.{units} table=units is-match="."
