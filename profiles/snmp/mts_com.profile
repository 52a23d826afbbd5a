# SPDX-License-Identifier: LGPL-2.1-or-later
# MTS-COM: rectifiers and a battery of a DC system, in thousandths.

[profile]
engine = snmp
title = "MTS-COM DC power"
version = 1.0
mib = mts_com
type = ups
order = 844
include = agent

[objects]
mts = 1.3.6.1.4.1.40865.1
mtsModel = mts.2
mtsFirmware = mts.3
mtsVoltage = mts.6
mtsCurrent = mts.7
mtsInput = mts.8
mtsBatteryCurrent = mts.11
mtsFlag = mts

[probe]
sysobjectid = 1.3.6.1.4.1.40865
need = mtsModel.0
need = mtsVoltage.0

[variables]
ups.model = mtsModel.0 ask=once
ups.firmware = mtsFirmware.0 ask=once
input.voltage = mtsInput.0 scale=0.001 plausible=0..1000 format=%.1f
output.voltage = mtsVoltage.0 scale=0.001 plausible=0..1000 format=%.2f
output.current = mtsCurrent.0 scale=0.001 plausible=0..10000 format=%.2f
battery.voltage = mtsVoltage.0 scale=0.001 plausible=0..1000 format=%.2f
battery.current = mtsBatteryCurrent.0 plausible=-10000..10000

[status]
online = mtsInput.0 scale=0.001 is-range=70..700
offline = mtsInput.0 scale=0.001 is-range=0..30
fan-fail = mtsFlag.26.0 is=1
overheat = mtsFlag.29.0 is=1
overheat = mtsFlag.30.0 is=1
