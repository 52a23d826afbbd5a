# SPDX-License-Identifier: LGPL-2.1-or-later
# WebPower of Eltek: rectifiers and batteries of a DC system.

[profile]
engine = snmp
title = "Eltek WebPower"
version = 1.0
mib = eltek_webpower
type = ups
vendor = Eltek
order = 310
include = agent

[objects]
eltek = 1.3.6.1.4.1.12148.9
eltekSerial = eltek.2.1.3.7
eltekFirmware = eltek.1.18.7
eltekStatus = eltek.2.2
eltekBatteryName = eltek.3.1
eltekBatteryVoltage = eltek.3.2
eltekBatteryCurrent = eltek.3.3
eltekMinutes = eltek.3.20.1
eltekCapacity = eltek.3.20.2
eltekLoadCurrent = eltek.4.1
eltekRectifiers = eltek.5.1
eltekRectifiersActive = eltek.5.2
eltekUtilisation = eltek.5.4
eltekMainsVoltage = eltek.6

[probe]
sysobjectid = 1.3.6.1.4.1.12148.9
need = eltekBatteryVoltage.0

[variables]
ups.mfr = value=Eltek
ups.serial = eltekSerial.0 ask=once
ups.firmware = eltekFirmware.0 ask=once
ups.load = eltekUtilisation.0 plausible=0..200
battery.type = eltekBatteryName.0 ask=once
battery.voltage = eltekBatteryVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
battery.current = eltekBatteryCurrent.0 plausible=-10000..10000
battery.runtime = eltekMinutes.0 plausible=1..10000000 scale=60
battery.capacity = eltekCapacity.0 plausible=1..100000
output.current = eltekLoadCurrent.0 plausible=0..10000
input.L%-N.voltage = eltekMainsVoltage.%.0 plausible=0..1000 each=1..3
experimental.rectifier.count = eltekRectifiers.0 plausible=0..1000
experimental.rectifier.active = eltekRectifiersActive.0 plausible=0..1000

[status]
online = eltekMainsVoltage.1.0 is-range=70..700
offline = eltekMainsVoltage.1.0 is-range=0..30
