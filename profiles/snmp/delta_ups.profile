# SPDX-License-Identifier: LGPL-2.1-or-later
# DeltaUPS-MIB (UPSv4) of Delta Electronics.
#
# What stock snmp-ups says otherwise: it shows one phase of three; "other" is no OL; ups.power is the rating, and
# so is here ups.power.nominal as well; it shows nothing of the battery.

[profile]
engine = snmp
title = "Delta UPS"
version = 1.0
mib = delta_ups
type = ups
vendor = Delta
order = 160
include = agent

[objects]
dups = 1.3.6.1.4.1.2254.2.4
dupsIdentManufacturer = dups.1.1
dupsIdentModel = dups.1.2
dupsIdentUPSSoftwareVersion = dups.1.3
dupsIdentAgentSoftwareVersion = dups.1.4
dupsIdentName = dups.1.5 string
dupsRatingOutputVA = dups.1.7
dupsRatingOutputVoltage = dups.1.8
dupsRatingOutputFrequency = dups.1.9
dupsRatingInputVoltage = dups.1.10
dupsRatingInputFrequency = dups.1.11
dupsRatingBatteryVoltage = dups.1.12
dupsLowBattTime = dups.1.17
dupsType = dups.1.19
dupsShutdownType = dups.2.1 integer
dupsAutoReboot = dups.2.2 integer
dupsShutdownAction = dups.2.3 integer
dupsRestartAction = dups.2.4 integer
dupsConfigBuzzerState = dups.3.2 integer
dupsConfigSensitivity = dups.3.3 integer
dupsConfigLowVoltageTransferPoint = dups.3.4 integer
dupsConfigHighVoltageTransferPoint = dups.3.5 integer
dupsInputNumLines = dups.4.1
dupsInput = dups.4
dupsOutputSource = dups.5.1
dupsOutputFrequency = dups.5.2
dupsOutputNumLines = dups.5.3
dupsOutput = dups.5
dupsBypassFrequency = dups.6.1
dupsBypassNumLines = dups.6.2
dupsBypass = dups.6
dupsBatteryCondiction = dups.7.1
dupsBatteryStatus = dups.7.2
dupsBatteryCharge = dups.7.3
dupsBatteryEstimatedTime = dups.7.5
dupsBatteryVoltage = dups.7.6
dupsBatteryCurrent = dups.7.7
dupsBatteryCapacity = dups.7.8
dupsTemperature = dups.7.9
dupsLastReplaceDate = dups.7.10
dupsNextReplaceDate = dups.7.11
dupsTestType = dups.8.1 integer
dupsTestResultsSummary = dups.8.2
dupsAlarm = dups.9
dupsEnvTemperature = dups.10.1
dupsEnvHumidity = dups.10.2

[probe]
sysobjectid = 1.3.6.1.4.1.2254.2.4
need = dupsOutputSource.0

[when:input-lines]
value = dupsInputNumLines.0 is-range=2..3

[when:output-lines]
value = dupsOutputNumLines.0 is-range=2..3

[when:bypass-lines]
value = dupsBypassNumLines.0 is-range=2..3

