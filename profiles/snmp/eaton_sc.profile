# SPDX-License-Identifier: LGPL-2.1-or-later
# SC200 and SC300 controllers of Eaton: rectifiers and batteries of a DC system.

[profile]
engine = snmp
title = "Eaton SC DC power"
version = 1.0
mib = eaton_sc
type = ups
vendor = Eaton
order = 846
include = agent

[objects]
sc = 1.3.6.1.4.1.1918.2.14.10
scSerial = sc.10.20
scModel = sc.10.30
scFirmware = sc.20.30
scInput = sc.40.10
scCurrent = sc.50.10
scLoad = sc.50.20
scRectifiers = sc.60.20
scVoltage = sc.70.10.20
scBatteryTemperature = sc.100.30
scBatteryCurrent = sc.100.40

[probe]
sysobjectid = 1.3.6.1.4.1.1918.2
need = scVoltage.0

[variables]
ups.mfr = value=Eaton
ups.model = scModel.0 ask=once
ups.serial = scSerial.0 ask=once
ups.firmware = scFirmware.0 ask=once
ups.load = scLoad.0 plausible=0..200
input.voltage = scInput.0 plausible=0..1000
output.voltage = scVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
output.current = scCurrent.0 plausible=0..10000
battery.voltage = scVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
battery.current = scBatteryCurrent.0 plausible=-10000..10000
battery.temperature = scBatteryTemperature.0 plausible=-40..100
experimental.rectifier.count = scRectifiers.0 plausible=0..1000

[status]
online = scInput.0 is-range=70..700
offline = scInput.0 is-range=0..30
