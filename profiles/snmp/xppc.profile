# SPDX-License-Identifier: LGPL-2.1-or-later
# XPPC-MIB: NetAgent and other cards of Megatec and Phoenixtec, under many names: Tripp Lite, PowerWalker, Effekta, INVT,
# UPSlink. What the standard has as well is read from RFC 1628.
#
# What stock snmp-ups says otherwise: a UPS that stands by, but has voltage at its output, is OL and not OFF; there are
# three phases, sensors, tests, settings and commands here.

[profile]
engine = snmp
title = "Megatec/Phoenixtec XPPC UPS"
version = 1.0
mib = xppc
type = ups
vendor = "Tripp Lite / Phoenixtec"
order = 140
include = agent
include = ietf

[objects]
xppc = 1.3.6.1.4.1.935.1.1.1
upsBaseIdentModel = xppc.1.1.1
upsBaseIdentUpsName = xppc.1.1.2 string
upsSmartIdentFirmwareRevision = xppc.1.2.1
upsSmartIdentDateOfManufacture = xppc.1.2.2
upsSmartIdentUpsSerialNumber = xppc.1.2.3
upsSmartIdentAgentFirmwareRevision = xppc.1.2.4
upsBaseBatteryStatus = xppc.2.1.1
upsBaseBatteryLastReplaceDate = xppc.2.1.3
upsSmartBatteryCapacity = xppc.2.2.1
upsSmartBatteryVoltage = xppc.2.2.2
upsSmartBatteryTemperature = xppc.2.2.3
upsSmartBatteryRunTimeRemaining = xppc.2.2.4
upsSmartBatteryReplaceIndicator = xppc.2.2.5
upsSmartInputLineVoltage = xppc.3.2.1
upsSmartInputMaxLineVoltage = xppc.3.2.2
upsSmartInputMinLineVoltage = xppc.3.2.3
upsSmartInputFrequency = xppc.3.2.4
upsSmartInputLineFailCause = xppc.3.2.5
upsBaseOutputStatus = xppc.4.1.1
upsSmartOutputVoltage = xppc.4.2.1
upsSmartOutputFrequency = xppc.4.2.2
upsSmartOutputLoad = xppc.4.2.3
upsSmartConfigRatedOutputVoltage = xppc.5.2.1
upsSmartConfigHighTransferVolt = xppc.5.2.2 integer
upsSmartConfigLowTransferVolt = xppc.5.2.3 integer
upsSmartConfigAlarm = xppc.5.2.4 integer
upsSmartConfigMinReturnCapacity = xppc.5.2.6 integer
upsSmartConfigSensitivity = xppc.5.2.7 integer
upsSmartConfigLowBatteryRunTime = xppc.5.2.8 integer
upsSmartConfigReturnDelay = xppc.5.2.9 integer
upsSmartConfigShutoffDelay = xppc.5.2.10 integer
upsBaseControlConserveBattery = xppc.6.1.1 integer
upsSmartControlUpsOff = xppc.6.2.1 integer
upsSmartControlRebootUps = xppc.6.2.2 integer
upsSmartControlUpsSleep = xppc.6.2.3 integer
upsSmartControlSimulatePowerFail = xppc.6.2.4 integer
upsSmartControlFlashAndBeep = xppc.6.2.5 integer
upsSmartControlTurnOnUpsLoad = xppc.6.2.6 integer
upsSmartTestDiagnostics = xppc.7.2.2 integer
upsSmartTestDiagnosticsResults = xppc.7.2.3
upsSmartTestLastDiagnosticsDate = xppc.7.2.4
upsSmartTestIndicators = xppc.7.2.5 integer
upsSmartTestRuntimeCalibration = xppc.7.2.6 integer
upsSmartTestCalibrationResults = xppc.7.2.7
upsThreePhaseBatteryVoltage = xppc.8.1.1
upsThreePhaseBatteryCapacityPercentage = xppc.8.1.2
upsThreePhaseInputFrequency = xppc.8.2.1
upsThreePhaseInput = xppc.8.2
upsThreePhaseOutputFrequency = xppc.8.3.1
upsThreePhaseOutput = xppc.8.3
upsThreePhaseBypassFrequency = xppc.8.4.1
upsThreePhaseBypass = xppc.8.4
upsThreePhaseRectifier = xppc.8.5
upsThreePhaseStatus = xppc.8.6
upsThreePhaseFault = xppc.8.7
upsEnvTemperature = xppc.9.1.1
upsEnvHumidity = xppc.9.1.2
upsEnvWater = xppc.9.1.3
upsEnvSmoke = xppc.9.1.4

[probe]
sysobjectid = 1.3.6.1.4.1.935
need = upsBaseOutputStatus.0

[when:supplied]
value = upsSmartOutputVoltage.0 is-range=100..7000

