# SPDX-License-Identifier: LGPL-2.1-or-later
# One answer (Q4) has all, with letters in place of bits: M on mains, A on battery, C on bypass, none of them when it
# is off.

[profile]
engine = line
title = "Gtec"
version = 1.0
protocol = gtec
order = 480

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = NAK
refused = (NAK
silence = done

[probe]
need = Q4:12
ready = Q4 is-match="[1-9]"   # all zeros until it has measured

[query:Q4]
send = Q4
begin = "("
words = 12..13
answer = "^[(][0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+( +[A-Z]*)?$"
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

[when:norating]
option = norating

[when:novendor]
option = novendor

[when:ignoresab]
option = ignoresab

[when:returns]
variable = ups.delay.start 1..599940

# Columns, which may be filled with blanks; or three words with one blank between them.
[when:words]
value = I is-match="^[^ ]+ [^ ]+ [^ ]+$"

[variables]
input.voltage = Q4:1 format=%.1f
input.voltage.fault = Q4:4 format=%.1f
output.voltage = Q4:5 format=%.1f
ups.load = Q4:7 format=%.0f
input.frequency = Q4:8 format=%.1f
battery.voltage = Q4:11 format=%.1f
ups.temperature = Q4:12 format=%.1f
battery.test.status = Q4 match=" [A-Z]*([EIJKL])[A-Z]*$" lookup=test
input.voltage.nominal = F:1 plausible=1..9999 format=%.0f
input.current.nominal = F:2 format=%.1f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
input.frequency.nominal = F:4 plausible=1..999 format=%.0f
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

[lookup:test]
E = "Test in progress"
I = "Test passed - Result: OK"
J = "Test passed - Result: Failed"
K = "Battery disconnected"
L = "Test status unknown"

# The letters stand at the end, behind a blank; there may be none.
[status]
offline = Q4 is-match=" [A-Z]*A[A-Z]*$"
online = Q4 is-match=" [A-Z]*A[A-Z]*$" invert
low-battery = Q4 is-match=" [A-Z]*B[A-Z]*$"
bypass = Q4 is-match=" [A-Z]*C[A-Z]*$"
shutdown-active = Q4 is-match=" [A-Z]*F[A-Z]*$" when=!ignoresab
replace-battery = Q4 is-match=" [A-Z]*J[A-Z]*$"
overload = Q4 is-match=" [A-Z]*N[A-Z]*$"
off = Q4 is-match=" [A-Z]*[ACM][A-Z]*$" invert

[alarms]
"UPS failed" = Q4 is-match=" [A-Z]*D[A-Z]*$"
"Site fault" = Q4 is-match=" [A-Z]*G[A-Z]*$"
"EPROM fail" = Q4 is-match=" [A-Z]*H[A-Z]*$"
"Battery disconnected" = Q4 is-match=" [A-Z]*P[A-Z]*$"

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
