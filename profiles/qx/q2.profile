# SPDX-License-Identifier: LGPL-2.1-or-later
# Three phases, in an older form than q6: input, output and battery (Q2), output (WA), status (Q1).

[profile]
engine = line
title = "Q2"
version = 1.0
protocol = q2
order = 465
include = q1-commands
include = q1-status
include = q1-beeper
include = q1-ratings

[probe]
need = Q2:1
need = STATUS:8
need = WA:9 when=!nooutstats

[query:Q2]
send = Q2
begin = "("
words = 16
answer = "^[(] *[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[01]+ +[0-9.+-]+ +[0-9.+-]+( |$)"
steady

[query:WA]
send = WA
begin = "("
words = 12
answer = "^[(] *[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+( |$)"
steady
when = !nooutstats

[when:nooutstats]
option = nooutstats

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

[lookup:winding]
0 = delta
1 = star
