# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "PowerCOM HID"
version = 1.0
vendor = PowerCOM

[match]
usb = 0d9f:0001
usb = 0d9f:0004
usb = 0d9f:00a2
usb = 0d9f:00a3
usb = 0d9f:00a4
usb = 0d9f:00a5
usb = 0d9f:00a6

[when:interrupt-only]
usb = 0d9f:0001

[when:old-order]
option = powercom_sdcmd_byte_order_fallback

[when:discrete]
option = powercom_sdcmd_discrete_delay

[link]
interruptonly = interrupt-only

[usages]
PowercomUPS = 00020004
PowercomBatterySystem = 00020010
PowercomPowerConverter = 00020016
PowercomInput = 0002001a
PowercomOutput = 0002001c
PowercomVoltage = 00020030
PowercomFrequency = 00020032
PowercomPercentLoad = 00020035
PowercomTemperature = 00020036
PowercomDelayBeforeStartup = 00020056
PowercomDelayBeforeShutdown = 00020057
PowercomTest = 00020058
PowercomInternalChargeController = 00020081
PowercomPrimaryBatterySupport = 00020082
PowercomManufacturerDate = 00020085
PowercomSerialNumber = 00020086
PowercomManufacturerName = 00020087
PCMDelayBeforeStartup = 00ff0056
PCMDelayBeforeShutdown = 00ff0057

[variables]
ups.beeper.status = UPS.PowerSummary.AudibleAlarmControl lookup=beeper-mode
ups.beeper.status = UPS.AudibleAlarmControl lookup=beeper-mode
ups.load = UPS.Output.PercentLoad
ups.load = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPercentLoad
ups.date = UPS.PowerSummary.ManufacturerDate function=date once
ups.test.result = UPS.Battery.Test lookup=test-read
ups.test.result = PowercomUPS.PowercomPowerConverter.PowercomTest lookup=test-read
ups.delay.start = UPS.PowerSummary.DelayBeforeStartup held=60 rw option=ondelay
ups.delay.start = PowercomUPS.PowercomPowerConverter.PowercomDelayBeforeStartup
ups.timer.start = UPS.PowerSummary.DelayBeforeStartup function=swapped-minutes
ups.delay.shutdown = UPS.PowerSummary.DelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = UPS.PowerSummary.PCMDelayBeforeShutdown held=20 rw option=offdelay
ups.delay.shutdown = PowercomUPS.PowercomPowerConverter.PowercomDelayBeforeShutdown
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown function=seconds-minutes when=old-order quick
ups.timer.shutdown = UPS.PowerSummary.PCMDelayBeforeShutdown function=seconds-minutes when=old-order quick
ups.timer.shutdown = UPS.PowerSummary.DelayBeforeShutdown function=minutes-seconds quick
ups.timer.shutdown = UPS.PowerSummary.PCMDelayBeforeShutdown function=minutes-seconds quick
ups.serial = PowercomUPS.PowercomSerialNumber function=string once
ups.mfr = PowercomUPS.PowercomManufacturerName function=string once
ups.mfr.date = PowercomUPS.PowercomManufacturerDate function=date slow

battery.charge = UPS.PowerSummary.RemainingCapacity
battery.charge = UPS.Battery.RemainingCapacity
battery.charge = PowercomUPS.PowercomBatterySystem.PowercomVoltage
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.mfr.date = UPS.Battery.ManufacturerDate function=date once
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.temperature = PowercomUPS.PowercomBatterySystem.PowercomTemperature
battery.temperature = UPS.Battery.Temperature format=%.1f
battery.temperature = UPS.PowerSummary.Temperature format=%.1f
battery.voltage = UPS.Flow.iName(29) text=7 match="^ *([0-9]+[.][0-9]+) "

input.voltage = UPS.Input.Voltage format=%.1f
input.voltage = PowercomUPS.PowercomPowerConverter.PowercomInput.PowercomVoltage scale=4
input.voltage.nominal = UPS.Input.ConfigVoltage once
input.frequency = UPS.Input.Frequency format=%.1f
input.frequency = PowercomUPS.PowercomPowerConverter.PowercomInput.PowercomFrequency

