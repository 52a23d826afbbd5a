# SPDX-License-Identifier: LGPL-2.1-or-later
# Rack power strips AP8xxx, AP9xxx and APDU. In a group that shares one network port the tables have the rows of all
# strips; outlets and sensors are counted through all of them, phases are those of the first one. The strip's own
# power is counted in tens of watts here, and in watts among the objects of the first generation. Stock snmp-ups
# calls the sum of the phases what the first one carries.

[profile]
engine = snmp
title = "APC rack PDU 2"
version = 1.0
mib = apc_pdu
type = pdu
vendor = APC
order = 20
include = agent
include = pdu
include = apc-spdu
include = apc-rpdu

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.4
need = rPDU2DeviceStatusLoadState.1

[objects]
rPDU2 = 1.3.6.1.4.1.318.1.1.26
rPDU2IdentName = rPDU2.2.1.3
rPDU2IdentHardwareRev = rPDU2.2.1.5
rPDU2IdentFirmwareRev = rPDU2.2.1.6
rPDU2IdentDateOfManufacture = rPDU2.2.1.7
rPDU2IdentModelNumber = rPDU2.2.1.8
rPDU2IdentSerialNumber = rPDU2.2.1.9
rPDU2DevicePropertiesNumOutlets = rPDU2.4.2.1.4
rPDU2DevicePropertiesNumPhases = rPDU2.4.2.1.7
rPDU2DevicePropertiesMaxCurrentRating = rPDU2.4.2.1.9
rPDU2DevicePropertiesMaxPhaseCurrentRating = rPDU2.4.2.1.12
rPDU2DevicePropertiesDevicePowerRating = rPDU2.4.2.1.13
rPDU2DeviceStatusLoadState = rPDU2.4.3.1.4
rPDU2DeviceStatusPower = rPDU2.4.3.1.5
rPDU2DeviceStatusPowerSupply1Status = rPDU2.4.3.1.13
rPDU2DeviceStatusPowerSupply2Status = rPDU2.4.3.1.14
rPDU2DeviceStatusApparentPower = rPDU2.4.3.1.16
rPDU2DeviceStatusPowerFactor = rPDU2.4.3.1.17
rPDU2PhaseConfigLowLoadCurrentThreshold = rPDU2.6.1.1.5 integer
rPDU2PhaseConfigNearOverloadCurrentThreshold = rPDU2.6.1.1.6 integer
rPDU2PhaseConfigOverloadCurrentThreshold = rPDU2.6.1.1.7 integer
rPDU2PhaseStatusModule = rPDU2.6.3.1.2
rPDU2PhaseStatusNumber = rPDU2.6.3.1.3
rPDU2PhaseStatusLoadState = rPDU2.6.3.1.4
rPDU2PhaseStatusCurrent = rPDU2.6.3.1.5
rPDU2PhaseStatusVoltage = rPDU2.6.3.1.6
rPDU2PhaseStatusPower = rPDU2.6.3.1.7
rPDU2PhaseStatusApparentPower = rPDU2.6.3.1.8
rPDU2PhaseStatusPowerFactor = rPDU2.6.3.1.9
rPDU2PhaseStatusPeakCurrent = rPDU2.6.3.1.10
rPDU2BankConfigLowLoadCurrentThreshold = rPDU2.8.1.1.5 integer
rPDU2BankConfigNearOverloadCurrentThreshold = rPDU2.8.1.1.6 integer
rPDU2BankConfigOverloadCurrentThreshold = rPDU2.8.1.1.7 integer
rPDU2BankStatusLoadState = rPDU2.8.3.1.4
rPDU2BankStatusCurrent = rPDU2.8.3.1.5
rPDU2OutletSwitchedPropertiesBank = rPDU2.9.2.2.1.6
rPDU2OutletMeteredConfigName = rPDU2.9.4.1.1.3 string
rPDU2OutletMeteredPropertiesBank = rPDU2.9.4.2.1.7
rPDU2OutletMeteredStatusName = rPDU2.9.4.3.1.3
rPDU2OutletMeteredStatusState = rPDU2.9.4.3.1.5
rPDU2OutletMeteredStatusCurrent = rPDU2.9.4.3.1.6
rPDU2OutletMeteredStatusPower = rPDU2.9.4.3.1.7
rPDU2OutletMeteredStatusReceptacleType = rPDU2.9.4.3.1.12
rPDU2SensorName = rPDU2.10.2.1.1.3 string
rPDU2SensorTempMaxThreshC = rPDU2.10.2.1.1.10 integer
rPDU2SensorTempHighThreshC = rPDU2.10.2.1.1.11 integer
rPDU2SensorHumidityLowThresh = rPDU2.10.2.1.1.13 integer
rPDU2SensorHumidityMinThresh = rPDU2.10.2.1.1.14 integer
rPDU2SensorStatusName = rPDU2.10.2.2.1.3
rPDU2SensorStatusType = rPDU2.10.2.2.1.5
rPDU2SensorStatusTempC = rPDU2.10.2.2.1.8
rPDU2SensorStatusTempStatus = rPDU2.10.2.2.1.9
rPDU2SensorStatusHumidity = rPDU2.10.2.2.1.10
rPDU2SensorStatusHumidityStatus = rPDU2.10.2.2.1.11

