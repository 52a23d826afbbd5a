# SPDX-License-Identifier: LGPL-2.1-or-later
# PowerNet-MIB, UPS part: cards of APC and Schneider Electric, in Smart-UPS, Symmetra, Galaxy and others.
#
# What stock snmp-ups says otherwise:
# - a battery in fault, or none at all, is LB there; here it is RB and an alarm, and LB on battery only;
# - a UPS on bypass is OFF or nothing but BYPASS; here it is OL BYPASS, as its load is fed from the mains;
# - three phases are all named L1-L2; here they are L1-N where the UPS says that it measures to neutral, and one
#   phase has plain names;
# - ambient.temperature may be in Fahrenheit there;
# - the flags of the state are not looked at; here they are alarms, OVER, and the test that is running;
# - shutdown.return only works on battery; here a UPS on mains is told to go off and on again.

[profile]
engine = snmp
title = "APC PowerNet UPS"
version = 1.0
mib = apcc
mib = apc
type = ups
vendor = APC
order = 49
include = agent

[objects]
apc = 1.3.6.1.4.1.318
ups = apc.1.1.1
upsBasicIdentModel = ups.1.1.1
upsBasicIdentName = ups.1.1.2 string
upsAdvIdentFirmwareRevision = ups.1.2.1
upsAdvIdentDateOfManufacture = ups.1.2.2
upsAdvIdentSerialNumber = ups.1.2.3
upsAdvIdentFirmwareRevision2 = ups.1.2.4
upsAdvIdentSkuNumber = ups.1.2.5
upsAdvIdentApparentPowerRating = ups.1.2.9
upsBasicBatteryStatus = ups.2.1.1
upsBasicBatteryLastReplaceDate = ups.2.1.3 string
upsAdvBatteryCapacity = ups.2.2.1
upsAdvBatteryTemperature = ups.2.2.2
upsAdvBatteryRunTimeRemaining = ups.2.2.3
upsAdvBatteryReplaceIndicator = ups.2.2.4
upsAdvBatteryNumOfBattPacks = ups.2.2.5
upsAdvBatteryNumOfBadBattPacks = ups.2.2.6
upsAdvBatteryNominalVoltage = ups.2.2.7
upsAdvBatteryActualVoltage = ups.2.2.8
upsAdvBatteryCurrent = ups.2.2.9
upsAdvTotalDCCurrent = ups.2.2.10
upsHighPrecBatteryCapacity = ups.2.3.1
upsHighPrecBatteryTemperature = ups.2.3.2
upsHighPrecBatteryNominalVoltage = ups.2.3.3
upsHighPrecBatteryActualVoltage = ups.2.3.4
upsHighPrecBatteryCurrent = ups.2.3.5
upsHighPrecTotalDCCurrent = ups.2.3.6
upsAdvInputLineVoltage = ups.3.2.1
upsAdvInputMaxLineVoltage = ups.3.2.2
upsAdvInputMinLineVoltage = ups.3.2.3
upsAdvInputFrequency = ups.3.2.4
upsAdvInputLineFailCause = ups.3.2.5
upsAdvInputNominalFrequency = ups.3.2.6
upsAdvInputNominalVoltage = ups.3.2.7
upsHighPrecInputLineVoltage = ups.3.3.1
upsHighPrecInputMaxLineVoltage = ups.3.3.2
upsHighPrecInputMinLineVoltage = ups.3.3.3
upsHighPrecInputFrequency = ups.3.3.4
upsHighPrecInputBypassVoltage = ups.3.3.6
upsHighPrecInputBypassFrequency = ups.3.3.7
upsBasicOutputStatus = ups.4.1.1
upsBasicOutputPhase = ups.4.1.2
upsAdvOutputVoltage = ups.4.2.1
upsAdvOutputFrequency = ups.4.2.2
upsAdvOutputLoad = ups.4.2.3
upsAdvOutputCurrent = ups.4.2.4
upsAdvOutputKVACapacity = ups.4.2.6
upsAdvOutputNominalFrequency = ups.4.2.7
upsAdvOutputActivePower = ups.4.2.8
upsAdvOutputApparentPower = ups.4.2.9
upsHighPrecOutputVoltage = ups.4.3.1
upsHighPrecOutputFrequency = ups.4.3.2
upsHighPrecOutputLoad = ups.4.3.3
upsHighPrecOutputCurrent = ups.4.3.4
upsHighPrecOutputEfficiency = ups.4.3.5
upsHighPrecOutputEnergyUsage = ups.4.3.6
upsAdvConfigRatedOutputVoltage = ups.5.2.1 integer
upsAdvConfigHighTransferVolt = ups.5.2.2 integer
upsAdvConfigLowTransferVolt = ups.5.2.3 integer
upsAdvConfigAlarm = ups.5.2.4 integer
upsAdvConfigMinReturnCapacity = ups.5.2.6 integer
upsAdvConfigSensitivity = ups.5.2.7 integer
upsAdvConfigLowBatteryRunTime = ups.5.2.8 ticks
upsAdvConfigReturnDelay = ups.5.2.9 ticks
upsAdvConfigShutoffDelay = ups.5.2.10 ticks
upsAdvConfigUpsSleepTime = ups.5.2.11 ticks
upsAdvConfigAutomaticRestart = ups.5.2.55 integer
upsBasicControlConserveBattery = ups.6.1.1 integer
upsAdvControlUpsOff = ups.6.2.1 integer
upsAdvControlRebootShutdownUps = ups.6.2.2 integer
upsAdvControlUpsSleep = ups.6.2.3 integer
upsAdvControlSimulatePowerFail = ups.6.2.4 integer
upsAdvControlFlashAndBeep = ups.6.2.5 integer
upsAdvControlTurnOnUPS = ups.6.2.6 integer
upsAdvControlBypassSwitch = ups.6.2.7 integer
upsAdvTestDiagnostics = ups.7.2.2 integer
upsAdvTestDiagnosticsResults = ups.7.2.3
upsAdvTestLastDiagnosticsDate = ups.7.2.4
upsAdvTestRuntimeCalibration = ups.7.2.5 integer
upsAdvTestCalibrationResults = ups.7.2.6
upsCommStatus = ups.8.1
upsPhaseResetMaxMinValues = ups.9.1.1 integer
upsPhaseNumInputPhases = ups.9.2.2.1.2
upsPhaseInputVoltageOrientation = ups.9.2.2.1.3
upsPhaseInputFrequency = ups.9.2.2.1.4
upsPhaseInputType = ups.9.2.2.1.5
upsPhaseInput = ups.9.2.3.1
upsPhaseNumOutputPhases = ups.9.3.2.1.2
upsPhaseOutputVoltageOrientation = ups.9.3.2.1.3
upsPhaseOutputFrequency = ups.9.3.2.1.4
upsPhaseOutput = ups.9.3.3.1
upsBasicStateOutputState = ups.11.1.1
upsAdvStateAbnormalConditions = ups.11.2.1
upsOutletGroupStatusIndex = ups.12.1.2.1.1
upsOutletGroupStatusName = ups.12.1.2.1.2
upsOutletGroupStatusGroupState = ups.12.1.2.1.3
upsOutletGroupConfigName = ups.12.2.2.1.2 string
upsOutletGroupConfigPowerOnDelay = ups.12.2.2.1.3 integer
upsOutletGroupConfigPowerOffDelay = ups.12.2.2.1.4 integer
upsOutletGroupControlCommand = ups.12.3.2.1.3 integer
extMeasureTemperature = apc.1.1.2.1.1
extMeasureHumidity = apc.1.1.2.1.2
iemConfigProbeName = apc.1.1.10.2.2.2.1.2 string
iemConfigProbeHighTempThreshold = apc.1.1.10.2.2.2.1.3
iemConfigProbeLowTempThreshold = apc.1.1.10.2.2.2.1.4
iemConfigProbeTempUnits = apc.1.1.10.2.2.2.1.5
iemConfigProbeHighHumidThreshold = apc.1.1.10.2.2.2.1.6
iemConfigProbeLowHumidThreshold = apc.1.1.10.2.2.2.1.7
iemStatusProbeName = apc.1.1.10.2.3.2.1.2
iemStatusProbeStatus = apc.1.1.10.2.3.2.1.3
iemStatusProbeCurrentTemp = apc.1.1.10.2.3.2.1.4
iemStatusProbeTempUnits = apc.1.1.10.2.3.2.1.5
iemStatusProbeCurrentHumid = apc.1.1.10.2.3.2.1.6
iemStatusProbeHighTempViolation = apc.1.1.10.2.3.2.1.7
iemStatusProbeLowTempViolation = apc.1.1.10.2.3.2.1.8
iemStatusProbeHighHumidViolation = apc.1.1.10.2.3.2.1.9
iemStatusProbeLowHumidViolation = apc.1.1.10.2.3.2.1.10
envProbeHighTemp = apc.1.1.10.1.2.2.1.3
envProbeLowTemp = apc.1.1.10.1.2.2.1.4
envProbeHighHumidity = apc.1.1.10.1.2.2.1.6
envProbeLowHumidity = apc.1.1.10.1.2.2.1.7
uioSensorStatusName = apc.1.1.25.1.2.1.3
uioSensorStatusLocation = apc.1.1.25.1.2.1.4
uioSensorStatusTemperature = apc.1.1.25.1.2.1.6
uioSensorStatusHumidity = apc.1.1.25.1.2.1.7
uioSensorStatusCommStatus = apc.1.1.25.1.2.1.10
uioSensorConfigHumidity = apc.1.1.25.1.4.1

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3
need = upsBasicOutputStatus.0

