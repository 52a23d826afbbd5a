# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Delta UPS HID"
version = 1.0
vendor = Delta

[match]
usb = 05dd:041b

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[usages]
DeltaCustom = ffff0010
DeltaConfigTransferLowMax = ffff0057
DeltaConfigTransferLowMin = ffff0058
DeltaConfigTransferHighMax = ffff0059
DeltaConfigTransferHighMin = ffff005a
DeltaModelName = ffff0075
DeltaUPSType = ffff007c
DeltaConfigStartPowerRestoreDelay = ffff0081
DeltaOutputSource = ffff0091
DeltaConfigSensitivity = ffff009b
DeltaConfigStartPowerRestore = ffff009c

[variables]
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper quick
ups.test.result = UPS.BatterySystem.Test lookup=test-read
ups.type = UPS.DeltaCustom.[1].DeltaUPSType mask=0x0f lookup=type once
ups.start.auto = UPS.DeltaCustom.[1].DeltaConfigStartPowerRestore lookup=yes-no rw enum
ups.power.nominal = UPS.Flow.ConfigApparentPower once
ups.realpower = UPS.OutletSystem.Outlet.ActivePower format=%.1f quick
ups.realpower = UPS.PowerConverter.Output.ActivePower format=%.1f quick
ups.load = UPS.OutletSystem.Outlet.PercentLoad format=%.1f quick
ups.delay.start = UPS.OutletSystem.Outlet.DeltaConfigStartPowerRestoreDelay rw
ups.timer.start = UPS.OutletSystem.Outlet.DelayBeforeStartup quick
ups.timer.shutdown = UPS.OutletSystem.Outlet.DelayBeforeShutdown quick
ups.timer.reboot = UPS.OutletSystem.Outlet.DelayBeforeReboot quick
ups.model = UPS.DeltaCustom.[1].DeltaModelName function=string once

battery.voltage.nominal = UPS.BatterySystem.Battery.ConfigVoltage format=%.1f once
battery.voltage = UPS.BatterySystem.Battery.Voltage format=%.1f quick
battery.charge = UPS.PowerSummary.RemainingCapacity quick
battery.charge = UPS.BatterySystem.Battery.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.temperature = UPS.BatterySystem.Temperature function=kelvin quick
battery.runtime = UPS.PowerSummary.RunTimeToEmpty quick
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.capacity = UPS.PowerSummary.DesignCapacity slow when=!percent
battery.capacity = UPS.PowerSummary.FullChargeCapacity slow when=!percent

input.sensitivity = UPS.DeltaCustom.[1].DeltaConfigSensitivity lookup=sensitivity rw enum
input.voltage.nominal = UPS.PowerSummary.Input.ConfigVoltage format=%.1f slow
input.voltage = UPS.PowerSummary.Input.Voltage format=%.1f quick
input.voltage = UPS.PowerConverter.Input.Voltage format=%.1f quick
input.transfer.low = UPS.PowerConverter.Output.LowVoltageTransfer format=%.1f rw slow
input.transfer.high = UPS.PowerConverter.Output.HighVoltageTransfer format=%.1f rw slow
input.transfer.low.min = UPS.PowerConverter.Output.DeltaConfigTransferLowMin format=%.1f once
input.transfer.low.max = UPS.PowerConverter.Output.DeltaConfigTransferLowMax format=%.1f once
input.transfer.high.min = UPS.PowerConverter.Output.DeltaConfigTransferHighMin format=%.1f once
input.transfer.high.max = UPS.PowerConverter.Output.DeltaConfigTransferHighMax format=%.1f once
input.source = UPS.OutletSystem.Outlet.DeltaOutputSource lookup=source
input.frequency = UPS.PowerConverter.Input.Frequency format=%.1f quick

output.voltage.nominal = UPS.Flow.ConfigVoltage format=%.1f slow
output.frequency.nominal = UPS.Flow.ConfigFrequency format=%.1f slow
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f quick
output.frequency = UPS.PowerConverter.Output.Frequency format=%.1f quick
output.current = UPS.PowerConverter.Output.Current format=%.1f quick

[status]
off = UPS.PowerSummary.PresentStatus.Good invert quick
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure quick
comm-fault = UPS.PowerConverter.PresentStatus.InternalFailure quick
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent quick
online = UPS.PowerSummary.PresentStatus.ACPresent quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
depleted = UPS.PowerSummary.PresentStatus.FullyDischarged quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement quick
voltage-out-of-range = UPS.PowerConverter.PresentStatus.VoltageOutOfRange quick
trim = UPS.PowerConverter.PresentStatus.Buck quick
boost = UPS.PowerConverter.PresentStatus.Boost quick
overload = UPS.PowerConverter.PresentStatus.Overload quick
no-battery = UPS.PowerConverter.PresentStatus.Used invert quick
overheat = UPS.PowerConverter.PresentStatus.OverTemperature quick
awaiting-power = UPS.PowerConverter.PresentStatus.AwaitingPower quick

[commands]
beeper.on = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.off = UPS.PowerSummary.AudibleAlarmControl value=3 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw
test.battery.start.quick = UPS.BatterySystem.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Test value=3 raw
load.on.delay = UPS.OutletSystem.Outlet.DelayBeforeStartup value=argument:30
load.off.delay = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=argument:20
shutdown.stop = UPS.OutletSystem.Outlet.DelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.OutletSystem.Outlet.DelayBeforeReboot value=argument:10

[lookup:sensitivity]
0 = normal
1 = reduced
2 = low

[lookup:source]
0 = normal
1 = battery
2 = bypass/reserve
3 = reducing
4 = boosting
5 = "manual bypass"
6 = other
7 = "no output"
8 = "on eco"

[lookup:type]
0 = online
1 = offline
2 = line-interactive
3 = offline
4 = line-interactive
5 = 3-phase
6 = split-phase
