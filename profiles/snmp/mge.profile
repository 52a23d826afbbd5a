# SPDX-License-Identifier: LGPL-2.1-or-later
# MG-SNMP-UPS-MIB of Merlin Gerin: cards of MGE UPS Systems, of Eaton after it, and of APC in its Galaxy units. What
# the standard has as well (output source, tests, delays, ratings, alarms) is read from RFC 1628.
#
# Eaton's cards repeat the one line of an output of one phase three times, and have no number of phases in some
# versions: an output has several lines where the input has. Three lines of a Galaxy are measured between them.
#
# What stock snmp-ups says otherwise: it reads most of the tables without the 0 that cards have behind the number of
# a line, and so shows nothing of the input; gives OFF for "utility off", which says that mains are gone; contacts
# are "opened" there, as here.

[profile]
engine = snmp
title = "MGE UPS"
version = 1.0
mib = mge
type = ups
vendor = EATON
order = 110
include = agent
include = ietf

[objects]
upsmg = 1.3.6.1.4.1.705.1
upsmgIdentFamilyName = upsmg.1.1
upsmgIdentModelName = upsmg.1.2
upsmgIdentFirmwareVersion = upsmg.1.4
upsmgIdentUserID = upsmg.1.5 string
upsmgIdentSerialNumber = upsmg.1.7
upsmgReceptaclesNum = upsmg.3.1
mgreceptacleIndex = upsmg.3.2.1.1
mgreceptacleIdent = upsmg.3.2.1.4
mgreceptacleState = upsmg.3.2.1.5
upsmgConfigNominalBatteryVoltage = upsmg.4.2
upsmgConfigMinRechargeLevel = upsmg.4.5 integer
upsmgConfigLowBatteryTime = upsmg.4.7 integer
upsmgConfigLowBatteryLevel = upsmg.4.8 integer
upsmgConfigAutoRestart = upsmg.4.9 integer
upsmgConfigVARating = upsmg.4.12
upsmgConfigLowTransfer = upsmg.4.13
upsmgConfigHighTransfer = upsmg.4.14
upsmgConfigOutputNominalVoltage = upsmg.4.15
upsmgConfigOutputNomFrequency = upsmg.4.17
upsmgConfigSensorName = upsmg.4.34.1.2
upsmgConfigTemperatureLow = upsmg.4.34.1.3
upsmgConfigTemperatureHigh = upsmg.4.34.1.4
upsmgConfigHumidityLow = upsmg.4.34.1.6
upsmgConfigHumidityHigh = upsmg.4.34.1.7
upsmgConfigInput1Name = upsmg.4.34.1.9
upsmgConfigInput2Name = upsmg.4.34.1.12
upsmgBatteryRemainingTime = upsmg.5.1
upsmgBatteryLevel = upsmg.5.2
upsmgBatteryVoltage = upsmg.5.5
upsmgBatteryCurrent = upsmg.5.6
upsmgBatteryTemperature = upsmg.5.7
upsmgBatteryFaultBattery = upsmg.5.9
upsmgBatteryNoBattery = upsmg.5.10
upsmgBatteryReplacement = upsmg.5.11
upsmgBatteryLowBattery = upsmg.5.14
upsmgBatteryChargerFault = upsmg.5.15
upsmgBatteryLowCondition = upsmg.5.16
upsmgInputPhaseNum = upsmg.6.1
mginputVoltage = upsmg.6.2.1.2
mginputFrequency = upsmg.6.2.1.3
mginputMinimumVoltage = upsmg.6.2.1.4
mginputMaximumVoltage = upsmg.6.2.1.5
mginputCurrent = upsmg.6.2.1.6
upsmgInputBadStatus = upsmg.6.3
upsmgInputLineFailCause = upsmg.6.4
upsmgOutputPhaseNum = upsmg.7.1
mgoutputVoltage = upsmg.7.2.1.2
mgoutputFrequency = upsmg.7.2.1.3
mgoutputLoadPerPhase = upsmg.7.2.1.4
mgoutputCurrent = upsmg.7.2.1.5
upsmgOutputOnBattery = upsmg.7.3
upsmgOutputOnByPass = upsmg.7.4
upsmgOutputUnavailableByPass = upsmg.7.5
upsmgOutputUtilityOff = upsmg.7.7
upsmgOutputOnBoost = upsmg.7.8
upsmgOutputInverterOff = upsmg.7.9
upsmgOutputOverLoad = upsmg.7.10
upsmgOutputOverTemp = upsmg.7.11
upsmgOutputOnBuck = upsmg.7.12
upsmgEnvironAmbientTemp = upsmg.8.1
upsmgEnvironAmbientHumidity = upsmg.8.2
upsmgEnvironmentIndex = upsmg.8.7.1.1
upsmgEnvironmentComFailure = upsmg.8.7.1.2
upsmgEnvironmentTemperature = upsmg.8.7.1.3
upsmgEnvironmentTemperatureLow = upsmg.8.7.1.4
upsmgEnvironmentTemperatureHigh = upsmg.8.7.1.5
upsmgEnvironmentHumidity = upsmg.8.7.1.6
upsmgEnvironmentHumidityLow = upsmg.8.7.1.7
upsmgEnvironmentHumidityHigh = upsmg.8.7.1.8
upsmgEnvironmentInput1State = upsmg.8.7.1.9
upsmgEnvironmentInput2State = upsmg.8.7.1.10
mgreceptacleOnDelay = upsmg.9.1.1.2 integer
mgreceptacleOnCtrl = upsmg.9.1.1.3 integer
mgreceptacleOffDelay = upsmg.9.1.1.5 integer
mgreceptacleOffCtrl = upsmg.9.1.1.6 integer
mgreceptacleToggleDelay = upsmg.9.1.1.8 integer
mgreceptacleToggleCtrl = upsmg.9.1.1.9 integer
upsmgTestDiagnostics = upsmg.10.2 integer
upsmgTestBatteryCalibration = upsmg.10.4 integer
upsmgAgentFirmwareVersion = upsmg.12.12
upsmgAgentCommUPS = upsmg.12.13
xupsEnvAmbientTemp = 1.3.6.1.4.1.534.1.6.1
xupsEnvRemoteTemp = 1.3.6.1.4.1.534.1.6.5
xupsEnvRemoteHumidity = 1.3.6.1.4.1.534.1.6.6

