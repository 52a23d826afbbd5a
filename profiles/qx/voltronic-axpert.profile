# SPDX-License-Identifier: LGPL-2.1-or-later
# Inverters with batteries and solar panels that speak protocol 30. Requests and answers carry a check. Later
# models append words, and leave the places of older ones as they were. What they are is told by the shape of
# their state: some do not say the number of the protocol.
[profile]
engine = line
title = Voltronic-Axpert
version = 1.0
protocol = voltronic-axpert
vendor = "Voltronic Power"
order = 110

[line]
speed = 2400
end = cr
check = crc16-xmodem
accepted = "(ACK"
refused = "(NAK"
refused = NAK

[probe]
need = QPIGS:17
# readings, not flags
ready = "{QPIGS:1}{QPIGS:2}{QPIGS:3}{QPIGS:4}{QPIGS:5}{QPIGS:6}{QPIGS:7}{QPIGS:8}{QPIGS:9}{QPIGS:10}{QPIGS:11}{QPIGS:12}{QPIGS:13}{QPIGS:14}{QPIGS:15}{QPIGS:16}" is-match="[1-9]"

[query:QPI]
send = QPI
begin = "("
words = 1
ask = once

[query:QPIGS]
send = QPIGS
begin = "("
words = 17
answer = " [01-][01-][01-][01-][01-][01-][01-][01-]( |$)"
ask = quick

[query:QPIGS2]
send = QPIGS2
begin = "("
words = 3

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
words = 15
ask = written

[query:QMD]
send = QMD
begin = "("
words = 8..12
ask = once

[query:QDI]
send = QDI
begin = "("
words = 15
ask = once

[query:QVFW]
send = QVFW
begin = "("
answer = "^[(]VERFW:"
ask = once

[query:QVFW2]
send = QVFW2
begin = "("
answer = "^[(]VERFW2:"
ask = once

[query:QVFW3]
send = QVFW3
begin = "("
answer = "^[(]VERFW3:"
ask = once

[query:QVFW4]
send = QVFW4
begin = "("
answer = "^[(]VERFW4:"
ask = once

[query:QID]
send = QID
begin = "("
words = 1
ask = once

[query:QFLAG]
send = QFLAG
begin = "("
answer = "^[(](E[a-z]*)?(D[a-z]*)?$"
ask = written

[when:three-trackers]
value = QPIGS2:10 is-match="."

[when:other-mode]
value = QMOD:1 is-match="[^BLY]"

[when:with-mode]
answered = QMOD

[when:open]
any = other-mode !with-mode

[when:with-warnings]
answered = QPIWS

[when:not-meant]
value = QPIWS:1@5 is=-

[when:no-warning]
any = not-meant !with-warnings

[when:no-line]
value = QPIGS:1 is-range=0..59.99

[when:drained]
value = QPIGS:16 is-range=0.01..9999

[when:on-battery]
any = no-line drained

[when:line]
value = QPIGS:1 is-range=60..1000

[when:with-beeper]
variable = ups.beeper.status enabled,disabled

[variables]
device.firmware.aux = "P{QPI:1 trim=PI}"
device.firmware = "0X{QVFW match='VERFW:(.*)$'}"
device.firmware.main = "0X{QVFW match='VERFW:(.*)$'}"
device.firmware.scc1 = "0X{QVFW2 match='VERFW2:(.*)$'}"
device.firmware.scc2 = "0X{QVFW3 match='VERFW3:(.*)$'}"
device.firmware.scc3 = "0X{QVFW4 match='VERFW4:(.*)$'}"
ups.model = QMD trim="\#" match="^(.*[^ \#])[ \#]+[0-9]+ +[0-9]+ +[0-9]/[0-9] +[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+$"
device.model.type = QPIRI:20 lookup=model-type
device.description = QPIRI:21 lookup=topology
ups.serial = QID:1 match="^.*[^0].*$"
ups.firmware = QVFW match="VERFW:(.*)$"

input.voltage = QPIGS:1 format=%.1f
input.frequency = QPIGS:2 format=%.1f
input.voltage.nominal = QPIRI:1 format=%.1f
input.current.nominal = QPIRI:2 format=%.1f
input.phases = QMD:-5 match="^([0-9])/[0-9]$"
output.voltage = QPIGS:3 format=%.1f
output.frequency = QPIGS:4 format=%.1f
output.power = QPIGS:5 format=%.1f
output.realpower = QPIGS:6 format=%.1f
output.voltage.nominal = QPIRI:3 format=%.1f
output.frequency.nominal = QPIRI:4 format=%.1f
output.current.nominal = QPIRI:5 format=%.1f
output.power.nominal = QPIRI:6 format=%.1f
output.realpower.nominal = QPIRI:7 format=%.1f
output.powerfactor.nominal = QMD:-6 divide=100 plausible=0.1..1
output.phases = QMD:-5 match="^[0-9]/([0-9])$"
output.voltage.default = QDI:1 format=%.1f
output.frequency.default = QDI:2 format=%.1f
ups.load = QPIGS:7 format=%.0f
ups.power = QPIGS:5 format=%.0f
ups.realpower = QPIGS:6 format=%.0f
ups.power.nominal = QPIRI:6 format=%.0f
ups.realpower.nominal = QPIRI:7 format=%.0f
ups.temperature = QPIGS:12 format=%.1f plausible=-40..200
ups.beeper.status = QFLAG function=letter-list:a

battery.voltage = QPIGS:9 format=%.2f
battery.charge = QPIGS:11 plausible=0..100 format=%.1f
battery.current = QPIGS:16 format=%.1f
battery.voltage.nominal = QPIRI:8 format=%.1f
battery.voltage.recharge = QPIRI:9 format=%.1f
battery.voltage.under = QPIRI:10 format=%.1f
battery.voltage.bulk = QPIRI:11 format=%.1f
battery.voltage.float = QPIRI:12 format=%.1f
battery.type = QPIRI:13 lookup=battery-type
battery.charging.current.ac.high = QPIRI:14 format=%.1f
battery.charging.current.high = QPIRI:15 format=%.1f
battery.number = QMD:-2 format=%.0f
battery.energysave = QFLAG function=letter-list:j lookup=choice rw enum write="P{argument unlook=switch-choice}J"

experimental.battery.charging.current = QPIGS:10 format=%.1f
experimental.battery.voltage.scc1 = QPIGS:15 format=%.1f
experimental.battery.voltage.scc2 = QPIGS2:3 format=%.1f when=three-trackers
experimental.battery.voltage.scc3 = QPIGS2:10 format=%.1f when=three-trackers
experimental.battery.charging.current.ac.high.default = QDI:3 format=%.1f
experimental.battery.voltage.under.default = QDI:4 format=%.1f
experimental.battery.voltage.float.default = QDI:5 format=%.1f
experimental.battery.voltage.bulk.default = QDI:6 format=%.1f
experimental.battery.voltage.recharge.default = QDI:7 format=%.1f
experimental.battery.charging.current.high.default = QDI:8 format=%.1f
experimental.battery.type.default = QDI:12 lookup=battery-type
experimental.input.pv1.current = QPIGS:13 format=%.1f
experimental.input.pv1.voltage = QPIGS:14 format=%.1f
experimental.input.pv2.current = QPIGS2:1 format=%.1f
experimental.input.pv2.voltage = QPIGS2:2 format=%.1f
experimental.input.pv3.current = QPIGS2:8 format=%.1f when=three-trackers
experimental.input.pv3.voltage = QPIGS2:9 format=%.1f when=three-trackers

# The modes for the mains and for the battery say what the load lives on; in all others the warning that the line has
# failed does. A device that has neither is judged by its line and by what its battery gives.
mains = QMOD:1 lookup=mains-of-mode hidden
mains = QPIWS:1@5 lookup=mains-of-warning hidden when=open
mains = value=gone hidden when=open when=no-warning when=on-battery
mains = value=there hidden when=open when=no-warning when=line

[lookup:mains-of-mode]
L = there
Y = there
B = gone

[lookup:mains-of-warning]
0 = there
1 = gone

[lookup:battery-type]
0 = AGM
1 = Flooded
2 = User

[lookup:model-type]
00 = Grid-tie
01 = Off-grid
10 = Hybrid
11 = "Off Grid with 2 Trackers"
20 = "Off Grid with 3 Trackers"

[lookup:topology]
0 = Transformerless
1 = "With transformer"

[lookup:choice]
enabled = yes
disabled = no

[lookup:switch-choice]
E = yes
D = no

# In fault (F) an inverter may still feed its load from the line, but no battery takes over: an alarm beside
# what the line is, and OFF if the load is not fed. In mode D it takes the power away by itself.
[status]
online = $mains is=there
offline = $mains is=gone
shutdown-active = QMOD:1 is=D
off = QMOD:1 is=S
off = QPIGS:17@3 is=0
bypass = QMOD:1 is=Y
eco-mode = QMOD:1 is=H
charging = QPIGS:17@5 is=1
low-battery = QPIWS:1@12 is=1
low-battery = QPIWS:1@14 is=1
overload = QPIWS:1@16 is=1
overheat = QPIWS:1@9 is=1
fan-fail = QPIWS:1@10 is=1

[alarms]
"Device is going ON." = QMOD:1 is=P
"Fault reported by device." = QMOD:1 is=F
"Device is shutting down." = QMOD:1 is=D
"PV loss." = QPIWS:1@0 is=1
"Inverter fault." = QPIWS:1@1 is=1
"Bus voltage too high." = QPIWS:1@2 is=1
"Bus voltage too low." = QPIWS:1@3 is=1
"Bus soft start failed." = QPIWS:1@4 is=1
"Line fail." = QPIWS:1@5 is=1
"Output short-circuited." = QPIWS:1@6 is=1
"Inverter voltage too low." = QPIWS:1@7 is=1
"Inverter voltage too high." = QPIWS:1@8 is=1
"Over temperature alarm." = QPIWS:1@9 is=1
"Fan locked." = QPIWS:1@10 is=1
"Battery voltage too high." = QPIWS:1@11 is=1
"Low battery." = QPIWS:1@12 is=1
"End of battery discharge." = QPIWS:1@14 is=1
"Battery derating." = QPIWS:1@15 is=1
"Overload." = QPIWS:1@16 is=1
"EEPROM fault." = QPIWS:1@17 is=1
"Inverter over current." = QPIWS:1@18 is=1
"Inverter soft start failed." = QPIWS:1@19 is=1
"Self test failed." = QPIWS:1@20 is=1
"Output DC voltage too high." = QPIWS:1@21 is=1
"Battery disconnected." = QPIWS:1@22 is=1
"Current sensor failed." = QPIWS:1@23 is=1
"Battery short-circuited." = QPIWS:1@24 is=1
"Power limited." = QPIWS:1@25 is=1
"PV voltage too high." = QPIWS:1@26 is=1
"Solar charger stopped by overload." = QPIWS:1@27 is=1
"Solar charger overloaded." = QPIWS:1@28 is=1
"Battery too low to charge." = QPIWS:1@29 is=1
"Battery weak." = QPIWS:1@31 is=1

[commands]
beeper.enable = PEA when=with-beeper
beeper.disable = PDA when=with-beeper
