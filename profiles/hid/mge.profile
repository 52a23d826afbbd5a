# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "MGE HID"
version = 1.0
vendor = Eaton

[match]
usb = 0463:0001
usb = 0463:ffff
usb = 0463:*
usb = 047c:ffff
usb = 0592:0004
usb = 03f0:1fe5
usb = 03f0:1fe6
usb = 03f0:1fe7
usb = 03f0:1fe8
usb = 2b2d:ffff
usb = 2b2d:*
usb = 06da:ffff vendor=AEG
usb = 06da:ffff product=AEG
usb = 04b3:0001
usb = 09d6:0001

[when:dell]
usb = 047c:*

# Advanced Battery Monitoring: the charger tells what it does, and the plain bits do not count.
[when:abm]
field = UPS.BatterySystem.Charger.ABMEnable 1

# The other series have something else in the fields of the battery voltage.
[when:battery-voltage]
model = "^(Eaton )?(5P|5PX|5SC|5S|9E|9SX|9PX) ?[0-9]"
model = "^Evolution (650|850|1150|S 1250|1550|S 1750|2000|S 2500|S 3000)$"
model = "^(PULSAR M|EX) (2200|3000|3000 XL)$"

[when:evolution-650]
model = "^Evolution 650$"

# Outlets that follow the load of the first one; of the 3S those sold outside of Europe.
[when:eco-control]
model = "^(Protection Station|Ellipse ECO) "

[when:eco-control-3s]
model = "^3S 7[05]0$"
field = UPS.PowerSummary.Country 1..4

[when:low-voltage]
field = UPS.Flow.[4].ConfigVoltage 100..127

[when:offline-model]
model = "^(ellipse|Protection (Center|Station)|3S) "

[usages]
Statistic = ffff0003
StatisticSystem = ffff0004
USB = ffff0005
Phase = ffff0010
Inverter = ffff0014
LCMSystem = ffff0018
LCMAlarm = ffff001a
ConfigurationFailure = ffff002d
ConverterType = ffff0041
AutomaticRestart = ffff0043
ForcedReboot = ffff0044
TestPeriod = ffff0045
EnergySaving = ffff0046
StartOnBattery = ffff0047
DeepDischargeProtection = ffff0049
ShortCircuit = ffff004a
ExtendedVoltageMode = ffff004b
SensitivityMode = ffff004c
RemainingCapacityLimitSetting = ffff004d
ExtendedFrequencyMode = ffff004e
LowVoltageBoostTransfer = ffff0050
HighVoltageBoostTransfer = ffff0051
LowVoltageBuckTransfer = ffff0052
HighVoltageBuckTransfer = ffff0053
OverloadTransferEnable = ffff0054
OutOfToleranceTransferEnable = ffff0055
ForcedTransferEnable = ffff0056
LowVoltageBypassTransfer = ffff0057
HighVoltageBypassTransfer = ffff0058
FrequencyRangeBypassTransfer = ffff0059
LowVoltageEcoTransfer = ffff005a
HighVoltageEcoTransfer = ffff005b
FrequencyRangeEcoTransfer = ffff005c
ShutdownTimer = ffff005d
StartupTimer = ffff005e
RestartLevel = ffff005f
EmergencyStop = ffff0068
PowerFactor = ffff0069
ChargerType = ffff006b
VoltageTooHigh = ffff0074
VoltageTooLow = ffff0075
FanFailure = ffff0077
WiringFault = ffff0078
OverThreshold = ffff007e
ECOControl = ffff0085
Efficiency = ffff0086
ABMEnable = ffff0087
TimerExpired = ffff0093
Mode = ffff0094
Country = ffff0095
Time = ffff0097
HysteresisVoltageTransfer = ffff009c
iDesignator = ffff00ba
System = ffff00e5
Status = ffff00e9
iModel = ffff00f0
iVersion = ffff00f1

[variables]
device.usb.version = UPS.System.USB.iVersion function=string once

ups.efficiency = UPS.PowerConverter.Output.Efficiency
ups.firmware = UPS.PowerSummary.iVersion function=string once
ups.load = UPS.PowerSummary.PercentLoad
ups.load.high = UPS.Flow.[4].ConfigPercentLoad rw slow
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick
ups.timer.reboot = UPS.PowerSummary.DelayBeforeReboot quick
ups.test.result = UPS.BatterySystem.Battery.Test lookup=test-read
ups.test.interval = UPS.BatterySystem.Battery.TestPeriod rw slow
ups.beeper.status = UPS.BatterySystem.Battery.AudibleAlarmControl lookup=beeper slow
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper slow
ups.beeper.status = UPS.AudibleAlarmControl lookup=beeper slow
ups.beeper.status = UPS.AudibleAlarmControl(2) lookup=beeper slow
ups.temperature = UPS.PowerSummary.Temperature function=kelvin
ups.power = UPS.PowerConverter.Output.ApparentPower
ups.power.nominal = UPS.Flow.[4].ConfigApparentPower once
ups.realpower = UPS.PowerConverter.Output.ActivePower
ups.realpower.nominal = UPS.Flow.[4].ConfigActivePower once
ups.start.auto = UPS.PowerConverter.Input.[1].AutomaticRestart lookup=yes-no rw enum slow
ups.start.battery = UPS.PowerConverter.Input.[3].StartOnBattery lookup=yes-no rw enum slow
ups.start.reboot = UPS.PowerConverter.Output.ForcedReboot lookup=yes-no rw enum slow
ups.shutdown = UPS.PowerSummary.PresentStatus.Switchable lookup=enable rw enum slow
ups.type = UPS.PowerConverter.ConverterType lookup=type once
ups.model = @product join=UPS.PowerSummary.iModel names=models when=!dell
ups.model = @product join-number=UPS.Flow.[4].ConfigApparentPower names=models when=!dell
ups.L%.power = UPS.PowerConverter.Output.Phase.[%].ApparentPower each=1..3
ups.L%.realpower = UPS.PowerConverter.Output.Phase.[%].ActivePower each=1..3
ups.date = UPS.PowerSummary.Time function=unix-date
ups.time = UPS.PowerSummary.Time function=unix-time

battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimitSetting rw option=lowbatt slow
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit once
battery.charge.restart = UPS.PowerSummary.RestartLevel rw slow
battery.capacity = UPS.BatterySystem.Battery.DesignCapacity scale=0.000277777778 format=%.2f once
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit rw slow
battery.runtime.elapsed = UPS.StatisticSystem.Input.[1].Statistic.[1].Time
battery.temperature = UPS.BatterySystem.Battery.Temperature function=kelvin
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.voltage = UPS.BatterySystem.Voltage format=%.1f
battery.voltage = UPS.PowerSummary.Voltage format=%.1f when=battery-voltage
battery.voltage.nominal = UPS.BatterySystem.ConfigVoltage once
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage value=12 when=evolution-650 slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage once when=battery-voltage
battery.protection = UPS.BatterySystem.Battery.DeepDischargeProtection lookup=yes-no rw enum slow
battery.energysave = UPS.PowerConverter.Input.[3].EnergySaving lookup=yes-no rw enum slow
battery.energysave.load = UPS.PowerConverter.Input.[3].ConfigPercentLoad rw slow
battery.energysave.delay = UPS.PowerConverter.Input.[3].EnergySaving.ShutdownTimer rw slow
battery.energysave.delay = UPS.PowerConverter.Input.[3].ShutdownTimer rw slow
battery.energysave.realpower = UPS.PowerConverter.Input.[3].ConfigActivePower rw slow
battery.charger.type = UPS.BatterySystem.Charger.ChargerType lookup=charger-type
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.charger.status = UPS.BatterySystem.Charger.Mode lookup=charger-mode quick when=abm
battery.charger.status = UPS.BatterySystem.Charger.Status lookup=charger-status quick when=abm

