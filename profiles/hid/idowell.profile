# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "iDowell HID"
version = 1.0
vendor = iDowell

[match]
usb = 075d:0300
usb = 06da:ffff vendor=BMS
usb = 06da:ffff product=Smart-Battery

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[variables]
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick
ups.load = UPS.PowerSummary.PercentLoad
ups.power.nominal = UPS.Flow.[4].ConfigApparentPower once

battery.capacity.nominal = UPS.PowerSummary.DesignCapacity once when=!percent
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit once
battery.charge.low = UPS.PowerSummary.WarningCapacityLimit once
battery.capacity = UPS.PowerSummary.FullChargeCapacity when=!percent
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.voltage = UPS.PowerSummary.Voltage format=%.1f
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.1f once

input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer once
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer once

output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage once
output.frequency.nominal = UPS.Flow.[4].ConfigFrequency once

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
comm-fault = UPS.PowerSummary.PresentStatus.CommunicationLost
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
off = UPS.PowerSummary.PresentStatus.Good invert
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
overload = UPS.PowerSummary.PresentStatus.Overload
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent

[commands]
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30
shutdown.stop = UPS.PowerSummary.DelayBeforeShutdown value=-1 raw
