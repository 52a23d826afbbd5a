# SPDX-License-Identifier: LGPL-2.1-or-later
# Rack PDUs (APC's EPDU1132M and others of that make) whose agent has no number of a maker, and says all values as
# text with a unit.

[profile]
engine = snmp
title = "Rack PDU with values as text"
version = 1.0
mib = easy-pdu-text
type = pdu
order = 970
include = agent
include = pdu

[objects]
textPdu = 1.3.6.1.4.1.1.1
textPduVoltage = textPdu.1
textPduCurrent = textPdu.2
textPduPower = textPdu.3
textPduFactor = textPdu.6
textPduFrequency = textPdu.27
textPduTemperature = textPdu.28
textPduHumidity = textPdu.29
textPduFirmware = textPdu.38

[probe]
sysobjectid = 1.3.6.1.4.1.0
need = textPduVoltage.1 is-match="^[0-9.]+V$"
need = textPduCurrent.1 is-match="^[0-9.]+A$"

[variables]
ups.firmware = textPduFirmware.1 ask=once
input.voltage = textPduVoltage.1 match="^([0-9.]+)V" plausible=0..699
input.current = textPduCurrent.1 match="^([0-9.]+)A" plausible=0..6500
input.frequency = textPduFrequency.1 match="^([0-9.]+)Hz" plausible=0..450
input.powerfactor = textPduFactor.1 plausible=-1..1
input.realpower = textPduPower.1 match="^([0-9.]+)kW" scale=1000 plausible=0..5000000 format=%d
ambient.temperature = textPduTemperature.1 match="^(-?[0-9.]+)C?$" plausible=-60..150
ambient.humidity = textPduHumidity.1 match="^([0-9.]+)(%RH)?$" plausible=0..100
