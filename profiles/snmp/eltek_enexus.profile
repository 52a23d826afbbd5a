# SPDX-License-Identifier: LGPL-2.1-or-later
# Smartpack controllers of Eltek (SP2-MIB): rectifiers and batteries of a DC system. 1 is normal, 0 a fault in their states.
# Currents are amperes or tenths, as the system is configured: the battery alone has one that is told.

[profile]
engine = snmp
title = "Eltek Smartpack"
version = 1.0
mib = eltek_enexus
type = ups
vendor = Eltek
order = 311
include = agent

[objects]
sp2 = 1.3.6.1.4.1.12148.10
sp2Status = sp2.2.1
sp2Model = sp2.2.6
sp2Serial = sp2.2.7
sp2MainsStatus = sp2.3.1
sp2MainsPhases = sp2.3.3
sp2MainsVoltage = sp2.3.4.1.6
sp2RectifierCapacity = sp2.5.3.5
sp2Rectifiers = sp2.5.5
sp2BatteryStatus = sp2.10.1
sp2BatteryVoltage = sp2.10.5.5
sp2Minutes = sp2.10.8.5
sp2BatteryLeft = sp2.10.9.5
sp2BatteryTotal = sp2.10.11.5
sp2BatteryTemperature = sp2.10.7.5

[probe]
sysobjectid = 1.3.6.1.4.1.12148.10
need = sp2BatteryVoltage.0

[when:lines]
value = sp2MainsVoltage.2 is-range=70..700

[variables]
ups.mfr = value=Eltek
ups.model = sp2Model.0 ask=once
ups.serial = sp2Serial.0 ask=once
ups.load = sp2RectifierCapacity.0 plausible=0..200
battery.voltage = sp2BatteryVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
battery.runtime = sp2Minutes.0 plausible=1..10000000 scale=60
battery.capacity = sp2BatteryLeft.0 plausible=1..100000
battery.capacity.nominal = sp2BatteryTotal.0 ask=slow plausible=1..100000
battery.temperature = sp2BatteryTemperature.0 invalid=0 plausible=-40..100
output.voltage = sp2BatteryVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
input.phases = sp2MainsPhases.0 ask=slow plausible=1..3
input.voltage = sp2MainsVoltage.1 plausible=0..1000 when=!lines
input.L%-N.voltage = sp2MainsVoltage.% plausible=0..1000 each=1..3 when=lines
experimental.rectifier.count = sp2Rectifiers.0 plausible=0..1000

[status]
online = sp2MainsVoltage.1 is-range=70..700
offline = sp2MainsVoltage.1 is-range=0..30