input.voltage = UPS.PowerConverter.Input.[1].Voltage format=%.1f
input.voltage.nominal = UPS.Flow.[1].ConfigVoltage once
input.current = UPS.PowerConverter.Input.[1].Current format=%.2f
input.current.nominal = UPS.Flow.[1].ConfigCurrent format=%.2f once
input.frequency = UPS.PowerConverter.Input.[1].Frequency format=%.1f
input.frequency.nominal = UPS.Flow.[1].ConfigFrequency once
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer rw slow
input.transfer.eco.low = UPS.PowerConverter.Output.LowVoltageEcoTransfer rw slow
input.transfer.bypass.low = UPS.PowerConverter.Output.LowVoltageBypassTransfer rw slow
input.transfer.boost.low = UPS.PowerConverter.Output.LowVoltageBoostTransfer rw slow
input.transfer.boost.high = UPS.PowerConverter.Output.HighVoltageBoostTransfer rw slow
input.transfer.trim.low = UPS.PowerConverter.Output.LowVoltageBuckTransfer rw slow
input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer rw slow
input.transfer.eco.high = UPS.PowerConverter.Output.HighVoltageEcoTransfer rw slow
input.transfer.bypass.high = UPS.PowerConverter.Output.HighVoltageBypassTransfer rw slow
input.transfer.frequency.bypass.range = UPS.PowerConverter.Output.FrequencyRangeBypassTransfer rw slow
input.transfer.frequency.eco.range = UPS.PowerConverter.Output.FrequencyRangeEcoTransfer rw slow
input.transfer.hysteresis = UPS.PowerConverter.Output.HysteresisVoltageTransfer rw slow
input.transfer.bypass.forced = UPS.PowerConverter.Input.[2].ForcedTransferEnable lookup=enable rw enum slow
input.transfer.bypass.overload = UPS.PowerConverter.Input.[2].OverloadTransferEnable lookup=enable rw enum slow
input.transfer.bypass.outlimits = UPS.PowerConverter.Input.[2].OutOfToleranceTransferEnable lookup=enable rw enum slow
input.transfer.trim.high = UPS.PowerConverter.Output.HighVoltageBuckTransfer rw slow
input.sensitivity = UPS.PowerConverter.Output.SensitivityMode lookup=sensitivity rw enum slow
input.voltage.extended = UPS.PowerConverter.Output.ExtendedVoltageMode lookup=yes-no rw enum slow
input.frequency.extended = UPS.PowerConverter.Output.ExtendedFrequencyMode lookup=yes-no rw enum slow
input.bypass.voltage = UPS.PowerConverter.Input.[2].Voltage format=%.1f
input.bypass.voltage.nominal = UPS.Flow.[2].ConfigVoltage once
input.bypass.current = UPS.PowerConverter.Input.[2].Current format=%.2f
input.bypass.current.nominal = UPS.Flow.[2].ConfigCurrent format=%.2f once
input.bypass.frequency = UPS.PowerConverter.Input.[2].Frequency format=%.1f
input.bypass.frequency.nominal = UPS.Flow.[2].ConfigFrequency once
input.bypass.switch.on = UPS.PowerConverter.Input.[2].SwitchOnControl lookup=switch-on rw enum
input.bypass.switch.off = UPS.PowerConverter.Input.[2].SwitchOffControl lookup=switch-off rw enum
input.bypass.switchable = UPS.PowerConverter.Input.[2].Switchable lookup=enable rw enum slow
input.eco.switchable = UPS.PowerConverter.Input.[5].Switchable lookup=eco rw enum
input.L%-N.voltage = UPS.PowerConverter.Input.[1].Phase.[%].Voltage format=%.1f each=1..3
input.L1-L2.voltage = UPS.PowerConverter.Input.[1].Phase.[12].Voltage format=%.1f
input.L2-L3.voltage = UPS.PowerConverter.Input.[1].Phase.[23].Voltage format=%.1f
input.L3-L1.voltage = UPS.PowerConverter.Input.[1].Phase.[31].Voltage format=%.1f
input.L%.current = UPS.PowerConverter.Input.[1].Phase.[%].Current format=%.1f each=1..3
input.bypass.L%-N.voltage = UPS.PowerConverter.Input.[2].Phase.[%].Voltage format=%.1f each=1..3
input.bypass.L1-L2.voltage = UPS.PowerConverter.Input.[2].Phase.[12].Voltage format=%.1f
input.bypass.L2-L3.voltage = UPS.PowerConverter.Input.[2].Phase.[23].Voltage format=%.1f
input.bypass.L3-L1.voltage = UPS.PowerConverter.Input.[2].Phase.[31].Voltage format=%.1f
input.bypass.L%.current = UPS.PowerConverter.Input.[2].Phase.[%].Current format=%.1f each=1..3

output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.current = UPS.PowerConverter.Output.Current format=%.2f
output.current.nominal = UPS.Flow.[4].ConfigCurrent format=%.2f slow
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f
output.frequency.nominal = UPS.Flow.[4].ConfigFrequency once
output.powerfactor = UPS.PowerConverter.Output.PowerFactor scale=0.01 format=%.2f
output.L%-N.voltage = UPS.PowerConverter.Output.Phase.[%].Voltage format=%.1f each=1..3
output.L1-L2.voltage = UPS.PowerConverter.Output.Phase.[12].Voltage format=%.1f
output.L2-L3.voltage = UPS.PowerConverter.Output.Phase.[23].Voltage format=%.1f
output.L3-L1.voltage = UPS.PowerConverter.Output.Phase.[31].Voltage format=%.1f
output.L%.current = UPS.PowerConverter.Output.Phase.[%].Current format=%.1f each=1..3
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage lookup=voltages-low rw enum slow when=low-voltage
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage lookup=voltages-offline rw enum slow when=offline-model
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage lookup=voltages-high rw enum slow
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage slow

outlet.id = UPS.OutletSystem.Outlet.[1].OutletID once
outlet.desc = UPS.OutletSystem.Outlet.[1].OutletID held="Main Outlet" rw length=20
outlet.switchable = UPS.OutletSystem.Outlet.[1].PresentStatus.Switchable lookup=yes-no once
outlet.power = UPS.OutletSystem.Outlet.[1].ApparentPower
outlet.power = UPS.OutletSystem.Outlet.[1].ConfigApparentPower lookup=threshold rw enum slow when=eco-control
outlet.power = UPS.OutletSystem.Outlet.[1].ConfigApparentPower lookup=threshold rw enum slow when=eco-control-3s
outlet.realpower = UPS.OutletSystem.Outlet.[1].ActivePower
outlet.current = UPS.OutletSystem.Outlet.[1].Current format=%.2f
outlet.powerfactor = UPS.OutletSystem.Outlet.[1].PowerFactor format=%.2f
outlet.%.id = UPS.OutletSystem.Outlet.[%+1].OutletID once each=1..3
outlet.%.desc = UPS.OutletSystem.Outlet.[%+1].OutletID held="PowerShare Outlet %" rw length=20 each=1..3
outlet.%.switchable = UPS.OutletSystem.Outlet.[%+1].PresentStatus.Switchable lookup=yes-no rw enum slow when=eco-control each=2..3
outlet.%.switchable = UPS.OutletSystem.Outlet.[%+1].PresentStatus.Switchable lookup=yes-no rw enum slow when=eco-control-3s each=2..3
outlet.%.switchable = UPS.OutletSystem.Outlet.[%+1].PresentStatus.Switchable lookup=yes-no slow each=1..3
outlet.%.status = UPS.OutletSystem.Outlet.[%+1].PresentStatus.SwitchOn/Off lookup=on-off each=1..3
outlet.1.status = UPS.PowerSummary.PresentStatus.ACPresent lookup=on-off
outlet.%.protect.status = UPS.OutletSystem.Outlet.[%+1].Status lookup=protection each=1..3
outlet.%.designator = UPS.OutletSystem.Outlet.[%+1].iDesignator function=string once each=1..3
outlet.%.autoswitch.charge.low = UPS.OutletSystem.Outlet.[%+1].RemainingCapacityLimit rw slow each=1..3
outlet.%.delay.shutdown = UPS.OutletSystem.Outlet.[%+1].ShutdownTimer rw slow each=1..3
outlet.%.delay.start = UPS.OutletSystem.Outlet.[%+1].StartupTimer rw slow each=1..3
outlet.%.power = UPS.OutletSystem.Outlet.[%+1].ApparentPower each=1..3
outlet.%.realpower = UPS.OutletSystem.Outlet.[%+1].ActivePower each=1..3
outlet.%.current = UPS.OutletSystem.Outlet.[%+1].Current format=%.2f each=1..3
outlet.%.powerfactor = UPS.OutletSystem.Outlet.[%+1].PowerFactor format=%.2f each=1..3
outlet.%.ecocontrol = UPS.OutletSystem.Outlet.[%+1].ECOControl lookup=eco-control slow each=1..3

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
online = UPS.PowerConverter.Input.[1].PresentStatus.Used else
offline = UPS.PowerConverter.Input.[3].PresentStatus.Used
discharging = UPS.PowerSummary.PresentStatus.Discharging quick when=!abm
discharging = UPS.BatterySystem.Charger.Mode is=2 raw quick when=abm
discharging = UPS.BatterySystem.Charger.Status is=4 raw quick when=abm else
charging = UPS.PowerSummary.PresentStatus.Charging quick when=!abm
charging = UPS.BatterySystem.Charger.Mode is=1,3 raw quick when=abm
charging = UPS.BatterySystem.Charger.Status is=1,2 raw quick when=abm else
fully-charged = UPS.PowerSummary.RemainingCapacity is=100 when=!abm
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
overload = UPS.PowerConverter.Output.Overload.[%].PresentStatus.OverThreshold each=1..2
overload = UPS.PowerSummary.PresentStatus.Overload
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
replace-battery = UPS.LCMSystem.LCMAlarm.[2].PresentStatus.TimerExpired
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
trim = UPS.PowerConverter.Input.[1].PresentStatus.Buck
boost = UPS.PowerConverter.Input.[1].PresentStatus.Boost
voltage-out-of-range = UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange
frequency-out-of-range = UPS.PowerConverter.Input.[1].PresentStatus.FrequencyOutOfRange
off = UPS.PowerSummary.PresentStatus.Good invert
bypass-auto = UPS.PowerConverter.Input.[2].PresentStatus.Used
bypass-manual = UPS.PowerConverter.Input.[4].PresentStatus.Used
eco-mode = UPS.PowerConverter.Input.[5].PresentStatus.Used is=1 raw
ess-mode = UPS.PowerConverter.Input.[5].PresentStatus.Used is=2 raw
fan-fail = UPS.PowerSummary.PresentStatus.FanFailure
no-battery = UPS.BatterySystem.Battery.PresentStatus.Present invert
charger-fail = UPS.BatterySystem.Charger.PresentStatus.InternalFailure
battery-voltage-high = UPS.BatterySystem.Charger.PresentStatus.VoltageTooHigh
battery-voltage-high = UPS.BatterySystem.Battery.PresentStatus.VoltageTooHigh
battery-voltage-low = UPS.BatterySystem.Charger.PresentStatus.VoltageTooLow
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure
overheat = UPS.PowerSummary.PresentStatus.OverTemperature

