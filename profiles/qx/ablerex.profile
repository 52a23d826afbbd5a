# SPDX-License-Identifier: LGPL-2.1-or-later
# As megatec, with more in answers of bytes: output and battery (Q5), runtime (At), result of the last test (TR).
# Only looked for behind the USB of its maker.

[profile]
engine = line
title = "Ablerex"
version = 1.0
protocol = ablerex
order = 390
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-vendor

[probe]
link = ablerex
need = STATUS:8
need = VENDOR@0 when=!novendor

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once
when = !norating

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

[when:line-interactive]
value = STATUS:8@4 is=1

# A bypass is only told from the regulator where there is one.
[when:regulating]
value = STATUS:8@2 is=1
all = line-interactive

# The voltage of the battery in hundredths of a volt per twelve volts of the pack.
[when:measured]
value = Q5:1@12-15 base=16 is-range=1..65535

# Else that of one cell, if it is so small.
[when:one-cell]
value = STATUS:6 is-range=0..3

[variables]
output.frequency = Q5:1@0-3 base=16 scale=0.1 format=%.1f
output.current = Q5:1@28-31 base=16 scale=0.1 format=%.1f
battery.voltage = Q5:1@12-15 base=16 scale=$battery.voltage.nominal divide=1200 format=%.2f when=measured
battery.voltage = STATUS:6 scale=$battery.voltage.nominal divide=2 format=%.2f when=one-cell
battery.voltage = STATUS:6 format=%.2f
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

[status]
bypass = STATUS:8@2 is=1 when=!line-interactive
replace-battery = STATUS:8@3 is=1
off = STATUS:3 is-range=0..49.9

[alarms]
"UPS reports an error!" = Q5:1@24-27 base=16

[commands]
load.off = "S.2"
