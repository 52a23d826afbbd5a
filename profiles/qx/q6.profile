# SPDX-License-Identifier: LGPL-2.1-or-later
# Up to three phases: input and battery (Q6), output (WA), status (Q1); bypass (BPS), ratings (F) and what it is
# (WH) where it knows these. WH says how many phases there are.

[profile]
engine = line
title = "Q6"
version = 1.0
protocol = q6
order = 460
include = q1-commands
include = q1-status
include = q1-beeper
include = q1-ratings
include = q6

[probe]
need = Q6:1
need = STATUS:8
need = WA:9 when=!nooutstats

[query:WA]
send = WA
begin = "("
words = 12
answer = "^[(] *[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+ +[0-9.+-]+( |$)"
steady
when = !nooutstats

[query:WH]
send = WH
begin = "("
answer = "^[(].* [13]/[13] "
steady
ask = once

[when:nooutstats]
option = nooutstats

# How many phases there are it says itself. If it does not, three are seen where a second or third one has a
# voltage; else nothing is known, as this may be a failure.
[when:told]
answered = WH

[when:three-out]
any = told-three-out seen-three-out

[when:told-three-out]
value = WH match=" [13]/([13]) " is=3

[when:seen-three-out]
all = !told
value = Q6:6 is-range=1..9999
value = Q6:7 is-range=1..9999

[when:three-in]
any = told-three-in taken-three-in

[when:told-three-in]
value = WH match=" ([13])/[13] " is=3

# Three phases are only made of three.
[when:taken-three-in]
all = !told
any = seen-three-in three-out

[when:seen-three-in]
value = Q6:2 is-range=1..9999
value = Q6:3 is-range=1..9999

[variables]
input.phases = WH match=" ([13])/[13] "
input.phases = value=3 when=three-in
output.phases = WH match=" [13]/([13]) "
output.phases = value=3 when=three-out
input.voltage = Q6:1 format=%.1f when=!three-in
input.L%-N.voltage = Q6:% format=%.1f each=1..3 when=three-in
output.voltage = Q6:5 format=%.1f when=!three-out
output.L1-N.voltage = Q6:5 format=%.1f when=three-out
output.L2-N.voltage = Q6:6 format=%.1f when=three-out
output.L3-N.voltage = Q6:7 format=%.1f when=three-out
output.L1.load = Q6:9 format=%.0f when=three-out
output.L2.load = Q6:10 format=%.0f when=three-out
output.L3.load = Q6:11 format=%.0f when=three-out
experimental.battery.voltage.negative = Q6:13 format=%.1f
experimental.input.topology = Q6:20@0 lookup=winding
experimental.output.topology = Q6:20@1 lookup=winding
output.current = WA:9 format=%.1f when=!three-out
output.L%.realpower = WA:% scale=1000 format=%.1f each=1..3 when=three-out
output.L1.power = WA:4 scale=1000 format=%.1f when=three-out
output.L2.power = WA:5 scale=1000 format=%.1f when=three-out
output.L3.power = WA:6 scale=1000 format=%.1f when=three-out
output.L1.current = WA:9 format=%.1f when=three-out
output.L2.current = WA:10 format=%.1f when=three-out
output.L3.current = WA:11 format=%.1f when=three-out
ups.load = WA:12 format=%.0f
ups.load = Q6:9 format=%.0f when=!three-out
input.bypass.voltage = BPS:1 format=%.1f when=!three-out
input.bypass.L%-N.voltage = BPS:% format=%.1f each=1..3 when=three-out

[lookup:winding]
0 = delta
1 = star
