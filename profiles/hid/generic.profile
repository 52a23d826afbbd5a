# SPDX-License-Identifier: LGPL-2.1-or-later

# What "Universal Serial Bus Usage Tables for HID Power Devices", release 1.0, defines, wherever a device has put it.
# PowerSummary is what a device says of itself as a whole, so that it comes first; the rows with only ** are the last
# resort. Where a battery counts in ampere-seconds or milliwatt-hours its charge is not a percentage.

[profile]
engine = hid
title = "Generic HID Power Device"
version = 1.0
generic = yes

[when:no-percentage]
field = **.CapacityMode 0..1

[variables]
battery.charge = **.PowerSummary.RemainingCapacity when=!no-percentage plausible=0..100 quick
battery.charge = **.PowerSummary.RelativeStateOfCharge plausible=0..100 quick
battery.charge = **.Battery.RelativeStateOfCharge plausible=0..100 quick
battery.charge = **.Battery.RemainingCapacity when=!no-percentage plausible=0..100 quick
battery.charge = **.RelativeStateOfCharge plausible=0..100 quick
battery.charge = **.RemainingCapacity when=!no-percentage plausible=0..100 quick
battery.charge.low = **.PowerSummary.RemainingCapacityLimit when=!no-percentage plausible=0..100 rw option=lowbatt slow
battery.charge.low = **.RemainingCapacityLimit when=!no-percentage plausible=0..100 rw option=lowbatt slow
battery.charge.warning = **.PowerSummary.WarningCapacityLimit when=!no-percentage plausible=0..100 slow
battery.charge.warning = **.WarningCapacityLimit when=!no-percentage plausible=0..100 slow
battery.capacity = **.FullChargeCapacity when=no-percentage scale=0.000277777778 format=%.2f slow
battery.capacity.nominal = **.DesignCapacity when=no-percentage scale=0.000277777778 format=%.2f once
battery.runtime = **.PowerSummary.RunTimeToEmpty quick
battery.runtime = **.Battery.RunTimeToEmpty quick
battery.runtime = **.RunTimeToEmpty quick
battery.runtime = **.AverageTimeToEmpty quick
battery.runtime.low = **.PowerSummary.RemainingTimeLimit rw slow
battery.runtime.low = **.RemainingTimeLimit rw slow
battery.voltage = **.Battery.Voltage format=%.1f
battery.voltage = **.BatterySystem.Voltage format=%.1f
battery.voltage = **.PowerSummary.Voltage format=%.1f
battery.voltage.nominal = **.Battery.ConfigVoltage format=%.1f once
battery.voltage.nominal = **.BatterySystem.ConfigVoltage format=%.1f once
battery.voltage.nominal = **.PowerSummary.ConfigVoltage format=%.1f once
battery.current = **.Battery.Current format=%.2f
battery.current = **.BatterySystem.Current format=%.2f
battery.current = **.PowerSummary.Current format=%.2f
battery.temperature = **.Battery.Temperature function=kelvin format=%.1f
battery.temperature = **.BatterySystem.Temperature function=kelvin format=%.1f
battery.type = **.iDeviceChemistry function=string once
battery.mfr.date = **.Battery.ManufacturerDate function=date once
battery.mfr.date = **.BatterySystem.ManufacturerDate function=date once

