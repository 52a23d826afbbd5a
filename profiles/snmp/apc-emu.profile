# SPDX-License-Identifier: LGPL-2.1-or-later
# APC environmental monitoring (NetBotz 200, EMU): sensors, contacts and relays of the modular manager. The unit of
# temperatures is what the agent is set to.

[profile]
engine = snmp
title = "APC environment monitor"
version = 1.0
mib = apc-emu
type = meter
vendor = APC
include = agent
include = pdu

[objects]
mem = 1.3.6.1.4.1.318.1.1.10.4
emIdent = 1.3.6.1.4.1.318.1.1.10.3.1
memSensor = mem.2.3.1
iemProbe = 1.3.6.1.4.1.318.1.1.10.2.3.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.8.4

[table:sensors]
index = memSensor.7
number = position
select = memSensor.7.* is=2

[variables]
ambient.count = table:sensors
ambient.*.humidity = memSensor.6.* table=sensors plausible=0..100
ambient.*.name = memSensor.3.* table=sensors ask=slow
ambient.*.temperature = memSensor.5.* table=sensors plausible=-50..150
ups.id = emIdent.1.0 ask=slow

[alarms]
"sensor *: alarm!" = memSensor.8.* table=sensors is=2,3