[table:phases]
index = rPDU2PhaseStatusNumber
select = rPDU2PhaseStatusModule.* is=1
number = value

[table:banks]
index = rPDU2BankStatusCurrent

[table:metered]
index = rPDU2OutletMeteredStatusCurrent

[table:sensors]
index = rPDU2SensorStatusType
select = rPDU2SensorStatusType.* is=1,2

[when:banks]
table = banks 1..99

[when:three-phase]
table = phases 2..3

[variables]
ambient.count = table:sensors
ambient.*.humidity = rPDU2SensorStatusHumidity.* table=sensors plausible=0..100
ambient.*.humidity.low.critical = rPDU2SensorHumidityMinThresh.* table=sensors ask=slow rw range=10..90 plausible=0..100
ambient.*.humidity.low.warning = rPDU2SensorHumidityLowThresh.* table=sensors ask=slow rw range=10..90 plausible=0..100
ambient.*.humidity.status = rPDU2SensorStatusHumidityStatus.* table=sensors lookup=limits
ambient.*.name = rPDU2SensorStatusName.* table=sensors ask=slow rw write=rPDU2SensorName.* length=20
ambient.*.temperature = rPDU2SensorStatusTempC.* table=sensors invalid=-1 scale=0.1 plausible=-50..150
ambient.*.temperature.high.critical = rPDU2SensorTempMaxThreshC.* table=sensors ask=slow rw range=0..60
ambient.*.temperature.high.warning = rPDU2SensorTempHighThreshC.* table=sensors ask=slow rw range=0..60
ambient.*.temperature.status = rPDU2SensorStatusTempStatus.* table=sensors lookup=limits
device.part = rPDU2IdentModelNumber.1 ask=once
device.part = sPDUIdentModelNumber.0 ask=once
device.revision = rPDU2IdentHardwareRev.1 ask=once
device.revision = sPDUIdentHardwareRev.0 ask=once
input.current = rPDU2PhaseStatusCurrent.1 scale=0.1 when=!three-phase
input.current.high.critical = rPDU2PhaseConfigOverloadCurrentThreshold.1 ask=slow rw range=0..100 when=!three-phase
input.current.high.warning = rPDU2PhaseConfigNearOverloadCurrentThreshold.1 ask=slow rw range=0..100 when=!three-phase
input.current.low.warning = rPDU2PhaseConfigLowLoadCurrentThreshold.1 ask=slow rw range=0..100 when=!three-phase
input.current.maximum = rPDU2PhaseStatusPeakCurrent.1 scale=0.1 when=!three-phase
input.current.nominal = rPDU2DevicePropertiesMaxPhaseCurrentRating.1 ask=once plausible=1..999
input.current.status = rPDU2PhaseStatusLoadState.1 lookup=load-state2 when=!three-phase
input.L*.current = rPDU2PhaseStatusCurrent.* table=phases scale=0.1 when=three-phase
input.L*.current.high.critical = rPDU2PhaseConfigOverloadCurrentThreshold.* table=phases ask=slow rw range=0..100 when=three-phase
input.L*.current.high.warning = rPDU2PhaseConfigNearOverloadCurrentThreshold.* table=phases ask=slow rw range=0..100 when=three-phase
input.L*.current.low.warning = rPDU2PhaseConfigLowLoadCurrentThreshold.* table=phases ask=slow rw range=0..100 when=three-phase
input.L*.current.maximum = rPDU2PhaseStatusPeakCurrent.* table=phases scale=0.1 when=three-phase
input.L*.current.status = rPDU2PhaseStatusLoadState.* table=phases lookup=load-state2 when=three-phase
input.L*.power = rPDU2PhaseStatusApparentPower.* table=phases plausible=0..99999 scale=10 when=three-phase
input.L*.powerfactor = rPDU2PhaseStatusPowerFactor.* table=phases plausible=0..100 scale=0.01 when=three-phase
input.L*.realpower = rPDU2PhaseStatusPower.* table=phases plausible=0..99999 scale=10 when=three-phase
input.L*.voltage = rPDU2PhaseStatusVoltage.* table=phases plausible=0..999 when=three-phase
input.phases = rPDU2DevicePropertiesNumPhases.1 ask=slow plausible=1..3
input.phases = table:phases plausible=1..3
input.power = rPDUIdentDevicePowerVA.0 plausible=0..999999
input.power = rPDU2DeviceStatusApparentPower.1 plausible=0..99999 scale=10
input.powerfactor = rPDU2DeviceStatusPowerFactor.1 plausible=0..100 scale=0.01
input.realpower = rPDUIdentDevicePowerWatts.0 plausible=0..999999
input.realpower = rPDU2DeviceStatusPower.1 plausible=0..99999 scale=10
input.realpower.nominal = rPDU2DevicePropertiesDevicePowerRating.1 ask=once plausible=1..9999 scale=100
input.voltage = rPDU2PhaseStatusVoltage.1 plausible=0..999
outlet.*.current = rPDU2OutletMeteredStatusCurrent.* table=metered plausible=0..9999 scale=0.1
outlet.*.current.status = rPDU2OutletMeteredStatusState.* table=metered lookup=load-state2
outlet.*.desc = sPDUOutletCtlName.* table=outlets ask=slow rw write=sPDUOutletName.* length=31
outlet.*.desc = rPDU2OutletMeteredStatusName.* table=metered ask=slow rw write=rPDU2OutletMeteredConfigName.* length=31
outlet.*.groupid = rPDU2OutletMeteredPropertiesBank.* table=metered ask=slow
outlet.*.groupid = rPDU2OutletSwitchedPropertiesBank.* table=outlets ask=slow
outlet.*.realpower = rPDU2OutletMeteredStatusPower.* table=metered plausible=0..99999
outlet.*.type = rPDU2OutletMeteredStatusReceptacleType.* table=metered ask=slow
outlet.count = sPDUOutletControlTableSize.0 ask=slow plausible=1..999
outlet.count = rPDU2DevicePropertiesNumOutlets.1 ask=slow plausible=1..999
outlet.count = table:outlets
outlet.group.count = table:banks when=banks
outlet.group.count = table:load-banks
outlet.group.*.current = rPDU2BankStatusCurrent.* table=banks plausible=0..9999 scale=0.1
outlet.group.*.current = rPDULoadStatusLoad.* table=load-banks scale=0.1
outlet.group.*.current.high.critical = rPDU2BankConfigOverloadCurrentThreshold.* table=banks ask=slow rw range=0..100
outlet.group.*.current.high.warning = rPDU2BankConfigNearOverloadCurrentThreshold.* table=banks ask=slow rw range=0..100
outlet.group.*.current.low.warning = rPDU2BankConfigLowLoadCurrentThreshold.* table=banks ask=slow rw range=0..100
outlet.group.*.current.status = rPDU2BankStatusLoadState.* table=banks lookup=load-state2
outlet.group.*.current.status = rPDULoadStatusLoadState.* table=load-banks lookup=load-state
outlet.group.%.current.high.critical = rPDULoadBankConfigOverloadThreshold.% each=1..12 ask=slow rw range=0..100 when=bank-% when=!banks
outlet.group.%.current.high.warning = rPDULoadBankConfigNearOverloadThreshold.% each=1..12 ask=slow rw range=0..100 when=bank-% when=!banks
outlet.group.%.current.low.warning = rPDULoadBankConfigLowLoadThreshold.% each=1..12 ask=slow rw range=0..100 when=bank-% when=!banks
outlet.group.*.id = number:banks table=banks
outlet.group.*.id = number:load-banks table=load-banks
ups.date = rPDU2IdentDateOfManufacture.1 ask=once
ups.date = sPDUIdentDateOfManufacture.0 ask=once
ups.firmware = sPDUIdentFirmwareRev.0 ask=once
ups.firmware = rPDU2IdentFirmwareRev.1 ask=once
ups.id = rPDU2IdentName.1 ask=slow
ups.model = rPDU2IdentModelNumber.1 ask=once
ups.model = sPDUIdentModelNumber.0 ask=once
ups.model = rPDUIdentModelNumber.0 ask=once
ups.serial = rPDU2IdentSerialNumber.1 ask=once
ups.serial = sPDUIdentSerialNumber.0 ask=once
ups.serial = rPDUIdentSerialNumber.0 ask=once