[table:outlet-groups]
index = upsOutletGroupStatusIndex

# Sensors at a card are one of two kinds: those at its own ports, and those of an environmental monitor.
[table:uio]
index = uioSensorStatusName
number = position
select = uioSensorStatusCommStatus.* is=2

[table:iem]
index = iemStatusProbeStatus
select = iemStatusProbeStatus.* is=2
when = !has-uio

[when:has-uio]
exists = uioSensorStatusName.1.1

[when:on-battery]
value = upsBasicOutputStatus.0 is=3

[when:celsius]
value = iemStatusProbeTempUnits.* is=1

[when:fahrenheit]
value = iemStatusProbeTempUnits.* is=2

[when:first-celsius]
value = iemStatusProbeTempUnits.1 is=1

[when:first-fahrenheit]
value = iemStatusProbeTempUnits.1 is=2

[when:first-probe]
value = iemStatusProbeStatus.1 is=2

[when:symmetra-three-phase]
option = symmetrathreephase

[when:no-transfer-oids]
option = notransferoids

[when:input-lines]
value = upsPhaseNumInputPhases.1 is-range=2..3

[when:output-lines]
value = upsPhaseNumOutputPhases.1 is-range=2..3

[when:input-neutral]
value = upsPhaseInputVoltageOrientation.1 is=3,4

