# SPDX-License-Identifier: LGPL-2.1-or-later
# CyberPower rack PDUs (ePDU of the CPS-MIB): the phase's load and that of banks as rows of one table.

[profile]
engine = snmp
title = "CyberPower PDU"
version = 1.0
mib = cyberpower-pdu
type = pdu
vendor = CyberPower
order = 131
include = agent
include = pdu

[objects]
ePDU = 1.3.6.1.4.1.3808.1.1.3
ident = ePDU.1
identName = ePDU.1.1 string
loadConfig = ePDU.2.2.1.1 integer
loadStatus = ePDU.2.3.1.1
outletCommand = ePDU.3.3.1.1.4 integer
outletConfigName = ePDU.3.4.1.1.2 string
outletConfigOn = ePDU.3.4.1.1.4 integer
outletConfigOff = ePDU.3.4.1.1.5 integer
outletConfigReboot = ePDU.3.4.1.1.6 integer
outletStatus = ePDU.3.5.1.1
powerSupply = ePDU.4.1
voltage = ePDU.5.7
frequency = ePDU.5.8
environment = 1.3.6.1.4.1.3808.1.1.4

[probe]
sysobjectid = 1.3.6.1.4.1.3808.1.1.3
sysobjectid = 1.3.6.1.4.1.3808.1.1.6
need = loadStatus.2.1

[table:outlets]
index = outletStatus.4

[table:phases]
index = loadStatus.2
select = loadStatus.5.* is=0

[table:banks]
index = loadStatus.5
number = value
select = loadStatus.5.* is-range=1..99

[when:three-phase]
table = phases 2..3

[variables]
ambient.humidity = environment.3.1.0 plausible=1..100
ambient.humidity.high = environment.3.2.0 ask=slow when=sensor
ambient.humidity.low = environment.3.3.0 ask=slow when=sensor
ambient.temperature = environment.2.1.0 invalid=0 plausible=-40..150 divide=18 offset=-17.7778 format=%.1f
input.current = loadStatus.2.1 scale=0.1 when=!three-phase
input.current.high.critical = loadConfig.4.1 ask=slow rw range=0..100 when=!three-phase
input.current.high.warning = loadConfig.3.1 ask=slow rw range=0..100 when=!three-phase
input.current.low.warning = loadConfig.2.1 ask=slow rw range=0..100 when=!three-phase
input.current.nominal = ident.7.0 plausible=1..999 ask=once
input.current.status = loadStatus.3.1 lookup=load-state when=!three-phase
input.frequency = frequency.0 plausible=1..1000 scale=0.1
input.L*.current = loadStatus.2.* table=phases scale=0.1 when=three-phase
input.L*.current.status = loadStatus.3.* table=phases lookup=load-state when=three-phase
input.phases = ident.9.0 plausible=1..3 ask=once
input.voltage = voltage.0 plausible=1..9999 scale=0.1
input.voltage.nominal = ident.15.0 plausible=1..999 ask=once
outlet.count = ident.8.0 plausible=1..999 ask=once
outlet.count = table:outlets
outlet.*.current = outletStatus.7.* table=outlets plausible=0..9999 scale=0.1
outlet.*.delay.reboot = outletConfigReboot.* table=outlets ask=slow rw range=5..60
outlet.*.delay.shutdown = outletConfigOff.* table=outlets ask=slow rw range=-1..7200
outlet.*.delay.start = outletConfigOn.* table=outlets ask=slow rw range=-1..7200
outlet.*.desc = outletConfigName.* table=outlets ask=slow rw length=31
outlet.*.id = number:outlets table=outlets
outlet.*.status = outletStatus.4.* table=outlets lookup=states
outlet.group.count = table:banks
outlet.group.*.current = loadStatus.2.* table=banks scale=0.1
outlet.group.*.id = number:banks table=banks
ups.firmware = ident.3.0 ask=once
ups.id = identName.0 ask=slow
ups.model = ident.5.0 ask=once
ups.serial = ident.6.0 ask=once

[when:sensor]
value = environment.2.1.0 is-range=1..3000

[lookup:states]
1 = on
2 = off

[lookup:load-state]
1 = good
2 = warning-low
3 = warning-high
4 = critical-high

[status]
overload = loadStatus.3.* table=phases is=4

[alarms]
"phase * near overload!" = loadStatus.3.* table=phases is=3
"phase * overload!" = loadStatus.3.* table=phases is=4
"power supply 1 failed!" = powerSupply.1.0 is=2
"power supply 2 failed!" = powerSupply.2.0 is=2

[commands]
outlet.*.load.cycle = set=outletCommand.*:3 table=outlets
outlet.*.load.off = set=outletCommand.*:2 table=outlets
outlet.*.load.off.delay = set=outletConfigOff.*:{argument} set=outletCommand.*:5 table=outlets range=0..7200
outlet.*.load.on = set=outletCommand.*:1 table=outlets
outlet.*.load.on.delay = set=outletConfigOn.*:{argument} set=outletCommand.*:4 table=outlets range=0..7200