ups.load = **.PowerSummary.PercentLoad quick
ups.load = **.Output.PercentLoad quick
ups.load = **.PercentLoad quick
ups.power = **.Output.ApparentPower
ups.power = **.PowerSummary.ApparentPower
ups.power.nominal = **.PowerSummary.ConfigApparentPower once
ups.power.nominal = **.Output.ConfigApparentPower once
ups.power.nominal = **.ConfigApparentPower once
ups.realpower = **.Output.ActivePower
ups.realpower = **.PowerSummary.ActivePower
ups.realpower.nominal = **.PowerSummary.ConfigActivePower once
ups.realpower.nominal = **.Output.ConfigActivePower once
ups.realpower.nominal = **.ConfigActivePower once
ups.temperature = **.PowerSummary.Temperature function=kelvin format=%.1f
ups.temperature = **.PowerConverter.Temperature function=kelvin format=%.1f
ups.temperature = UPS.Temperature function=kelvin format=%.1f
ups.mfr.date = **.PowerSummary.ManufacturerDate function=date once
ups.mfr.date = UPS.ManufacturerDate function=date once
ups.beeper.status = **.PowerSummary.AudibleAlarmControl lookup=beeper slow
ups.beeper.status = **.AudibleAlarmControl lookup=beeper slow
ups.test.result = **.Battery.Test lookup=test-read
ups.test.result = **.BatterySystem.Test lookup=test-read
ups.test.result = **.Test lookup=test-read
ups.delay.shutdown = **.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = **.Output.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = UPS.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.start = **.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = **.Output.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = UPS.DelayBeforeStartup held=30 rw option=ondelay
ups.timer.shutdown = **.PowerSummary.DelayBeforeShutdown
ups.timer.shutdown = **.Output.DelayBeforeShutdown
ups.timer.shutdown = UPS.DelayBeforeShutdown
ups.timer.start = **.PowerSummary.DelayBeforeStartup
ups.timer.start = **.Output.DelayBeforeStartup
ups.timer.start = UPS.DelayBeforeStartup
ups.timer.reboot = **.PowerSummary.DelayBeforeReboot
ups.timer.reboot = **.Output.DelayBeforeReboot
ups.timer.reboot = UPS.DelayBeforeReboot

input.voltage = **.Input.Voltage format=%.1f
input.voltage.nominal = **.Input.ConfigVoltage once
input.current = **.Input.Current format=%.2f
input.current.nominal = **.Input.ConfigCurrent format=%.1f once
input.frequency = **.Input.Frequency format=%.1f
input.frequency.nominal = **.Input.ConfigFrequency once
input.power = **.Input.ApparentPower
input.realpower = **.Input.ActivePower
input.load = **.Input.PercentLoad
input.transfer.low = **.Input.LowVoltageTransfer slow
input.transfer.low = **.Output.LowVoltageTransfer slow
input.transfer.low = **.LowVoltageTransfer slow
input.transfer.high = **.Input.HighVoltageTransfer slow
input.transfer.high = **.Output.HighVoltageTransfer slow
input.transfer.high = **.HighVoltageTransfer slow

output.voltage = **.Output.Voltage format=%.1f
output.voltage.nominal = **.Output.ConfigVoltage once
output.current = **.Output.Current format=%.2f
output.current.nominal = **.Output.ConfigCurrent format=%.1f once
output.frequency = **.Output.Frequency format=%.1f
output.frequency.nominal = **.Output.ConfigFrequency once

ambient.humidity = **.Humidity format=%.1f

outlet.%.id = **.Outlet(%).OutletID once each=1..16
outlet.%.switchable = **.Outlet(%).PresentStatus.Switchable lookup=yes-no once each=1..16
outlet.%.switchable = **.Outlet(%).Switchable lookup=yes-no once each=1..16
outlet.%.voltage = **.Outlet(%).Voltage format=%.1f each=1..16
outlet.%.current = **.Outlet(%).Current format=%.2f each=1..16
outlet.%.power = **.Outlet(%).ApparentPower each=1..16
outlet.%.realpower = **.Outlet(%).ActivePower each=1..16
outlet.%.load = **.Outlet(%).PercentLoad each=1..16
outlet.%.timer.shutdown = **.Outlet(%).DelayBeforeShutdown each=1..16
outlet.%.timer.start = **.Outlet(%).DelayBeforeStartup each=1..16