[when:output-neutral]
value = upsPhaseOutputVoltageOrientation.1 is=3,4

[when:bypass-input]
value = upsPhaseInputType.2 is=3

[when:bypass-neutral]
value = upsPhaseInputVoltageOrientation.2 is=3,4

[when:bypass-lines]
value = upsPhaseNumInputPhases.2 is-range=2..3

[when:has-groups]
table = outlet-groups 1..64

[when:has-off]
exists = upsAdvControlUpsOff.0

[when:has-conserve]
exists = upsBasicControlConserveBattery.0

[when:has-reboot]
exists = upsAdvControlRebootShutdownUps.0

[when:has-on]
exists = upsAdvControlTurnOnUPS.0

[when:has-fail]
exists = upsAdvControlSimulatePowerFail.0

[when:has-flash]
exists = upsAdvControlFlashAndBeep.0

[when:has-bypass]
exists = upsAdvControlBypassSwitch.0

[when:has-test]
exists = upsAdvTestDiagnostics.0

[when:has-calibration]
exists = upsAdvTestRuntimeCalibration.0

[when:has-alarm]
exists = upsAdvConfigAlarm.0

[when:has-reset]
exists = upsPhaseResetMaxMinValues.0

[variables]
ups.mfr = value=APC
ups.model = upsBasicIdentModel.0 ask=once
ups.id = upsBasicIdentName.0 ask=slow rw length=8
ups.firmware = upsAdvIdentFirmwareRevision.0 ask=once
ups.firmware.aux = upsAdvIdentFirmwareRevision2.0 ask=once
ups.mfr.date = upsAdvIdentDateOfManufacture.0 ask=once
ups.serial = upsAdvIdentSerialNumber.0 ask=once
device.part = upsAdvIdentSkuNumber.0 ask=once
ups.power = upsAdvOutputApparentPower.0 plausible=0..10000000
ups.realpower = upsAdvOutputActivePower.0 plausible=0..10000000
ups.power.nominal = upsAdvOutputKVACapacity.0 ask=slow plausible=1..10000000 scale=1000
ups.load = upsHighPrecOutputLoad.0 scale=0.1 plausible=0..400 format=%.1f
ups.load = upsAdvOutputLoad.0 plausible=0..400
ups.temperature = upsHighPrecBatteryTemperature.0 scale=0.1 plausible=-40..150 format=%.1f
ups.temperature = upsAdvBatteryTemperature.0 plausible=-40..150
ups.efficiency = upsHighPrecOutputEfficiency.0 scale=0.1 plausible=0.1..100 format=%.1f
ups.delay.shutdown = upsAdvConfigShutoffDelay.0 ask=slow scale=0.01 format=%.0f rw range=0..86400 option=offdelay
ups.delay.start = upsAdvConfigReturnDelay.0 ask=slow scale=0.01 format=%.0f rw range=0..86400 option=ondelay
ups.test.result = upsAdvTestDiagnosticsResults.0 lookup=test-result
ups.test.date = upsAdvTestLastDiagnosticsDate.0 ask=slow
ups.beeper.status = upsAdvConfigAlarm.0 ask=slow lookup=alarm-mode
ups.start.auto = upsAdvConfigAutomaticRestart.0 ask=slow lookup=enabled-yes rw enum
battery.charge = upsHighPrecBatteryCapacity.0 ask=quick scale=0.1 plausible=0..100 format=%.1f
battery.charge = upsAdvBatteryCapacity.0 ask=quick plausible=0..100
battery.charge.restart = upsAdvConfigMinReturnCapacity.0 ask=slow plausible=0..100 rw range=0..100
battery.runtime = upsAdvBatteryRunTimeRemaining.0 ask=quick scale=0.01 plausible=0..10000000 format=%.0f
battery.runtime.low = upsAdvConfigLowBatteryRunTime.0 ask=slow scale=0.01 plausible=0..86400 format=%.0f rw range=0..86400
battery.voltage = upsHighPrecBatteryActualVoltage.0 scale=0.1 plausible=0.1..2000 format=%.1f
battery.voltage = upsAdvBatteryActualVoltage.0 plausible=0..2000
battery.voltage.nominal = upsAdvBatteryNominalVoltage.0 ask=slow plausible=1..2000
battery.voltage.nominal = upsHighPrecBatteryNominalVoltage.0 ask=slow scale=0.1 plausible=1..2000
battery.current = upsHighPrecBatteryCurrent.0 scale=0.1 plausible=-10000..10000 format=%.1f
battery.current = upsAdvBatteryCurrent.0 plausible=-10000..10000
battery.current.total = upsHighPrecTotalDCCurrent.0 scale=0.1 plausible=-10000..10000 format=%.1f
battery.current.total = upsAdvTotalDCCurrent.0 plausible=-10000..10000
battery.packs = upsAdvBatteryNumOfBattPacks.0 ask=slow plausible=0..1000
battery.packs.bad = upsAdvBatteryNumOfBadBattPacks.0 plausible=0..1000
battery.date = upsBasicBatteryLastReplaceDate.0 ask=slow rw length=10
input.phases = upsPhaseNumInputPhases.1 ask=slow plausible=1..3
input.voltage = upsHighPrecInputLineVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.voltage = upsAdvInputLineVoltage.0 plausible=0..1000 when=!input-lines
input.voltage.maximum = upsHighPrecInputMaxLineVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.voltage.maximum = upsAdvInputMaxLineVoltage.0 plausible=0..1000 when=!input-lines
input.voltage.minimum = upsHighPrecInputMinLineVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.voltage.minimum = upsAdvInputMinLineVoltage.0 plausible=0..1000 when=!input-lines
input.voltage.nominal = upsAdvInputNominalVoltage.0 ask=slow plausible=1..1000
input.frequency = upsPhaseInputFrequency.1 scale=0.1 plausible=0..450 format=%.1f
input.frequency = upsHighPrecInputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.frequency = upsAdvInputFrequency.0 plausible=0..450
input.frequency.nominal = upsAdvInputNominalFrequency.0 ask=slow plausible=1..450
input.bypass.voltage = upsHighPrecInputBypassVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!bypass-lines
input.bypass.frequency = upsHighPrecInputBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.bypass.frequency = upsPhaseInputFrequency.2 scale=0.1 plausible=0..450 format=%.1f when=bypass-input
# The transfer points of three phases are between two of them: the option has them to neutral.
input.transfer.low = upsAdvConfigLowTransferVolt.0 ask=slow plausible=1..1000 rw range=1..1000 when=!no-transfer-oids when=!symmetra-three-phase
input.transfer.low = upsAdvConfigLowTransferVolt.0 ask=slow plausible=1..1000 scale=0.57735 format=%.1f when=!no-transfer-oids when=symmetra-three-phase
input.transfer.high = upsAdvConfigHighTransferVolt.0 ask=slow plausible=1..1000 rw range=1..1000 when=!no-transfer-oids when=!symmetra-three-phase
input.transfer.high = upsAdvConfigHighTransferVolt.0 ask=slow plausible=1..1000 scale=0.57735 format=%.1f when=!no-transfer-oids when=symmetra-three-phase
input.transfer.reason = upsAdvInputLineFailCause.0 lookup=transfer-reason
input.sensitivity = upsAdvConfigSensitivity.0 ask=slow lookup=sensitivity rw enum
output.phases = upsPhaseNumOutputPhases.1 ask=slow plausible=1..3
output.voltage = upsHighPrecOutputVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines
output.voltage = upsAdvOutputVoltage.0 plausible=0..1000 when=!output-lines
output.voltage.nominal = upsAdvConfigRatedOutputVoltage.0 ask=slow plausible=1..1000 rw range=1..1000
output.frequency = upsPhaseOutputFrequency.1 scale=0.1 plausible=0..450 format=%.1f
output.frequency = upsHighPrecOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.frequency = upsAdvOutputFrequency.0 plausible=0..450
output.frequency.nominal = upsAdvOutputNominalFrequency.0 ask=slow plausible=1..450
output.current = upsHighPrecOutputCurrent.0 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines
output.current = upsAdvOutputCurrent.0 plausible=0..10000 when=!output-lines
experimental.output.energy = upsHighPrecOutputEnergyUsage.0 scale=0.01 plausible=0..1000000000 format=%.2f
input.L%-N.voltage = upsPhaseInput.3.1.1.% plausible=0..1000 each=1..3 when=input-lines when=input-neutral
input.L1-L2.voltage = upsPhaseInput.3.1.1.1 plausible=0..1000 when=input-lines when=!input-neutral
input.L2-L3.voltage = upsPhaseInput.3.1.1.2 plausible=0..1000 when=input-lines when=!input-neutral
input.L3-L1.voltage = upsPhaseInput.3.1.1.3 plausible=0..1000 when=input-lines when=!input-neutral
input.L%-N.voltage.maximum = upsPhaseInput.4.1.1.% plausible=0..1000 each=1..3 when=input-lines when=input-neutral
input.L1-L2.voltage.maximum = upsPhaseInput.4.1.1.1 plausible=0..1000 when=input-lines when=!input-neutral
input.L2-L3.voltage.maximum = upsPhaseInput.4.1.1.2 plausible=0..1000 when=input-lines when=!input-neutral
input.L3-L1.voltage.maximum = upsPhaseInput.4.1.1.3 plausible=0..1000 when=input-lines when=!input-neutral
input.L%-N.voltage.minimum = upsPhaseInput.5.1.1.% plausible=0..1000 each=1..3 when=input-lines when=input-neutral
input.L1-L2.voltage.minimum = upsPhaseInput.5.1.1.1 plausible=0..1000 when=input-lines when=!input-neutral
input.L2-L3.voltage.minimum = upsPhaseInput.5.1.1.2 plausible=0..1000 when=input-lines when=!input-neutral
input.L3-L1.voltage.minimum = upsPhaseInput.5.1.1.3 plausible=0..1000 when=input-lines when=!input-neutral
input.L%-N.voltage = upsPhaseInput.14.1.1.% plausible=0..1000 each=1..3 when=input-lines when=!input-neutral
input.L%.current = upsPhaseInput.6.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines
input.L%.current.maximum = upsPhaseInput.7.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines
input.L%.current.minimum = upsPhaseInput.8.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines
input.L%.realpower = upsPhaseInput.9.1.1.% plausible=0..5000000 each=1..3 when=input-lines
input.L%.powerfactor = upsPhaseInput.13.1.1.% scale=0.01 plausible=0.01..1 format=%.2f each=1..3 when=input-lines
input.bypass.L%-N.voltage = upsPhaseInput.3.2.1.% plausible=0..1000 each=1..3 when=bypass-lines when=bypass-neutral when=bypass-input
input.bypass.L1-L2.voltage = upsPhaseInput.3.2.1.1 plausible=0..1000 when=bypass-lines when=!bypass-neutral when=bypass-input
input.bypass.L2-L3.voltage = upsPhaseInput.3.2.1.2 plausible=0..1000 when=bypass-lines when=!bypass-neutral when=bypass-input
input.bypass.L3-L1.voltage = upsPhaseInput.3.2.1.3 plausible=0..1000 when=bypass-lines when=!bypass-neutral when=bypass-input
input.bypass.L%-N.voltage = upsPhaseInput.14.2.1.% plausible=0..1000 each=1..3 when=bypass-lines when=!bypass-neutral when=bypass-input
input.bypass.L%.current = upsPhaseInput.6.2.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=bypass-lines when=bypass-input
input.bypass.L%.realpower = upsPhaseInput.9.2.1.% plausible=0..5000000 each=1..3 when=bypass-lines when=bypass-input
input.bypass.L%.powerfactor = upsPhaseInput.13.2.1.% scale=0.01 plausible=0.01..1 format=%.2f each=1..3 when=bypass-lines when=bypass-input
output.L%-N.voltage = upsPhaseOutput.3.1.1.% plausible=0..1000 each=1..3 when=output-lines when=output-neutral
output.L1-L2.voltage = upsPhaseOutput.3.1.1.1 plausible=0..1000 when=output-lines when=!output-neutral
output.L2-L3.voltage = upsPhaseOutput.3.1.1.2 plausible=0..1000 when=output-lines when=!output-neutral
output.L3-L1.voltage = upsPhaseOutput.3.1.1.3 plausible=0..1000 when=output-lines when=!output-neutral
output.L%.current = upsPhaseOutput.4.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines
output.L%.current.maximum = upsPhaseOutput.5.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines
output.L%.current.minimum = upsPhaseOutput.6.1.1.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines
output.L%.power = upsPhaseOutput.7.1.1.% plausible=0..5000000 each=1..3 when=output-lines
output.L%.power.maximum = upsPhaseOutput.8.1.1.% plausible=0..5000000 each=1..3 when=output-lines
output.L%.power.minimum = upsPhaseOutput.9.1.1.% plausible=0..5000000 each=1..3 when=output-lines
output.L%.realpower = upsPhaseOutput.13.1.1.% plausible=0..5000000 each=1..3 when=output-lines
output.L%.power.percent = upsPhaseOutput.10.1.1.% plausible=0..400 each=1..3 when=output-lines
output.L%.power.maximum.percent = upsPhaseOutput.11.1.1.% plausible=0..400 each=1..3 when=output-lines
output.L%.power.minimum.percent = upsPhaseOutput.12.1.1.% plausible=0..400 each=1..3 when=output-lines
outlet.group.count = table:outlet-groups when=has-groups
outlet.group.*.id = number:outlet-groups table=outlet-groups
outlet.group.*.name = upsOutletGroupConfigName.* table=outlet-groups ask=slow rw length=32
outlet.group.*.name = upsOutletGroupStatusName.* table=outlet-groups ask=slow
outlet.group.*.status = upsOutletGroupStatusGroupState.* table=outlet-groups lookup=group-state
outlet.group.*.delay.start = upsOutletGroupConfigPowerOnDelay.* table=outlet-groups ask=slow rw range=-1..86400
outlet.group.*.delay.shutdown = upsOutletGroupConfigPowerOffDelay.* table=outlet-groups ask=slow rw range=-1..86400
ambient.temperature = iemStatusProbeCurrentTemp.1 plausible=-50..100 when=first-probe when=first-celsius
ambient.temperature = iemStatusProbeCurrentTemp.1 scale=5 divide=9 offset=-17.7778 plausible=-50..100 format=%.1f when=first-probe when=first-fahrenheit
ambient.temperature = extMeasureTemperature.0 plausible=1..100
ambient.humidity = iemStatusProbeCurrentHumid.1 plausible=0..100 when=first-probe
ambient.humidity = extMeasureHumidity.0 plausible=1..100
ambient.1.temperature.alarm.high = envProbeHighTemp.1 ask=slow
ambient.1.temperature.alarm.low = envProbeLowTemp.1 ask=slow
ambient.1.humidity.alarm.high = envProbeHighHumidity.1 ask=slow
ambient.1.humidity.alarm.low = envProbeLowHumidity.1 ask=slow
ambient.count = table:uio when=has-uio
ambient.count = table:iem when=first-probe
ambient.*.name = uioSensorStatusName.* table=uio ask=slow
ambient.*.name = iemStatusProbeName.* table=iem ask=slow
ambient.*.present = value=yes table=uio
ambient.*.present = value=yes table=iem
# Nothing measured is -1, which a temperature could be as well: then there is none.
ambient.*.temperature = uioSensorStatusTemperature.* table=uio invalid=-1 plausible=-50..100
ambient.*.temperature = iemStatusProbeCurrentTemp.* table=iem plausible=-50..100 when=celsius
ambient.*.temperature = iemStatusProbeCurrentTemp.* table=iem scale=5 divide=9 offset=-17.7778 plausible=-50..100 format=%.1f when=fahrenheit
ambient.*.temperature.high = iemConfigProbeHighTempThreshold.* table=iem ask=slow invalid=-1 plausible=-50..100 when=celsius
ambient.*.temperature.low = iemConfigProbeLowTempThreshold.* table=iem ask=slow invalid=-1 plausible=-50..100 when=celsius
ambient.*.humidity = uioSensorStatusHumidity.* table=uio plausible=0..100
ambient.*.humidity = iemStatusProbeCurrentHumid.* table=iem plausible=0..100
ambient.*.humidity.high = iemConfigProbeHighHumidThreshold.* table=iem ask=slow plausible=0..100
ambient.*.humidity.low = iemConfigProbeLowHumidThreshold.* table=iem ask=slow plausible=0..100
ambient.*.humidity.low.critical = uioSensorConfigHumidity.14.* table=uio ask=slow plausible=0..100
ambient.*.humidity.low.warning = uioSensorConfigHumidity.15.* table=uio ask=slow plausible=0..100
ambient.*.humidity.high.warning = uioSensorConfigHumidity.16.* table=uio ask=slow plausible=0..100
ambient.*.humidity.high.critical = uioSensorConfigHumidity.17.* table=uio ask=slow plausible=0..100

