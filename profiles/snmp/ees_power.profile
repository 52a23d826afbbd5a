# SPDX-License-Identifier: LGPL-2.1-or-later
# Controllers of Emerson and Vertiv (EES-POWER-MIB): rectifiers and batteries of a DC system, in thousandths.

[profile]
engine = snmp
title = "Vertiv NetSure (EES)"
version = 1.0
mib = ees_power
type = ups
vendor = Vertiv
order = 840
include = agent

[objects]
ees = 1.3.6.1.4.1.6302.2.1
eesModel = ees.1.2
eesFirmware = ees.1.3
eesSite = ees.1.4
eesSerial = ees.1.6
eesStatus = ees.2.1
eesVoltage = ees.2.2
eesCurrent = ees.2.3
eesUsed = ees.2.4
eesBatteryVoltage = ees.2.5.1
eesBatteryCurrent = ees.2.5.2
eesBatteryCapacity = ees.2.5.3
eesBatteryTemperature = ees.2.7
eesInput = ees.2.6
eesRectifier = ees.2.11.4.1.8

[probe]
sysobjectid = 1.3.6.1.4.1.6302.2.1
need = eesVoltage.0

[table:rectifiers]
index = eesRectifier

[variables]
ups.mfr = value=Vertiv
ups.model = eesModel.0 ask=once
ups.firmware = eesFirmware.0 ask=once
ups.serial = eesSerial.0 ask=once
ups.id = eesSite.0 ask=slow
ups.load = eesUsed.0 plausible=0..200
battery.charge = eesBatteryCapacity.0 ask=quick plausible=0..100
battery.voltage = eesBatteryVoltage.0 scale=0.001 plausible=0..1000 format=%.2f
battery.current = eesBatteryCurrent.0 scale=0.001 plausible=-10000..10000 format=%.2f
output.voltage = eesVoltage.0 scale=0.001 plausible=0..1000 format=%.2f
output.current = eesCurrent.0 scale=0.001 plausible=0..10000 format=%.2f
input.L%-N.voltage = eesInput.%.0 scale=0.001 plausible=0..1000 format=%.1f each=1..3
experimental.rectifier.count = table:rectifiers

[status]
online = eesInput.1.0 scale=0.001 is-range=70..700
offline = eesInput.1.0 scale=0.001 is-range=0..30

[alarms]
"Rectifier * failed!" = eesRectifier.* table=rectifiers is=1
