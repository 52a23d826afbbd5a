# SPDX-License-Identifier: LGPL-2.1-or-later
# CPQPOWER-MIB, UPS part: cards of HP and HPE, which are Powerware's inside. Delays of 0 call off what is pending.
#
# What stock snmp-ups says otherwise: a high efficiency mode is ECO here; on bypass it is a bypass there and here.

[profile]
engine = snmp
title = "HP UPS"
version = 1.0
mib = cpqpower
type = ups
vendor = "HP/Compaq"
order = 170
include = agent
include = ietf

[objects]
cpq = 1.3.6.1.4.1.232.165
deviceSerialNumber = cpq.1.2.7
hpIdentManufacturer = cpq.3.1.1
hpIdentModel = cpq.3.1.2
hpIdentSoftwareVersions = cpq.3.1.3
hpBatTimeRemaining = cpq.3.2.1
hpBatVoltage = cpq.3.2.2
hpBatCurrent = cpq.3.2.3
hpBatCapacity = cpq.3.2.4
hpBatteryAbmStatus = cpq.3.2.5
hpInputFrequency = cpq.3.3.1
hpInputLineBads = cpq.3.3.2
hpInputNumPhases = cpq.3.3.3
hpInputVoltage = cpq.3.3.4.1.2
hpInputCurrent = cpq.3.3.4.1.3
hpInputWatts = cpq.3.3.4.1.4
hpOutputLoad = cpq.3.4.1
hpOutputFrequency = cpq.3.4.2
hpOutputNumPhases = cpq.3.4.3
hpOutputVoltage = cpq.3.4.4.1.2
hpOutputCurrent = cpq.3.4.4.1.3
hpOutputWatts = cpq.3.4.4.1.4
hpOutputSource = cpq.3.4.5
hpEnvAmbientTemp = cpq.3.6.1
hpEnvAmbientLowerLimit = cpq.3.6.2
hpEnvAmbientUpperLimit = cpq.3.6.3
hpTestBattery = cpq.3.7.1 integer
hpTestBatteryStatus = cpq.3.7.2
hpControlOutputOffDelay = cpq.3.8.1 integer
hpControlOutputOnDelay = cpq.3.8.2 integer
hpLoadShedSecsWithRestart = cpq.3.8.6 integer
hpConfigOutputVoltage = cpq.3.9.1
hpConfigInputVoltage = cpq.3.9.2
hpConfigOutputWatts = cpq.3.9.3
hpConfigOutputFreq = cpq.3.9.4
hpNumReceptacles = cpq.3.10.1
hpRecepIndex = cpq.3.10.2.1.1
hpRecepStatus = cpq.3.10.2.1.2
hpRecepOffDelaySecs = cpq.3.10.2.1.3 integer
hpRecepOnDelaySecs = cpq.3.10.2.1.4 integer
hpRecepShedSecsWithRestart = cpq.3.10.2.1.7 integer

[probe]
sysobjectid = 1.3.6.1.4.1.232.165.3
need = hpIdentModel.0
need = hpOutputSource.0

[table:outlets]
index = hpRecepIndex
count = hpNumReceptacles.0

[when:input-lines]
value = hpInputNumPhases.0 is-range=2..6

[when:output-lines]
value = hpOutputNumPhases.0 is-range=2..6

[when:has-off-delay]
exists = hpControlOutputOffDelay.0

[when:has-on-delay]
exists = hpControlOutputOnDelay.0

[when:has-shed]
exists = hpLoadShedSecsWithRestart.0

[when:controls]
any = has-off-delay has-shed has-on-delay

[when:has-battery-test]
exists = hpTestBattery.0

