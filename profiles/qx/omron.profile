# SPDX-License-Identifier: LGPL-2.1-or-later
# The state is that of q1, without the bit of the bypass, whose meaning is not known here, and without that of
# the beeper. Whether it comes back with the mains is set before it is told to switch off.
[profile]
engine = line
title = Omron
version = 1.0
protocol = omron
vendor = OMRON
order = 10

[line]
speed = 2400
end = cr
accepted = "OK*"
refused = "NAK*"

[probe]
usb = 0590:*
need = Q1:8
# readings, not flags
ready = "{Q1:1}{Q1:2}{Q1:3}{Q1:4}{Q1:5}{Q1:6}{Q1:7}" is-match="[1-9]"

[query:Q1]
send = Q1
begin = "("
words = 8..9
answer = " [01][01][01][01][01][01][01][01]( |$)"
steady
ask = quick

[query:charge]
send = "Bl ?"
answer = "^[0-9]+$"

[query:RTS]
send = RTS
answer = "^[0-9]+$"

[query:TPb]
send = TPb
answer = "^[+-]?[0-9]+[.]?[0-9]*$"

[query:frequency]
send = "Lf ?"
answer = "^[0-9]+[.]?[0-9]*$"

[query:PSNR]
send = PSNR
length = 4..40
ask = once

[query:FWV]
send = FWV
answer = "^M: *[0-9]+[.][0-9]+[(]S: *[0-9]+[.][0-9]+[)] *$"
ask = once

[query:BRR]
send = BRR
answer = "^[0-9][0-9][0-9][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
ask = once

[query:UN]
send = UN
answer = "^[0-9][0-9][0-9][0-9]W/[0-9][0-9][0-9][0-9]VA/[0-9][0-9][0-9]V/[0-9][0-9][0-9]W/[0-9][0-9][0-9]W$"
ask = once

[when:ignoresab]
option = ignoresab

[variables]
ups.type = Q1:8@4 lookup=type
ups.serial = PSNR trim="\#"
ups.firmware = FWV match="M: *([0-9.]+)" format=%.2f
ups.firmware.aux = FWV match="S: *([0-9.]+)" format=%.2f
input.voltage = Q1:1 format=%.1f
input.voltage.fault = Q1:2 format=%.1f
input.frequency = Q1:5 format=%.1f
output.voltage = Q1:3 format=%.1f
output.frequency = frequency format=%.1f
ups.load = Q1:4 format=%.0f
ups.temperature = Q1:7 format=%.1f
ups.realpower.nominal = UN match="^([0-9]+)W" format=%d
ups.power.nominal = UN match="([0-9]+)VA" format=%d
battery.voltage.nominal = UN match="([0-9]+)V/" format=%d
battery.voltage = Q1:6 format=%.2f
battery.charge = charge plausible=0..100 format=%.1f
battery.runtime = RTS scale=60 format=%d
battery.temperature = TPb trim="+" format=%.1f
battery.date = "{BRR@0-3}-{BRR@4-5}-{BRR@6-7}"
ups.delay.shutdown = held=30 rw range=12..600 step=6 step=60:60 option=offdelay

[lookup:type]
0 = online
1 = "offline / line interactive"

[status]
online = Q1:8@0 is=0
offline = Q1:8@0 is=1
low-battery = Q1:8@1
calibration = Q1:8@5
shutdown-active = Q1:8@6 when=!ignoresab

[alarms]
"UPS selftest failed!" = Q1:8@3

[commands]
shutdown.stop = C

[command:shutdown.return]
send = An
send = "S{$ups.delay.shutdown function=tenths-or-minutes}"

[command:shutdown.stayoff]
send = Af
send = "Sf{$ups.delay.shutdown function=tenths-or-minutes}"
