# SPDX-License-Identifier: LGPL-2.1-or-later
# Inverters of one or three phases that speak protocol 17. Requests begin with their length and have no check;
# answers have both.
[profile]
engine = line
title = Voltronic-PI17
version = 1.0
protocol = voltronic-pi17
vendor = "Voltronic Power"
order = 996

[line]
speed = 2400
end = cr
check-answer = crc16-xmodem
accepted = "^1"
refused = "^0"
refused = "(NAK"
refused = NAK

[probe]
need = GS:25
# readings, some of which may be empty, not length and flags
ready = GS match="^...([^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,)" is-match="[1-9]"

[query:GS]
send = ^P003GS
begin = "^D"
separator = ","
words = 25
answer = "^\\^D[0-9][0-9][0-9][0-9,+-]*$"
ask = quick

[query:MOD]
send = ^P004MOD
begin = "^D"
answer = "^\\^D0050[0-9]$"
ask = quick
optional
vital

[query:WS]
send = ^P003WS
begin = "^D"
separator = ","
words = 22
ask = quick
optional
vital

[query:PS]
send = ^P003PS
begin = "^D"
separator = ","
words = 21

[query:PIRI]
send = ^P005PIRI
begin = "^D"
separator = ","
words = 7
ask = written

[query:PI]
send = ^P003PI
begin = "^D"
ask = once

[query:ID]
send = ^P003ID
begin = "^D"
ask = once

[query:VFW]
send = ^P004VFW
begin = "^D"
answer = "VERFW:"
ask = once

[when:other-mode]
value = MOD match="(..)$" is-match="^0[^2356]$"

[when:with-mode]
answered = MOD

[when:open]
any = other-mode !with-mode

[when:with-warnings]
answered = WS

[when:no-line]
value = GS:8 divide=10 is-range=0..59.99

[when:line]
value = GS:8 divide=10 is-range=60..1000

[variables]
device.firmware.aux = "P{PI match='^005(..)$'}"
ups.serial = ID match="^02514(..............)"
ups.firmware = VFW match="VERFW:(.*)$"
input.voltage = GS:8 divide=10 format=%.1f
input.L1-N.voltage = GS:8 divide=10 format=%.1f
input.L2-N.voltage = GS:9 divide=10 format=%.1f
input.L3-N.voltage = GS:10 divide=10 format=%.1f
input.frequency = GS:11 divide=100 format=%.1f
input.L1.current = GS:12 divide=10 format=%.1f
input.L2.current = GS:13 divide=10 format=%.1f
input.L3.current = GS:14 divide=10 format=%.1f
input.voltage.nominal = PIRI:1 match="^...(.*)$" divide=10 format=%.1f
input.frequency.nominal = PIRI:2 divide=10 format=%.1f
input.current.nominal = PIRI:3 divide=10 format=%.1f
output.voltage = GS:15 divide=10 format=%.1f
output.L1-N.voltage = GS:15 divide=10 format=%.1f
output.L2-N.voltage = GS:16 divide=10 format=%.1f
output.L3-N.voltage = GS:17 divide=10 format=%.1f
output.frequency = GS:18 divide=100 format=%.1f
output.L1.current = GS:19 divide=10 format=%.1f
output.L2.current = GS:20 divide=10 format=%.1f
output.L3.current = GS:21 divide=10 format=%.1f
output.voltage.nominal = PIRI:4 divide=10 format=%.1f
output.current.nominal = PIRI:5 divide=10 format=%.1f
output.realpower = PS:11 format=%d
output.power = PS:15 format=%d
ups.realpower = PS:11 format=%d
ups.power = PS:15 format=%d
ups.load = PS:16 format=%d
ups.temperature = GS:22 format=%.1f plausible=-40..200
battery.voltage = GS:5 divide=10 format=%.1f
battery.charge = GS:6 plausible=0..100 format=%.1f
battery.current = GS:7 trim="+" divide=10 format=%.1f
battery.voltage.nominal = PIRI:7 divide=10 format=%.1f
experimental.input.pv1.voltage = GS:1 match="^...(.*)$" divide=10 format=%.1f
experimental.input.pv1.current = GS:3 divide=100 format=%.1f
experimental.input.pv1.power = PS:1 match="^...(.*)$" format=%d
experimental.input.pv2.voltage = GS:2 divide=10 format=%.1f
experimental.input.pv2.current = GS:4 divide=100 format=%.1f
experimental.input.pv2.power = PS:2 format=%d

# In mode 5 and 6 the mains are there, in 2 they are the load's; in the others the warning about them counts. A
# device that has neither is judged by its line.
mains = MOD match="(..)$" lookup=mains-of-mode hidden
mains = WS:15 lookup=mains-of-warning hidden when=open
mains = value=gone hidden when=open when=!with-warnings when=no-line
mains = value=there hidden when=open when=!with-warnings when=line

[lookup:mains-of-mode]
02 = there
03 = gone
05 = there
06 = there

[lookup:mains-of-warning]
0 = there
1 = gone

[status]
online = $mains is=there
offline = $mains is=gone
off = MOD match="(..)$" is=01
bypass = MOD match="(..)$" is=02
low-battery = WS:5 is=1
low-battery = WS:6 is=1
overheat = WS:19 is=1
overload = WS:20 is=1

[alarms]
"Device is going ON." = MOD match="(..)$" is=00
"Fault reported by device." = MOD match="(..)$" is=04
"PV loss." = WS:1 match="(.)$" is=1
"PV loss of the second string." = WS:2 is=1
"PV voltage too high." = WS:3 is=1
"Voltage of the second PV too high." = WS:4 is=1
"End of battery discharge." = WS:5 is=1
"Low battery." = WS:6 is=1
"Battery disconnected." = WS:7 is=1
"Battery voltage too high." = WS:8 is=1
"Battery low in hybrid mode." = WS:9 is=1
"Power grid voltage exceeds the upper threshold." = WS:10 is=1
"Power grid voltage falls below the lower threshold." = WS:11 is=1
"Power grid frequency exceeds the upper threshold." = WS:12 is=1
"Power grid frequency falls below the lower threshold." = WS:13 is=1
"Power grid-connected average voltage exceeds the maximum threshold." = WS:14 is=1
"Input voltage lost." = WS:15 is=1
"Input frequency lost." = WS:16 is=1
"Power island." = WS:17 is=1
"Phase sequence incorrect." = WS:18 is=1
"Over temperature alarm." = WS:19 is=1
"Overload." = WS:20 is=1
"EPO active." = WS:21 is=1
"Input wave lost." = WS:22 is=1