[variables]
ups.mfr = hpIdentManufacturer.0 ask=once
ups.model = hpIdentModel.0 ask=once
ups.serial = deviceSerialNumber.0 ask=once
ups.firmware = hpIdentSoftwareVersions.0 ask=once
ups.load = hpOutputLoad.0 ask=quick plausible=0..400
ups.realpower.nominal = hpConfigOutputWatts.0 ask=slow plausible=1..10000000
ups.realpower = hpOutputWatts.1 plausible=0..10000000 when=!output-lines
ups.L%.realpower = hpOutputWatts.% plausible=0..10000000 each=1..3 when=output-lines
output.L%.realpower = hpOutputWatts.% plausible=0..10000000 each=1..3 when=output-lines
output.realpower = hpOutputWatts.1 plausible=0..10000000 when=!output-lines
ups.type = hpOutputSource.0 lookup=mode
ups.test.result = hpTestBatteryStatus.0 lookup=test
ups.delay.shutdown = held=20 rw range=1..86400 option=offdelay when=controls
ups.delay.start = held=30 rw range=1..86400 option=ondelay when=controls
ups.timer.shutdown = hpControlOutputOffDelay.0 plausible=0..1000000
ups.timer.start = hpControlOutputOnDelay.0 plausible=0..1000000
ambient.temperature = hpEnvAmbientTemp.0 plausible=-40..100
ambient.temperature.low = hpEnvAmbientLowerLimit.0 ask=slow plausible=-100..200
ambient.temperature.high = hpEnvAmbientUpperLimit.0 ask=slow plausible=-100..200
battery.charge = hpBatCapacity.0 ask=quick plausible=0..100
battery.charger.status = hpBatteryAbmStatus.0 lookup=abm
battery.runtime = hpBatTimeRemaining.0 ask=quick plausible=0..10000000
battery.voltage = hpBatVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
battery.current = hpBatCurrent.0 scale=0.1 plausible=-10000..10000 format=%.1f
input.phases = hpInputNumPhases.0 ask=slow plausible=1..6
input.frequency = hpInputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.voltage.nominal = hpConfigInputVoltage.0 ask=slow plausible=1..700
input.voltage = hpInputVoltage.1 plausible=0..1000 when=!input-lines
input.L%-N.voltage = hpInputVoltage.% plausible=0..1000 each=1..3 when=input-lines
input.current = hpInputCurrent.1 plausible=0..10000 when=!input-lines
input.L%.current = hpInputCurrent.% plausible=0..10000 each=1..3 when=input-lines
input.realpower = hpInputWatts.1 plausible=0..5000000 when=!input-lines
input.L%.realpower = hpInputWatts.% plausible=0..5000000 each=1..3 when=input-lines
input.quality = hpInputLineBads.0
output.phases = hpOutputNumPhases.0 ask=slow plausible=1..6
output.frequency = hpOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.frequency.nominal = hpConfigOutputFreq.0 ask=slow scale=0.1 plausible=1..450 format=%.1f
output.voltage.nominal = hpConfigOutputVoltage.0 ask=slow plausible=1..700
output.voltage = hpOutputVoltage.1 plausible=0..1000 when=!output-lines
output.L%-N.voltage = hpOutputVoltage.% plausible=0..1000 each=1..3 when=output-lines
output.current = hpOutputCurrent.1 plausible=0..10000 when=!output-lines
output.L%.current = hpOutputCurrent.% plausible=0..10000 each=1..3 when=output-lines
outlet.id = value=0
outlet.desc = value="All outlets"
outlet.count = hpNumReceptacles.0 ask=slow plausible=0..64
outlet.*.id = number:outlets table=outlets
outlet.*.switchable = value=yes table=outlets
outlet.*.status = hpRecepStatus.* table=outlets lookup=outlet

[lookup:mode]
3 = normal
8 = "parallel capacity"
9 = "parallel redundancy"
10 = "high efficiency"

[lookup:abm]
1 = charging
2 = discharging
3 = floating
4 = resting

[lookup:test]
1 = Unknown
2 = "Done and passed"
3 = "Done and error"
4 = "In progress"
5 = "Not supported"
6 = Inhibited
7 = Scheduled

[lookup:outlet]
1 = on
2 = off
3 = pendingOff
4 = pendingOn
5 = unknown

[status]
online = hpOutputSource.0 invalid=0 invalid=1 invalid=2 is=3,4,6,7,8,9,10
offline = hpOutputSource.0 invalid=0 invalid=1 invalid=2 is=5
off = hpOutputSource.0 is=2
bypass = hpOutputSource.0 is=4
boost = hpOutputSource.0 is=6
trim = hpOutputSource.0 is=7
eco-mode = hpOutputSource.0 is=10
charging = hpBatteryAbmStatus.0 invalid=5 is=1
discharging = hpBatteryAbmStatus.0 invalid=5 is=2
discharging = hpOutputSource.0 is=5
test = hpTestBatteryStatus.0 is=4

[commands]
load.off = set=hpControlOutputOffDelay.0:1 when=has-off-delay
load.off.delay = set=hpControlOutputOffDelay.0:{argument:20} range=1..86400 when=has-off-delay
load.on = set=hpControlOutputOnDelay.0:1 when=has-on-delay
load.on.delay = set=hpControlOutputOnDelay.0:{argument:30} range=1..86400 when=has-on-delay
shutdown.reboot = set=hpLoadShedSecsWithRestart.0:0 when=has-shed
shutdown.reboot = set=upsRebootWithDuration.0:{$ups.delay.reboot} when=!has-shed when=ietf-has-reboot
shutdown.return = set=hpLoadShedSecsWithRestart.0:{$ups.delay.shutdown} when=has-shed
shutdown.return = set="hpControlOutputOnDelay.0:{$ups.delay.start offset=$ups.delay.shutdown}" set=hpControlOutputOffDelay.0:{$ups.delay.shutdown} when=!has-shed when=has-off-delay when=has-on-delay
shutdown.stayoff = set=hpControlOutputOnDelay.0:0 set=hpControlOutputOffDelay.0:{$ups.delay.shutdown} when=has-off-delay when=has-on-delay
shutdown.stayoff = set=hpControlOutputOffDelay.0:{$ups.delay.shutdown} when=has-off-delay when=!has-on-delay
shutdown.stop = set=hpControlOutputOffDelay.0:0 set=hpControlOutputOnDelay.0:0 when=has-off-delay when=has-on-delay
shutdown.stop = set=hpControlOutputOffDelay.0:0 when=has-off-delay when=!has-on-delay
test.battery.start = set=hpTestBattery.0:1 when=has-battery-test
outlet.*.load.off = set=hpRecepOffDelaySecs.*:0 table=outlets
outlet.*.load.on = set=hpRecepOnDelaySecs.*:0 table=outlets
outlet.*.load.cycle = set=hpRecepShedSecsWithRestart.*:0 table=outlets
