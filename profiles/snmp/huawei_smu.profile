# SPDX-License-Identifier: LGPL-2.1-or-later
# Site monitoring units of Huawei: rectifiers and batteries of a DC system.

[profile]
engine = snmp
title = "Huawei SMU"
version = 1.0
mib = huawei_smu
type = ups
vendor = Huawei
order = 300
include = agent

[objects]
smu = 1.3.6.1.4.1.2011.6.164.1
smuVersion = smu.2.2.1.1.5
smuRectifierCurrent = smu.3.1.3
smuRectifiers = smu.3.1.4
smuRatedVoltage = smu.3.1.5
smuBatteryCount = smu.4.1.3
smuBatteryCurrent = smu.4.2.1
smuBatteryState = smu.4.2.3
smuBatteryCapacity = smu.4.4.2.1.3
smuInputVoltage = smu.5.2.1.1.4
smuOutputVoltage = smu.6.1.3
smuOutputCurrent = smu.6.1.4

[probe]
sysobjectid = 1.3.6.1.4.1.2011.6.164
need = smuOutputVoltage.0
need = smuRectifiers.0

[table:batteries]
index = smuBatteryCapacity

[variables]
ups.mfr = value=Huawei
ups.model = value=SMU
ups.firmware = smuVersion.1 ask=once
battery.packs = smuBatteryCount.0 ask=slow plausible=0..64
battery.charge = smuBatteryCapacity.* table=batteries ask=quick scale=0.1 plausible=0..100 format=%.1f
battery.current = smuBatteryCurrent.0 plausible=-10000..10000
battery.voltage = smuOutputVoltage.0 scale=0.1 plausible=0..1000 format=%.1f
input.voltage = smuInputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f
output.voltage = smuOutputVoltage.0 scale=0.1 plausible=0..1000 format=%.1f
output.voltage.nominal = smuRatedVoltage.0 ask=slow scale=0.1 plausible=1..1000 format=%.1f
output.current = smuOutputCurrent.0 plausible=0..10000
experimental.rectifier.count = smuRectifiers.0 plausible=0..1000 ask=slow
experimental.rectifier.current = smuRectifierCurrent.0 plausible=0..10000

[status]
online = smuInputVoltage.1 is-range=700..7000
offline = smuInputVoltage.1 is-range=0..300