output.voltage = UPS.Output.Voltage format=%.1f
output.voltage = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomVoltage scale=4
output.voltage.nominal = UPS.Output.ConfigVoltage once
output.frequency = UPS.Output.Frequency format=%.1f
output.frequency = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomFrequency

[status]
online = UPS.PresentStatus.ACPresent quick
online = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPrimaryBatterySupport quick mask=0x01 invert else
online = UPS.PowerSummary.PresentStatus.ACPresent quick else
no-battery = UPS.PresentStatus.BatteryPresent invert
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert else
low-battery = UPS.PresentStatus.BelowRemainingCapacityLimit quick
low-battery = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPrimaryBatterySupport quick mask=0x02 else
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick else
boost = UPS.PresentStatus.Boost
boost = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPrimaryBatterySupport quick mask=0x18 is=0x18 else
trim = UPS.PresentStatus.Buck
trim = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPrimaryBatterySupport quick mask=0x18 is=0x08 else
charging = UPS.PresentStatus.Charging quick
charging = UPS.PowerSummary.PresentStatus.Charging quick else
comm-fault = UPS.PresentStatus.CommunicationLost
comm-fault = UPS.PowerSummary.PresentStatus.CommunicationLost
discharging = UPS.PresentStatus.Discharging quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick else
replace-battery = UPS.PresentStatus.NeedReplacement
replace-battery = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomInternalChargeController quick mask=0x02
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
overload = UPS.PresentStatus.Overload
overload = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomPrimaryBatterySupport quick mask=0x20
overload = UPS.PowerSummary.PresentStatus.Overload
time-limit-expired = UPS.PresentStatus.RemainingTimeLimitExpired
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired else
shutdown-imminent = UPS.PresentStatus.ShutdownImminent
shutdown-imminent = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomInternalChargeController quick mask=0x10 else
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent else
fan-fail = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomInternalChargeController quick mask=0x01
calibration = PowercomUPS.PowercomPowerConverter.PowercomOutput.PowercomInternalChargeController quick mask=0x04

[commands]
beeper.toggle = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.enable = UPS.PowerSummary.AudibleAlarmControl value=1 raw
beeper.disable = UPS.PowerSummary.AudibleAlarmControl value=0 raw
test.battery.start.quick = UPS.Battery.Test value=1 raw
load.off = PowercomUPS.PowercomPowerConverter.PowercomDelayBeforeShutdown value=0
load.off = UPS.PowerSummary.PCMDelayBeforeShutdown value=0 minimum=1 function=seconds-minutes bits=0x8000 when=old-order
load.off = UPS.PowerSummary.PCMDelayBeforeShutdown value=0 minimum=1 function=minutes-seconds bits=0x80
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:60 raw scale=0.0166666667 when=discrete
load.on.delay = UPS.PowerSummary.DelayBeforeStartup value=argument:60 function=swapped-minutes
load.on = UPS.PowerSummary.PCMDelayBeforeStartup value=0 function=swapped-minutes
shutdown.return = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown raw curve=steps when=discrete
shutdown.return = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=seconds-minutes bits=0x4000 when=old-order
shutdown.return = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=minutes-seconds bits=0x40
shutdown.return = UPS.PowerSummary.PCMDelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=seconds-minutes bits=0x4000 when=old-order
shutdown.return = UPS.PowerSummary.PCMDelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=minutes-seconds bits=0x40
shutdown.stayoff = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown raw minimum=1 function=minutes-seconds bits=0x80 when=discrete
shutdown.stayoff = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=seconds-minutes bits=0x8000 when=old-order
shutdown.stayoff = UPS.PowerSummary.DelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=minutes-seconds bits=0x80
shutdown.stayoff = UPS.PowerSummary.PCMDelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=seconds-minutes bits=0x8000 when=old-order
shutdown.stayoff = UPS.PowerSummary.PCMDelayBeforeShutdown value=$ups.delay.shutdown minimum=1 function=minutes-seconds bits=0x80

[lookup:beeper-mode]
1 = enabled
2 = disabled

# The device knows these delays only, by number: 12 to 60 seconds in steps of six, then minutes. What is in between
# is rounded up.
[curve:steps]
12 = 1.49
60 = 9.49
120 = 10.49
600 = 18.49
