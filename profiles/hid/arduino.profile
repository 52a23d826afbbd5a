# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Arduino HID"
version = 1.0
vendor = Arduino

[match]
usb = 2341:0036
usb = 2341:8036
usb = 2a03:0036
usb = 2a03:8036
usb = 2a03:0040
usb = 2a03:8040

[variables]
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick
ups.timer.reboot = UPS.PowerSummary.DelayBeforeReboot quick
ups.load = UPS.PowerSummary.PercentLoad

battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.2f quick
battery.voltage = UPS.PowerSummary.Voltage format=%.2f quick
battery.runtime = UPS.PowerSummary.RunTimeToEmpty quick
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit slow
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow

input.voltage = UPS.PowerConverter.Input.[1].Voltage format=%.1f

output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
overload = UPS.PowerSummary.PresentStatus.Overload
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged quick
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged quick

[commands]
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30
shutdown.stop = UPS.PowerSummary.DelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.PowerSummary.DelayBeforeReboot value=argument:10