[alarms]
"Emergency stop!" = UPS.PowerSummary.PresentStatus.EmergencyStop
"Wiring fault!" = UPS.PowerConverter.Input.[1].PresentStatus.WiringFault
"Fatal EEPROM fault!" = UPS.PowerSummary.PresentStatus.ConfigurationFailure
"Inverter AC voltage too high!" = UPS.PowerConverter.Inverter.PresentStatus.VoltageTooHigh
"Inverter AC voltage too low!" = UPS.PowerConverter.Inverter.PresentStatus.VoltageTooLow
"Output short circuit!" = UPS.PowerConverter.Output.PresentStatus.ShortCircuit

[commands]
test.battery.start.quick = UPS.BatterySystem.Battery.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Battery.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Battery.Test value=3 raw
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30
shutdown.stop = UPS.PowerSummary.DelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.PowerSummary.DelayBeforeReboot value=argument:10
beeper.off = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.on = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.mute = UPS.BatterySystem.Battery.AudibleAlarmControl value=3 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw
beeper.disable = UPS.BatterySystem.Battery.AudibleAlarmControl value=1 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.disable = UPS.AudibleAlarmControl value=1 raw
beeper.enable = UPS.BatterySystem.Battery.AudibleAlarmControl value=2 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.enable = UPS.AudibleAlarmControl value=2 raw
bypass.start = UPS.PowerConverter.Input.[2].SwitchOnControl value=1
bypass.stop = UPS.PowerConverter.Input.[2].SwitchOffControl value=1
outlet.%.load.off = UPS.OutletSystem.Outlet.[%+1].DelayBeforeShutdown value=0 each=1..3
outlet.%.load.on = UPS.OutletSystem.Outlet.[%+1].DelayBeforeStartup value=0 each=1..3
experimental.ecomode.start = UPS.PowerConverter.Input.[5].Switchable value=1 raw
experimental.ecomode.stop = UPS.PowerConverter.Input.[5].Switchable value=0 raw
experimental.essmode.start = UPS.PowerConverter.Input.[5].Switchable value=2 raw
experimental.essmode.stop = UPS.PowerConverter.Input.[5].Switchable value=0 raw

