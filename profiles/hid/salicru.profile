# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Salicru HID"
version = 1.0
vendor = Salicru

[match]
usb = 2e66:0101
usb = 2e66:0201
usb = 2e66:0202
usb = 2e66:0203
usb = 2e66:0300
usb = 2e66:0302
usb = 2e66:*

[variables]
ups.load = UPS.Output.PercentLoad
ups.load = UPS.PowerSummary.PercentLoad
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper
ups.test.result = UPS.Output.Test lookup=test-read
ups.test.result = UPS.BatterySystem.Battery.Test lookup=test-read
ups.realpower.nominal = UPS.Output.ConfigActivePower slow
ups.realpower.nominal = UPS.Flow.[4].ConfigActivePower slow
ups.realpower = UPS.PowerConverter.Output.ActivePower

battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit rw slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage slow
battery.voltage = UPS.PowerSummary.Voltage format=%.2f

input.frequency = UPS.Input.Frequency format=%.1f
input.frequency = UPS.PowerConverter.Input.[1].Frequency format=%.1f
input.voltage.nominal = UPS.Input.ConfigVoltage slow
input.voltage = UPS.Input.Voltage format=%.1f
input.voltage = UPS.PowerConverter.Input.[1].Voltage format=%.1f
input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer once
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer once

output.frequency = UPS.Output.Frequency format=%.1f
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f
output.voltage = UPS.Output.Voltage format=%.1f
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.voltage.nominal = UPS.Output.ConfigVoltage slow
output.voltage.nominal = UPS.PowerSummary.ConfigVoltage slow

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired
comm-fault = UPS.Output.CommunicationLost
boost = UPS.Output.Boost
overload = UPS.Output.Overload
overload = UPS.PowerSummary.PresentStatus.Overload
overheat = UPS.PowerSummary.PresentStatus.OverTemperature

[commands]
test.battery.start.quick = UPS.BatterySystem.Battery.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Battery.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Battery.Test value=3 raw
