# SPDX-License-Identifier: LGPL-2.1-or-later
[profile]
engine = line
title = Voltronic-QS
version = 1.0
protocol = voltronic-qs
vendor = "Voltronic Power"
order = 120

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = NAK
refused = (NAK
refused = N
silence = done

[probe]
need = M:1 is=V,H
need = QS:8
# readings, not flags
ready = "{QS:1}{QS:2}{QS:3}{QS:4}{QS:5}{QS:6}{QS:7}" is-match="[1-9]"

[query:M]
send = M
answer = "^[A-Z]$"
ask = once

[query:QS]
send = QS
begin = "("
words = 8..9
answer = " [01][01][01][01][01][01][01][01]( |$)"
steady
ask = quick

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once

[query:QI]
send = QI
begin = "("
words = 6..9
steady

[when:ignoresab]
option = ignoresab

[when:trimmed]
ratio = output.voltage input.voltage 0.5..0.94999

[when:same]
ratio = output.voltage input.voltage 0.95..1.04999

[when:boosted]
ratio = output.voltage input.voltage 1.05..1.49999

[variables]
ups.firmware.aux = "PM-{M:1}"
ups.type = QS:8@4 lookup=type
ups.beeper.status = QS:8@7 lookup=beeping
input.voltage = QS:1 format=%.1f
input.voltage.fault = QS:2 format=%.1f
input.frequency = QI:3 format=%.1f
input.transfer.low = QI:5 format=%.0f
input.transfer.high = QI:6 format=%.0f
output.voltage = QS:3 format=%.1f
output.frequency = QS:5 format=%.1f
output.current = QI:4 format=%.1f
output.voltage.nominal = F:1 plausible=1..9999 format=%.0f
output.current.nominal = F:2 format=%.1f
output.frequency.nominal = F:4 plausible=1..999 format=%.0f
ups.load = QS:4 format=%.0f
ups.temperature = QS:7 format=%.1f
battery.voltage = QS:6 format=%.2f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
battery.charge = QI:1 plausible=0..100 format=%.0f
battery.runtime = QI:2 format=%.0f
ups.delay.start = held=180 rw range=60..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..540 step=6 step=60:60 option=offdelay

[lookup:type]
0 = online
1 = "offline / line interactive"

[lookup:beeping]
0 = disabled
1 = enabled

[status]
online = QS:8@0 is=0
offline = QS:8@0 is=1
low-battery = QS:8@1
trim = QS:8@2 when=trimmed
bypass = QS:8@2 when=same
boost = QS:8@2 when=boosted
calibration = QS:8@5
shutdown-active = QS:8@6 when=!ignoresab

[alarms]
"UPS selftest failed!" = QS:8@3

[commands]
beeper.toggle = Q
load.off = S00R0000
load.on = C
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}"
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}R0000"
shutdown.stop = C
test.battery.start.quick = T