[probe]
sysobjectid = 1.3.6.1.4.1.705.1
need = upsmgIdentFamilyName.0
need = upsmgOutputOnBattery.0

[table:outlets]
index = mgreceptacleIndex
count = upsmgReceptaclesNum.0

[table:sensors]
index = upsmgEnvironmentIndex
select = upsmgEnvironmentComFailure.* is=2

[when:mge-nested-in]
exists = mginputVoltage.1.0

[when:mge-nested-out]
exists = mgoutputVoltage.1.0

[when:input-lines]
value = upsmgInputPhaseNum.0 is-range=2..3
value = mginputVoltage.2 is-range=200..7000
value = mginputVoltage.2.0 is-range=200..7000

[when:input-has-third]
value = mginputVoltage.3 is-range=200..7000
value = mginputVoltage.3.0 is-range=200..7000

[when:input-has-one]
exists = mginputVoltage.1
exists = mginputVoltage.1.0

[when:output-has-third]
value = mgoutputVoltage.3 is-range=200..7000
value = mgoutputVoltage.3.0 is-range=200..7000

[when:output-has-one]
exists = mgoutputVoltage.1
exists = mgoutputVoltage.1.0

# The lines of an output of one phase may be there three times.
[when:several-out]
value = mgoutputVoltage.2 is-range=200..7000
value = mgoutputVoltage.2.0 is-range=200..7000

[when:one-out]
value = upsmgOutputPhaseNum.0 is=1
value = upsOutputNumLines.0 is=1

[when:three-out]
value = upsmgOutputPhaseNum.0 is=3
value = upsOutputNumLines.0 is=3

[when:guessed-lines]
all = several-out input-lines !one-out

[when:output-lines]
any = three-out guessed-lines

# 400 V between two lines, or 230 V to neutral: more than 300 V are not to neutral anywhere.
[when:input-between]
value = mginputVoltage.1 is-range=3000..7000
value = mginputVoltage.1.0 is-range=3000..7000

[when:output-between]
value = mgoutputVoltage.1 is-range=3000..7000
value = mgoutputVoltage.1.0 is-range=3000..7000

[when:has-battery-test]
exists = upsmgTestBatteryCalibration.0

[when:has-diagnostics]
exists = upsmgTestDiagnostics.0

