# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Legrand HID"
version = 1.0
vendor = Legrand

[match]
usb = 1cb0:0032
usb = 1cb0:0038
usb = 1cb0:*

# Tenths of a volt, of a hertz and of an ampere, under an exponent and a range that are not theirs.
[corrections]
UPS.PowerConverter.Input.Voltage = exponent=6 if-exponent=1 widen
UPS.PowerSummary.Input.Voltage = exponent=6 if-exponent=1 widen
UPS.PowerConverter.Output.Voltage = exponent=6 if-exponent=1 widen
UPS.BatterySystem.Battery.Voltage = exponent=6 if-exponent=1 widen
UPS.PowerConverter.*.Frequency = exponent=-1 if-exponent=1 widen
UPS.PowerConverter.Output.Current = exponent=-1 if-exponent=1 widen
UPS.PowerConverter.Output.ActivePower = widen
UPS.PowerConverter.Output.LowVoltageTransfer = widen
UPS.PowerConverter.Output.HighVoltageTransfer = widen
UPS.Input.ConfigVoltage = widen
UPS.Output.ConfigActivePower = widen

[variables]
ups.load = UPS.Output.PercentLoad
ups.load = UPS.OutletSystem.Outlet.PercentLoad
ups.realpower.nominal = UPS.Output.ConfigActivePower once
ups.delay.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = UPS.Output.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.start = UPS.OutletSystem.Outlet.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = UPS.Output.DelayBeforeStartup held=30 rw option=ondelay
ups.realpower = UPS.PowerConverter.Output.ActivePower
ups.power.nominal = UPS.Flow.ConfigApparentPower once
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper
ups.test.result = UPS.BatterySystem.Battery.Test lookup=test-read
ups.test.result = UPS.Output.Test lookup=test-read
ups.timer.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown quick invalid=65535
ups.timer.start = UPS.OutletSystem.Outlet.DelayBeforeStartup quick invalid=65535

battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage scale=0.1,1 plausible=5..60 format=%.1f once
battery.voltage.nominal = UPS.BatterySystem.Battery.ConfigVoltage once
battery.voltage = UPS.PowerSummary.Voltage scale=0.1,1 plausible=5..60 format=%.1f
battery.voltage = UPS.BatterySystem.Battery.Voltage format=%.1f
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit once
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit once
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once

input.voltage = UPS.Input.Voltage format=%.1f
input.voltage = UPS.PowerConverter.Input.Voltage format=%.1f
input.transfer.high = UPS.Input.HighVoltageTransfer once
input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer scale=1,10 plausible=200..320 once
input.transfer.low = UPS.Input.LowVoltageTransfer once
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer once
input.voltage.nominal = UPS.Input.ConfigVoltage once
input.voltage.nominal = UPS.Flow.ConfigVoltage once
input.frequency = UPS.Input.Frequency format=%.1f
input.frequency = UPS.PowerConverter.Input.Frequency format=%.1f

output.voltage = UPS.Output.Voltage format=%.1f
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.frequency = UPS.Output.Frequency format=%.1f
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f
output.current = UPS.PowerConverter.Output.Current format=%.1f
output.voltage.nominal = UPS.Flow.ConfigVoltage once
output.frequency.nominal = UPS.Flow.ConfigFrequency once

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
overload = UPS.Output.Overload quick
overload = UPS.PowerConverter.PresentStatus.Overload quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged quick
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure
trim = UPS.PowerConverter.PresentStatus.Buck
boost = UPS.PowerConverter.PresentStatus.Boost
overheat = UPS.PowerConverter.PresentStatus.OverTemperature
awaiting-power = UPS.PowerConverter.PresentStatus.AwaitingPower
voltage-out-of-range = UPS.PowerConverter.PresentStatus.VoltageOutOfRange

[commands]
load.off.delay = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=argument:20
load.off.delay = UPS.Output.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.OutletSystem.Outlet.DelayBeforeStartup value=argument:30
load.on.delay = UPS.Output.DelayBeforeStartup value=argument:30
test.battery.start.quick = UPS.BatterySystem.Battery.Test value=1 raw
test.battery.start.quick = UPS.Output.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Battery.Test value=2 raw
test.battery.start.deep = UPS.Output.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Battery.Test value=3 raw
test.battery.stop = UPS.Output.Test value=3 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=3 raw
shutdown.stop = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=-1 raw
shutdown.stop = UPS.Output.DelayBeforeShutdown value=-1 raw