[command:experimental.bypass.ecomode.start]
set = UPS.PowerConverter.Input.[2].SwitchOnControl value=1 raw
set = UPS.PowerConverter.Input.[5].Switchable value=1 raw

[command:experimental.bypass.ecomode.stop]
set = UPS.PowerConverter.Input.[2].SwitchOffControl value=1 raw
set = UPS.PowerConverter.Input.[5].Switchable value=0 raw

[derived]
ups.realpower = 0.01 ups.load ups.power.nominal output.powerfactor:0.8

[lookup:charger-mode]
1 = charging
2 = discharging
3 = floating
4 = resting
6 = off

[lookup:charger-status]
1 = charging
2 = floating
3 = resting
4 = discharging
6 = off

[lookup:charger-type]
0 = None
1 = "Extended (CLA)"
2 = "Large extension"
3 = "Extra large extension (XL)"
4 = ABM
5 = "Constant Charge (CC)"

[lookup:enable]
0 = disabled
1 = enabled

[lookup:switch-on]
0 = disabled
1 = on

[lookup:switch-off]
0 = disabled
1 = off

[lookup:eco]
0 = normal
1 = ECO
2 = ESS

[lookup:eco-control]
0 = "The outlet is not ECO controlled"
1 = "The outlet is ECO controlled"

[lookup:protection]
0 = "not powered"
1 = "not protected"
2 = protected

[lookup:sensitivity]
0 = normal
1 = high
2 = low

[lookup:threshold]
10 = 10
25 = 25
60 = 60

[lookup:type]
1 = "offline / line interactive"
2 = online
3 = "online - unitary/parallel"
4 = "online - parallel with hot standy"
5 = "online - hot standby redundancy"

[lookup:voltages-low]
100 = 100
110 = 110
120 = 120
127 = 127

[lookup:voltages-offline]
220 = 220
230 = 230
240 = 240

[lookup:voltages-high]
200 = 200
208 = 208
220 = 220
230 = 230
240 = 240

[names:models]
"ELLIPSE 300" = "ellipse 300"
"ELLIPSE 500" = "ellipse 500"
"ELLIPSE 650" = "ellipse 650"
"ELLIPSE 800" = "ellipse 800"
"ELLIPSE 1200" = "ellipse 1200"
"ellipse PR500" = "ellipse premium 500"
"ellipse PR650" = "ellipse premium 650"
"ellipse PR800" = "ellipse premium 800"
"ellipse PR1200" = "ellipse premium 1200"
"ELLIPSE 600" = "Ellipse 600"
"ELLIPSE 750" = "Ellipse 750"
"ELLIPSE 1000" = "Ellipse 1000"
"ELLIPSE 1500" = "Ellipse 1500"
"PROTECTIONCENTER 420" = "Protection Center 420"
"PROTECTIONCENTER 500" = "Protection Center 500"
"PROTECTIONCENTER 675" = "Protection Center 675"
"Evolution 500" = "Pulsar Evolution 500"
"Evolution 800" = "Pulsar Evolution 800"
"Evolution 1100" = "Pulsar Evolution 1100"
"Evolution 1500" = "Pulsar Evolution 1500"
"Evolution 2200" = "Pulsar Evolution 2200"
"Evolution 3000" = "Pulsar Evolution 3000"
"Evolution 3000XL" = "Pulsar Evolution 3000 XL"
"Eaton 5P 650" = "5P 650"
"Eaton 5P 850" = "5P 850"
"Eaton 5P 1150" = "5P 1150"
"Eaton 5P 1550" = "5P 1550"
"Ellipse PRO 1200" = "Eaton 5S1200"
"Ellipse PRO 1500" = "Eaton 5S1500"
"Ellipse PRO 1600" = "Eaton 5S1600"
"Eaton 9E 1000i" = "9E1000i"
"Eaton 9E 1000iau" = "9E1000iau"
"Eaton 9E 1000ir" = "9E1000ir"
"Eaton 9E 2000i" = "9E2000i"
"Eaton 9E 2000iau" = "9E2000iau"
"Eaton 9E 2000ir" = "9E2000ir"
"Eaton 9E 3000i" = "9E3000i"
"Eaton 9E 3000iau" = "9E3000iau"
"Eaton 9E 3000ir" = "9E3000ir"
"Eaton 9E 3000ixl" = "9E3000ixl"
"Eaton 9E 3000ixlau" = "9E3000ixlau"
"Eaton 9SX 700i" = "9SX700i"
"Eaton 9SX 1000i" = "9SX1000i"
"Eaton 9SX 1000im" = "9SX1000im"
"Eaton 9SX 1500i" = "9SX1500i"
"Eaton 9SX 2000i" = "9SX2000i"
"Eaton 9SX 3000i" = "9SX3000i"
"Eaton 9SX 3000im" = "9SX3000im"
"Eaton 9SX 1000ir" = "9SX1000ir"
"Eaton 9SX 1500ir" = "9SX1500ir"
"Eaton 9SX 2000ir" = "9SX2000ir"
"Eaton 9SX 3000ir" = "9SX3000ir"
"Eaton 9PX 1000irt2u" = "9px1000irt2u"
"Eaton 9PX 1500irt2u" = "9px1500irt2u"
"Eaton 9PX 1500irtm" = "9px1500irtm"
"Eaton 9PX 2200irt2u" = "9px2200irt2u"
"Eaton 9PX 2200irt3u" = "9px2200irt3u"
"Eaton 9PX 3000irt2u" = "9px3000irt2u"
"Eaton 9PX 3000irt3u" = "9px3000irt3u"
"Eaton 9PX 3000irtm" = "9px3000irtm"
"PULSAR MX4000" = "Pulsar MX 4000 RT"
"PULSAR MX5000" = "Pulsar MX 5000 RT"
"NOVA AVR 500" = "Nova 500 AVR"
"NOVA AVR 600" = "Nova 600 AVR"
"NOVA AVR 625" = "Nova 625 AVR"
"NOVA AVR 1100" = "Nova 1100 AVR"
"NOVA AVR 1250" = "Nova 1250 AVR"
"EXtreme 700C" = "Pulsar EXtreme 700C"
"EXtreme 1000C" = "Pulsar EXtreme 1000C"
"EXtreme 1500C" = "Pulsar EXtreme 1500C"
"EXtreme 1500CCLA" = "Pulsar EXtreme 1500C CLA"
"EXtreme 2200C" = "Pulsar EXtreme 2200C"
"EXtreme 3200C" = "Pulsar EXtreme 3200C"
"EX 700RT" = "Pulsar EX 700 RT"
"EX 1000RT" = "Pulsar EX 1000 RT"
"EX 1500RT" = "Pulsar EX 1500 RT"
"EX 2200RT" = "Pulsar EX 2200 RT"
"EX 3200RT" = "Pulsar EX 3200 RT"
"EX 5RT31" = "EX 5 RT 3:1"
"EX 7RT31" = "EX 7 RT 3:1"
"EX 11RT31" = "EX 11 RT 3:1"
"EX 5RT" = "EX 5 RT"
"EX 7RT" = "EX 7 RT"
"EX 11RT" = "EX 11 RT"
"GALAXY 3000_10" = "Galaxy 3000 10 kVA"
"GALAXY 3000_15" = "Galaxy 3000 15 kVA"
"GALAXY 3000_20" = "Galaxy 3000 20 kVA"
"GALAXY 3000_30" = "Galaxy 3000 30 kVA"