# The card of an Eaton says "closed" and "open" of the UPS's own contacts too: sensors that are there count.
[variables]
ups.mfr = upsIdentManufacturer.0 ask=once
ups.mfr = value=EATON when=eaton
ups.mfr = value=MGE
ups.model = upsmgIdentFamilyName.0 ask=once
experimental.ups.model.aux = upsmgIdentModelName.0 ask=once
ups.serial = upsmgIdentSerialNumber.0 ask=once
ups.id = upsmgIdentUserID.0 ask=slow
ups.firmware = upsmgIdentFirmwareVersion.0 ask=once
ups.firmware.aux = upsmgAgentFirmwareVersion.0 ask=once
ups.power.nominal = upsmgConfigVARating.0 ask=slow plausible=1..10000000
ups.load = mgoutputLoadPerPhase.1 plausible=0..400 when=!mge-nested-out when=!output-lines
ups.load = mgoutputLoadPerPhase.1.0 plausible=0..400 when=mge-nested-out when=!output-lines
ups.load = upsOutputPercentLoad.1 plausible=0..400 when=!output-lines
ups.load = upsOutputPercentLoad.1.0 plausible=0..400 when=!output-lines
ups.L%.load = mgoutputLoadPerPhase.% plausible=0..400 each=1..3 when=output-lines when=!mge-nested-out
ups.L%.load = mgoutputLoadPerPhase.%.0 plausible=0..400 each=1..3 when=output-lines when=mge-nested-out
output.L%.power.percent = mgoutputLoadPerPhase.% plausible=0..400 each=1..3 when=output-lines when=!mge-nested-out
output.L%.power.percent = mgoutputLoadPerPhase.%.0 plausible=0..400 each=1..3 when=output-lines when=mge-nested-out
battery.charge = upsmgBatteryLevel.0 ask=quick plausible=0..100
battery.charge.low = upsmgConfigLowBatteryLevel.0 ask=slow plausible=0..100 rw range=0..100
battery.charge.restart = upsmgConfigMinRechargeLevel.0 ask=slow plausible=0..100 rw range=0..100
battery.runtime = upsmgBatteryRemainingTime.0 ask=quick plausible=0..10000000
battery.runtime.low = upsmgConfigLowBatteryTime.0 ask=slow plausible=0..86400 rw range=0..86400
battery.voltage = upsmgBatteryVoltage.0 ask=quick scale=0.1 plausible=0..2000 format=%.1f
battery.voltage.nominal = upsmgConfigNominalBatteryVoltage.0 ask=slow scale=0.1 plausible=1..2000 format=%.1f
battery.current = upsmgBatteryCurrent.0 invalid=-1 scale=0.1 plausible=-10000..10000 format=%.1f
battery.temperature = upsmgBatteryTemperature.0 plausible=-40..150
battery.temperature = upsBatteryTemperature.0 plausible=-40..150
input.phases = upsmgInputPhaseNum.0 ask=slow plausible=1..3
input.phases = upsInputNumLines.0 ask=slow plausible=1..3
input.phases = value=3 when=input-has-third
input.phases = value=2 when=input-lines
input.phases = value=1 when=input-has-one
output.phases = upsmgOutputPhaseNum.0 ask=slow plausible=1..3
output.phases = upsOutputNumLines.0 ask=slow plausible=1..3
output.phases = value=3 when=output-lines when=output-has-third
output.phases = value=2 when=output-lines
output.phases = value=1 when=output-has-one
input.voltage = mginputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=!mge-nested-in
input.L%-N.voltage = mginputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=!mge-nested-in
input.L1-L2.voltage = mginputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L2-L3.voltage = mginputVoltage.2 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L3-L1.voltage = mginputVoltage.3 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.voltage.minimum = mginputMinimumVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=!mge-nested-in
input.L%-N.voltage.minimum = mginputMinimumVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=!mge-nested-in
input.L1-L2.voltage.minimum = mginputMinimumVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L2-L3.voltage.minimum = mginputMinimumVoltage.2 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L3-L1.voltage.minimum = mginputMinimumVoltage.3 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.voltage.maximum = mginputMaximumVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=!mge-nested-in
input.L%-N.voltage.maximum = mginputMaximumVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=!mge-nested-in
input.L1-L2.voltage.maximum = mginputMaximumVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L2-L3.voltage.maximum = mginputMaximumVoltage.2 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.L3-L1.voltage.maximum = mginputMaximumVoltage.3 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=!mge-nested-in
input.frequency = mginputFrequency.1 scale=0.1 plausible=0..450 format=%.1f when=!mge-nested-in
input.L%.frequency = mginputFrequency.% scale=0.1 plausible=0..450 format=%.1f each=1..3 when=input-lines when=!mge-nested-in
input.current = mginputCurrent.1 scale=0.1 plausible=0..10000 format=%.1f when=!input-lines when=!mge-nested-in
input.L%.current = mginputCurrent.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines when=!mge-nested-in
input.voltage = mginputVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=mge-nested-in
input.L%-N.voltage = mginputVoltage.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=mge-nested-in
input.L1-L2.voltage = mginputVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L2-L3.voltage = mginputVoltage.2.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L3-L1.voltage = mginputVoltage.3.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.voltage.minimum = mginputMinimumVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=mge-nested-in
input.L%-N.voltage.minimum = mginputMinimumVoltage.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=mge-nested-in
input.L1-L2.voltage.minimum = mginputMinimumVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L2-L3.voltage.minimum = mginputMinimumVoltage.2.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L3-L1.voltage.minimum = mginputMinimumVoltage.3.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.voltage.maximum = mginputMaximumVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines when=mge-nested-in
input.L%-N.voltage.maximum = mginputMaximumVoltage.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines when=!input-between when=mge-nested-in
input.L1-L2.voltage.maximum = mginputMaximumVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L2-L3.voltage.maximum = mginputMaximumVoltage.2.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.L3-L1.voltage.maximum = mginputMaximumVoltage.3.0 scale=0.1 plausible=0..1000 format=%.1f when=input-lines when=input-between when=mge-nested-in
input.frequency = mginputFrequency.1.0 scale=0.1 plausible=0..450 format=%.1f when=mge-nested-in
input.L%.frequency = mginputFrequency.%.0 scale=0.1 plausible=0..450 format=%.1f each=1..3 when=input-lines when=mge-nested-in
input.current = mginputCurrent.1.0 scale=0.1 plausible=0..10000 format=%.1f when=!input-lines when=mge-nested-in
input.L%.current = mginputCurrent.%.0 scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines when=mge-nested-in
# Behind what the maker's tables do not have stand those of the standard.
input.voltage = upsInputVoltage.1 plausible=1..699 when=!input-lines
input.current = upsInputCurrent.1 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!input-lines
input.frequency = upsInputFrequency.1 scale=0.1 plausible=1..450 format=%.1f
input.realpower = upsInputTruePower.1 plausible=0..5000000 when=!input-lines
# In tenths that are measured; the table of the maker has whole amperes in newer cards.
output.current = upsOutputCurrent.1 scale=0.1 plausible=0.1..6500 format=%.1f when=!output-lines
output.voltage = mgoutputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines when=!mge-nested-out
output.L%-N.voltage = mgoutputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=output-lines when=!output-between when=!mge-nested-out
output.L1-L2.voltage = mgoutputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=!mge-nested-out
output.L2-L3.voltage = mgoutputVoltage.2 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=!mge-nested-out
output.L3-L1.voltage = mgoutputVoltage.3 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=!mge-nested-out
output.frequency = mgoutputFrequency.1 scale=0.1 plausible=0..450 format=%.1f when=!mge-nested-out
output.L%.frequency = mgoutputFrequency.% scale=0.1 plausible=0..450 format=%.1f each=1..3 when=output-lines when=!mge-nested-out
output.current = mgoutputCurrent.1 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines when=!mge-nested-out
output.L%.current = mgoutputCurrent.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines when=!mge-nested-out
output.voltage = mgoutputVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines when=mge-nested-out
output.L%-N.voltage = mgoutputVoltage.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=output-lines when=!output-between when=mge-nested-out
output.L1-L2.voltage = mgoutputVoltage.1.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=mge-nested-out
output.L2-L3.voltage = mgoutputVoltage.2.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=mge-nested-out
output.L3-L1.voltage = mgoutputVoltage.3.0 scale=0.1 plausible=0..1000 format=%.1f when=output-lines when=output-between when=mge-nested-out
output.frequency = mgoutputFrequency.1.0 scale=0.1 plausible=0..450 format=%.1f when=mge-nested-out
output.L%.frequency = mgoutputFrequency.%.0 scale=0.1 plausible=0..450 format=%.1f each=1..3 when=output-lines when=mge-nested-out
output.current = mgoutputCurrent.1.0 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines when=mge-nested-out
output.L%.current = mgoutputCurrent.%.0 scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines when=mge-nested-out
output.realpower = upsOutputPower.1 plausible=0..5000000 when=!output-lines
ups.realpower = upsOutputPower.1 plausible=0..5000000 when=!output-lines
output.voltage.nominal = upsmgConfigOutputNominalVoltage.0 ask=slow scale=0.1 plausible=50..700 format=%.1f
output.voltage.nominal = upsConfigOutputVoltage.0 ask=slow plausible=50..699 rw range=50..699
output.frequency.nominal = upsmgConfigOutputNomFrequency.0 ask=slow scale=0.1 plausible=40..70 format=%.1f
output.frequency.nominal = upsConfigOutputFreq.0 ask=slow scale=0.1 plausible=40..70 format=%.1f
input.transfer.low = upsmgConfigLowTransfer.0 ask=slow scale=0.1 plausible=20..700 format=%.1f
input.transfer.low = upsConfigLowVoltageTransferPoint.0 ask=slow plausible=20..699 rw range=20..699
input.transfer.high = upsmgConfigHighTransfer.0 ask=slow scale=0.1 plausible=50..700 format=%.1f
input.transfer.high = upsConfigHighVoltageTransferPoint.0 ask=slow plausible=50..699 rw range=50..699
input.transfer.reason = upsmgInputLineFailCause.0 lookup=fail-cause
ups.temperature = xupsEnvAmbientTemp.0 plausible=1..150
ambient.temperature = upsmgEnvironmentTemperature.1 scale=0.1 plausible=-40..100 format=%.1f when=first-sensor
ambient.temperature = xupsEnvRemoteTemp.0 plausible=-40..100
ambient.temperature = upsmgEnvironAmbientTemp.0 scale=0.1 plausible=0.1..100 format=%.1f when=!sensors
ambient.humidity = upsmgEnvironmentHumidity.1 scale=0.1 plausible=0..100 format=%.1f when=first-sensor
ambient.humidity = xupsEnvRemoteHumidity.0 plausible=0..100
ambient.humidity = upsmgEnvironAmbientHumidity.0 scale=0.1 plausible=0.1..100 format=%.1f when=!sensors
ambient.contacts.1.status = upsmgEnvironmentInput1State.1 lookup=contact when=any-sensor
ambient.contacts.2.status = upsmgEnvironmentInput2State.1 lookup=contact when=any-sensor
ambient.contacts.1.name = upsmgConfigInput1Name.1 ask=slow when=first-sensor
ambient.contacts.2.name = upsmgConfigInput2Name.1 ask=slow when=first-sensor
ambient.count = table:sensors when=sensors
ambient.*.name = upsmgConfigSensorName.* table=sensors ask=slow
ambient.*.temperature = upsmgEnvironmentTemperature.* table=sensors scale=0.1 plausible=-40..100 format=%.1f
ambient.*.temperature.low = upsmgConfigTemperatureLow.* table=sensors ask=slow plausible=-40..100
ambient.*.temperature.high = upsmgConfigTemperatureHigh.* table=sensors ask=slow plausible=-40..100
ambient.*.humidity = upsmgEnvironmentHumidity.* table=sensors scale=0.1 plausible=0..100 format=%.1f
ambient.*.humidity.low = upsmgConfigHumidityLow.* table=sensors ask=slow plausible=0..100
ambient.*.humidity.high = upsmgConfigHumidityHigh.* table=sensors ask=slow plausible=0..100
ambient.*.contacts.1.status = upsmgEnvironmentInput1State.* table=sensors lookup=contact
ambient.*.contacts.2.status = upsmgEnvironmentInput2State.* table=sensors lookup=contact
outlet.id = value=0
outlet.desc = value="Main Outlet"
outlet.count = upsmgReceptaclesNum.0 ask=slow plausible=1..64
outlet.*.id = number:outlets table=outlets
outlet.*.desc = mgreceptacleIdent.* table=outlets ask=slow
outlet.*.status = mgreceptacleState.* table=outlets lookup=outlet-state

