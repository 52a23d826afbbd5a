# SPDX-License-Identifier: LGPL-2.1-or-later
# Status, ratings (F) and vendor (I): what most devices of the family speak.

[profile]
engine = line
title = "Megatec"
version = 1.0
protocol = megatec
order = 400

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = NAK
refused = (NAK
silence = done

[probe]
need = Q1:8
need = I@0 when=!novendor
ready = Q1 is-match="[1-9]"   # all zeros until it has measured

[query:Q1]
send = Q1
begin = "("
words = 8
answer = "^[(][0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[01][01][01][01][01][01][01][01]([^01]|$)"
steady
ask = quick

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once
when = !norating

[query:I]
send = I
begin = "\#"
length = 4
steady
ask = once
when = !novendor

# Some have their serial number and their runtime in it, too.
[query:RUNTIME]
send = I
begin = "\#"
length = 37
steady
when = extended

[when:extended]
value = I is-match="^MegaTec........ .....[0-9][0-9][0-9][0-9][0-9] "

[when:norating]
option = norating

[when:novendor]
option = novendor

[when:ignoresab]
option = ignoresab

# With the bit of the regulator the output lies below the input, or above, or there is no regulator at work but
# a bypass.
[when:lower]
ratio = output.voltage input.voltage 0.5..0.95

[when:alike]
ratio = output.voltage input.voltage 0.95..1.05

[when:higher]
ratio = output.voltage input.voltage 1.05..1.5

[when:returns]
variable = ups.delay.start 1..599940

# Columns, which may be filled with blanks; or three words with one blank between them.
[when:words]
value = I is-match="^[^ ]+ [^ ]+ [^ ]+$"

[variables]
input.voltage = Q1:1 format=%.1f
input.voltage.fault = Q1:2 format=%.1f
output.voltage = Q1:3 format=%.1f
ups.load = Q1:4 format=%.0f
input.frequency = Q1:5 format=%.1f
battery.voltage = Q1:6 format=%.2f
ups.temperature = Q1:7 format=%.1f
ups.type = Q1:8@4 lookup=type
ups.beeper.status = Q1:8@7 lookup=sound
input.voltage.nominal = F:1 plausible=1..9999 format=%.0f
input.current.nominal = F:2 format=%.1f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
input.frequency.nominal = F:4 plausible=1..999 format=%.0f
battery.runtime = RUNTIME@22-26 format=%.0f
ups.mfr = I@1-7 when=extended
ups.model = I@17-21 when=extended
ups.serial = I@8-15 when=extended
ups.mfr = I@1-15 trim="\#" when=!words
ups.mfr = I:1 trim="\#" when=words
ups.model = I@17-26 trim="\#" when=!words
ups.model = I@17- trim="\#" when=!words
ups.model = I:2 trim="\#" when=words
ups.firmware = I@28-37 trim="\#" when=!words
ups.firmware = I@28- trim="\#" when=!words
ups.firmware = I:3 trim="\#" when=words
ups.delay.start = held=180 rw range=0..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..600 step=6 step=60:60 option=offdelay

[lookup:type]
0 = online
1 = "offline / line interactive"

[lookup:sound]
0 = disabled
1 = enabled

[status]
online = Q1:8@0 is=0
offline = Q1:8@0 is=1
low-battery = Q1:8@1 is=1
trim = Q1:8@2 is=1 when=lower when=!alike
bypass = Q1:8@2 is=1 when=alike when=!higher
boost = Q1:8@2 is=1 when=higher
calibration = Q1:8@5 is=1
shutdown-active = Q1:8@6 is=1 when=!ignoresab

[alarms]
"UPS selftest failed!" = Q1:8@3 is=1

[commands]
beeper.toggle = "Q"
load.off = "S00R0000"
load.on = "C"
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}" when=returns
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}" when=!returns
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}R0000"
shutdown.stop = "C"
test.battery.start = "T{argument:600 divide=60 format=%02d}" range=60..5940
test.battery.start.deep = "TL"
test.battery.start.quick = "T"
test.battery.stop = "CT"
