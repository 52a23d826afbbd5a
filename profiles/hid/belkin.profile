# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "Belkin/Liebert HID"
version = 1.0
vendor = Belkin

[match]
usb = 050d:0375
usb = 050d:0551
usb = 050d:0750
usb = 050d:0751
usb = 050d:0900
usb = 050d:0910
usb = 050d:0912
usb = 050d:0980
usb = 050d:0f51
usb = 050d:1100
usb = 10af:0000
usb = 10af:0001
usb = 10af:0002
usb = 10af:0004
usb = 10af:0008
usb = 10af:*

# Liebert counts in tenths of a volt, whatever the descriptor says.
[corrections]
UPS.Input.Voltage = exponent=6 if-exponent=1
UPS.Input.Voltage = exponent=6 if-exponent=-1
UPS.Output.Voltage = exponent=6 if-exponent=1
UPS.Output.Voltage = exponent=6 if-exponent=-1
UPS.PowerSummary.Voltage = exponent=6 if-exponent=1
UPS.PowerSummary.Voltage = exponent=6 if-exponent=-1
UPS.PowerConverter.Input.Voltage = exponent=6 if-exponent=1
UPS.PowerConverter.Input.Voltage = exponent=6 if-exponent=-1
UPS.PowerConverter.Output.Voltage = exponent=6 if-exponent=1
UPS.PowerConverter.Output.Voltage = exponent=6 if-exponent=-1
UPS.BatterySystem.Battery.Voltage = exponent=6 if-exponent=1
UPS.BatterySystem.Battery.Voltage = exponent=6 if-exponent=-1
UPS.PowerSummary.ConfigVoltage = exponent=7 if-exponent=0

[usages]
BELKINConfig = 00860026
BELKINConfigVoltage = 00860040
BELKINConfigFrequency = 00860042
BELKINConfigApparentPower = 00860043
BELKINConfigBatteryVoltage = 00860044
BELKINConfigOverloadTransfer = 00860045
BELKINLowVoltageTransfer = 00860053
BELKINHighVoltageTransfer = 00860054
BELKINLowVoltageTransferMax = 0086005b
BELKINLowVoltageTransferMin = 0086005c
BELKINHighVoltageTransferMax = 0086005d
BELKINHighVoltageTransferMin = 0086005e
BELKINControls = 00860027
BELKINDelayBeforeReboot = 00860055
BELKINDelayBeforeStartup = 00860056
BELKINDelayBeforeShutdown = 00860057
BELKINTest = 00860058
BELKINAudibleAlarmControl = 0086005a
BELKINDevice = 00860029
BELKINVoltageSensitivity = 00860074
BELKINUPSType = 0086007c
BELKINPowerState = 0086002a
BELKINInput = 0086001a
BELKINOutput = 0086001c
BELKINBatterySystem = 00860010
BELKINVoltage = 00860030
BELKINFrequency = 00860032
BELKINPercentLoad = 00860035
BELKINCharge = 00860039
BELKINStatus = 00860028
BELKINBatteryStatus = 00860022
BELKINPowerStatus = 00860021

[variables]
ups.beeper.status = UPS.BELKINControls.BELKINAudibleAlarmControl lookup=beeper
ups.delay.start = UPS.BELKINControls.BELKINDelayBeforeStartup held=30 rw option=ondelay
ups.delay.shutdown = UPS.BELKINControls.BELKINDelayBeforeShutdown held=20 rw option=offdelay
ups.timer.start = UPS.BELKINControls.BELKINDelayBeforeStartup quick
ups.timer.shutdown = UPS.BELKINControls.BELKINDelayBeforeShutdown quick
ups.timer.reboot = UPS.BELKINControls.BELKINDelayBeforeReboot quick
ups.firmware = UPS.BELKINDevice.BELKINUPSType mask=0xf0 scale=0.0625 once
ups.load = UPS.BELKINPowerState.BELKINOutput.BELKINPercentLoad
ups.load = UPS.Output.PercentLoad
ups.load = UPS.OutletSystem.Outlet.PercentLoad
ups.load.high = UPS.BELKINConfig.BELKINConfigOverloadTransfer slow
ups.mfr.date = UPS.PowerSummary.ManufacturerDate function=date slow
ups.power.nominal = UPS.BELKINConfig.BELKINConfigApparentPower slow
ups.serial = UPS.PowerSummary.iSerialNumber function=string once
ups.test.result = UPS.BELKINControls.BELKINTest lookup=test
ups.type = UPS.BELKINDevice.BELKINUPSType mask=0x0f lookup=type once

battery.charge = UPS.BELKINBatterySystem.BELKINCharge
battery.charge = UPS.PowerSummary.RemainingCapacity quick
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit slow
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty
battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.voltage = UPS.BELKINBatterySystem.BELKINVoltage scale=0.1 format=%.1f
battery.voltage = UPS.PowerSummary.Voltage format=%.1f plausible=0..1000
battery.voltage = UPS.BatterySystem.Battery.Voltage format=%.1f plausible=0..1000
battery.voltage.nominal = UPS.BELKINConfig.BELKINConfigBatteryVoltage slow
battery.voltage.nominal = UPS.PowerSummary.ConfigVoltage format=%.1f plausible=1..1000 once
battery.voltage.nominal = UPS.BatterySystem.Battery.ConfigVoltage slow