[when:eaton]
value = upsmgIdentFamilyName.0 is-match="^Eaton"

[when:sensors]
table = sensors 1..64

[when:first-sensor]
value = upsmgEnvironmentComFailure.1 is=2

# A card that has the table at all shows the contacts of its first sensor, as it does by itself.
[when:any-sensor]
exists = upsmgEnvironmentInput1State.1

[lookup:fail-cause]
2 = "input voltage out of range"
3 = "input frequency out of range"
4 = "utility off"

[lookup:contact]
1 = closed
2 = opened

[lookup:outlet-state]
1 = on
2 = off
3 = on
4 = off

[status]
offline = upsmgOutputOnBattery.0 is=1
online = upsmgOutputOnBattery.0 is=2 when=!output-off
discharging = upsmgOutputOnBattery.0 is=1
bypass = upsmgOutputOnByPass.0 is=1
boost = upsmgOutputOnBoost.0 is=1
trim = upsmgOutputOnBuck.0 is=1
overload = upsmgOutputOverLoad.0 is=1
overheat = upsmgOutputOverTemp.0 is=1
low-battery = upsmgBatteryLowBattery.0 is=1
low-battery = upsmgBatteryLowCondition.0 is=1
replace-battery = upsmgBatteryReplacement.0 is=1
replace-battery = upsmgBatteryFaultBattery.0 is=1
no-battery = upsmgBatteryNoBattery.0 is=1
charger-fail = upsmgBatteryChargerFault.0 is=1

