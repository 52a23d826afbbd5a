# SPDX-License-Identifier: LGPL-2.1-or-later
# HUAWEI-UPS-MIB: UPS2000, UPS5000 and others behind a card of Huawei. What is not there has all bits set.
#
# What stock snmp-ups says otherwise: powers are tenths of a kW and kVA, which it shows as if they were W; all three
# real powers are L1 there, and so is the third power factor L2; a unit of one phase has plain names here.

[profile]
engine = snmp
title = "Huawei UPS"
version = 1.0
mib = huawei
type = ups
vendor = Huawei
order = 200
include = agent

[objects]
hwUps = 1.3.6.1.4.1.2011.6.174.1
hwSite = hwUps.1.1.1.2
hwTime = hwUps.11.1
hwModel = hwUps.2.100.1.2
hwFirmware = hwUps.2.100.1.3
hwSerial = hwUps.2.100.1.5
hwRating = hwUps.2.100.1.6
hwSupplyMethod = hwUps.2.101.1.1
hwBatteryState = hwUps.2.101.1.3
hwInput = hwUps.3.100.1
hwOutput = hwUps.4.100.1
hwBypass = hwUps.5.100.1
hwBattery = hwUps.6.100.1
hwInputPhases = hwUps.102.100.1.8
hwOutputPhases = hwUps.102.100.1.9
hwTestResult = hwUps.2.101.1.6

[probe]
sysobjectid = 1.3.6.1.4.1.2011.6.174
sysobjectid = 1.3.6.1.4.1.8072.3.2.10
need = hwModel.1
need = hwSupplyMethod.1

[when:input-lines]
value = hwInput.2.1 is-range=100..7000
value = hwInputPhases.0 is=2

[when:output-lines]
value = hwOutput.2.1 is-range=100..7000
value = hwOutputPhases.0 is=2

