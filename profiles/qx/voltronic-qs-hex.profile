# SPDX-License-Identifier: LGPL-2.1-or-later
# As voltronic-qs, but values are bytes. Voltages and the frequency are counts, each with the factor or the
# divisor that belongs to them beside it.
[profile]
engine = line
title = Voltronic-QS-Hex
version = 1.0
protocol = voltronic-qs-hex
vendor = "Voltronic Power"
order = 130

[line]
speed = 2400
end = cr
accepted = ACK
accepted = (ACK
refused = N
refused = NAK
refused = (NAK
silence = done

[probe]
need = M:1 is=P,T
need = QS:10
ready = "{QS:1}{QS:3}{QS:5}{QS:8}" is-match="[1-9a-f]"   # readings: neither factors nor flags

[query:M]
send = M
answer = "^[A-Z]$"
ask = once

[query:QS]
send = QS
begin = "\#"
decode = hex-words
words = 10..11
answer = "^\#.... .. .... .. .. .... ...... .. .. ..( ..)?$"
ask = quick

[when:with-ratings]
value = M:1 is=T

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
ups.type = QS:10 base=16 mask=0x08 lookup=type
ups.beeper.status = QS:10 base=16 mask=0x01 lookup=beeping
# Whole 256ths of a volt
input-count = "{QS:1 base=16} {QS:2 base=16}" function=product divide=51 format=%d hidden
output-count = "{QS:3 base=16} {QS:4 base=16}" function=product divide=51 format=%d hidden
input.voltage = $input-count divide=256 format=%.1f
output.voltage = $output-count divide=256 format=%.1f
output.frequency = "{QS:7 base=16} {QS:6 base=16}" function=quotient clamp=0..99.9 format=%.1f
ups.load = QS:5 base=16 format=%d
battery.voltage = "{QS:8 base=16} {QS:9 base=16}" function=product divide=510 format=%.2f
output.frequency.nominal = QS:11 base=16 mask=0x80 lookup=hertz when=with-ratings
battery.voltage.nominal = QS:11 base=16 mask=0x60 lookup=battery when=with-ratings
output.voltage.nominal = QS:11 base=16 mask=0x07 lookup=volts when=with-ratings
ups.delay.start = held=180 rw range=60..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..540 step=6 step=60:60 option=offdelay

[lookup:type]
0 = online
1 = "offline / line interactive"

[lookup:beeping]
0 = disabled
1 = enabled

[lookup:hertz]
0 = 50.0
1 = 60.0

[lookup:battery]
0 = 12.0
1 = 24.0
2 = 36.0
3 = 48.0

[lookup:volts]
0 = 110.0
1 = 120.0
2 = 220.0
3 = 230.0
4 = 240.0

[status]
online = QS:10 base=16 mask=0x80 is=0
offline = QS:10 base=16 mask=0x80 is=1
low-battery = QS:10 base=16 mask=0x40
trim = QS:10 base=16 mask=0x20 when=trimmed
bypass = QS:10 base=16 mask=0x20 when=same
boost = QS:10 base=16 mask=0x20 when=boosted
calibration = QS:10 base=16 mask=0x04
shutdown-active = QS:10 base=16 mask=0x02 when=!ignoresab

[alarms]
"UPS selftest failed!" = QS:10 base=16 mask=0x10

[commands]
beeper.toggle = Q
load.off = S00R0000
load.on = C
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}"
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}R0000"
shutdown.stop = C
test.battery.start.quick = T when=with-ratings
