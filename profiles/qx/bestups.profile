# SPDX-License-Identifier: LGPL-2.1-or-later
# Best Power and Sola: status (Q1), ratings and model (ID), settings of the voltages (M), runtime (RT), battery packs
# (BP?), and what two pins of the serial port are for (SS?).

[profile]
engine = line
title = "BestUPS"
version = 1.0
protocol = bestups
order = 320
include = q1-commands
include = q1-status
include = q1-readings

[probe]
need = STATUS:8
need = ID

[query:ID]
send = ID
separator = ","
words = 6..6
answer = "^[A-Z0-9][A-Z0-9][A-Z0-9],[0-9 ]+,[0-9 ]+,[0-9 ]+,[0-9. ]+,[0-9. ]+$"
steady
ask = written

[query:RT]
send = RT
answer = "^[0-9][0-9. ]*$"
steady
when = !no-runtime

[query:BP]
send = BP?
answer = "^[0-9]+ *$"
steady
ask = written
when = packs

[query:SS]
send = SS?
answer = "^[0-9]$"
steady
ask = written

[query:M]
send = M
answer = "^[0-9]$"
steady

[when:no-runtime]
value = ID:1 is=PRO,320

[when:packs]
value = ID:1 is=AX1,620

# The bit of the regulator is the other way round in some. It means nothing on battery, in a test, or on the way to
# be off.
[when:inverted]
value = ID:1 is=PR2,PRO

[when:regulating]
value = STATUS:8@0 is=0
all = !testing !stopping
any = set-bit cleared-bit

[when:set-bit]
value = STATUS:8@2 is=1
all = !inverted

[when:cleared-bit]
value = STATUS:8@2 is=0
all = inverted

[when:testing]
value = STATUS:8@5 is=1

[when:stopping]
value = STATUS:8@6 is=1
all = !ignoresab

# What a setting of the voltages means depends on which mains it was made for.
[when:europe]
value = ID:3 is-range=161..999

[when:america]
value = ID:3 is-range=1..160

# Once it has told that, an answer that is lost must not bring out another number.
[when:tells-setting]
answered = M

[variables]
ups.mfr = ID:1 lookup=makers
ups.model = ID:1 names=models
ups.power.nominal = ID:2 format=%.0f
battery.voltage.low = ID:5 format=%.1f
battery.voltage.high = ID:6 format=%.1f
battery.runtime = RT scale=60 format=%.0f
battery.packs = BP format=%d rw range=0..5 write="BP{argument format=%d}"
experimental.ups.pins.shutdown.mode = SS format=%d rw range=0..6 write="SS{argument format=%d}" option=pins_shutdown_mode
input.transfer.low = M lookup=low-e when=europe
input.transfer.low = M lookup=low-u when=america
input.transfer.boost.low = M lookup=low-e when=europe
input.transfer.boost.low = M lookup=low-u when=america
input.transfer.boost.high = M lookup=boost-e when=europe
input.transfer.boost.high = M lookup=boost-u when=america
input.voltage.nominal = M lookup=nominal-e when=europe
input.voltage.nominal = M lookup=nominal-u when=america
input.voltage.nominal = ID:3 plausible=1..9999 format=%.0f when=!tells-setting
output.voltage.nominal = M lookup=nominal-e when=europe
output.voltage.nominal = M lookup=nominal-u when=america
output.voltage.nominal = ID:4 plausible=1..9999 format=%.0f when=!tells-setting
input.transfer.trim.low = M lookup=buck-e when=europe
input.transfer.trim.low = M lookup=buck-u when=america
input.transfer.trim.high = M lookup=high-e when=europe
input.transfer.trim.high = M lookup=high-u when=america
input.transfer.high = M lookup=high-e when=europe
input.transfer.high = M lookup=high-u when=america
ups.delay.start = held=180 rw range=60..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..5940 step=6 step=60:60 option=offdelay

[lookup:makers]
AX1 = "Best Power"
FOR = "Best Power"
FTC = "Best Power"
PR2 = "Best Power"
PRO = "Best Power"
320 = "Sola Australia"
325 = "Sola Australia"
520 = "Sola Australia"
525 = "Sola Australia"
620 = "Sola Australia"

[names:models]
AX1 = "Axxium Rackmount"
FOR = "Fortress"
FTC = "Fortress Telecom"
PR2 = "Patriot Pro II"
PRO = "Patriot Pro"
320 = "Sola 320"
325 = "Sola 325"
520 = "Sola 520"
525 = "Sola 525"
620 = "Sola 620"

# Settings for 120 volts.
[lookup:low-u]
0 = 96
1 = 96
2 = 90
3 = 90
4 = 90
5 = 90
6 = 90
7 = 90
8 = 96
9 = 90

[lookup:boost-u]
0 = 109
1 = 109
2 = 104
3 = 104
4 = 104
5 = 104
6 = 96
7 = 96
8 = 109
9 = 104

[lookup:nominal-u]
0 = 120
1 = 120
2 = 120
3 = 120
4 = 110
5 = 110
6 = 110
7 = 110
8 = 128
9 = 128

[lookup:buck-u]
0 = 130
1 = 138
2 = 130
3 = 138
4 = 120
5 = 130
6 = 120
7 = 130
8 = 146
9 = 146

[lookup:high-u]
0 = 146
1 = 156
2 = 146
3 = 156
4 = 130
5 = 146
6 = 130
7 = 146
8 = 156
9 = 156

# Settings for 230 volts.
[lookup:low-e]
0 = 200
1 = 200
2 = 188
3 = 188
4 = 188
5 = 188
6 = 180
7 = 180
8 = 165
9 = 165

[lookup:boost-e]
0 = 222
1 = 222
2 = 210
3 = 210
4 = 210
5 = 210
6 = 200
7 = 200
8 = 188
9 = 188

[lookup:nominal-e]
0 = 240
1 = 240
2 = 240
3 = 240
4 = 230
5 = 230
6 = 230
7 = 230
8 = 208
9 = 208

[lookup:buck-e]
0 = 250
1 = 264
2 = 250
3 = 264
4 = 244
5 = 250
6 = 244
7 = 250
8 = 222
9 = 244

[lookup:high-e]
0 = 284
1 = 290
2 = 284
3 = 290
4 = 270
5 = 284
6 = 270
7 = 284
8 = 244
9 = 270

[commands]
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}"
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}"