[lookup:enabled-yes]
1 = yes
2 = no

[lookup:group-state]
1 = on
2 = off

[lookup:alarm-mode]
1 = enabled
2 = enabled
3 = disabled
4 = muted

[lookup:sensitivity]
1 = auto
2 = low
3 = medium
4 = high

[lookup:test-result]
1 = Ok
2 = Failed
3 = InvalidTest
4 = TestInProgress

[lookup:transfer-reason]
1 = noTransfer
2 = highLineVoltage
3 = brownout
4 = blackout
5 = smallMomentarySag
6 = deepMomentarySag
7 = smallMomentarySpike
8 = largeMomentarySpike
9 = selfTest
10 = rateOfVoltageChange

# States that say nothing about mains: unknown, sleeping, off, rebooting, and those in which the load is not fed.
[lookup:mains]
2 = on
3 = off
4 = on
6 = on
9 = on
10 = on
12 = on
13 = on
14 = on
15 = on
16 = on
17 = on
19 = on
20 = on
21 = on
22 = on
24 = on
25 = on
28 = on

[status]
online = upsBasicOutputStatus.0 lookup=mains is=on
offline = upsBasicOutputStatus.0 lookup=mains is=off
discharging = upsBasicOutputStatus.0 is=3,24
boost = upsBasicOutputStatus.0 is=4
trim = upsBasicOutputStatus.0 is=12
bypass = upsBasicOutputStatus.0 is=6,9,10,16,17
eco-mode = upsBasicOutputStatus.0 is=13,20
off = upsBasicOutputStatus.0 is=5,7,11
test = upsBasicOutputStatus.0 is=15,28
test = upsAdvTestDiagnosticsResults.0 is=4
low-battery = upsBasicBatteryStatus.0 is=3
low-battery = upsBasicBatteryStatus.0 is=4,5 when=on-battery
no-battery = upsBasicBatteryStatus.0 is=5
replace-battery = upsAdvBatteryReplaceIndicator.0 is=2
replace-battery = upsBasicBatteryStatus.0 is=4
calibration = upsAdvTestCalibrationResults.0 is=3
overload = upsBasicStateOutputState.0 match="^........([01])"
overload = upsAdvStateAbnormalConditions.0 match="^..............................([01])"
replace-battery = upsBasicStateOutputState.0 match="^....([01])"
charger-fail = upsBasicStateOutputState.0 match="^........................([01])"
overheat = upsBasicStateOutputState.0 match="^.........................([01])"
overheat = upsBasicStateOutputState.0 match="^...........................([01])"
overheat = upsBasicStateOutputState.0 match="^............................................([01])"
fan-fail = upsBasicStateOutputState.0 match="^........................................([01])"
fan-fail = upsAdvStateAbnormalConditions.0 match="^..............([01])"
no-battery = upsBasicStateOutputState.0 match="^................................([01])"
emergency-stop = upsBasicStateOutputState.0 match="^....................................................([01])"
emergency-stop = upsAdvStateAbnormalConditions.0 match="^............................([01])"
battery-voltage-high = upsAdvStateAbnormalConditions.0 match="^........................([01])"
bypass = upsAdvStateAbnormalConditions.0 match="^............([01])"
test = upsBasicStateOutputState.0 match="^............................([01])"

[alarms]
"Battery in fault!" = upsBasicBatteryStatus.0 is=4
"Communication with the UPS lost!" = upsCommStatus.0 is=2
"Batteries discharged!" = upsBasicStateOutputState.0 match="^..........([01])"
"On bypass because of an internal fault!" = upsBasicStateOutputState.0 match="^.............([01])"
"On bypass because of the supply!" = upsBasicStateOutputState.0 match="^..............([01])"
"On bypass because of a fan!" = upsBasicStateOutputState.0 match="^...............([01])"
"Communication with the battery lost!" = upsBasicStateOutputState.0 match="^....................([01])"
"Boost or trim failure!" = upsBasicStateOutputState.0 match="^......................([01])"
"Bad output voltage!" = upsBasicStateOutputState.0 match="^.......................([01])"
"Inverter DC imbalance!" = upsBasicStateOutputState.0 match="^....................................([01])"
"Transfer relay failure!" = upsBasicStateOutputState.0 match="^.....................................([01])"
"Unable to transfer!" = upsBasicStateOutputState.0 match="^......................................([01])"
"Low battery shutdown!" = upsBasicStateOutputState.0 match="^.......................................([01])"
"Main relay failure!" = upsBasicStateOutputState.0 match="^.........................................([01])"
"Bypass relay failure!" = upsBasicStateOutputState.0 match="^..........................................([01])"
"Battery temperature sensor failure!" = upsBasicStateOutputState.0 match="^.............................................([01])"
"Input out of range for bypass!" = upsBasicStateOutputState.0 match="^..............................................([01])"
"DC bus overvoltage!" = upsBasicStateOutputState.0 match="^...............................................([01])"
"PFC failure!" = upsBasicStateOutputState.0 match="^................................................([01])"
"Critical hardware fault!" = upsBasicStateOutputState.0 match="^.................................................([01])"
"Load alarm limit exceeded!" = upsBasicStateOutputState.0 match="^.....................................................([01])"
"Bypass phase fault!" = upsBasicStateOutputState.0 match="^......................................................([01])"
"Internal communication failure!" = upsBasicStateOutputState.0 match="^.......................................................([01])"
"Power module failure!" = upsAdvStateAbnormalConditions.0 match="^([01])"
"Main intelligence module failure!" = upsAdvStateAbnormalConditions.0 match="^.([01])"
"Redundant intelligence module failure!" = upsAdvStateAbnormalConditions.0 match="^..([01])"
"Battery failure!" = upsAdvStateAbnormalConditions.0 match="^...([01])"
"Redundancy lost!" = upsAdvStateAbnormalConditions.0 match="^.....([01])"
"Redundancy below alarm limit!" = upsAdvStateAbnormalConditions.0 match="^......([01])"
"Bypass not in range!" = upsAdvStateAbnormalConditions.0 match="^.......([01])"
"Bypass contactor stuck in bypass!" = upsAdvStateAbnormalConditions.0 match="^........([01])"
"Bypass contactor stuck on line!" = upsAdvStateAbnormalConditions.0 match="^.........([01])"
"Input circuit breaker open!" = upsAdvStateAbnormalConditions.0 match="^.............([01])"
"Internal module communication failure!" = upsAdvStateAbnormalConditions.0 match="^................([01])"
"No working power modules!" = upsAdvStateAbnormalConditions.0 match="^.................([01])"
"Runtime below alarm limit!" = upsAdvStateAbnormalConditions.0 match="^...................([01])"
"Extended run frame fault!" = upsAdvStateAbnormalConditions.0 match="^....................([01])"
"Output voltage out of range!" = upsAdvStateAbnormalConditions.0 match="^.....................([01])"
"Not synchronized!" = upsAdvStateAbnormalConditions.0 match="^......................([01])"
"UPS fault!" = upsAdvStateAbnormalConditions.0 match="^.........................([01])"
"Site wiring fault!" = upsAdvStateAbnormalConditions.0 match="^..........................([01])"
"Backfeed protection relay opened!" = upsAdvStateAbnormalConditions.0 match="^...........................([01])"
"UPS surveillance fault!" = upsAdvStateAbnormalConditions.0 match="^.............................([01])"
"Ambient temperature out of tolerance!" = upsAdvStateAbnormalConditions.0 match="^...............................([01])"
"high temperature at sensor *!" = iemStatusProbeHighTempViolation.* table=iem is=2
"low temperature at sensor *!" = iemStatusProbeLowTempViolation.* table=iem is=2
"high humidity at sensor *!" = iemStatusProbeHighHumidViolation.* table=iem is=2
"low humidity at sensor *!" = iemStatusProbeLowHumidViolation.* table=iem is=2

