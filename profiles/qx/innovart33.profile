# SPDX-License-Identifier: LGPL-2.1-or-later
# Three phases in, three out, and a query for each purpose: input and battery (Q6), output (WA), bypass (BPS),
# ratings (F), status (Q1). Which of the two kinds it is shows the second phase of the output.

[profile]
engine = line
title = "Innova RT 3/3"
version = 1.0
protocol = innovart33
order = 450
include = q1-commands
include = q1-status
include = q1-ratings
include = q6

[line]
accepted = ACK

[probe]
need = Q6:6 is-range=1..9999
need = STATUS:8
need = WA:9
need = BPS:1
need = F:1
need = FW
need = SERIAL

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once

[query:FW]
send = FW?
answer = "^[0-9A-Za-z][!-~]*$"
steady
ask = once

[query:SERIAL]
send = SASV07?
begin = GASV07D
length = 8
steady
ask = once

[variables]
input.phases = value=3
input.bypass.phases = value=3
output.phases = value=3
input.L%-N.voltage = Q6:% format=%.1f each=1..3
output.L1-N.voltage = Q6:5 format=%.1f
output.L2-N.voltage = Q6:6 format=%.1f
output.L3-N.voltage = Q6:7 format=%.1f
output.L1.load = Q6:9 format=%.0f
output.L2.load = Q6:10 format=%.0f
output.L3.load = Q6:11 format=%.0f
output.L%.realpower = WA:% scale=1000 format=%.1f each=1..3
output.L1.power = WA:4 scale=1000 format=%.1f
output.L2.power = WA:5 scale=1000 format=%.1f
output.L3.power = WA:6 scale=1000 format=%.1f
output.L1.current = WA:9 format=%.1f
output.L2.current = WA:10 format=%.1f
output.L3.current = WA:11 format=%.1f
ups.load = WA:12 format=%.0f
input.bypass.L%-N.voltage = BPS:% format=%.1f each=1..3
ups.firmware = FW
ups.serial = SERIAL
ups.beeper.status = STATUS:8@7 lookup=sound

[lookup:sound]
0 = disabled
1 = enabled
