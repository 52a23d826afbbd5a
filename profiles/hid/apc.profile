# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "APC HID"
version = 1.0
vendor = APC

[match]
usb = 051d:0000
usb = 051d:0002
usb = 051d:0003
usb = 051d:0004
usb = 051d:0005
usb = 051d:*

[when:back-ups]
usb = 051d:0002

# These speak a protocol of their own over the interrupt pipe.
[when:fifth-generation]
usb = 051d:0003
usb = 051d:0004

# These answer with more bytes than the report has.
[when:long-answers]
product = "^Back-UPS ES 525"
product = "^Back-UPS CS"

[link]
pollonly = fifth-generation
maxreport = long-answers

# Models for 230 V state the range of 120 V.
[corrections]
UPS.Input.Voltage = widen when=back-ups
UPS.Input.ConfigVoltage = widen when=back-ups

[usages]
APCGeneralCollection = ff860005
APCEnvironment = ff860006
APCProbe1 = ff860007
APCBattReplaceDate = ff860016
APCLineFailCause = ff860052
APCStatusFlag = ff860060
APCSensitivity = ff860061
APCPanelTest = ff860072
APCDelayBeforeReboot = ff86007c
APCDelayBeforeShutdown = ff86007d
APCDelayBeforeStartup = ff86007e

[variables]
ups.load = UPS.Output.PercentLoad format=%.1f
ups.load = UPS.PowerConverter.PercentLoad
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = UPS.Output.DelayBeforeStartup held=30 rw option=ondelay
ups.delay.start = UPS.APCGeneralCollection.APCDelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = UPS.Output.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = UPS.APCGeneralCollection.APCDelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup quick
ups.timer.start = UPS.Output.DelayBeforeStartup quick
ups.timer.start = UPS.APCGeneralCollection.APCDelayBeforeStartup quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown quick
ups.timer.shutdown = UPS.Output.DelayBeforeShutdown quick
ups.timer.shutdown = UPS.APCGeneralCollection.APCDelayBeforeShutdown quick
ups.timer.reboot = UPS.PowerSummary.DelayBeforeReboot quick
ups.timer.reboot = UPS.Output.DelayBeforeReboot quick
ups.timer.reboot = UPS.APCGeneralCollection.APCDelayBeforeReboot quick
ups.test.result = UPS.Battery.Test lookup=test-read
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper
ups.mfr.date = UPS.ManufacturerDate function=date slow
ups.mfr.date = UPS.PowerSummary.ManufacturerDate function=date slow
ups.realpower.nominal = UPS.PowerConverter.ConfigActivePower slow
ups.realpower.nominal = UPS.Output.ConfigActivePower slow
ups.model = @product match="^(.*[^ ]) +FW:"
ups.firmware = @product match="FW:(.*[^ ]) +USB FW:" slow
ups.firmware = @product match="FW:(.*[^ ])" slow
ups.firmware.aux = @product match="USB FW:(.*[^ ])"

battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit rw option=lowbatt slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.runtime = UPS.Battery.RunTimeToEmpty
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.runtime.low = UPS.Battery.RemainingTimeLimit rw slow
battery.runtime.low = UPS.PowerSummary.RemainingTimeLimit rw slow
battery.voltage = UPS.Battery.Voltage format=%.1f
battery.voltage = UPS.PowerSummary.Voltage format=%.1f
battery.voltage.nominal = UPS.Battery.ConfigVoltage format=%.1f slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.1f slow
battery.temperature = UPS.Battery.Temperature function=kelvin
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.mfr.date = UPS.Battery.ManufacturerDate function=date rw length=10 slow
battery.mfr.date = UPS.PowerSummary.APCBattReplaceDate function=bcd-date slow
battery.date = UPS.Battery.APCBattReplaceDate function=bcd-date slow

input.voltage = UPS.Input.Voltage format=%.1f
input.voltage.nominal = UPS.Input.ConfigVoltage slow
input.transfer.low = UPS.Output.LowVoltageTransfer rw slow
input.transfer.low = UPS.Input.LowVoltageTransfer rw slow
input.transfer.high = UPS.Output.HighVoltageTransfer rw slow
input.transfer.high = UPS.Input.HighVoltageTransfer rw slow
input.sensitivity = UPS.Input.APCSensitivity lookup=sensitivity rw enum slow

output.voltage = UPS.Output.Voltage format=%.1f
output.voltage.nominal = UPS.Output.ConfigVoltage format=%.1f slow
output.current = UPS.Output.Current format=%.2f
output.frequency = UPS.Output.Frequency format=%.1f

ambient.temperature = UPS.APCEnvironment.APCProbe1.Temperature function=kelvin
ambient.humidity = UPS.APCEnvironment.APCProbe1.Humidity format=%.1f

[status]
charging = UPS.PowerSummary.Charging quick
charging = UPS.PowerSummary.PresentStatus.Charging quick else
discharging = UPS.PowerSummary.Discharging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick else
online = UPS.PowerSummary.ACPresent quick
online = UPS.PowerSummary.PresentStatus.ACPresent quick else
low-battery = UPS.PowerSummary.BelowRemainingCapacityLimit quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick else
shutdown-imminent = UPS.PowerSummary.ShutdownImminent
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent else
off = UPS.PowerSummary.APCStatusFlag quick is=0
voltage-out-of-range = UPS.Input.APCLineFailCause is=1,2,4,8,9
frequency-out-of-range = UPS.Input.APCLineFailCause is=7
overload = UPS.PowerSummary.PresentStatus.Overload
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert

[commands]
test.battery.start.quick = UPS.BatterySystem.Battery.Test value=1 raw
test.battery.start.quick = UPS.Battery.Test value=1 raw
test.battery.start.deep = UPS.BatterySystem.Battery.Test value=2 raw
test.battery.start.deep = UPS.Battery.Test value=2 raw
test.battery.stop = UPS.BatterySystem.Battery.Test value=3 raw
test.battery.stop = UPS.Battery.Test value=3 raw
test.panel.start = UPS.APCPanelTest value=1 raw
test.panel.start = UPS.PowerSummary.APCPanelTest value=1 raw
test.panel.stop = UPS.APCPanelTest value=0 raw
test.panel.stop = UPS.PowerSummary.APCPanelTest value=0 raw
load.off.delay = UPS.PowerSummary.DelayBeforeShutdown value=argument:20
load.off.delay = UPS.Output.DelayBeforeShutdown value=argument:20
load.off.delay = UPS.APCGeneralCollection.APCDelayBeforeShutdown value=argument:20
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:30
load.on.delay = UPS.Output.DelayBeforeStartup value=argument:30
load.on.delay = UPS.APCGeneralCollection.APCDelayBeforeStartup value=argument:30
shutdown.stop = UPS.PowerSummary.DelayBeforeShutdown value=-1 raw
shutdown.stop = UPS.Output.DelayBeforeShutdown value=-1 raw
shutdown.stop = UPS.APCGeneralCollection.APCDelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.PowerSummary.DelayBeforeReboot value=argument:10
shutdown.reboot = UPS.Output.DelayBeforeReboot value=argument:10
shutdown.reboot = UPS.APCGeneralCollection.APCDelayBeforeReboot value=argument:10
shutdown.return = UPS.Output.APCDelayBeforeReboot value=1
beeper.on = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.off = UPS.PowerSummary.AudibleAlarmControl value=3 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=2 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.mute = UPS.PowerSummary.AudibleAlarmControl value=3 raw

[lookup:sensitivity]
0 = low
1 = medium
2 = high