[status]
online = **.PowerSummary.PresentStatus.ACPresent quick
online = **.ACPresent else quick
discharging = **.PowerSummary.PresentStatus.Discharging quick
discharging = **.Discharging else quick
charging = **.PowerSummary.PresentStatus.Charging quick
charging = **.Charging else quick
low-battery = **.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
low-battery = **.BelowRemainingCapacityLimit else quick
time-limit-expired = **.RemainingTimeLimitExpired quick
shutdown-imminent = **.PowerSummary.PresentStatus.ShutdownImminent quick
shutdown-imminent = **.ShutdownImminent else quick
depleted = **.PowerSummary.PresentStatus.FullyDischarged
depleted = **.FullyDischarged else
fully-charged = **.PowerSummary.PresentStatus.FullyCharged
fully-charged = **.FullyCharged else
replace-battery = **.PowerSummary.PresentStatus.NeedReplacement
replace-battery = **.NeedReplacement else
no-battery = **.PowerSummary.PresentStatus.BatteryPresent invert
no-battery = **.Battery.PresentStatus.Present else invert
no-battery = **.BatteryPresent else invert
overload = **.PowerSummary.PresentStatus.Overload
overload = **.Output.PresentStatus.Overload else
overload = **.Overload else
overheat = **.PowerSummary.PresentStatus.OverTemperature
overheat = **.OverTemperature else
boost = **.Boost
trim = **.Buck
awaiting-power = **.AwaitingPower
comm-fault = **.PowerSummary.PresentStatus.CommunicationLost
comm-fault = **.CommunicationLost else
charger-fail = **.Charger.PresentStatus.InternalFailure
voltage-out-of-range = **.Input.PresentStatus.VoltageOutOfRange
frequency-out-of-range = **.Input.PresentStatus.FrequencyOutOfRange
test = **.Battery.Test is=5
test = **.BatterySystem.Test else is=5
test = **.Test else is=5

[alarms]
"Internal failure!" = **.PowerSummary.PresentStatus.InternalFailure
"Power converter failure!" = **.PowerConverter.PresentStatus.InternalFailure

[commands]
load.off.delay = **.PowerSummary.DelayBeforeShutdown value=argument:20
load.off.delay = **.Output.DelayBeforeShutdown value=argument:20
load.off.delay = UPS.DelayBeforeShutdown value=argument:20
load.on.delay = **.PowerSummary.DelayBeforeStartup value=argument:30
load.on.delay = **.Output.DelayBeforeStartup value=argument:30
load.on.delay = UPS.DelayBeforeStartup value=argument:30
shutdown.stop = **.PowerSummary.DelayBeforeShutdown value=-1 raw
shutdown.stop = **.Output.DelayBeforeShutdown value=-1 raw
shutdown.stop = UPS.DelayBeforeShutdown value=-1 raw
shutdown.reboot = **.PowerSummary.DelayBeforeReboot value=argument:10
shutdown.reboot = **.Output.DelayBeforeReboot value=argument:10
shutdown.reboot = UPS.DelayBeforeReboot value=argument:10
test.battery.start.quick = **.Battery.Test value=1
test.battery.start.quick = **.BatterySystem.Test value=1
test.battery.start.quick = **.Test value=1
test.battery.start.deep = **.Battery.Test value=2
test.battery.start.deep = **.BatterySystem.Test value=2
test.battery.start.deep = **.Test value=2
test.battery.stop = **.Battery.Test value=3
test.battery.stop = **.BatterySystem.Test value=3
test.battery.stop = **.Test value=3
beeper.disable = **.PowerSummary.AudibleAlarmControl value=1
beeper.disable = **.AudibleAlarmControl value=1
beeper.enable = **.PowerSummary.AudibleAlarmControl value=2
beeper.enable = **.AudibleAlarmControl value=2
beeper.mute = **.PowerSummary.AudibleAlarmControl value=3
beeper.mute = **.AudibleAlarmControl value=3
outlet.%.load.off = **.Outlet(%).DelayBeforeShutdown value=0 each=1..16
outlet.%.load.on = **.Outlet(%).DelayBeforeStartup value=0 each=1..16
