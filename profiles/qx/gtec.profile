# SPDX-License-Identifier: LGPL-2.1-or-later
# One answer (Q4) has all, with letters in place of bits: M on mains, A on battery, C on bypass, none of them when it
# is off.

[profile]
engine = line
title = "Gtec"
version = 1.0
protocol = gtec
order = 480
include = q1-commands
include = q1-ratings
include = q1-vendor

[probe]
need = Q4:12
ready = Q4 is-match="[1-9]"   # all zeros until it has measured

[query:Q4]
send = Q4
begin = "("
words = 12..13
answer = "^[(] *[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]* +[0-9.+*-][!-')-~]*( +[A-Z]*)?$"
steady
ask = quick

[when:ignoresab]
option = ignoresab

[variables]
input.voltage = Q4:1 format=%.1f
input.voltage.fault = Q4:4 format=%.1f
output.voltage = Q4:5 format=%.1f
ups.load = Q4:7 format=%.0f
input.frequency = Q4:8 format=%.1f
battery.voltage = Q4:11 format=%.1f
ups.temperature = Q4:12 format=%.1f
battery.test.status = Q4 match=" [A-Z]*([EIJKL])[A-Z]*$" lookup=test

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