input.frequency = UPS.BELKINPowerState.BELKINInput.BELKINFrequency scale=0.1 format=%.1f
input.frequency = UPS.Input.Frequency scale=1,0.1,0.01 plausible=0..70 format=%.1f
input.frequency = UPS.PowerConverter.Input.Frequency scale=0.01,0.1,1 plausible=40..70 format=%.1f
input.frequency.nominal = UPS.BELKINConfig.BELKINConfigFrequency slow
input.sensitivity = UPS.BELKINDevice.BELKINVoltageSensitivity lookup=sensitivity rw enum
input.transfer.high = UPS.BELKINConfig.BELKINHighVoltageTransfer rw slow
input.transfer.high.max = UPS.BELKINConfig.BELKINHighVoltageTransferMax slow
input.transfer.high.min = UPS.BELKINConfig.BELKINHighVoltageTransferMin slow
input.transfer.low = UPS.BELKINConfig.BELKINLowVoltageTransfer rw slow
input.transfer.low.max = UPS.BELKINConfig.BELKINLowVoltageTransferMax slow
input.transfer.low.min = UPS.BELKINConfig.BELKINLowVoltageTransferMin slow
input.voltage = UPS.BELKINPowerState.BELKINInput.BELKINVoltage scale=0.1 format=%.1f
input.voltage = UPS.Input.Voltage format=%.1f plausible=0..1000
input.voltage = UPS.PowerConverter.Input.Voltage format=%.1f plausible=0..1000
input.voltage.nominal = UPS.BELKINConfig.BELKINConfigVoltage slow
input.voltage.nominal = UPS.Flow.ConfigVoltage slow

output.frequency = UPS.BELKINPowerState.BELKINOutput.BELKINFrequency scale=0.1 format=%.1f
output.frequency = UPS.PowerConverter.Output.Frequency scale=0.01,0.1,1 plausible=40..70 format=%.1f
output.voltage = UPS.BELKINPowerState.BELKINOutput.BELKINVoltage scale=0.1 format=%.1f
output.voltage = UPS.Output.Voltage format=%.1f plausible=0..1000
output.voltage = UPS.PowerConverter.Output.Voltage format=%.1f plausible=0..1000
output.voltage.nominal = UPS.Flow.ConfigVoltage slow

# Of the standard fields of a Belkin some are always wrong: its own go first.
[status]
overload = UPS.BELKINStatus.BELKINPowerStatus mask=0x10
overheat = UPS.BELKINStatus.BELKINPowerStatus mask=0x40
comm-fault = UPS.BELKINStatus.BELKINPowerStatus mask=0x80
awaiting-power = UPS.BELKINStatus.BELKINPowerStatus mask=0x2000
online = UPS.BELKINStatus.BELKINPowerStatus quick mask=0x01 invert
online = UPS.PowerSummary.ACPresent quick else
online = UPS.PowerSummary.PresentStatus.ACPresent quick else
depleted = UPS.BELKINStatus.BELKINBatteryStatus quick mask=0x40
replace-battery = UPS.BELKINStatus.BELKINBatteryStatus mask=0x80
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement quick
low-battery = UPS.BELKINStatus.BELKINBatteryStatus quick mask=0x04
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick else
charging = UPS.BELKINStatus.BELKINBatteryStatus quick mask=0x10
charging = UPS.PowerSummary.Charging quick else
charging = UPS.PowerSummary.PresentStatus.Charging quick else
discharging = UPS.BELKINStatus.BELKINBatteryStatus quick mask=0x20
discharging = UPS.PowerSummary.Discharging quick else
discharging = UPS.PowerSummary.PresentStatus.Discharging quick else
off = UPS.BELKINStatus.BELKINPowerStatus mask=0x20
shutdown-imminent = UPS.PowerSummary.ShutdownImminent
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent else

[commands]
test.battery.start.quick = UPS.BELKINControls.BELKINTest value=1 raw
test.battery.start.deep = UPS.BELKINControls.BELKINTest value=2 raw
test.battery.stop = UPS.BELKINControls.BELKINTest value=3 raw
beeper.on = UPS.BELKINControls.BELKINAudibleAlarmControl value=2 raw
beeper.off = UPS.BELKINControls.BELKINAudibleAlarmControl value=3 raw
beeper.disable = UPS.BELKINControls.BELKINAudibleAlarmControl value=1 raw
beeper.enable = UPS.BELKINControls.BELKINAudibleAlarmControl value=2 raw
beeper.mute = UPS.BELKINControls.BELKINAudibleAlarmControl value=3 raw
load.off = UPS.BELKINControls.BELKINDelayBeforeShutdown value=1
load.on = UPS.BELKINControls.BELKINDelayBeforeStartup value=1
load.off.delay = UPS.BELKINControls.BELKINDelayBeforeShutdown value=argument:20
load.on.delay = UPS.BELKINControls.BELKINDelayBeforeStartup value=argument:30
shutdown.stop = UPS.BELKINControls.BELKINDelayBeforeShutdown value=-1 raw
shutdown.reboot = UPS.BELKINControls.BELKINDelayBeforeReboot value=argument:10

[lookup:sensitivity]
0 = normal
1 = reduced
2 = low

[lookup:type]
0 = online
1 = offline
2 = line-interactive
3 = "simple online"
4 = "simple offline"
5 = "simple line-interactive"

[lookup:test]
0 = "No test initiated"
1 = "Done and passed"
2 = "Done and warning"
3 = "Done and error"
4 = Aborted
5 = "In progress"
