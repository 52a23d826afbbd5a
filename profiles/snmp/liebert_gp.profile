# SPDX-License-Identifier: LGPL-2.1-or-later
# LIEBERT-GP-POWER-MIB: cards of Liebert before IS-UNITY (OpenComms, IntelliSlot web), of UPSes and of power distribution
# units, which have no battery.

[profile]
engine = snmp
title = "Liebert power"
version = 1.0
mib = liebert_gp
type = ups
vendor = Liebert
order = 211
include = agent
include = ietf

[objects]
lgp = 1.3.6.1.4.1.476.1.42
lgpAgentManufacturer = lgp.2.1.1
lgpAgentModel = lgp.2.1.2
lgpModel = lgp.2.4.2.1.4
lgpFirmware = lgp.2.4.2.1.5
lgpSerial = lgp.2.4.2.1.7
lgpPwr = lgp.3.5
lgpPwrBatteryTestResult = lgpPwr.1.8
lgpPwrBatteryChargeStatus = lgpPwr.1.14
lgpPwrBatteryTimeRemaining = lgpPwr.1.18
lgpPwrBatteryCapacity = lgpPwr.1.19
lgpPwrBatteryCapacityStatus = lgpPwr.1.26
lgpPwrPointId = lgpPwr.2.2.1.2
lgpPwrPoint = lgpPwr.2.2.1
lgpPwrLine = lgpPwr.2.3.1
lgpPwrDcPointId = lgpPwr.2.4.1.2
lgpPwrDcPoint = lgpPwr.2.4.1
lgpPwrOutputToLoadOnBypass = lgpPwr.3.10
lgpPwrBoost = lgpPwr.3.11
lgpPwrBuck = lgpPwr.3.12
lgpPwrStateUpsOutputSource = lgpPwr.3.55
lgpPwrEconomicOperation = lgpPwr.3.58
lgpPwrBatteryTest = lgpPwr.6.4 integer
lgpPwrUpsAbortCommand = lgpPwr.6.5 integer
lgpPwrOutputOnDelay = lgpPwr.6.8 integer
lgpPwrOutputOffDelayWithRestart = lgpPwr.6.9 integer
lgpPwrOutputOffDelayWithoutRestart = lgpPwr.6.10 integer

[probe]
sysobjectid = 1.3.6.1.4.1.476.1.42
need = lgpPwrPointId.1

[table:input-point]
index = lgpPwrPointId
select = lgpPwrPointId.* is=1.3.6.1.4.1.476.1.42.3.5.2.1.1
max = 4

[table:output-point]
index = lgpPwrPointId
select = lgpPwrPointId.* is=1.3.6.1.4.1.476.1.42.3.5.2.1.5
max = 4

[table:bypass-point]
index = lgpPwrPointId
select = lgpPwrPointId.* is=1.3.6.1.4.1.476.1.42.3.5.2.1.7
max = 4

[table:battery-point]
index = lgpPwrDcPointId
select = lgpPwrDcPointId.* is=1.3.6.1.4.1.476.1.42.3.5.2.1.6
max = 4

[when:battery]
exists = lgpPwrStateUpsOutputSource.0
exists = lgpPwrBatteryCapacity.0
exists = lgpPwrBatteryTimeRemaining.0

[when:lines]
value = lgpPwrPoint.3.* is-range=2..3

[when:few-units]
value = lgpPwrPoint.7.* is-range=1..999

[when:many-amperes]
value = lgpPwrLine.6.*.1 is-range=20..10000

[when:thousands]
all = few-units many-amperes

[when:has-off]
exists = lgpPwrOutputOffDelayWithRestart.0

[when:controls]
any = has-off ietf-delays

[when:has-test]
exists = lgpPwrBatteryTest.0

[variables]
device.type = value=pdu when=!battery
ups.mfr = lgpAgentManufacturer.0 ask=once
ups.mfr = value=Liebert
ups.model = lgpModel.1 ask=once
ups.serial = lgpSerial.1 ask=once
ups.firmware = lgpFirmware.1 ask=once
ups.firmware.aux = lgpAgentModel.0 ask=once
battery.charge = lgpPwrBatteryCapacity.0 ask=quick plausible=0..100
battery.runtime = lgpPwrBatteryTimeRemaining.0 ask=quick plausible=0..10000000 scale=60
battery.voltage = lgpPwrDcPoint.4.* table=battery-point plausible=0..2000
battery.current = lgpPwrDcPoint.5.* table=battery-point plausible=-10000..10000
ups.test.result = lgpPwrBatteryTestResult.0 lookup=test
ups.delay.shutdown = held=20 rw range=0..86400 option=offdelay when=controls
ups.delay.start = held=30 rw range=0..86400 option=ondelay when=controls
# Some units count in kW and kVA: with tens of amperes there is no less than a kilowatt.
ups.realpower = lgpPwrPoint.8.* table=output-point plausible=0..10000000 when=!thousands
ups.realpower = lgpPwrPoint.8.* table=output-point plausible=0..10000000 scale=1000 when=thousands
ups.power = lgpPwrPoint.7.* table=output-point plausible=0..10000000 when=!thousands
ups.power = lgpPwrPoint.7.* table=output-point plausible=0..10000000 scale=1000 when=thousands
input.phases = lgpPwrPoint.3.* table=input-point ask=slow plausible=1..3
input.frequency = lgpPwrPoint.6.* table=input-point plausible=0..450
input.voltage.nominal = lgpPwrPoint.4.* table=input-point ask=slow plausible=1..1000
input.powerfactor = lgpPwrPoint.9.* table=input-point scale=0.01 plausible=-1..1 format=%.2f
input.voltage = lgpPwrLine.5.*.1 table=input-point plausible=0..1000 when=!lines
input.voltage = lgpPwrLine.20.*.1 table=input-point plausible=0..1000 when=!lines
input.L%-N.voltage = lgpPwrLine.5.*.% table=input-point plausible=1..1000 each=1..3
input.L1-L2.voltage = lgpPwrLine.4.*.1 table=input-point plausible=1..1000
input.L2-L3.voltage = lgpPwrLine.4.*.2 table=input-point plausible=1..1000
input.L3-L1.voltage = lgpPwrLine.4.*.3 table=input-point plausible=1..1000
input.L%.current = lgpPwrLine.6.*.% table=input-point plausible=0..10000 each=1..3
input.L%.power.percent = lgpPwrLine.7.*.% table=input-point plausible=0..400 each=1..3
input.L%.crestfactor = lgpPwrLine.13.*.% table=input-point scale=0.1 plausible=1..20 format=%.1f each=1..3
output.phases = lgpPwrPoint.3.* table=output-point ask=slow plausible=1..3
output.frequency = lgpPwrPoint.6.* table=output-point plausible=0..450
output.voltage.nominal = lgpPwrPoint.4.* table=output-point ask=slow plausible=1..1000
output.powerfactor = lgpPwrPoint.9.* table=output-point scale=0.01 plausible=-1..1 format=%.2f
output.voltage = lgpPwrLine.5.*.1 table=output-point plausible=0..1000 when=!lines
output.voltage = lgpPwrLine.20.*.1 table=output-point plausible=0..1000 when=!lines
output.L%-N.voltage = lgpPwrLine.5.*.% table=output-point plausible=1..1000 each=1..3
output.L1-L2.voltage = lgpPwrLine.4.*.1 table=output-point plausible=1..1000
output.L2-L3.voltage = lgpPwrLine.4.*.2 table=output-point plausible=1..1000
output.L3-L1.voltage = lgpPwrLine.4.*.3 table=output-point plausible=1..1000
output.L%.current = lgpPwrLine.6.*.% table=output-point plausible=0..10000 each=1..3
output.L%.power.percent = lgpPwrLine.7.*.% table=output-point plausible=0..400 each=1..3
output.L%.crestfactor = lgpPwrLine.13.*.% table=output-point scale=0.1 plausible=1..20 format=%.1f each=1..3
input.bypass.phases = lgpPwrPoint.3.* table=bypass-point ask=slow plausible=1..3
input.bypass.frequency = lgpPwrPoint.6.* table=bypass-point plausible=0..450
input.bypass.voltage.nominal = lgpPwrPoint.4.* table=bypass-point ask=slow plausible=1..1000
input.bypass.powerfactor = lgpPwrPoint.9.* table=bypass-point scale=0.01 plausible=-1..1 format=%.2f
input.bypass.voltage = lgpPwrLine.5.*.1 table=bypass-point plausible=0..1000 when=!lines
input.bypass.voltage = lgpPwrLine.20.*.1 table=bypass-point plausible=0..1000 when=!lines
input.bypass.L%-N.voltage = lgpPwrLine.5.*.% table=bypass-point plausible=1..1000 each=1..3
input.bypass.L1-L2.voltage = lgpPwrLine.4.*.1 table=bypass-point plausible=1..1000
input.bypass.L2-L3.voltage = lgpPwrLine.4.*.2 table=bypass-point plausible=1..1000
input.bypass.L3-L1.voltage = lgpPwrLine.4.*.3 table=bypass-point plausible=1..1000
input.bypass.L%.current = lgpPwrLine.6.*.% table=bypass-point plausible=0..10000 each=1..3
input.bypass.L%.power.percent = lgpPwrLine.7.*.% table=bypass-point plausible=0..400 each=1..3
input.bypass.L%.crestfactor = lgpPwrLine.13.*.% table=bypass-point scale=0.1 plausible=1..20 format=%.1f each=1..3