[variables]
ups.mfr = value=Huawei
ups.model = hwModel.1 ask=once
ups.id = hwSite.0 ask=slow
ups.time = hwTime.0
ups.firmware = hwFirmware.1 ask=once
ups.serial = hwSerial.1 ask=once
ups.power.nominal = hwRating.1 ask=slow lookup=rating
output.power.nominal = hwRating.1 ask=slow lookup=rating
ups.test.result = hwTestResult.1 lookup=test
input.phases = hwInputPhases.0 ask=slow lookup=phases
output.phases = hwOutputPhases.0 ask=slow lookup=phases
input.voltage = hwInput.1.1 plausible=0..7000 scale=0.1 format=%.1f when=!input-lines
input.L1-N.voltage = hwInput.1.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.L2-N.voltage = hwInput.2.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.L3-N.voltage = hwInput.3.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.frequency = hwInput.4.1 scale=0.01 plausible=0..450 format=%.2f
input.current = hwInput.5.1 scale=0.1 plausible=0..10000 format=%.1f when=!input-lines
input.L1.current = hwInput.5.1 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
input.L2.current = hwInput.6.1 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
input.L3.current = hwInput.7.1 scale=0.1 plausible=0..10000 format=%.1f when=input-lines
input.powerfactor = hwInput.8.1 scale=0.01 plausible=-1..1 format=%.2f when=!input-lines
input.L1.powerfactor = hwInput.8.1 scale=0.01 plausible=-1..1 format=%.2f when=input-lines
input.L2.powerfactor = hwInput.9.1 scale=0.01 plausible=-1..1 format=%.2f when=input-lines
input.L3.powerfactor = hwInput.10.1 scale=0.01 plausible=-1..1 format=%.2f when=input-lines
output.voltage = hwOutput.1.1 plausible=0..7000 scale=0.1 format=%.1f when=!output-lines
output.L1-N.voltage = hwOutput.1.1 plausible=0..7000 scale=0.1 format=%.1f when=output-lines
output.L2-N.voltage = hwOutput.2.1 plausible=0..7000 scale=0.1 format=%.1f when=output-lines
output.L3-N.voltage = hwOutput.3.1 plausible=0..7000 scale=0.1 format=%.1f when=output-lines
output.frequency = hwOutput.7.1 scale=0.01 plausible=0..450 format=%.2f
output.current = hwOutput.4.1 scale=0.1 plausible=0..10000 format=%.1f when=!output-lines
output.L1.current = hwOutput.4.1 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.L2.current = hwOutput.5.1 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.L3.current = hwOutput.6.1 scale=0.1 plausible=0..10000 format=%.1f when=output-lines
output.powerfactor = hwOutput.19.1 scale=0.01 plausible=-1..1 format=%.2f when=!output-lines
output.L1.powerfactor = hwOutput.19.1 scale=0.01 plausible=-1..1 format=%.2f when=output-lines
output.L2.powerfactor = hwOutput.20.1 scale=0.01 plausible=-1..1 format=%.2f when=output-lines
output.L3.powerfactor = hwOutput.21.1 scale=0.01 plausible=-1..1 format=%.2f when=output-lines
ups.realpower = hwOutput.8.1 plausible=0..5000000 scale=100 when=!output-lines
output.L1.realpower = hwOutput.8.1 plausible=0..5000000 scale=100 when=output-lines
output.L2.realpower = hwOutput.9.1 plausible=0..5000000 scale=100 when=output-lines
output.L3.realpower = hwOutput.10.1 plausible=0..5000000 scale=100 when=output-lines
ups.power = hwOutput.11.1 plausible=0..5000000 scale=100 when=!output-lines
output.L1.power = hwOutput.11.1 plausible=0..5000000 scale=100 when=output-lines
output.L2.power = hwOutput.12.1 plausible=0..5000000 scale=100 when=output-lines
output.L3.power = hwOutput.13.1 plausible=0..5000000 scale=100 when=output-lines
ups.load = hwOutput.14.1 scale=0.1 plausible=0..400 format=%.1f when=!output-lines
output.L1.power.percent = hwOutput.14.1 scale=0.1 plausible=0..400 format=%.1f when=output-lines
output.L2.power.percent = hwOutput.15.1 scale=0.1 plausible=0..400 format=%.1f when=output-lines
output.L3.power.percent = hwOutput.16.1 scale=0.1 plausible=0..400 format=%.1f when=output-lines
input.bypass.voltage = hwBypass.1.1 plausible=0..7000 scale=0.1 format=%.1f when=!input-lines
input.bypass.L1-N.voltage = hwBypass.1.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.bypass.L2-N.voltage = hwBypass.2.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.bypass.L3-N.voltage = hwBypass.3.1 plausible=0..7000 scale=0.1 format=%.1f when=input-lines
input.bypass.frequency = hwBypass.4.1 scale=0.01 plausible=0..450 format=%.2f
output.voltage.nominal = hwOutput.17.1 ask=slow lookup=voltage
output.frequency.nominal = hwOutput.18.1 ask=slow lookup=frequency
battery.voltage = hwBattery.1.1 scale=0.1 plausible=0..2000 format=%.1f
battery.current = hwBattery.2.1 scale=0.1 plausible=-10000..10000 format=%.1f
battery.charge = hwBattery.3.1 ask=quick plausible=0..100
battery.runtime = hwBattery.4.1 ask=quick plausible=0..1000000

[lookup:phases]
1 = 1
2 = 3

[lookup:voltage]
1 = 200
2 = 208
3 = 220
4 = 380
5 = 400
6 = 415
7 = 480
8 = 600
9 = 690

[lookup:frequency]
1 = 50
2 = 60

[lookup:rating]
1 = 80000
2 = 100000
3 = 120000
4 = 160000
5 = 200000
6 = 30000
7 = 40000
8 = 60000
9 = 2400000
10 = 2500000
11 = 2800000
12 = 3000000

[lookup:test]
1 = "done and passed"
2 = "done and warning"
3 = "done and error"
4 = aborted
5 = "in progress"
6 = "no test initiated"

[status]
online = hwSupplyMethod.1 invalid=0 invalid=1 is=2,3,5,6
offline = hwSupplyMethod.1 invalid=0 invalid=1 is=4,7
off = hwSupplyMethod.1 is=1
bypass = hwSupplyMethod.1 is=2
eco-mode = hwSupplyMethod.1 is=6,7
no-battery = hwBatteryState.1 is=1
charging = hwBatteryState.1 is=5
discharging = hwBatteryState.1 is=6
