# SPDX-License-Identifier: LGPL-2.1-or-later
# Series A (700 to 3000 VA) and E (6 to 20 kVA). Each has an address, which many requests end with.
[profile]
engine = line
title = Masterguard
version = 1.0
protocol = masterguard
vendor = Masterguard
order = 410

[line]
speed = 2400
end = cr
refused = NAK
refused = (NAK
silence = done

[probe]
need = WH:1 is-match="^[0-9][0-9]$"
need = "{WH@16}{WH@17-45 match='^ *([0-9]+)'}" lookup=powers
need = MSO:1 is-range=90..300
need = "{WH:1} {option:slave_address}" function=difference is=0 when=addressed why="it is a device with another address than slave_address= says"
# readings, not address and flags
ready = "{Q3:2}{Q3:3}{Q3:4}{Q3:5}{Q3:6}{Q3:7}{Q3:8}{Q3:9}{Q3:10}" is-match="[1-9]"

[query:WH]
send = WH
begin = "("
length = 112
words = 16
answer = "^[(][0-9][0-9] "
steady
ask = written

[query:Q3]
send = Q3
begin = "("
words = 12
answer = " [01][01][01][01][01][01][01][01] [01][01][01][01][01][01][01][01]$"
steady
ask = quick

[query:GS]
send = "GS,{$ups.id}"
begin = "("
words = 3
ask = written

[query:GBS]
send = "GBS,{$ups.id}"
begin = "("
words = 8
steady

[query:GSN]
send = "GSN,{$ups.id}"
begin = "("
length = 24
ask = once

[query:DRC]
send = "DRC,{$ups.id}"
begin = "("
words = 1
ask = written

[query:MSO]
send = MSO
begin = "("
words = 1..8
answer = "^[(][0-9 ]*$"
ask = once

[query:PNV]
send = PNV
begin = "("
words = 1
answer = "^[(]PNV=[0-9]+$"
ask = written

[when:addressed]
option = slave_address

[when:rack]
value = WH@16-45 is-match="-19"

[when:a700]
variable = model A700

[when:a1000]
variable = model A1000

[when:a2000-a3000]
variable = model A2000,A3000

[when:e]
variable = model E60,E100,E200

[variables]
device.part = GSN@8-18 trim="\#"
ups.serial = GSN@19-23
device.uptime = DRC match=",(.*)$" function=elapsed:seconds rw range=0..863999999 write="SRC{argument function=to-elapsed},{$ups.id}"
model = "{WH@16}{WH@17-45 match='^ *([0-9]+)'}" hidden
ups.model = "{$model}-19" when=rack
ups.model = $model when=!rack
load.high = value=140
ups.id = WH:1 rw range=0..99 write="SS{argument format=%02d}--,{$ups.id}"
ups.firmware = WH:2
ups.firmware.aux = WH:3
ups.power.nominal = $model lookup=powers
ups.type = Q3:11@4 lookup=type
ups.beeper.status = GS:3 lookup=beeping
ups.test.result = Q3:12@5-7 lookup=result

input.voltage = Q3:2 format=%.1f
input.frequency = Q3:6 format=%.1f
input.voltage.nominal = WH:-13 format=%.0f
input.frequency.nominal = WH:-12 format=%.2f
input.voltage.low.critical = WH:-4 format=%.0f
input.voltage.high.critical = WH:-3 format=%.0f
input.frequency.low = WH:-2 format=%.2f
input.frequency.high = WH:-1 format=%.2f
output.voltage = Q3:4 format=%.1f
output.current = "{Q3:5 scale=$ups.power.nominal divide=100} {Q3:4}" function=quotient format=%.2f
output.current.nominal = "{$ups.power.nominal} {PNV match='PNV=(.*)$'}" function=quotient format=%.2f
voltage-1 = MSO:1 hidden
voltage-2 = MSO:2 hidden
voltage-3 = MSO:3 hidden
voltage-4 = MSO:4 hidden
output.voltage.nominal = PNV match="PNV=(.*)$" format=%.0f rw range=$voltage-1..$voltage-1 range=$voltage-2..$voltage-2 range=$voltage-3..$voltage-3 range=$voltage-4..$voltage-4 write="PNV={argument format=%03d}"
ups.load = Q3:5 format=%.0f
ups.power = Q3:5 scale=$ups.power.nominal divide=100 format=%.0f
ups.temperature = Q3:8 format=%.1f
ambient.0.temperature = Q3:8 format=%.1f
ambient.0.temperature.low = WH:-6 format=%.0f
ambient.0.temperature.high = WH:-5 format=%.0f

# Voltages are those of a cell.
cells = WH:-11 format=%d hidden
battery.type = value=PbAc
battery.voltage = Q3:7 scale=$cells format=%.2f
battery.voltage.nominal = WH:-10 scale=$cells format=%.2f
battery.charge = GBS:1 match=",(.*)$" plausible=0..100 format=%.0f
battery.charge = Q3:10 plausible=0..100 format=%.0f
battery.runtime = "{Q3:9 match='^([0-9]+)[.]'}:{Q3:9 match='[.]([0-9]+)$'}" function=elapsed:seconds
battery.packs = GS:2 format=%.0f rw range=0..0 write="SS--{argument format=%d}-,{$ups.id}" when=a700
battery.packs = GS:2 format=%.0f rw range=0..2 write="SS--{argument format=%d}-,{$ups.id}" when=a1000
battery.packs = GS:2 format=%.0f rw range=1..5 write="SS--{argument format=%d}-,{$ups.id}" when=a2000-a3000 when=rack
battery.packs = GS:2 format=%.0f rw range=0..2 write="SS--{argument format=%d}-,{$ups.id}" when=a2000-a3000 when=!rack
battery.packs = GS:2 format=%.0f rw range=1..1 write="SS--{argument format=%d}-,{$ups.id}" when=e

ups.delay.start = held=180 rw range=60..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=0..5940 step=6 step=60:60 option=offdelay

[lookup:powers]
A700 = 700
A1000 = 1000
A2000 = 2000
A3000 = 3000
E60 = 6000
E100 = 10000
E200 = 20000

[lookup:type]
0 = online
1 = offline

[lookup:beeping]
0 = disabled
1 = enabled

[lookup:result]
000 = "no test in progress"
001 = "in progress"
010 = OK
011 = failed
100 = "not possible"
101 = aborted
110 = "autonomy time calibration in progress"
111 = unknown

[status]
online = Q3:11@0 is=0
offline = Q3:11@0 is=1
low-battery = Q3:11@1
bypass = Q3:11@2
calibration = Q3:11@5
shutdown-active = Q3:11@6
replace-battery = Q3:12@3

[alarms]
"UPS Failed" = Q3:11@3
"problems in parallel operation mode" = Q3:12@1
"no battery connected" = Q3:12@4

[commands]
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}"
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}"
shutdown.stop = C
test.battery.start = "T" range=10..10
test.battery.start = "T{argument function=tenths-or-minutes}" range=60..5940
test.battery.start.quick = T
test.battery.start.low = TL
test.battery.start.deep = "TUD,{$ups.id}"
test.battery.stop = CT
clear.fault.record = "FCLR,{$ups.id}"
bypass.start = FOFF
bypass.stop = FON
beeper.enable = "SS---1,{$ups.id}"
beeper.disable = "SS---0,{$ups.id}"
