# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "CyberPower HID"
version = 1.0
vendor = CPS

[match]
usb = 0764:0005
usb = 0764:0501
usb = 0764:0601
usb = 0764:*
usb = 0483:a430

# Some firmware counts the battery in units of 1.5, and frequencies in tenths without saying so.
[when:miscounts]
usb = 0764:0501

# The ranges of these fields are those of other fields, or too small.
[corrections]
UPS.Input.Voltage = widen
UPS.Input.ConfigVoltage = widen
UPS.Output.Voltage = widen
UPS.Output.ConfigActivePower = widen

[usages]
CPSFirmwareVersion = ff0100d0
CPSInputSensitivity = ff010043

[variables]
ups.load = UPS.Output.PercentLoad
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper
ups.test.result = UPS.Output.Test lookup=test-read
ups.power = UPS.Output.ApparentPower
ups.power.nominal = UPS.Output.ConfigApparentPower slow
ups.realpower = UPS.Output.ActivePower
ups.realpower.nominal = UPS.Output.ConfigActivePower slow
ups.delay.start = UPS.Output.DelayBeforeStartup held=120 rw option=ondelay
ups.delay.shutdown = UPS.Output.DelayBeforeShutdown held=60 rw option=offdelay
ups.timer.start = UPS.Output.DelayBeforeStartup quick
ups.timer.shutdown = UPS.Output.DelayBeforeShutdown quick
ups.timer.reboot = UPS.Output.DelayBeforeReboot quick
ups.firmware = UPS.PowerSummary.CPSFirmwareVersion function=string once
ups.temperature = UPS.PowerSummary.Temperature function=kelvin

battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.mfr.date = UPS.Battery.ManufacturerDate function=date rw length=10 slow
battery.mfr.date = UPS.PowerSummary.iOEMInformation function=string match="^[0-9][0-9/.-]+$" once
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.charge = UPS.PowerSummary.RemainingCapacity clamp=0..100
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit rw slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage scale=1,0.1 plausible=1..300 slow
battery.voltage = UPS.PowerSummary.Voltage scale=1,0.6666666667,0.1 near=battery.voltage.nominal:0.5..1.4 format=%.1f when=miscounts
battery.voltage = UPS.PowerSummary.Voltage scale=1,0.1 near=battery.voltage.nominal:0.5..2 format=%.1f

input.frequency = UPS.Input.Frequency scale=1,0.1 plausible=0..70 format=%.1f
input.voltage.nominal = UPS.Input.ConfigVoltage slow
input.voltage = UPS.Input.Voltage format=%.1f
input.transfer.low = UPS.Input.LowVoltageTransfer rw slow
input.transfer.low = UPS.Output.LowVoltageTransfer rw slow
input.transfer.high = UPS.Input.HighVoltageTransfer rw slow
input.transfer.high = UPS.Output.HighVoltageTransfer rw slow
input.sensitivity = UPS.Output.CPSInputSensitivity lookup=sensitivity rw enum slow

output.frequency = UPS.Output.Frequency scale=1,0.1 plausible=0..70 format=%.1f
output.voltage = UPS.Output.Voltage format=%.1f
output.voltage.nominal = UPS.Output.ConfigVoltage slow

[status]
online = UPS.PowerSummary.PresentStatus.ACPresent quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
fully-charged = UPS.PowerSummary.PresentStatus.FullyCharged
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
boost = UPS.Output.Boost
overload = UPS.Output.Overload

[commands]
test.battery.start.quick = UPS.Output.Test value=1 raw
test.battery.start.deep = UPS.Output.Test value=2 raw
test.battery.stop = UPS.Output.Test value=3 raw
load.off.delay = UPS.Output.DelayBeforeShutdown value=argument:60
load.on.delay = UPS.Output.DelayBeforeStartup value=argument:120
shutdown.stop = UPS.Output.DelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.Output.DelayBeforeReboot value=argument:10
beeper.on = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.off = UPS.PowerSummary.AudibleAlarmControl value=3 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw

[lookup:sensitivity]
0 = low
1 = normal
2 = high
