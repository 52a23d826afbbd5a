# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Phoenixtec/Liebert HID"
version = 1.0
vendor = Liebert

[match]
usb = 06da:ffff

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[variables]
ups.load = UPS.PowerSummary.PercentLoad
ups.power.nominal = UPS.Flow.[4].ConfigApparentPower slow
ups.test.result = UPS.BatterySystem.Battery.Test lookup=test-read
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper slow
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick
ups.realpower.nominal = UPS.Flow.[4].ConfigActivePower once

battery.voltage = UPS.PowerSummary.Voltage format=%.2f
battery.charge = UPS.PowerSummary.RemainingCapacity
battery.capacity = UPS.PowerSummary.FullChargeCapacity when=!percent
battery.capacity.nominal = UPS.PowerSummary.DesignCapacity when=!percent slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.1f once

input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer format=%.1f slow
input.transfer.high = UPS.PowerConverter.Output.ffff0058 slow
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer format=%.1f slow
input.transfer.low = UPS.PowerConverter.Output.ffff0057 slow
input.voltage = UPS.PowerConverter.Input.[1].Voltage format=%.1f
input.frequency = UPS.PowerConverter.Input.[1].Frequency format=%.2f
input.frequency.low = UPS.PowerConverter.Output.ffff00f9 slow
input.frequency.high = UPS.PowerConverter.Output.ffff00f8 slow

output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f
output.voltage.nominal = UPS.Flow.[4].ConfigVoltage slow
output.frequency = UPS.PowerConverter.Output.Frequency format=%.2f
output.frequency.nominal = UPS.Flow.[4].ConfigFrequency slow

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
overload = UPS.PowerSummary.PresentStatus.Overload quick
off = UPS.PowerSummary.PresentStatus.Good invert quick
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure quick
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent quick
trim = UPS.PowerConverter.Input.[1].PresentStatus.Buck
boost = UPS.PowerConverter.Input.[1].PresentStatus.Boost
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
overheat = UPS.PowerSummary.PresentStatus.OverTemperature

[commands]
test.battery.start.quick = UPS.BatterySystem.Battery.Test value=1 raw
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30
shutdown.stop = UPS.PowerSummary.DelayBeforeShutdown value=-1 raw
beeper.toggle = UPS.PowerSummary.AudibleAlarmControl value=1 raw
test.battery.start.deep = UPS.BatterySystem.Battery.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Battery.Test value=3 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw
