# SPDX-License-Identifier: LGPL-2.1-or-later
# Inverters that speak protocol 18: requests and answers begin with their length and are in commas. They say
# nothing to any other question, so that this one comes after all.
[profile]
engine = line
title = Voltronic-PI18
version = 1.0
protocol = voltronic-pi18
vendor = "Voltronic Power"
order = 995

[line]
speed = 2400
end = cr
check = crc16-xmodem
accepted = "^1"
refused = "^0"
refused = "(NAK"
refused = NAK

[probe]
need = GS:28
# readings, some of which may be empty, not length and flags
ready = GS match="^...([^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,)" is-match="[1-9]"

[query:PI]
send = ^P005PI
begin = "^D"
ask = once

[query:GS]
send = ^P005GS
begin = "^D"
separator = ","
words = 28
answer = "^\\^D[0-9]+,[0-9,-]*$"
ask = quick

[query:MOD]
send = ^P006MOD
begin = "^D"
answer = "^\\^D0050[0-9]$"
ask = quick
optional
vital

[query:FWS]
send = ^P005FWS
begin = "^D"
separator = ","
words = 17
ask = quick
optional
vital

[query:PIRI]
send = ^P007PIRI
begin = "^D"
separator = ","
words = 15
ask = written

[query:ID]
send = ^P005ID
begin = "^D"
ask = once

[query:VFW]
send = ^P006VFW
begin = "^D"
separator = ","
words = 1
ask = once

[when:other-mode]
value = MOD match="(.)$" is-match="[^235]"

[when:with-mode]
answered = MOD

[when:open]
any = other-mode !with-mode

[when:with-warnings]
answered = FWS

[when:no-line]
value = GS:1 match="^...(.*)$" divide=10 is-range=0..59.99

[when:drained]
value = GS:11 is-range=0.01..9999

[when:on-battery]
any = no-line drained

[when:line]
value = GS:1 match="^...(.*)$" divide=10 is-range=60..1000

[variables]
device.firmware.aux = "P{PI match='^005(..)$'}"
ups.serial = ID match="^02514(..............)"
ups.firmware = VFW:1 match="^...(.*)$"
input.voltage = GS:1 match="^...(.*)$" divide=10 format=%.1f
input.frequency = GS:2 divide=10 format=%.1f
input.voltage.nominal = PIRI:1 match="^...(.*)$" divide=10 format=%.1f
input.current.nominal = PIRI:2 divide=10 format=%.1f
output.voltage = GS:3 divide=10 format=%.1f
output.frequency = GS:4 divide=10 format=%.1f
output.power = GS:5 format=%.1f
output.realpower = GS:6 format=%.1f
output.voltage.nominal = PIRI:3 divide=10 format=%.1f
output.frequency.nominal = PIRI:4 divide=10 format=%.1f
output.current.nominal = PIRI:5 divide=10 format=%.1f
output.power.nominal = PIRI:6 format=%.1f
output.realpower.nominal = PIRI:7 format=%.1f
ups.load = GS:7 format=%.0f
ups.power = GS:5 format=%.0f
ups.realpower = GS:6 format=%.0f
ups.power.nominal = PIRI:6 format=%.0f
ups.realpower.nominal = PIRI:7 format=%.0f
ups.temperature = GS:14 format=%.1f plausible=-40..200
battery.voltage = GS:8 divide=10 format=%.1f
battery.charge = GS:13 plausible=0..100 format=%.1f
battery.current = GS:11 format=%.1f
battery.voltage.nominal = PIRI:8 divide=10 format=%.1f
battery.voltage.recharge = PIRI:9 divide=10 format=%.1f
battery.voltage.under = PIRI:11 divide=10 format=%.1f
battery.voltage.bulk = PIRI:12 divide=10 format=%.1f
battery.voltage.float = PIRI:13 divide=10 format=%.1f
battery.type = PIRI:14 lookup=battery-type
battery.charging.current.ac.high = PIRI:15 format=%.1f
battery.charging.current.high = PIRI:16 format=%.1f
experimental.battery.charging.current = GS:12 format=%.1f
experimental.input.pv1.power = GS:17 format=%.0f
experimental.input.pv1.voltage = GS:19 divide=10 format=%.1f
experimental.input.pv2.power = GS:18 format=%.0f
experimental.input.pv2.voltage = GS:20 divide=10 format=%.1f

# As in voltronic-axpert.
mains = MOD match="(.)$" lookup=mains-of-mode hidden
mains = FWS:2 lookup=mains-of-warning hidden when=open
mains = value=gone hidden when=open when=!with-warnings when=on-battery
mains = value=there hidden when=open when=!with-warnings when=line

[lookup:mains-of-mode]
2 = there
3 = gone
5 = there

[lookup:mains-of-warning]
0 = there
1 = gone

[lookup:battery-type]
0 = AGM
1 = Flooded
2 = User

[status]
online = $mains is=there
offline = $mains is=gone
bypass = MOD match="(.)$" is=2
off = GS:24 is=0
off = MOD match="(.)$" is=1
charging = GS:25 is=1
discharging = GS:25 is=2
low-battery = FWS:7 is=1
low-battery = FWS:8 is=1
overload = FWS:9 is=1
overheat = FWS:4 is=1
fan-fail = FWS:5 is=1

[alarms]
"Device is going ON." = MOD match="(.)$" is=0
"Fault reported by device." = MOD match="(.)$" is=4
"Line fail." = FWS:2 is=1
"Output short-circuited." = FWS:3 is=1
"Over temperature alarm." = FWS:4 is=1
"Fan locked." = FWS:5 is=1
"Battery voltage too high." = FWS:6 is=1
"Low battery." = FWS:7 is=1
"End of battery discharge." = FWS:8 is=1
"Overload." = FWS:9 is=1
"EEPROM fault." = FWS:10 is=1
"Power limited." = FWS:11 is=1
"PV voltage too high." = FWS:12 is=1
"Voltage of the second PV too high." = FWS:13 is=1
"Solar charger overloaded." = FWS:14 is=1
"Second solar charger overloaded." = FWS:15 is=1
"Battery too low for the solar charger." = FWS:16 is=1
"Battery too low for the second solar charger." = FWS:17 is=1
