# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "TrippLite HID"
version = 1.0
vendor = "Tripp Lite"

[match]
usb = 09ae:1003
usb = 09ae:1007
usb = 09ae:1008
usb = 09ae:1009
usb = 09ae:1010
usb = 09ae:1330
usb = 09ae:2005
usb = 09ae:2007
usb = 09ae:2008
usb = 09ae:2009
usb = 09ae:2010
usb = 09ae:2011
usb = 09ae:2012
usb = 09ae:2013
usb = 09ae:2014
usb = 09ae:3008
usb = 09ae:3009
usb = 09ae:3010
usb = 09ae:3011
usb = 09ae:3012
usb = 09ae:3013
usb = 09ae:3014
usb = 09ae:3015
usb = 09ae:3016
usb = 09ae:3024
usb = 09ae:4001
usb = 09ae:4002
usb = 09ae:4003
usb = 09ae:4004
usb = 09ae:4005
usb = 09ae:4006
usb = 09ae:4007
usb = 09ae:4008
usb = 09ae:*
usb = 03f0:0001
usb = 03f0:1fe0
usb = 03f0:1fe1
usb = 03f0:1fe2
usb = 03f0:1fe3
usb = 03f0:1f06
usb = 03f0:1f08
usb = 03f0:1f09
usb = 03f0:1f0a
usb = 05dd:a011
usb = 05dd:a0a0

# These count the battery in tenths of a volt without saying so.
[when:battery-tenths]
usb = 09ae:1003
usb = 09ae:1007
usb = 09ae:1008
usb = 09ae:1009
usb = 09ae:1010
usb = 09ae:2005
usb = 09ae:2007
usb = 09ae:2008
usb = 09ae:2009
usb = 09ae:2010
usb = 09ae:2011
usb = 09ae:2012
usb = 09ae:2013
usb = 09ae:2014

# The index of the string is wrong.
[when:no-chemistry]
usb = 09ae:1003
usb = 09ae:2005

# Tenths of everything, under an exponent that makes no sense for any of it.
[corrections]
UPS.PowerConverter.*.Voltage = exponent=6 if-exponent=1
UPS.PowerSummary.Input.Voltage = exponent=6 if-exponent=1
UPS.PowerSummary.Voltage = exponent=6 if-exponent=1
UPS.BatterySystem.Battery.Voltage = exponent=6 if-exponent=1
UPS.PowerConverter.*.Frequency = exponent=-1 if-exponent=1
UPS.PowerConverter.Output.Current = exponent=-1 if-exponent=1

[usages]
TLCustom = ffff0010
TLDelayBeforeStartup = ffff0056
TLLowVoltageTransferMax = ffff0057
TLLowVoltageTransferMin = ffff0058
TLHighVoltageTransferMax = ffff0059
TLHighVoltageTransferMin = ffff005a
UPSFirmwareVersion = ffff007c
iUPSPartNumber = ffff007f
TLWatchdog = ffff0092
TLCharging = 00840044
TLDischarging = 00840045
TLNeedReplacement = 0084004b
TLACPresent = 008400d0

[variables]
device.part = UPS.TLCustom.[1].iUPSPartNumber function=string once

ups.delay.start = UPS.OutletSystem.Outlet.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = UPS.OutletSystem.Outlet.TLDelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.OutletSystem.Outlet.DelayBeforeStartup quick
ups.timer.start = UPS.OutletSystem.Outlet.TLDelayBeforeStartup quick
ups.timer.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown quick
ups.timer.reboot = UPS.OutletSystem.Outlet.DelayBeforeReboot quick
ups.test.result = UPS.BatterySystem.Test lookup=test-read
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper
ups.power.nominal = UPS.Flow.ConfigApparentPower once
ups.power = UPS.OutletSystem.Outlet.ActivePower format=%.1f
ups.power = UPS.PowerConverter.Output.ActivePower format=%.1f
ups.load = UPS.OutletSystem.Outlet.PercentLoad
ups.firmware = UPS.TLCustom.[1].UPSFirmwareVersion once
ups.watchdog.status = UPS.OutletSystem.Outlet.TLWatchdog
ups.load.nominal = UPS.Flow.ConfigPercentLoad slow

battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge = UPS.BatterySystem.Battery.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.voltage.nominal = UPS.BatterySystem.Battery.ConfigVoltage format=%.1f once
battery.voltage = UPS.BatterySystem.Battery.Voltage scale=0.1 format=%.1f when=battery-tenths
battery.voltage = UPS.BatterySystem.Battery.Voltage format=%.1f
battery.type = UPS.PowerSummary.iDeviceChemistry value=unknown when=no-chemistry once
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.temperature = UPS.BatterySystem.Temperature function=kelvin

input.voltage.nominal = UPS.PowerSummary.Input.ConfigVoltage once
input.voltage = UPS.PowerSummary.Input.Voltage format=%.1f
input.voltage = UPS.PowerConverter.Input.Voltage format=%.1f
input.frequency = UPS.PowerConverter.Input.Frequency format=%.1f
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer format=%.1f rw slow
input.transfer.low.max = UPS.PowerConverter.Output.TLLowVoltageTransferMax once
input.transfer.low.min = UPS.PowerConverter.Output.TLLowVoltageTransferMin once
input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer format=%.1f rw slow
input.transfer.high.max = UPS.PowerConverter.Output.TLHighVoltageTransferMax once
input.transfer.high.min = UPS.PowerConverter.Output.TLHighVoltageTransferMin once

output.voltage.nominal = UPS.Flow.ConfigVoltage once
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.voltage = UPS.PowerSummary.Voltage format=%.1f
output.current = UPS.PowerConverter.Output.Current format=%.1f
output.frequency.nominal = UPS.Flow.ConfigFrequency once
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f

[status]
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure
comm-fault = UPS.PowerConverter.PresentStatus.InternalFailure
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
online = UPS.PowerSummary.PresentStatus.ACPresent quick
online = UPS.PowerSummary.PresentStatus.TLACPresent quick else
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
charging = UPS.PowerSummary.PresentStatus.TLCharging quick else
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
discharging = UPS.PowerSummary.PresentStatus.TLDischarging quick else
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
replace-battery = UPS.PowerSummary.PresentStatus.TLNeedReplacement
voltage-out-of-range = UPS.PowerConverter.PresentStatus.VoltageOutOfRange
trim = UPS.PowerConverter.PresentStatus.Buck
boost = UPS.PowerConverter.PresentStatus.Boost
overload = UPS.PowerConverter.PresentStatus.Overload
overheat = UPS.PowerConverter.PresentStatus.OverTemperature
awaiting-power = UPS.PowerConverter.PresentStatus.AwaitingPower

[commands]
test.battery.start.quick = UPS.BatterySystem.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Test value=3 raw
load.off.delay = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.OutletSystem.Outlet.DelayBeforeStartup value=argument:30
load.on.delay = UPS.OutletSystem.Outlet.TLDelayBeforeStartup value=argument:30
shutdown.stop = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.OutletSystem.Outlet.DelayBeforeReboot value=argument:10
shutdown.reboot = UPS.OutletSystem.Outlet.TLWatchdog value=argument:10
reset.watchdog = UPS.OutletSystem.Outlet.TLWatchdog value=argument:60
beeper.on = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.off = UPS.PowerSummary.AudibleAlarmControl value=3 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw
