# SPDX-License-Identifier: LGPL-2.1-or-later
# Three phases, in an older form than q6: input, output and battery (Q2), output (WA), status (Q1).

[profile]
engine = line
title = "Q2"
version = 1.0
protocol = q2
order = 465

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = NAK
refused = (NAK
silence = done

[probe]
need = Q2:1
need = Q1:8
need = WA:9 when=!nooutstats
ready = Q1 is-match="[1-9]"   # all zeros until it has measured

[query:Q1]
send = Q1
begin = "("
words = 8
answer = "^[(][0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[01][01][01][01][01][01][01][01]([^01]|$)"
steady
ask = quick

[query:Q2]
send = Q2
begin = "("
words = 16
answer = "^[(][0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[01]+ +[0-9.-]+ +[0-9.-]+( |$)"
steady

[query:WA]
send = WA
begin = "("
words = 12
answer = "^[(][0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+ +[0-9.-]+( |$)"
steady
when = !nooutstats

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once
when = !norating

[when:norating]
option = norating

[when:nooutstats]
option = nooutstats

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

[variables]
input.phases = value=3
output.phases = value=3
input.L%-N.voltage = Q2:% format=%.1f each=1..3
input.voltage.fault = Q2:4 format=%.1f
input.frequency = Q2:11 format=%.1f
output.L1-N.voltage = Q2:5 format=%.1f
output.L2-N.voltage = Q2:6 format=%.1f
output.L3-N.voltage = Q2:7 format=%.1f
output.L1.load = Q2:8 format=%.0f
output.L2.load = Q2:9 format=%.0f
output.L3.load = Q2:10 format=%.0f
battery.voltage = Q2:12 format=%.1f
ups.temperature = Q2:13 format=%.1f
battery.runtime = Q2:15 scale=60 format=%.0f
battery.charge = Q2:16 plausible=0..100 format=%.0f
experimental.input.topology = Q2:23@0 lookup=winding
experimental.output.topology = Q2:23@1 lookup=winding
output.L%.realpower = WA:% scale=1000 format=%.1f each=1..3
output.L1.power = WA:4 scale=1000 format=%.1f
output.L2.power = WA:5 scale=1000 format=%.1f
output.L3.power = WA:6 scale=1000 format=%.1f
output.L1.current = WA:9 format=%.1f
output.L2.current = WA:10 format=%.1f
output.L3.current = WA:11 format=%.1f
ups.realpower = WA:7 scale=1000 format=%.1f
ups.power = WA:8 scale=1000 format=%.1f
ups.load = WA:12 format=%.0f
input.voltage.nominal = F:1 plausible=1..9999 format=%.0f
input.current.nominal = F:2 format=%.1f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
input.frequency.nominal = F:4 plausible=1..999 format=%.0f
ups.type = Q1:8@4 lookup=type
ups.beeper.status = Q1:8@7 lookup=sound
ups.delay.start = held=180 rw range=0..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..600 step=6 step=60:60 option=offdelay
# Only to tell what the regulator does.
input.voltage = Q1:1 hidden format=%.1f
output.voltage = Q1:3 hidden format=%.1f

[lookup:type]
0 = online
1 = "offline / line interactive"

[lookup:sound]
0 = disabled
1 = enabled

[lookup:winding]
0 = delta
1 = star

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
