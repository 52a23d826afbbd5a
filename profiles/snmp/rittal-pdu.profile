# SPDX-License-Identifier: LGPL-2.1-or-later
# Rittal PDUs with their own controller, and those on a CMC III: all values are rows of one table, known by their names,
# and told as text with the unit.

[profile]
engine = snmp
title = "Rittal PDU"
version = 1.0
mib = rittal-pdu
type = pdu
vendor = Rittal
include = agent
include = pdu

[objects]
cmc = 1.3.6.1.4.1.2606.7
cmcVersion = cmc.2.4
cmcSerial = cmc.2.6
deviceName = cmc.4.1.2.1.2
variableName = cmc.4.2.2.1.3
variableText = cmc.4.2.2.1.10

[probe]
sysobjectid = 1.3.6.1.4.1.2606.7

# A device with a meter begins with its totals.
[table:units]
index = variableName
depth = 1
select = variableName.*.1 is-match="^Total\\."
chain

[table:voltages]
index = variableName
parent = units
select = variableName.* is-match="^Phase L[123]\\.Voltage\\.Value$"
number = position
ask = slow

[table:currents]
index = variableName
parent = units
select = variableName.* is-match="^Phase L[123]\\.Current\\.Value$"
number = position
ask = slow

[table:powers]
index = variableName
parent = units
select = variableName.* is-match="^Phase L[123]\\.Power\\.Active\\.Value$"
number = position
ask = slow

[table:apparents]
index = variableName
parent = units
select = variableName.* is-match="^Phase L[123]\\.Power\\.Apparent\\.Value$"
number = position
ask = slow

[table:factors]
index = variableName
parent = units
select = variableName.* is-match="^Phase L[123]\\.Power\\.Factor\\.Value$"
number = position
ask = slow

[table:frequencies]
index = variableName
parent = units
select = variableName.* is-match="^Total\\.Frequency\\.Value$"
ask = slow

[table:totals]
index = variableName
parent = units
select = variableName.* is-match="^Total\\.Power\\.Active\\.Value$"
ask = slow

[variables]
device.mfr = value=Rittal table=units
device.type = value=pdu table=units
device.model = deviceName.1 ask=once
input.frequency = variableText.* table=frequencies match="^([0-9.]+)"
input.L*.voltage = variableText.* table=voltages match="^(-?[0-9.]+)"
input.L*.current = variableText.* table=currents match="^(-?[0-9.]+)"
input.L*.realpower = variableText.* table=powers match="^(-?[0-9.]+)"
input.L*.power = variableText.* table=apparents match="^(-?[0-9.]+)"
input.L*.powerfactor = variableText.* table=factors match="^(-?[0-9.]+)"
input.realpower = variableText.* table=totals match="^([0-9.]+)"
ups.firmware = cmcVersion.0 ask=once
ups.serial = cmcSerial.0 ask=once

[status]
online = variableName.{units}.1 table=units is-match="."