[variables]
ups.mfr = dupsIdentManufacturer.0 ask=once
ups.model = dupsIdentModel.0 ask=once
ups.id = dupsIdentName.0 ask=slow rw length=63
ups.firmware = dupsIdentAgentSoftwareVersion.0 ask=once
ups.firmware.aux = dupsIdentUPSSoftwareVersion.0 ask=once
ups.type = dupsType.0 ask=slow lookup=type
ups.power = dupsRatingOutputVA.0 ask=slow plausible=1..10000000
ups.power.nominal = dupsRatingOutputVA.0 ask=slow plausible=1..10000000
ups.temperature = dupsTemperature.0 plausible=-40..150
output.voltage.nominal = dupsRatingOutputVoltage.0 ask=slow plausible=1..700
output.frequency.nominal = dupsRatingOutputFrequency.0 ask=slow plausible=1..450
input.voltage.nominal = dupsRatingInputVoltage.0 ask=slow plausible=1..700
input.frequency.nominal = dupsRatingInputFrequency.0 ask=slow plausible=1..450
battery.voltage.nominal = dupsRatingBatteryVoltage.0 ask=slow plausible=1..2000
battery.runtime.low = dupsLowBattTime.0 ask=slow plausible=1..86400 scale=60
battery.charge = dupsBatteryCapacity.0 ask=quick plausible=0..100
battery.charger.status = dupsBatteryCharge.0 lookup=charger
battery.runtime = dupsBatteryEstimatedTime.0 ask=quick plausible=1..10000000 scale=60
battery.voltage = dupsBatteryVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
battery.current = dupsBatteryCurrent.0 invalid=-1 scale=0.1 plausible=-10000..10000 format=%.1f
battery.date = dupsLastReplaceDate.0 ask=slow
battery.date.maintenance = dupsNextReplaceDate.0 ask=slow
input.phases = dupsInputNumLines.0 ask=slow plausible=1..3
output.phases = dupsOutputNumLines.0 ask=slow plausible=1..3
input.bypass.phases = dupsBypassNumLines.0 ask=slow plausible=1..3
input.frequency = dupsInput.2.0 scale=0.1 plausible=0..450 format=%.1f
output.frequency = dupsOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.bypass.frequency = dupsBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.transfer.low = dupsConfigLowVoltageTransferPoint.0 ask=slow plausible=1..700 rw range=1..700
input.transfer.high = dupsConfigHighVoltageTransferPoint.0 ask=slow plausible=1..700 rw range=1..700
input.sensitivity = dupsConfigSensitivity.0 ask=slow lookup=sensitivity rw enum
ups.test.result = dupsTestResultsSummary.0 lookup=test
input.voltage = dupsInput.3.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.L1-N.voltage = dupsInput.3.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines
input.L2-N.voltage = dupsInput.6.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines
input.L3-N.voltage = dupsInput.9.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines
input.current = dupsInput.4.0 scale=0.1 plausible=0..10000 format=%.1f when=!input-lines
input.L1.current = dupsInput.4.0 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
input.L2.current = dupsInput.7.0 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
input.L3.current = dupsInput.10.0 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
output.voltage = dupsOutput.4.0 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines
output.L1-N.voltage = dupsOutput.4.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines
output.L2-N.voltage = dupsOutput.8.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines
output.L3-N.voltage = dupsOutput.12.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines
output.current = dupsOutput.5.0 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines
output.L1.current = dupsOutput.5.0 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.L2.current = dupsOutput.9.0 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.L3.current = dupsOutput.13.0 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.realpower = dupsOutput.6.0 plausible=0..5000000 when=!output-lines
output.L1.realpower = dupsOutput.6.0 plausible=0..5000000 when=output-lines
output.L2.realpower = dupsOutput.10.0 plausible=0..5000000 when=output-lines
output.L3.realpower = dupsOutput.14.0 plausible=0..5000000 when=output-lines
ups.load = dupsOutput.7.0 ask=quick plausible=0..400 when=!output-lines
output.L1.power.percent = dupsOutput.7.0 plausible=0..400 when=output-lines
output.L2.power.percent = dupsOutput.11.0 plausible=0..400 when=output-lines
output.L3.power.percent = dupsOutput.15.0 plausible=0..400 when=output-lines
input.bypass.voltage = dupsBypass.3.0 scale=0.1 plausible=0..1000 format=%.1f when=!bypass-lines
input.bypass.L1-N.voltage = dupsBypass.3.0 scale=0.1 plausible=0..1000 format=%.1f when=bypass-lines
input.bypass.L2-N.voltage = dupsBypass.6.0 scale=0.1 plausible=0..1000 format=%.1f when=bypass-lines
input.bypass.L3-N.voltage = dupsBypass.9.0 scale=0.1 plausible=0..1000 format=%.1f when=bypass-lines
input.bypass.current = dupsBypass.4.0 scale=0.1 plausible=0..10000 format=%.1f when=!bypass-lines
input.bypass.L1.current = dupsBypass.4.0 scale=0.1 plausible=0..10000 format=%.1f when=bypass-lines
input.bypass.L2.current = dupsBypass.7.0 scale=0.1 plausible=0..10000 format=%.1f when=bypass-lines
input.bypass.L3.current = dupsBypass.10.0 scale=0.1 plausible=0..10000 format=%.1f when=bypass-lines
input.bypass.realpower = dupsBypass.5.0 plausible=0..5000000 when=!bypass-lines
input.bypass.L1.realpower = dupsBypass.5.0 plausible=0..5000000 when=bypass-lines
input.bypass.L2.realpower = dupsBypass.8.0 plausible=0..5000000 when=bypass-lines
input.bypass.L3.realpower = dupsBypass.11.0 plausible=0..5000000 when=bypass-lines
ambient.temperature = dupsEnvTemperature.0 plausible=1..100
ambient.humidity = dupsEnvHumidity.0 plausible=1..100

[lookup:type]
1 = "on-line"
2 = "off-line"
3 = "line-interactive"
4 = 3phase
5 = "split-phase"

[lookup:charger]
0 = floating
1 = charging
2 = resting
3 = discharging

[lookup:sensitivity]
0 = normal
1 = reduced
2 = low

[lookup:test]
0 = "no test initiated"
1 = "done and passed"
2 = "in progress"
3 = "done and error"
4 = "done and error"

[status]
online = dupsOutputSource.0 invalid=6 invalid=7 is=0,2,3,4,5
offline = dupsOutputSource.0 invalid=6 invalid=7 is=1
offline = dupsAlarm.2.0 is=1
discharging = dupsBatteryCharge.0 is=3
charging = dupsBatteryCharge.0 is=1
bypass = dupsOutputSource.0 is=2
bypass-manual = dupsOutputSource.0 is=5
trim = dupsOutputSource.0 is=3
boost = dupsOutputSource.0 is=4
off = dupsOutputSource.0 is=7
off = dupsAlarm.25.0 is=1
low-battery = dupsBatteryStatus.0 is=1,2
low-battery = dupsAlarm.3.0 is=1
replace-battery = dupsBatteryCondiction.0 is=2
overload = dupsAlarm.12.0 is=1
overheat = dupsAlarm.18.0 is=1
charger-fail = dupsAlarm.22.0 is=1
fan-fail = dupsAlarm.23.0 is=1
eco-mode = dupsAlarm.24.0 is=1
emergency-stop = dupsAlarm.27.0 is=1
test = dupsAlarm.9.0 is=1
shutdown-active = dupsAlarm.26.0 is=1

[alarms]
"Communication with the UPS lost!" = dupsAlarm.1.0 is=1
"UPS fault!" = dupsAlarm.7.0 is=1
"Battery ground fault!" = dupsAlarm.8.0 is=1
"Battery test failed!" = dupsAlarm.10.0 is=1
"Fuse failure!" = dupsAlarm.11.0 is=1
"Output over current!" = dupsAlarm.13.0 is=1
"Inverter failure!" = dupsAlarm.14.0 is=1
"Rectifier failure!" = dupsAlarm.15.0 is=1
"Reserve failure!" = dupsAlarm.16.0 is=1
"Output out of tolerance!" = dupsAlarm.19.0 is=1
"Bypass out of tolerance!" = dupsAlarm.20.0 is=1
"UPS switched off!" = dupsAlarm.28.0 is=1
