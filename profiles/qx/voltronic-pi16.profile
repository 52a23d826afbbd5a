# SPDX-License-Identifier: LGPL-2.1-or-later
# Hybrid inverters that speak protocol 16: the requests of protocol 30, and other answers to them.
[profile]
engine = line
title = Voltronic-PI16
version = 1.0
protocol = voltronic-pi16
vendor = "Voltronic Power"
order = 115

[line]
speed = 2400
end = cr
check = crc16-xmodem
accepted = "(ACK"
refused = "(NAK"
refused = NAK

[probe]
need = QPIGS:22
need = QPI:1 is=PI16
# readings, not flags
ready = "{QPIGS:1}{QPIGS:2}{QPIGS:3}{QPIGS:4}{QPIGS:5}{QPIGS:6}{QPIGS:7}{QPIGS:8}{QPIGS:9}{QPIGS:10}{QPIGS:11}{QPIGS:12}{QPIGS:13}{QPIGS:14}{QPIGS:15}{QPIGS:16}{QPIGS:17}{QPIGS:18}{QPIGS:19}{QPIGS:20}{QPIGS:21}" is-match="[1-9]"

[query:QPI]
send = QPI
begin = "("
words = 1
ask = once

[query:QPIGS]
send = QPIGS
begin = "("
words = 22
answer = " [A-Z][01-]+$"
ask = quick

[query:QMOD]
send = QMOD
begin = "("
answer = "^[(][A-Z]$"
ask = quick
optional
vital

[query:QPIWS]
send = QPIWS
begin = "("
words = 1
answer = "^[(][01-]*$"
ask = quick
optional
vital

[query:QPIRI]
send = QPIRI
begin = "("
words = 7
ask = written

[query:QPIBI]
send = QPIBI
begin = "("
words = 5

[query:QVFW]
send = QVFW
begin = "("
answer = "^[(]VERFW:"
ask = once

[query:QID]
send = QID
begin = "("
words = 1
ask = once

[when:other-mode]
value = QMOD:1 is-match="[^BGLY]"

[when:with-mode]
answered = QMOD

[when:open]
any = other-mode !with-mode

[when:with-warnings]
answered = QPIWS

[when:not-meant]
value = QPIWS:1@8 is=-

[when:no-warning]
any = not-meant !with-warnings

[when:no-line]
value = QPIGS:1 is-range=0..59.99

[when:line]
value = QPIGS:1 is-range=60..1000

[variables]
device.firmware.aux = "P{QPI:1 trim=PI}"
ups.firmware = QVFW match="VERFW:(.*)$"
ups.serial = QID:1 match="^.*[^0].*$"
input.voltage = QPIGS:1 format=%.1f
input.frequency = QPIGS:3 format=%.1f
input.current = QPIGS:4 format=%.1f
input.voltage.nominal = QPIRI:1 format=%.1f
input.frequency.nominal = QPIRI:2 format=%.1f
input.current.nominal = QPIRI:3 format=%.1f
output.voltage = QPIGS:5 format=%.1f
output.realpower = QPIGS:6 format=%.1f
output.frequency = QPIGS:7 format=%.1f
output.current = QPIGS:8 format=%.1f
output.voltage.nominal = QPIRI:4 format=%.1f
output.current.nominal = QPIRI:5 format=%.1f
ups.realpower = QPIGS:6 format=%.0f
ups.load = QPIGS:9 format=%.0f
ups.temperature = QPIGS:21 format=%.1f plausible=-40..200
battery.voltage = QPIGS:12 format=%.1f
battery.charge = QPIGS:14 plausible=0..100 format=%.1f
battery.voltage.nominal = QPIRI:7 format=%.1f
battery.number = QPIBI:2 format=%.0f
experimental.input.pv1.power = QPIGS:15 format=%.0f
experimental.input.pv2.power = QPIGS:16 format=%.0f
experimental.input.pv3.power = QPIGS:17 format=%.0f
experimental.input.pv1.voltage = QPIGS:18 format=%.1f
experimental.input.pv2.voltage = QPIGS:19 format=%.1f
experimental.input.pv3.voltage = QPIGS:20 format=%.1f

# As in voltronic-axpert.
mains = QMOD:1 lookup=mains-of-mode hidden
mains = QPIWS:1@8 lookup=mains-of-warning hidden when=open
mains = value=gone hidden when=open when=no-warning when=no-line
mains = value=there hidden when=open when=no-warning when=line

[lookup:mains-of-mode]
G = there
L = there
Y = there
B = gone

[lookup:mains-of-warning]
0 = there
1 = gone

[status]
online = $mains is=there
offline = $mains is=gone
bypass = QMOD:1 is=Y
shutdown-active = QMOD:1 is=D
off = QMOD:1 is=S
low-battery = QPIWS:1@15 is=1
overload = QPIWS:1@18 is=1
overheat = QPIWS:1@22 is=1
fan-fail = QPIWS:1@24 is=1

[alarms]
"Device is going ON." = QMOD:1 is=P
"Fault reported by device." = QMOD:1 is=F
"Device is shutting down." = QMOD:1 is=D
"Device has fault." = QPIWS:1@0 is=1
"CPU is performing the auto-correction of AD signals." = QPIWS:1@1 is=1
"An external Flash device failed." = QPIWS:1@2 is=1
"Input PV is found lost." = QPIWS:1@3 is=1
"PV input voltage reads low." = QPIWS:1@4 is=1
"Power island." = QPIWS:1@5 is=1
"An Error occurred in the CPU initialization." = QPIWS:1@6 is=1
"Power grid voltage exceeds the upper threshold." = QPIWS:1@7 is=1
"Power grid voltage falls below the lower threshold." = QPIWS:1@8 is=1
"Power grid frequency exceeds the upper threshold." = QPIWS:1@9 is=1
"Power grid frequency falls below the lower threshold." = QPIWS:1@10 is=1
"Power grid-connected average voltage exceeds the maximum threshold." = QPIWS:1@11 is=1
"Require power from the power grid." = QPIWS:1@12 is=1
"Emergent grid disconnection." = QPIWS:1@13 is=1
"Battery voltage is too low." = QPIWS:1@14 is=1
"Low battery." = QPIWS:1@15 is=1
"Battery disconnected." = QPIWS:1@16 is=1
"End of battery discharge." = QPIWS:1@17 is=1
"Overload." = QPIWS:1@18 is=1
"EPO active." = QPIWS:1@19 is=1
"Over temperature alarm." = QPIWS:1@22 is=1
"No electrical ground." = QPIWS:1@23 is=1
"Fan fault." = QPIWS:1@24 is=1
