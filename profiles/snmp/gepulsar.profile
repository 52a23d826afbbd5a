# SPDX-License-Identifier: LGPL-2.1-or-later
# Pulsar Plus and Galaxy controllers of GE and ABB: rectifiers of a DC system, whose voltage has a sign.

[profile]
engine = snmp
title = "GE Pulsar Plus"
version = 1.0
mib = gepulsar
type = ups
vendor = GE
order = 847
include = agent

[objects]
ge = 1.3.6.1.4.1.10520.2.1.3
geStatus = ge.1.13
geVoltage = ge.1.4
geCurrent = ge.1.5
geAcVoltage = ge.7.1.10
geAlarm = ge.34.1.3

[probe]
sysobjectid = 1.3.6.1.4.1.10520
need = geVoltage.0

[table:rectifiers]
index = geAcVoltage

[variables]
ups.mfr = value=GE
output.voltage = geVoltage.0 scale=-0.001 plausible=1..1000 format=%.2f
output.voltage = geVoltage.0 scale=0.001 plausible=0..1000 format=%.2f
output.current = geCurrent.0 plausible=0..10000
input.voltage = geAcVoltage.* table=rectifiers plausible=0..1000
experimental.rectifier.count = table:rectifiers

[status]
offline = geAlarm.22 is=1
online = geAlarm.22 is=0
discharging = geAlarm.23 is=1
shutdown-imminent = geAlarm.61 is=1
overheat = geAlarm.64 is=1
fan-fail = geAlarm.39 is=1
emergency-stop = geAlarm.8 is=1

[alarms]
"Rectifier failure!" = geAlarm.10 is=1
"AC failure!" = geAlarm.11 is=1
"Several rectifiers failed!" = geAlarm.17 is=1
"Very low voltage!" = geAlarm.16 is=1
"Very high voltage!" = geAlarm.24 is=1