[when:output-off]
value = upsOutputSource.0 is=2

[alarms]
"Battery fault!" = upsmgBatteryFaultBattery.0 is=1
"Communication with the UPS lost!" = upsmgAgentCommUPS.0 is=2
"high temperature at sensor *!" = upsmgEnvironmentTemperatureHigh.* table=sensors is=1
"low temperature at sensor *!" = upsmgEnvironmentTemperatureLow.* table=sensors is=1
"high humidity at sensor *!" = upsmgEnvironmentHumidityHigh.* table=sensors is=1
"low humidity at sensor *!" = upsmgEnvironmentHumidityLow.* table=sensors is=1

[commands]
test.battery.start = set=upsmgTestBatteryCalibration.0:2 when=has-battery-test
test.panel.start = set=upsmgTestDiagnostics.0:2 when=has-diagnostics
outlet.*.load.off = set=mgreceptacleOffDelay.*:0 set=mgreceptacleOffCtrl.*:2 table=outlets
outlet.*.load.on = set=mgreceptacleOnDelay.*:0 set=mgreceptacleOnCtrl.*:2 table=outlets
outlet.*.load.off.delay = set=mgreceptacleOffDelay.*:{argument:20} set=mgreceptacleOffCtrl.*:2 table=outlets range=0..86400
outlet.*.load.on.delay = set=mgreceptacleOnDelay.*:{argument:30} set=mgreceptacleOnCtrl.*:2 table=outlets range=0..86400
outlet.*.load.cycle = set=mgreceptacleToggleDelay.*:0 set=mgreceptacleToggleCtrl.*:2 table=outlets

