# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Powervar HID"
version = 1.0
vendor = Powervar

[match]
usb = 4234:0002

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[variables]
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.capacity = UPS.PowerSummary.FullChargeCapacity when=!percent
battery.runtime = UPS.PowerSummary.RunTimeToEmpty

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
overload = UPS.PowerSummary.PresentStatus.Overload
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired
overheat = UPS.PowerSummary.PresentStatus.OverTemperature
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged
