# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "EcoFlow HID"
version = 1.0
vendor = EcoFlow

[match]
usb = 3746:ffff
usb = 3746:*

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[variables]
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper quick
ups.power.nominal = UPS.Flow.[4].ConfigActivePower once
ups.timer.reboot = UPS.OutletSystem.Outlet.DelayBeforeReboot quick
ups.timer.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown quick
ups.mfr.date = UPS.PowerSummary.ManufacturerDate function=date slow

battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.1f slow
battery.capacity.nominal = UPS.PowerSummary.DesignCapacity slow when=!percent
battery.capacity = UPS.PowerSummary.FullChargeCapacity slow when=!percent
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.charge = UPS.PowerSummary.RemainingCapacity quick
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty scale=60 quick
battery.voltage = UPS.PowerSummary.Voltage format=%.1f quick
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow

experimental.ups.powersummary.ioeminformation = UPS.PowerSummary.iOEMInformation function=string once
experimental.ups.powersummary.presentstatus.shutdownrequested = UPS.PowerSummary.PresentStatus.ShutdownRequested
experimental.ups.powersummary.presentstatus.voltagenotregulated = UPS.PowerSummary.PresentStatus.VoltageNotRegulated
experimental.ups.powersummary.rechargeable = UPS.PowerSummary.Rechargeable

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
comm-fault = UPS.PowerSummary.PresentStatus.CommunicationLost quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged quick
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement quick
overload = UPS.PowerSummary.PresentStatus.Overload quick
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired quick
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent quick