[commands]
beeper.disable = set=upsAdvConfigAlarm.0:3 when=has-alarm
beeper.enable = set=upsAdvConfigAlarm.0:1 when=has-alarm
beeper.mute = set=upsAdvConfigAlarm.0:4 when=has-alarm
bypass.start = set=upsAdvControlBypassSwitch.0:2 when=has-bypass
bypass.stop = set=upsAdvControlBypassSwitch.0:3 when=has-bypass
calibrate.start = set=upsAdvTestRuntimeCalibration.0:2 when=has-calibration
calibrate.stop = set=upsAdvTestRuntimeCalibration.0:3 when=has-calibration
load.off = set=upsAdvControlUpsOff.0:2 when=has-off
load.on = set=upsAdvControlTurnOnUPS.0:2 when=has-on
outlet.group.*.load.cycle = set=upsOutletGroupControlCommand.*:3 table=outlet-groups
outlet.group.*.load.off = set=upsOutletGroupControlCommand.*:2 table=outlet-groups
outlet.group.*.load.on = set=upsOutletGroupControlCommand.*:1 table=outlet-groups
outlet.group.*.load.cycle.delay = set=upsOutletGroupControlCommand.*:6 table=outlet-groups
outlet.group.*.load.off.delay = set=upsOutletGroupControlCommand.*:5 table=outlet-groups
outlet.group.*.load.on.delay = set=upsOutletGroupControlCommand.*:4 table=outlet-groups
outlet.group.*.shutdown.return = set=upsOutletGroupControlCommand.*:10 table=outlet-groups
reset.input.minmax = set=upsPhaseResetMaxMinValues.0:2 when=has-reset
shutdown.reboot = set=upsAdvControlRebootShutdownUps.0:2 when=has-reboot
shutdown.reboot.graceful = set=upsAdvControlRebootShutdownUps.0:3 when=has-reboot
shutdown.return = set=upsBasicControlConserveBattery.0:2 when=on-battery when=has-conserve
shutdown.return = set=upsAdvControlRebootShutdownUps.0:3 when=!on-battery when=has-reboot
shutdown.return = set=upsBasicControlConserveBattery.0:2 when=!on-battery when=!has-reboot when=has-conserve
shutdown.stayoff = set=upsAdvControlUpsOff.0:3 when=has-off
test.battery.start = set=upsAdvTestDiagnostics.0:2 when=has-test
test.failure.start = set=upsAdvControlSimulatePowerFail.0:2 when=has-fail
test.panel.start = set=upsAdvControlFlashAndBeep.0:2 when=has-flash

