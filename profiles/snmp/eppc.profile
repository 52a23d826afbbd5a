# SPDX-License-Identifier: LGPL-2.1-or-later
# EPPC-MIB: newer cards of Phoenixtec, in UPSes of PowerWalker, IPPON and others; most of them have RFC 1628 as well. What
# is not measured is -1.

[profile]
engine = snmp
title = "Phoenixtec EPPC UPS"
version = 1.0
mib = eppc
mib = powerwalker
type = ups
order = 141
include = agent
include = ietf

[objects]
eppc = 1.3.6.1.4.1.935.10.1.1
upsEIdentProduct = eppc.1.2
upsEIdentFirmware = eppc.1.3
upsEIdentSerial = eppc.1.4
upsEIdentAgent = eppc.1.6
upsESystemStatus = eppc.2.1
upsESystemTemperature = eppc.2.2
upsESystemInputNumPhase = eppc.2.15
upsESystemInput = eppc.2.16.1
upsESystemOutputNumPhase = eppc.2.17
upsESystemOutput = eppc.2.18.1
upsEBatteryStatus = eppc.3.1
upsEBatteryTime = eppc.3.3
upsEBatteryCharge = eppc.3.4
upsEBatteryVoltage = eppc.3.5
upsEBatteryTemperature = eppc.3.8
upsEBatteryLastReplaced = eppc.3.9
upsEBatteryTestResult = eppc.7.3

[probe]
sysobjectid = 1.3.6.1.4.1.935.10
need = upsESystemStatus.0

[when:input-lines]
value = upsESystemInputNumPhase.0 is-range=2..3
value = eppc.2.16.1.3.2 is-range=200..7000

[when:output-lines]
value = upsESystemOutputNumPhase.0 is-range=2..3
value = eppc.2.18.1.3.2 is-range=200..7000

[variables]
ups.model = upsEIdentProduct.0 ask=once invalid=-1
ups.model = upsIdentModel.0 ask=once
ups.serial = upsEIdentSerial.0 ask=once invalid=-1
ups.firmware = upsEIdentFirmware.0 ask=once invalid=-1
ups.firmware.aux = upsEIdentAgent.0 ask=once invalid=-1
ups.temperature = upsESystemTemperature.0 invalid=-1 scale=0.1 plausible=-40..150 format=%.1f
ups.test.result = upsEBatteryTestResult.0 lookup=test
battery.charge = upsEBatteryCharge.0 ask=quick plausible=0..100
battery.runtime = upsEBatteryTime.0 ask=quick plausible=1..10000000 scale=60
battery.runtime = upsEstimatedMinutesRemaining.0 ask=quick invalid=-1 invalid=0 invalid=65535 plausible=0..10000000 scale=60
battery.voltage = upsEBatteryVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
battery.temperature = upsEBatteryTemperature.0 invalid=-1 scale=0.1 plausible=-40..150 format=%.1f
battery.temperature = upsBatteryTemperature.0 invalid=-1 plausible=-40..150
battery.date = upsEBatteryLastReplaced.0 ask=slow invalid=-1
input.phases = upsESystemInputNumPhase.0 ask=slow plausible=1..3
output.phases = upsESystemOutputNumPhase.0 ask=slow plausible=1..3
input.frequency = upsESystemInput.2.1 scale=0.1 plausible=0..450 format=%.1f
input.voltage = upsESystemInput.3.1 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.L%-N.voltage = upsESystemInput.3.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines
input.current = upsESystemInput.4.1 scale=0.1 plausible=0..10000 format=%.1f when=!input-lines
input.L%.current = upsESystemInput.4.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=input-lines
input.realpower = upsESystemInput.5.1 plausible=0..5000000 when=!input-lines
input.L%.realpower = upsESystemInput.5.% plausible=0..5000000 each=1..3 when=input-lines
output.frequency = upsESystemOutput.2.1 scale=0.1 plausible=0..450 format=%.1f
output.voltage = upsESystemOutput.3.1 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines
output.L%-N.voltage = upsESystemOutput.3.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=output-lines
output.current = upsESystemOutput.4.1 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines
output.L%.current = upsESystemOutput.4.% scale=0.1 plausible=0..10000 format=%.1f each=1..3 when=output-lines
output.realpower = upsESystemOutput.5.1 plausible=0..5000000 when=!output-lines
output.L%.realpower = upsESystemOutput.5.% plausible=0..5000000 each=1..3 when=output-lines
ups.power = upsESystemOutput.6.1 plausible=0..5000000 when=!output-lines
output.L%.power = upsESystemOutput.6.% plausible=0..5000000 each=1..3 when=output-lines
ups.load = upsESystemOutput.7.1 ask=quick plausible=0..400 when=!output-lines
output.L%.power.percent = upsESystemOutput.7.% plausible=0..400 each=1..3 when=output-lines

[lookup:test]
1 = "no test initiated"
2 = "in progress"
3 = "done and passed"
4 = "done and error"
5 = "not possible"
6 = aborted

[status]
online = upsESystemStatus.0 lookup=mains is=on
offline = upsESystemStatus.0 lookup=mains is=off
discharging = upsESystemStatus.0 is=5,6
discharging = upsEBatteryStatus.0 is=5
bypass = upsESystemStatus.0 is=3
test = upsESystemStatus.0 is=6
test = upsEBatteryTestResult.0 is=2
eco-mode = upsESystemStatus.0 is=9
off = upsESystemStatus.0 is=2,10
boost = upsESystemStatus.0 is=11
trim = upsESystemStatus.0 is=12
low-battery = upsEBatteryStatus.0 is=3,4
depleted = upsEBatteryStatus.0 is=4
replace-battery = upsEBatteryStatus.0 is=6

[lookup:mains]
3 = on
4 = on
5 = off
6 = on
8 = on
9 = on
11 = on
12 = on

[alarms]
"UPS fault!" = upsESystemStatus.0 is=7
"Battery failure!" = upsEBatteryStatus.0 is=6
