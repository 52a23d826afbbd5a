# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = hid
title = "openUPS HID"
version = 1.0
vendor = openUPS

[match]
usb = 04d8:d004
usb = 04d8:d005

[when:openups]
usb = 04d8:d004

[when:openups2]
usb = 04d8:d005

# Capacities that are shares of themselves say nothing.
[when:percent]
field = UPS.PowerSummary.CapacityMode 2

[variables]
ups.serial = UPS.PowerSummary.iSerialNumber function=string once

battery.type = UPS.PowerSummary.iDeviceChemistry function=string once
battery.mfr.date = UPS.PowerSummary.iOEMInformation function=string once
battery.voltage = UPS.PowerSummary.Voltage format=%.2f quick
battery.current = UPS.PowerSummary.Current format=%.3f quick
battery.capacity = UPS.PowerSummary.DesignCapacity once when=!percent
battery.charge = UPS.PowerSummary.RemainingCapacity quick
battery.charge.low = UPS.PowerSummary.RemainingCapacityLimit quick
battery.charge.warning = UPS.PowerSummary.WarningCapacityLimit slow
battery.runtime = UPS.PowerSummary.RunTimeToEmpty quick
battery.temperature = UPS.PowerSummary.Temperature raw curve=thermistor format=%.2f quick

input.voltage = UPS.PowerSummary.Input.Voltage scale=3.545 format=%.2f quick when=openups
input.voltage = UPS.PowerSummary.Input.Voltage scale=0.1 format=%.2f quick when=openups2
input.current = UPS.PowerSummary.Input.Current scale=0.08274 format=%.3f quick when=openups
input.current = UPS.PowerSummary.Input.Current scale=0.1 format=%.3f quick when=openups2

output.voltage = UPS.PowerSummary.Output.Voltage scale=2.571 format=%.2f quick when=openups
output.voltage = UPS.PowerSummary.Output.Voltage scale=0.1 format=%.2f quick when=openups2
output.current = UPS.PowerSummary.Output.Current scale=1.6113 format=%.3f quick when=openups
output.current = UPS.PowerSummary.Output.Current scale=0.1 format=%.3f quick when=openups2

[status]
comm-fault = UPS.PowerSummary.PresentStatus.InternalFailure quick
overload = UPS.PowerSummary.PresentStatus.Overload quick
overheat = UPS.PowerSummary.PresentStatus.OverTemperature quick
shutdown-imminent = UPS.PowerSummary.PresentStatus.ShutdownImminent quick
low-battery = UPS.PowerSummary.PresentStatus.BelowRemainingCapacityLimit quick
time-limit-expired = UPS.PowerSummary.PresentStatus.RemainingTimeLimitExpired quick
replace-battery = UPS.PowerSummary.PresentStatus.NeedReplacement
no-battery = UPS.PowerSummary.PresentStatus.BatteryPresent invert quick
online = UPS.PowerSummary.PresentStatus.ACPresent quick
discharging = UPS.PowerSummary.PresentStatus.Discharging quick
charging = UPS.PowerSummary.PresentStatus.Charging quick
off = UPS.PowerSummary.PresentStatus.Good invert quick

# Counts of the converter at -40 to 125 degrees, by steps of five.
[curve:thermistor]
0x31 = -40
0x40 = -35
0x53 = -30
0x68 = -25
0x82 = -20
0xa0 = -15
0xc3 = -10
0xe9 = -5
0x113 = 0
0x13f = 5
0x16e = 10
0x19f = 15
0x1cf = 20
0x200 = 25
0x22f = 30
0x25c = 35
0x286 = 40
0x2ae = 45
0x2d3 = 50
0x2f4 = 55
0x312 = 60
0x32d = 65
0x345 = 70
0x35a = 75
0x36d = 80
0x37e = 85
0x38c = 90
0x399 = 95
0x3a5 = 100
0x3af = 105
0x3b7 = 110
0x3bf = 115
0x3c6 = 120
0x3cc = 125
