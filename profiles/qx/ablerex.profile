# SPDX-License-Identifier: LGPL-2.1-or-later
# As megatec, with more in answers of bytes: output and battery (Q5), runtime (At), result of the last test (TR).
# Only looked for behind the USB of its maker.

[profile]
engine = line
title = "Ablerex"
version = 1.0
protocol = ablerex
order = 390

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = NAK
refused = (NAK
silence = done

[probe]
link = ablerex
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

# Two bytes for each number, the higher first; of the last nothing is known.
[query:Q5]
send = Q5
begin = "("
binary = 16 3

[query:AT]
send = At
begin = "("
binary = 4

[query:TR]
send = TR
begin = "\#"
answer = "^\#[!-~][!-~ ][!-~ ][!-~ ]"
steady

[when:norating]
option = norating

[when:novendor]
option = novendor

[when:ignoresab]
option = ignoresab

[when:line-interactive]
value = Q1:8@4 is=1

# The voltage of the battery in hundredths of a volt per twelve volts of the pack.
[when:measured]
value = Q5:1@12-15 base=16 is-range=1..65535

# Else that of one cell, if it is so small.
[when:one-cell]
value = Q1:6 is-range=0..3

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
ups.temperature = Q1:7 format=%.1f
output.frequency = Q5:1@0-3 base=16 scale=0.1 format=%.1f
output.current = Q5:1@28-31 base=16 scale=0.1 format=%.1f
battery.voltage = Q5:1@12-15 base=16 scale=$battery.voltage.nominal divide=1200 format=%.2f when=measured
battery.voltage = Q1:6 scale=$battery.voltage.nominal divide=2 format=%.2f when=one-cell
battery.voltage = Q1:6 format=%.2f
battery.voltage.low = Q5:1@16-19 base=16 plausible=1..65535 scale=$battery.voltage.nominal divide=1200 format=%.2f
battery.voltage.low = $battery.voltage.nominal scale=0.8 format=%.2f
battery.voltage.high = $battery.voltage.nominal scale=1.1375 format=%.2f
battery.runtime = AT:1 base=16 format=%.0f
ups.test.result = TR@1-4
experimental.ups.error = Q5:1@24-27 base=16 plausible=1..65535 format=%d
output.voltage.nominal = F:1 plausible=1..9999 format=%.1f
output.current.nominal = F:2 format=%.1f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
output.frequency.nominal = F:4 plausible=1..999 format=%.1f
ups.type = Q1:8@4 lookup=type
ups.beeper.status = Q1:8@7 lookup=sound
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

# A bypass is only told from the regulator where there is one.
[status]
online = Q1:8@0 is=0
offline = Q1:8@0 is=1
low-battery = Q1:8@1 is=1
trim = Q1:8@2 is=1 when=line-interactive when=lower when=!alike
bypass = Q1:8@2 is=1 when=line-interactive when=alike when=!higher
bypass = Q1:8@2 is=1 when=!line-interactive
boost = Q1:8@2 is=1 when=line-interactive when=higher
replace-battery = Q1:8@3 is=1
off = Q1:3 is-range=0..49.9
calibration = Q1:8@5 is=1
shutdown-active = Q1:8@6 is=1 when=!ignoresab

[alarms]
"UPS selftest failed!" = Q1:8@3 is=1
"UPS reports an error!" = Q5:1@24-27 base=16

[commands]
beeper.toggle = "Q"
load.off = "S.2"
load.on = "C"
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}" when=returns
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}" when=!returns
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}R0000"
shutdown.stop = "C"
test.battery.start = "T{argument:600 divide=60 format=%02d}" range=60..5940
test.battery.start.deep = "TL"
test.battery.start.quick = "T"
test.battery.stop = "CT"
