# SPDX-License-Identifier: LGPL-2.1-or-later
# HP PDU Management Module: up to two modular PDUs, as members of a chain. A PDU has the phases that have a voltage.

[profile]
engine = snmp
title = "HP PDU Management Module"
version = 1.0
mib = hpe-pdumm
type = pdu
vendor = HP
order = 276
include = agent
include = pdu

[objects]
pdumm = 1.3.6.1.4.1.232.165.2
identEntry = pdumm.1.2.1
outputEntry = pdumm.3.1.1
phaseEntry = pdumm.3.2.1

[probe]
need = outputEntry.2.1

[table:units]
index = outputEntry.2
chain

[when:three-phase]
value = phaseEntry.2.{units}.2 is-range=1..999

[variables]
device.mfr = value=HP table=units
device.type = value=pdu table=units
device.model = identEntry.4.{units} table=units ask=once
device.part = identEntry.5.{units} table=units ask=once
device.serial = identEntry.6.{units} table=units ask=once
input.current = phaseEntry.3.{units}.1 table=units when=!three-phase
input.load = outputEntry.2.{units} table=units
input.L%.current = phaseEntry.3.{units}.% table=units each=1..3 when=three-phase
input.L%.load = phaseEntry.4.{units}.% table=units each=1..3 when=three-phase
input.L%.voltage = phaseEntry.2.{units}.% table=units each=1..3 when=three-phase
input.power.nominal = outputEntry.3.{units} table=units plausible=1..99999
input.realpower = outputEntry.4.{units} table=units
input.voltage = phaseEntry.2.{units}.1 table=units when=!three-phase
ups.firmware = identEntry.3.{units} table=units ask=once

[status]
online = outputEntry.2.{units} table=units is-match="."