[lookup:test]
1 = unknown
2 = "done and passed"
3 = "done and error"
4 = "in progress"
5 = "done and error"
6 = inhibited

[status]
online = lgpPwrStateUpsOutputSource.0 invalid=0 invalid=1 invalid=2 is=3,4,6,7
offline = lgpPwrStateUpsOutputSource.0 invalid=0 invalid=1 invalid=2 is=5
discharging = lgpPwrBatteryChargeStatus.0 is=4
charging = lgpPwrBatteryChargeStatus.0 is=3
off = lgpPwrStateUpsOutputSource.0 is=2
bypass = lgpPwrOutputToLoadOnBypass.0 is=1
bypass = lgpPwrStateUpsOutputSource.0 is=4
boost = lgpPwrBoost.0 is=1
trim = lgpPwrBuck.0 is=1
eco-mode = lgpPwrEconomicOperation.0 is=1
test = lgpPwrBatteryTestResult.0 is=4
low-battery = lgpPwrBatteryCapacityStatus.0 is=3,4
depleted = lgpPwrBatteryCapacityStatus.0 is=4

[commands]
load.off.delay = set=lgpPwrOutputOffDelayWithoutRestart.0:{argument:20} range=0..86400 when=has-off
load.on.delay = set=lgpPwrOutputOnDelay.0:{argument:30} range=0..86400 when=has-off
shutdown.return = set=lgpPwrOutputOffDelayWithRestart.0:{$ups.delay.shutdown} when=has-off
shutdown.return = set="upsStartupAfterDelay.0:{$ups.delay.start offset=$ups.delay.shutdown}" set=upsShutdownAfterDelay.0:{$ups.delay.shutdown} when=!has-off when=ietf-delays when=ietf-starts
shutdown.stayoff = set=lgpPwrOutputOffDelayWithoutRestart.0:{$ups.delay.shutdown} when=has-off
shutdown.stop = set=lgpPwrUpsAbortCommand.0:1 when=has-off
test.battery.start = set=lgpPwrBatteryTest.0:1 when=has-test
test.battery.stop = set=lgpPwrBatteryTest.0:2 when=has-test