[traps]
apc.0.1 = "Communication with the UPS lost" level=warning
apc.0.2 = "Overload" level=warning
apc.0.3 = "Self test failed" level=warning
apc.0.4 = "Battery is discharged" level=warning
apc.0.5 = "On battery" level=warning
apc.0.6 = "Boost" level=notice
apc.0.7 = "Battery is low" level=warning
apc.0.8 = "Communication with the UPS established" level=notice
apc.0.9 = "Utility power restored" level=notice
apc.0.10 = "Self test passed" level=info
apc.0.11 = "Battery is no longer low" level=notice
apc.0.12 = "Turned off" level=warning
apc.0.13 = "Sleeping" level=notice
apc.0.14 = "Woke up" level=notice
apc.0.15 = "Reboot started" level=warning
apc.0.17 = "Battery needs replacement" level=warning
apc.0.20 = "On bypass because of a failure" level=err
apc.0.21 = "On bypass" level=warning
apc.0.22 = "On bypass" level=warning
apc.0.23 = "Back from bypass" level=notice
apc.0.28 = "Calibration started" level=info
apc.0.30 = "Turned on" level=notice
apc.0.31 = "Trim" level=notice
apc.0.33 = "Overload is over" level=notice
apc.0.34 = "Boost is over" level=notice
apc.0.35 = "Trim is over" level=notice
apc.0.36 = "Battery was replaced" level=notice