[traps]
1.3.6.1.4.1.705.1.11.0.1 = "Battery fault" level=warning
1.3.6.1.4.1.705.1.11.0.3 = "Battery needs replacement" level=warning
1.3.6.1.4.1.705.1.11.0.5 = "Battery is low" level=warning
1.3.6.1.4.1.705.1.11.0.6 = "Battery is no longer low" level=notice
1.3.6.1.4.1.705.1.11.0.7 = "Charger fault" level=warning
1.3.6.1.4.1.705.1.11.0.11 = "On battery" level=warning
1.3.6.1.4.1.705.1.11.0.12 = "Back from battery" level=notice
1.3.6.1.4.1.705.1.11.0.13 = "On bypass" level=warning
1.3.6.1.4.1.705.1.11.0.14 = "Back from bypass" level=notice
1.3.6.1.4.1.705.1.11.0.17 = "Utility failure" level=warning
1.3.6.1.4.1.705.1.11.0.18 = "Utility restored" level=notice
1.3.6.1.4.1.705.1.11.0.21 = "Overload" level=warning
1.3.6.1.4.1.705.1.11.0.22 = "Load is fine" level=notice
1.3.6.1.4.1.705.1.11.0.23 = "Over temperature" level=warning
1.3.6.1.4.1.705.1.11.0.37 = "Communication with the UPS lost" level=warning
1.3.6.1.4.1.705.1.11.0.38 = "Communication with the UPS restored" level=notice