[when:on-battery]
value = upsBaseOutputStatus.0 is=3

[when:three]
value = xppc.8.2.3.0 is-range=100..7000
value = xppc.8.3.3.0 is-range=100..7000
value = xppc.8.3.2.0 is-range=100..7000

[when:has-off]
exists = upsSmartControlUpsOff.0

[when:has-on]
exists = upsSmartControlTurnOnUpsLoad.0

[when:has-reboot]
exists = upsSmartControlRebootUps.0

[when:has-conserve]
exists = upsBaseControlConserveBattery.0

[when:has-test]
exists = upsSmartTestDiagnostics.0

[when:has-calibration]
exists = upsSmartTestRuntimeCalibration.0

[when:has-fail]
exists = upsSmartControlSimulatePowerFail.0

[when:has-flash]
exists = upsSmartControlFlashAndBeep.0

[when:has-alarm]
exists = upsSmartConfigAlarm.0

[variables]
ups.mfr = upsIdentManufacturer.0 ask=once
ups.model = upsBaseIdentModel.0 ask=once
ups.model = upsIdentModel.0 ask=once
ups.id = upsBaseIdentUpsName.0 ask=slow rw length=32
ups.firmware = upsSmartIdentFirmwareRevision.0 ask=once
ups.firmware = upsIdentUPSSoftwareVersion.0 ask=once
ups.firmware.aux = upsSmartIdentAgentFirmwareRevision.0 ask=once
ups.firmware.aux = upsIdentAgentSoftwareVersion.0 ask=once
ups.mfr.date = upsSmartIdentDateOfManufacture.0 ask=once
ups.serial = upsSmartIdentUpsSerialNumber.0 ask=once
ups.load = upsSmartOutputLoad.0 ask=quick plausible=0..400
ups.temperature = upsSmartBatteryTemperature.0 scale=0.1 plausible=0.1..150 format=%.1f
ups.delay.start = upsSmartConfigReturnDelay.0 ask=slow plausible=0..86400 rw range=0..86400 option=ondelay
ups.delay.shutdown = upsSmartConfigShutoffDelay.0 ask=slow plausible=0..86400 rw range=0..86400 option=offdelay
ups.beeper.status = upsSmartConfigAlarm.0 ask=slow lookup=alarm-mode
ups.test.result = upsSmartTestDiagnosticsResults.0 lookup=test-result
ups.test.date = upsSmartTestLastDiagnosticsDate.0 ask=slow
battery.charge = upsSmartBatteryCapacity.0 ask=quick plausible=0..100
battery.charge.restart = upsSmartConfigMinReturnCapacity.0 ask=slow plausible=0..100 rw range=0..100
battery.date = upsBaseBatteryLastReplaceDate.0 ask=slow
battery.runtime = upsSmartBatteryRunTimeRemaining.0 ask=quick plausible=1..10000000
battery.runtime = upsSmartBatteryRunTimeRemaining.0 ask=quick plausible=0..0 when=on-battery
battery.runtime.low = upsSmartConfigLowBatteryRunTime.0 ask=slow plausible=1..86400 rw range=1..86400
battery.voltage = upsSmartBatteryVoltage.0 scale=0.1 plausible=0.1..2000 format=%.1f
battery.voltage = upsThreePhaseBatteryVoltage.0 scale=0.1 plausible=0.1..2000 format=%.1f
battery.voltage = upsBatteryVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
input.voltage = upsSmartInputLineVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!three
input.voltage.maximum = upsSmartInputMaxLineVoltage.0 scale=0.1 plausible=1..1000 format=%.1f when=!three
input.voltage.minimum = upsSmartInputMinLineVoltage.0 scale=0.1 plausible=1..1000 format=%.1f when=!three
input.frequency = upsThreePhaseInputFrequency.0 scale=0.1 plausible=1..450 format=%.1f when=three
input.frequency = upsSmartInputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.L1-N.voltage = xppc.8.2.2.0 scale=0.1 plausible=0..1000 format=%.1f when=three
input.L2-N.voltage = xppc.8.2.3.0 scale=0.1 plausible=0..1000 format=%.1f when=three
input.L3-N.voltage = xppc.8.2.4.0 scale=0.1 plausible=0..1000 format=%.1f when=three
input.transfer.reason = upsSmartInputLineFailCause.0 lookup=transfer-reason
input.transfer.high = upsSmartConfigHighTransferVolt.0 ask=slow scale=0.1 plausible=20..700 format=%.1f rw range=20..700
input.transfer.low = upsSmartConfigLowTransferVolt.0 ask=slow scale=0.1 plausible=20..700 format=%.1f rw range=20..700
input.sensitivity = upsSmartConfigSensitivity.0 ask=slow lookup=sensitivity rw enum
input.bypass.frequency = upsThreePhaseBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f when=three
input.bypass.L1-N.voltage = xppc.8.4.2.0 scale=0.1 plausible=0..1000 format=%.1f when=three
input.bypass.L2-N.voltage = xppc.8.4.3.0 scale=0.1 plausible=0..1000 format=%.1f when=three
input.bypass.L3-N.voltage = xppc.8.4.4.0 scale=0.1 plausible=0..1000 format=%.1f when=three
output.voltage = upsSmartOutputVoltage.0 scale=0.1 plausible=0..1000 format=%.1f when=!three
output.frequency = upsThreePhaseOutputFrequency.0 scale=0.1 plausible=1..450 format=%.1f when=three
output.frequency = upsSmartOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.L1-N.voltage = xppc.8.3.2.0 scale=0.1 plausible=0..1000 format=%.1f when=three
output.L2-N.voltage = xppc.8.3.3.0 scale=0.1 plausible=0..1000 format=%.1f when=three
output.L3-N.voltage = xppc.8.3.4.0 scale=0.1 plausible=0..1000 format=%.1f when=three
output.L1.power.percent = xppc.8.3.5.0 scale=0.1 plausible=0..400 format=%.1f when=three
output.L2.power.percent = xppc.8.3.6.0 scale=0.1 plausible=0..400 format=%.1f when=three
output.L3.power.percent = xppc.8.3.7.0 scale=0.1 plausible=0..400 format=%.1f when=three
output.voltage.nominal = upsSmartConfigRatedOutputVoltage.0 ask=slow scale=0.1 plausible=50..700 format=%.1f
# A card without a sensor says 0 of both.
ambient.temperature = upsEnvTemperature.0 scale=0.1 plausible=1..100 format=%.1f
ambient.humidity = upsEnvHumidity.0 plausible=1..100