[lookup:load-state2]
1 = warning-low
2 = good
3 = warning-high
4 = critical-high

[lookup:limits]
2 = critical-low
3 = warning-low
4 = good
5 = warning-high
6 = critical-high

[status]
overload = rPDU2DeviceStatusLoadState.1 is=4
overload = rPDU2PhaseStatusLoadState.* table=phases is=4

[alarms]
"outlet * overload!" = rPDU2OutletMeteredStatusState.* table=metered is=4
"power supply 1 failed!" = rPDU2DeviceStatusPowerSupply1Status.1 is=2
"power supply 2 failed!" = rPDU2DeviceStatusPowerSupply2Status.1 is=2
"sensor *: low temperature critical!" = rPDU2SensorStatusTempStatus.* table=sensors is=2
"sensor *: low temperature warning!" = rPDU2SensorStatusTempStatus.* table=sensors is=3
"sensor *: high temperature warning!" = rPDU2SensorStatusTempStatus.* table=sensors is=5
"sensor *: high temperature critical!" = rPDU2SensorStatusTempStatus.* table=sensors is=6
"sensor *: low humidity critical!" = rPDU2SensorStatusHumidityStatus.* table=sensors is=2
"sensor *: low humidity warning!" = rPDU2SensorStatusHumidityStatus.* table=sensors is=3
"sensor *: high humidity warning!" = rPDU2SensorStatusHumidityStatus.* table=sensors is=5
"sensor *: high humidity critical!" = rPDU2SensorStatusHumidityStatus.* table=sensors is=6
