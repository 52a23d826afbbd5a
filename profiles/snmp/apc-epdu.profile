# SPDX-License-Identifier: LGPL-2.1-or-later
# Easy rack strips EPDU1xxx. Names of outlets are not in the place where stock snmp-ups reads them: that is the object
# with which they are switched.

[profile]
engine = snmp
title = "APC Easy PDU"
version = 1.0
mib = apc_pdu_epdu
mib = apc
type = pdu
vendor = APC
order = 57
include = agent
include = pdu

[objects]
ePDU = 1.3.6.1.4.1.318.1.1.30
ePDUDeviceStatusVersion = ePDU.2.1.1.3
ePDUDeviceStatusModelNumber = ePDU.2.1.1.4
ePDUDeviceStatusSerialNumber = ePDU.2.1.1.5
ePDUDeviceStatusNumPhases = ePDU.2.1.1.6
ePDUDeviceStatusActivePower = ePDU.2.1.1.7
ePDUDeviceStatusApparentPower = ePDU.2.1.1.9
ePDUDeviceStatusPowerFactor = ePDU.2.1.1.10
ePDUDeviceStatusFrequency = ePDU.2.1.1.12
ePDUPhaseTableSize = ePDU.3
ePDUPhaseStatusVoltage = ePDU.4.2.1.4
ePDUPhaseStatusCurrent = ePDU.4.2.1.5
ePDUPhaseStatusActivePower = ePDU.4.2.1.6
ePDUPhaseStatusApparentPower = ePDU.4.2.1.8
ePDUOutletTableSize = ePDU.5
ePDUOutletStatusState = ePDU.6.1.1.4
ePDUOutletControlCommand = ePDU.6.2.1.4 integer
ePDUSensorStatusTemperature = ePDU.8.2.1.3
ePDUSensorStatusHumidity = ePDU.8.2.1.4

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.4.9
need = ePDUPhaseStatusVoltage.1

[table:outlets]
index = ePDUOutletStatusState
select = ePDUOutletStatusState.* is=1,2

[table:sensors]
index = ePDUSensorStatusTemperature
select = ePDUSensorStatusTemperature.* is-range=1..1500

[when:three-phase]
value = ePDUDeviceStatusNumPhases.1 is=3

# The table has rows for three in any case.
[when:three-phase-old]
value = ePDUPhaseStatusVoltage.2 is-range=1..9999

[when:three]
any = three-phase three-phase-old

[variables]
# A strip's description is the name that it was given, as stock snmp-ups has it.
device.description = sysName.0 ask=slow
device.description = sysDescr.0 ask=slow
ambient.count = table:sensors
ambient.*.humidity = ePDUSensorStatusHumidity.* table=sensors plausible=1..1000 scale=0.1
ambient.*.temperature = ePDUSensorStatusTemperature.* table=sensors scale=0.1
device.part = ePDUDeviceStatusModelNumber.1 ask=once
device.version = ePDUDeviceStatusVersion.1 ask=once
input.current = ePDUPhaseStatusCurrent.1 plausible=0..99999 scale=0.01 when=!three
input.frequency = ePDUDeviceStatusFrequency.1 plausible=1..9999 scale=0.1
input.L%-N.voltage = ePDUPhaseStatusVoltage.% each=1..3 plausible=0..9999 scale=0.1 when=three
input.L%.current = ePDUPhaseStatusCurrent.% each=1..3 plausible=0..99999 scale=0.01 when=three
input.L%.power = ePDUPhaseStatusApparentPower.% each=1..3 plausible=0..99999 when=three
input.L%.realpower = ePDUPhaseStatusActivePower.% each=1..3 plausible=0..99999 when=three
input.phases = ePDUDeviceStatusNumPhases.1 plausible=1..3 ask=slow
input.phases = ePDUPhaseTableSize.0 plausible=1..3 ask=slow
input.power = ePDUDeviceStatusApparentPower.1 plausible=0..99999
input.realpower = ePDUDeviceStatusActivePower.1 plausible=0..99999
input.realpower = ePDUPhaseStatusActivePower.1 plausible=0..99999 when=!three
input.voltage = ePDUPhaseStatusVoltage.1 plausible=0..9999 scale=0.1 when=!three
outlet.count = ePDUOutletTableSize.0 ask=slow plausible=1..128
outlet.count = table:outlets
outlet.*.id = number:outlets table=outlets
outlet.*.status = ePDUOutletStatusState.* table=outlets lookup=off-on
outlet.*.switchable = ePDUOutletControlCommand.* table=outlets lookup=switchable
ups.firmware = ePDUDeviceStatusVersion.1 ask=once
ups.model = ePDUDeviceStatusModelNumber.1 ask=once
ups.serial = ePDUDeviceStatusSerialNumber.1 ask=once

[lookup:off-on]
1 = off
2 = on

[lookup:switchable]
1 = yes
2 = yes
3 = yes

[commands]
outlet.*.load.off = set=ePDUOutletControlCommand.*:2 table=outlets
outlet.*.load.on = set=ePDUOutletControlCommand.*:1 table=outlets