[lookup:alarm-mode]
1 = enabled
2 = enabled
3 = disabled

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

[status]
online = upsBaseOutputStatus.0 invalid=0 invalid=1 invalid=5 invalid=7 invalid=8 is=2,4,6,9
online = upsBaseOutputStatus.0 invalid=0 invalid=1 invalid=5 invalid=7 is=8,2,4,6,9 when=supplied
offline = upsBaseOutputStatus.0 invalid=0 invalid=1 invalid=5 invalid=7 invalid=8 is=3
discharging = upsBaseOutputStatus.0 is=3
boost = upsBaseOutputStatus.0 is=4
trim = upsBaseOutputStatus.0 is=9
bypass = upsBaseOutputStatus.0 is=6
off = upsBaseOutputStatus.0 is=5
off = upsBaseOutputStatus.0 is=8 when=!supplied
low-battery = upsBaseBatteryStatus.0 is=3
replace-battery = upsSmartBatteryReplaceIndicator.0 is=2
test = upsSmartTestDiagnosticsResults.0 is=4
calibration = upsSmartTestCalibrationResults.0 is=3
low-battery = xppc.8.5.3.0 is=14 when=three
emergency-stop = xppc.8.7.1.0 is=14 when=three
overload = xppc.8.7.4.0 is=14 when=three
overheat = xppc.8.7.6.0 is=14 when=three

[alarms]
"Input phase rotation error!" = xppc.8.5.1.0 is=14 when=three
"Low battery shutdown!" = xppc.8.5.2.0 is=14 when=three
"High DC shutdown!" = xppc.8.7.2.0 is=14 when=three
"Bypass breaker open!" = xppc.8.7.3.0 is=14 when=three
"Inverter failure!" = xppc.8.7.5.0 is=14 when=three
"Output short circuit!" = xppc.8.7.7.0 is=14 when=three
"Water alarm!" = upsEnvWater.0 is=2
"Smoke alarm!" = upsEnvSmoke.0 is=2

[commands]
beeper.disable = set=upsSmartConfigAlarm.0:3 when=has-alarm
beeper.enable = set=upsSmartConfigAlarm.0:1 when=has-alarm
calibrate.start = set=upsSmartTestRuntimeCalibration.0:2 when=has-calibration
calibrate.stop = set=upsSmartTestRuntimeCalibration.0:3 when=has-calibration
load.off = set=upsSmartControlUpsOff.0:2 when=has-off
load.on = set=upsSmartControlTurnOnUpsLoad.0:2 when=has-on
shutdown.return = set=upsBaseControlConserveBattery.0:2 when=on-battery when=has-conserve
shutdown.return = set=upsSmartControlRebootUps.0:2 when=!on-battery when=has-reboot
shutdown.stayoff = set=upsSmartControlUpsOff.0:2 when=has-off
test.battery.start = set=upsSmartTestDiagnostics.0:2 when=has-test
test.failure.start = set=upsSmartControlSimulatePowerFail.0:2 when=has-fail
test.panel.start = set=upsSmartControlFlashAndBeep.0:2 when=has-flash
