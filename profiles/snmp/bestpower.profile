# SPDX-License-Identifier: LGPL-2.1-or-later
# Best Power's agents of Ferrups and others. What stock shows as ups.power is the rating in VA: it is ups.power.nominal here
# as well.

[profile]
engine = snmp
title = "Best Power UPS"
version = 1.0
mib = bestpower
type = ups
vendor = EATON
order = 180
include = agent

[objects]
bestLink = 1.3.6.1.4.1.2947.1
upsIdentModel = bestLink.1.2
upsIdentVA = bestLink.1.3
upsIdentSerial = bestLink.1.5
upsIdentFirmware = bestLink.1.7
upsIdentDate = bestLink.1.8
upsStatus = bestLink.2.1
upsSecondsOnBattery = bestLink.2.2
upsMinutesRemaining = bestLink.2.3
upsBatteryVoltage = bestLink.2.4
upsBatteryCurrent = bestLink.2.5

[probe]
sysobjectid = 1.3.6.1.4.1.2947
need = upsIdentModel.0
need = upsStatus.0

[variables]
ups.mfr = value=EATON
ups.model = upsIdentModel.0 ask=once
ups.serial = upsIdentSerial.0 ask=once
ups.firmware = upsIdentFirmware.0 ask=once
ups.mfr.date = upsIdentDate.0 ask=once
ups.power = upsIdentVA.0 ask=slow plausible=1..1000000
ups.power.nominal = upsIdentVA.0 ask=slow plausible=1..1000000
battery.runtime = upsMinutesRemaining.0 ask=quick plausible=0..10000000 scale=60
battery.runtime.elapsed = upsSecondsOnBattery.0 plausible=0..10000000
battery.voltage = upsBatteryVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
battery.current = upsBatteryCurrent.0 scale=0.1 plausible=-10000..10000 format=%.1f

[status]
online = upsStatus.0 invalid=0 is=1
offline = upsStatus.0 invalid=0 is=2
discharging = upsStatus.0 is=2
