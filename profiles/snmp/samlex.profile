# SPDX-License-Identifier: LGPL-2.1-or-later
# Inverters of Samlex.

[profile]
engine = snmp
title = "Samlex inverter"
version = 1.0
mib = samlex
type = ups
vendor = Samlex
order = 320
include = agent

[objects]
samlex = 1.3.6.1.4.1.49075.1
samlexModel = samlex.1.1
samlexFirmware = samlex.1.2
samlexInverter = samlex.3.1
samlexDcVoltage = samlex.3.2.1
samlexState = samlex.3.3
samlexFault = samlex.3.6

[probe]
sysobjectid = 1.3.6.1.4.1.49075
need = samlexModel.0

[variables]
ups.mfr = value=Samlex
ups.model = samlexModel.0 ask=once
ups.firmware = samlexFirmware.0 ask=once
ups.realpower = samlexInverter.4.0 scale=0.1 plausible=0..100000 format=%.1f
ups.temperature = samlexState.9.0 plausible=-40..150
battery.voltage = samlexDcVoltage.0 scale=0.1 plausible=0..1000 format=%.1f
input.voltage = samlexInverter.7.0 scale=0.1 plausible=0..1000 format=%.1f
input.current = samlexInverter.8.0 scale=0.1 plausible=0..1000 format=%.1f
input.realpower = samlexInverter.9.0 scale=0.1 plausible=0..100000 format=%.1f
input.frequency = samlexInverter.10.0 scale=0.1 plausible=0..100 format=%.1f
output.voltage = samlexInverter.2.0 scale=0.1 plausible=0..1000 format=%.1f
output.voltage.nominal = samlexInverter.1.0 ask=slow scale=0.1 plausible=1..1000 format=%.1f
output.current = samlexInverter.3.0 scale=0.1 plausible=0..1000 format=%.1f
output.frequency = samlexInverter.6.0 scale=0.1 plausible=0..100 format=%.1f
output.frequency.nominal = samlexInverter.5.0 ask=slow scale=0.1 plausible=1..100 format=%.1f

[status]
online = samlexInverter.7.0 is-range=700..7000
offline = samlexInverter.7.0 is-range=0..300
overload = samlexFault.4.0 is=1
overheat = samlexFault.5.0 is=1
fan-fail = samlexFault.1.0 is=1
battery-voltage-high = samlexFault.2.0 is=1
battery-voltage-low = samlexFault.3.0 is=1

[alarms]
"Output short circuit!" = samlexFault.6.0 is=1
"Over voltage protection!" = samlexFault.7.0 is=1
"Under voltage protection!" = samlexFault.8.0 is=1
