# SPDX-License-Identifier: LGPL-2.1-or-later
# Which of the queries a unit answers, which phases, limits and settings it has, follows from the number of
# its protocol (P00 to P99) and from the list of what it can switch on and off.
[profile]
engine = line
title = Voltronic
version = 1.0
protocol = voltronic
vendor = "Voltronic Power"
order = 100

[line]
speed = 2400
end = cr
accepted = "(ACK"
refused = "(NAK"
refused = NAK

[probe]
need = QGS:12
# readings, not flags
ready = "{QGS:1}{QGS:2}{QGS:3}{QGS:4}{QGS:5}{QGS:6}{QGS:7}{QGS:8}{QGS:9}{QGS:10}{QGS:11}" is-match="[1-9]"
need = QPI:1 is=PI00,PI01,PI02,PI03,PI08,PI09,PI10,PI13,PI14,PI31,PI99

# State

[query:QGS]
send = QGS
begin = "("
words = 12
answer = " [01][01][01][01][01][01][01][01][01][01][01][01]$"
steady
ask = quick

[query:QMOD]
send = QMOD
begin = "("
length = 2
answer = "^[(][A-Z]$"
ask = quick
optional

[query:QFS]
send = QFS
begin = "("
words = 1..16
when = fault

[query:QWS]
send = QWS
begin = "("
words = 1
answer = "^[(][01]*$"

[query:QBV]
send = QBV
begin = "("
words = 5
steady

[query:QLDL]
send = QLDL
begin = "("
words = 2

# Phase by phase

[query:Q3PV]
send = Q3PV
begin = "("
words = 3..6
when = input-phases

[query:Q3PC]
send = Q3PC
begin = "("
words = 3
when = input-phases

[query:Q3OV]
send = Q3OV
begin = "("
words = 3..6
when = output-phases

[query:Q3OC]
send = Q3OC
begin = "("
words = 3
when = output-phases

[query:Q3LD]
send = Q3LD
begin = "("
words = 3
when = output-phases

[query:Q3YV]
send = Q3YV
begin = "("
words = 3..6
when = output-phases

# Who it is

[query:QPI]
send = QPI
begin = "("
words = 1
answer = "^[(]PI[0-9][0-9]$"
ask = once

[query:QRI]
send = QRI
begin = "("
words = 4
steady
ask = written

[query:QMD]
send = QMD
begin = "("
words = 8..12
ask = once

[query:F]
send = F
begin = "\#"
words = 4
answer = "^\#[0. -]*[1-9][0-9. -]*"   # not all zeros
steady
ask = once

[query:QMF]
send = QMF
begin = "("
words = 1..9
ask = once

[query:I]
send = I
begin = "\#"
length = 38
ask = once

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

# Settings

[query:QFLAG]
send = QFLAG
begin = "("
answer = "^[(](E[a-z]*)?(D[a-z]*)?$"
ask = written

[query:QSK1]
send = QSK1
begin = "("
answer = "^[(][01]$"
when = outlets

[query:QSK2]
send = QSK2
begin = "("
answer = "^[(][01]$"
when = outlets

[query:QSK3]
send = QSK3
begin = "("
answer = "^[(][01]$"
when = outlets

[query:QSK4]
send = QSK4
begin = "("
answer = "^[(][01]$"
when = outlets

[query:QSKT1]
send = QSKT1
begin = "("
words = 1
ask = written
when = outlet1

[query:QSKT2]
send = QSKT2
begin = "("
words = 1
ask = written
when = outlet2

[query:QSKT3]
send = QSKT3
begin = "("
words = 1
ask = written
when = outlet3

[query:QSKT4]
send = QSKT4
begin = "("
words = 1
ask = written
when = outlet4

[query:QHE]
send = QHE
begin = "("
words = 2
ask = written
when = eco

[query:QFRE]
send = QFRE
begin = "("
words = 2
ask = written
when = eco

[query:QBYV]
send = QBYV
begin = "("
words = 2
ask = written
when = bypass-limits

[query:QBYF]
send = QBYF
begin = "("
words = 2
ask = written
when = bypass-limits

[query:QBT]
send = QBT
begin = "("
words = 1
ask = written
when = p31

[query:QGR]
send = QGR
begin = "("
words = 1
ask = written
when = p31

[query:RE0]
send = RE0
begin = "\#"
words = 1
answer = "^\#[0-9][0-9]$"
ask = written

[query:QPD]
send = QPD
begin = "("
words = 2
ask = written

# Conditions

[when:p00-p08]
variable = ups.firmware.aux P00,P08

[when:p01-p09]
variable = ups.firmware.aux P01,P09

[when:p01]
variable = ups.firmware.aux P01

[when:p09]
variable = ups.firmware.aux P09

[when:p31]
variable = ups.firmware.aux P31

[when:p99]
variable = ups.firmware.aux P99

[when:p02-p14]
variable = ups.firmware.aux P02,P03,P10,P13,P14

[when:p02-p99]
variable = ups.firmware.aux P02,P03,P10,P13,P14,P99

[when:bypass-limits]
variable = ups.firmware.aux P01,P02,P03,P09,P10,P13,P14,P99

[when:input-phases]
variable = ups.firmware.aux P03,P09,P10

[when:input-l3]
variable = ups.firmware.aux P03,P10

[when:output-phases]
variable = ups.firmware.aux P09,P10

[when:p10]
variable = ups.firmware.aux P10

[when:input-low]
variable = input.voltage.nominal 1..199.99

[when:input-high]
variable = input.voltage.nominal 200..1000

[when:output-low]
variable = output.voltage.nominal 1..199.99

[when:output-high]
variable = output.voltage.nominal 200..1000

[when:hertz-50]
variable = output.frequency.nominal 50..50

[when:hertz-60]
variable = output.frequency.nominal 60..60

[when:small]
variable = nominal-power 0..999.99

[when:large]
variable = nominal-power 1000..1000000

[when:fault]
value = QGS:12@5 is=1

[when:eco]
variable = eco_mode enabled,disabled

[when:outlets]
variable = outlet.0.switchable yes

[when:outlet1]
variable = outlet.1.switchable yes

[when:outlet2]
variable = outlet.2.switchable yes

[when:outlet3]
variable = outlet.3.switchable yes

[when:outlet4]
variable = outlet.4.switchable yes

[when:alarm-control]
variable = alarm_control enabled,disabled

[when:alarm-off]
variable = alarm_control disabled

[when:sounding]
variable = ups.beeper.status enabled

[when:silenced]
variable = ups.beeper.status muted

[when:disabled]
variable = ups.beeper.status disabled

[when:with-return]
variable = ups.delay.start 60..599940

[when:trimmed]
ratio = output.voltage input.voltage 0.5..0.94999

[when:same]
ratio = output.voltage input.voltage 0.95..1.04999

[when:boosted]
ratio = output.voltage input.voltage 1.05..1.49999

[when:reset]
option = reset_to_default

[variables]
ups.firmware.aux = "P{QPI:1 trim=PI}"
ups.firmware = QVFW match="VERFW:(.*)$"
ups.firmware = I@28-37 trim="\#" match="[^-].*"
ups.mfr = QMF trim="\#"
ups.mfr = I@1-15 trim="\#" match="^.*[^-].*$"
ups.model = QMD trim="\#" match="^(.*[^ \#])[ \#]+[0-9]+ +[0-9]+ +[0-9]/[0-9] +[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+$"
ups.model = I@17-26 trim="\#" match="^.*[^-].*$"
ups.serial = QID:1 match="^.*[^0].*$"
ups.type = QGS:12@0-1 lookup=type

input.voltage = QGS:1 format=%.1f
input.frequency = QGS:2 format=%.1f
output.voltage = QGS:3 format=%.1f
output.frequency = QGS:4 format=%.1f
output.current = QGS:5 format=%.1f
ups.load = QGS:6 format=%.0f
ups.temperature = QGS:11 format=%.1f
battery.voltage = QBV:1 format=%.2f
battery.voltage = QGS:9 format=%.2f
battery.packs = QBV:3 format=%.0f rw range=1..99 write="BATGN{argument format=%02d}"
battery.charge = QBV:4 format=%.0f plausible=0..100
battery.runtime = QBV:5 scale=60 format=%.0f
output.power.minimum.percent = QLDL:1 format=%.0f
output.power.maximum.percent = QLDL:2 format=%.0f

# While the unit can switch its beeper off for good, silence is only a pause.
ups.beeper.status = value=disabled when=alarm-control when=alarm-off
ups.beeper.status = QGS:12@9 lookup=muting when=alarm-control when=!alarm-off
ups.beeper.status = QGS:12@9 lookup=beeping when=!alarm-control

# Ratings
input.voltage.nominal = QMD:-4 plausible=1..9999 format=%.1f
input.voltage.nominal = F:1 plausible=1..9999 format=%.1f
input.current.nominal = F:2 format=%.1f
input.frequency.nominal = F:4 plausible=1..999 format=%.1f
battery.voltage.nominal = QRI:3 plausible=0.1..9999 format=%.1f
battery.voltage.nominal = F:3 plausible=0.1..9999 format=%.1f
output.voltage.nominal = QRI:1 plausible=1..9999 format=%.1f
output.voltage.nominal = QMD:-3 plausible=1..9999 format=%.1f
output.current.nominal = QRI:2 plausible=0.1..9999 format=%.0f
output.frequency.nominal = QRI:4 plausible=1..999 format=%.1f
ups.power.nominal = QMD:-7 trim="\#" plausible=1..9999999 format=%.0f
output.powerfactor = QMD:-6 divide=100 plausible=0.1..1
input.phases = QMD:-5 match="^([0-9])/[0-9]$"
output.phases = QMD:-5 match="^[0-9]/([0-9])$"

input.L1-N.voltage = Q3PV:1 format=%.1f
input.L2-N.voltage = Q3PV:2 format=%.1f
input.L3-N.voltage = Q3PV:3 format=%.1f when=input-l3
input.L1-L2.voltage = Q3PV:4 format=%.1f
input.L2-L3.voltage = Q3PV:5 format=%.1f when=input-l3
input.L3-L1.voltage = Q3PV:6 format=%.1f when=input-l3
input.L1-L3.voltage = Q3PV:6 format=%.1f when=input-l3
input.L1.current = Q3PC:1 format=%.0f
input.L2.current = Q3PC:2 format=%.0f
input.L3.current = Q3PC:3 format=%.0f when=input-l3
output.L1-N.voltage = Q3OV:1 format=%.1f
output.L2-N.voltage = Q3OV:2 format=%.1f
output.L3-N.voltage = Q3OV:3 format=%.1f when=p10
output.L1-L2.voltage = Q3OV:4 format=%.1f
output.L2-L3.voltage = Q3OV:5 format=%.1f when=p10
output.L3-L1.voltage = Q3OV:6 format=%.1f when=p10
output.L1-L3.voltage = Q3OV:6 format=%.1f when=p10
output.L1.current = Q3OC:1 format=%.0f
output.L2.current = Q3OC:2 format=%.0f
output.L3.current = Q3OC:3 format=%.0f when=p10
output.L1.power.percent = Q3LD:1 format=%.0f
output.L2.power.percent = Q3LD:2 format=%.0f
output.L3.power.percent = Q3LD:3 format=%.0f when=p10
output.bypass.L1-N.voltage = Q3YV:1 format=%.1f
output.bypass.L2-N.voltage = Q3YV:2 format=%.1f
output.bypass.L3-N.voltage = Q3YV:3 format=%.1f when=p10
output.bypass.L1-L2.voltage = Q3YV:4 format=%.1f when=p10
output.bypass.L2-L3.voltage = Q3YV:5 format=%.1f when=p10
output.bypass.L3-L1.voltage = Q3YV:6 format=%.1f when=p10
output.bypass.L1-L3.voltage = Q3YV:6 format=%.1f when=p10

# What can be switched on and off: the first for clients, the others by driver options.
ups.start.auto = QFLAG function=letter-list:r lookup=choice rw enum write="P{argument unlook=switch-choice}R"
battery.protection = QFLAG function=letter-list:s lookup=choice rw enum write="P{argument unlook=switch-choice}S"
battery.energysave = QFLAG function=letter-list:g lookup=choice rw enum write="P{argument unlook=switch-choice}G"
ups.start.battery = QFLAG function=letter-list:c lookup=choice rw enum write="P{argument unlook=switch-choice}C"
outlet.0.switchable = QFLAG function=letter-list:j lookup=choice rw enum write="P{argument unlook=switch-choice}J"
bypass_alarm = QFLAG function=letter-list:p lookup=state rw enum hidden option=bypass_alarm write="P{argument unlook=switch}P"
battery_alarm = QFLAG function=letter-list:b lookup=state rw enum hidden option=battery_alarm write="P{argument unlook=switch}B"
bypass_when_off = QFLAG function=letter-list:o lookup=state rw enum hidden option=bypass_when_off write="P{argument unlook=switch}O"
alarm_control = QFLAG function=letter-list:a lookup=state rw enum hidden option=alarm_control write="P{argument unlook=switch}A"
converter_mode = QFLAG function=letter-list:v lookup=state rw enum hidden option=converter_mode write="P{argument unlook=switch}V"
eco_mode = QFLAG function=letter-list:e lookup=state rw enum hidden option=eco_mode write="P{argument unlook=switch}E"
battery_open_status_check = QFLAG function=letter-list:d lookup=state rw enum hidden option=battery_open_status_check write="P{argument unlook=switch}D"
bypass_forbidding = QFLAG function=letter-list:f lookup=state rw enum hidden option=bypass_forbidding write="P{argument unlook=switch}F"
site_fault_detection = QFLAG function=letter-list:l lookup=state rw enum hidden option=site_fault_detection write="P{argument unlook=switch}L"
advanced_eco_mode = QFLAG function=letter-list:n lookup=state rw enum hidden option=advanced_eco_mode write="P{argument unlook=switch}N"
constant_phase_angle = QFLAG function=letter-list:q lookup=state rw enum hidden option=constant_phase_angle write="P{argument unlook=switch}Q"
limited_runtime_on_battery = QFLAG function=letter-list:w lookup=state rw enum hidden option=limited_runtime_on_battery write="P{argument unlook=switch}W"

outlet.1.switchable = QSK1:1 lookup=there
outlet.2.switchable = QSK2:1 lookup=there
outlet.3.switchable = QSK3:1 lookup=there
outlet.4.switchable = QSK4:1 lookup=there
outlet.1.status = QSK1:1 lookup=on-off
outlet.2.status = QSK2:1 lookup=on-off
outlet.3.status = QSK3:1 lookup=on-off
outlet.4.status = QSK4:1 lookup=on-off
outlet.%.delay.shutdown = QSKT%:1 scale=60 format=%.0f rw range=0..59940 step=60 write="PSK%{argument divide=60 format=%03d}" each=1..4

# Limits of the mode that saves energy
input.transfer.high.min = $output.voltage.nominal offset=7 format=%d when=eco when=p01-p09 when=output-high
input.transfer.high.min = $output.voltage.nominal offset=3 format=%d when=eco when=p01-p09 when=output-low
input.transfer.high.min = $output.voltage.nominal offset=11 format=%d when=eco when=p02-p99 when=output-high
input.transfer.high.min = $output.voltage.nominal offset=5 format=%d when=eco when=p02-p99 when=output-low
input.transfer.high.max = $output.voltage.nominal offset=24 format=%d when=eco when=bypass-limits when=output-high
input.transfer.high.max = $output.voltage.nominal offset=12 format=%d when=eco when=bypass-limits when=output-low
input.transfer.low.min = $output.voltage.nominal offset=-24 format=%d when=eco when=bypass-limits when=output-high
input.transfer.low.min = $output.voltage.nominal offset=-12 format=%d when=eco when=bypass-limits when=output-low
input.transfer.low.max = $output.voltage.nominal offset=-7 format=%d when=eco when=p01-p09 when=output-high
input.transfer.low.max = $output.voltage.nominal offset=-3 format=%d when=eco when=p01-p09 when=output-low
input.transfer.low.max = $output.voltage.nominal offset=-11 format=%d when=eco when=p02-p99 when=output-high
input.transfer.low.max = $output.voltage.nominal offset=-5 format=%d when=eco when=p02-p99 when=output-low
input.transfer.high = QHE:1 format=%.0f rw range=$input.transfer.high.min..$input.transfer.high.max write="HEH{argument format=%03d}" when=bypass-limits
input.transfer.high = QHE:1 format=%.0f when=!bypass-limits
input.transfer.low = QHE:2 format=%.0f rw range=$input.transfer.low.min..$input.transfer.low.max write="HEL{argument format=%03d}" when=bypass-limits
input.transfer.low = QHE:2 format=%.0f when=!bypass-limits
input.frequency.high = QFRE:1 format=%.1f rw range=53..60 write="FREH{argument format=%04.1f}" when=p01-p09 when=hertz-50
input.frequency.high = QFRE:1 format=%.1f rw range=63..70 write="FREH{argument format=%04.1f}" when=p01-p09 when=hertz-60
input.frequency.high = QFRE:1 format=%.1f rw range=52..54 write="FREH{argument format=%04.1f}" when=p02-p99 when=hertz-50
input.frequency.high = QFRE:1 format=%.1f rw range=62..64 write="FREH{argument format=%04.1f}" when=p02-p99 when=hertz-60
input.frequency.high = QFRE:1 format=%.1f
input.frequency.low = QFRE:2 format=%.1f rw range=40..47 write="FREL{argument format=%04.1f}" when=p01-p09 when=hertz-50
input.frequency.low = QFRE:2 format=%.1f rw range=50..57 write="FREL{argument format=%04.1f}" when=p01-p09 when=hertz-60
input.frequency.low = QFRE:2 format=%.1f rw range=46..48 write="FREL{argument format=%04.1f}" when=p02-p99 when=hertz-50
input.frequency.low = QFRE:2 format=%.1f rw range=56..58 write="FREL{argument format=%04.1f}" when=p02-p99 when=hertz-60
input.frequency.low = QFRE:2 format=%.1f

# Limits of the bypass, by driver options
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=60..140 option=max_bypass_volt write="PHV{argument format=%03d}" when=p09
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=120..140 option=max_bypass_volt write="PHV{argument format=%03d}" when=p01 when=input-low
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=230..264 option=max_bypass_volt write="PHV{argument format=%03d}" when=p01 when=input-high
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=115..138 option=max_bypass_volt write="PHV{argument format=%03d}" when=p02-p14 when=input-low
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=231..276 option=max_bypass_volt write="PHV{argument format=%03d}" when=p02-p14 when=input-high
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=115..132 option=max_bypass_volt write="PHV{argument format=%03d}" when=p99 when=input-low
max_bypass_volt = QBYV:1 format=%.0f hidden rw range=231..261 option=max_bypass_volt write="PHV{argument format=%03d}" when=p99 when=input-high
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=60..140 option=min_bypass_volt write="PLV{argument format=%03d}" when=p09
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=85..115 option=min_bypass_volt write="PLV{argument format=%03d}" when=p01 when=input-low
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=170..220 option=min_bypass_volt write="PLV{argument format=%03d}" when=p01 when=input-high
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=55..104 option=min_bypass_volt write="PLV{argument format=%03d}" when=p02-p14 when=input-low
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=110..209 option=min_bypass_volt write="PLV{argument format=%03d}" when=p02-p14 when=input-high
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=50..85 option=min_bypass_volt write="PLV{argument format=%03d}" when=p99 when=input-low
min_bypass_volt = QBYV:2 format=%.0f hidden rw range=149..209 option=min_bypass_volt write="PLV{argument format=%03d}" when=p99 when=input-high
max_bypass_freq = QBYF:1 format=%.1f hidden rw range=51..60 option=max_bypass_freq write="PGF{argument format=%04.1f}" when=p01-p09 when=hertz-50
max_bypass_freq = QBYF:1 format=%.1f hidden rw range=61..70 option=max_bypass_freq write="PGF{argument format=%04.1f}" when=p01-p09 when=hertz-60
max_bypass_freq = QBYF:1 format=%.1f hidden rw range=51..54 option=max_bypass_freq write="PGF{argument format=%04.1f}" when=p02-p99 when=hertz-50
max_bypass_freq = QBYF:1 format=%.1f hidden rw range=61..64 option=max_bypass_freq write="PGF{argument format=%04.1f}" when=p02-p99 when=hertz-60
min_bypass_freq = QBYF:2 format=%.1f hidden rw range=40..49 option=min_bypass_freq write="PSF{argument format=%04.1f}" when=p01-p09 when=hertz-50
min_bypass_freq = QBYF:2 format=%.1f hidden rw range=50..59 option=min_bypass_freq write="PSF{argument format=%04.1f}" when=p01-p09 when=hertz-60
min_bypass_freq = QBYF:2 format=%.1f hidden rw range=46..49 option=min_bypass_freq write="PSF{argument format=%04.1f}" when=p02-p99 when=hertz-50
min_bypass_freq = QBYF:2 format=%.1f hidden rw range=56..59 option=min_bypass_freq write="PSF{argument format=%04.1f}" when=p02-p99 when=hertz-60

# The battery, and the rest
nominal-power = $output.voltage.nominal scale=$output.current.nominal hidden
battery.voltage.low = RE0:1 format=%.1f rw range=20..24 write="W0E{argument format=%02d}" when=small
battery.voltage.low = RE0:1 format=%.1f rw range=20..28 write="W0E{argument format=%02d}" when=large
battery.voltage.low = RE0:1 format=%.1f
battery.type = QBT:1 lookup=chemistry rw enum write="PBT{argument unlook=chemistry}"
battery_number = QBV:2 format=%d hidden rw range=1..9 option=battery_number write="BATN{argument format=%d}"
work_range_type = QGR:1 lookup=work-range hidden rw enum option=work_range_type write="PGR{argument unlook=work-range}"
output_phase_angle = QPD:2 lookup=angle hidden rw enum option=output_phase_angle write="PPD{argument}"
ups.delay.start = held=180 rw range=0..599940 step=60 option=ondelay
ups.delay.shutdown = held=30 rw range=12..5940 step=6 step=60:60 option=offdelay

[lookup:type]
00 = offline
01 = line-interactive
10 = online

[lookup:muting]
0 = enabled
1 = muted

[lookup:beeping]
0 = enabled
1 = disabled

[lookup:state]
enabled = enabled
disabled = disabled

[lookup:switch]
E = enabled
D = disabled

[lookup:choice]
enabled = yes
disabled = no

[lookup:switch-choice]
E = yes
D = no

[lookup:there]
0 = yes
1 = yes

[lookup:chemistry]
00 = Li
01 = Flooded
02 = AGM

[lookup:work-range]
00 = Appliance
01 = UPS

[lookup:angle]
000 = 000
120 = 120
180 = 180
240 = 240

[names:faults]
"Unknown fault [01]" = "Bus voltage not within default setting."
"Unknown fault [02]" = "Bus voltage over maximum value."
"Unknown fault [03]" = "Bus voltage below minimum value."
"Unknown fault [04]" = "Bus voltage differences out of acceptable range."
"Unknown fault [05]" = "Bus voltage of slope rate drops too fast."
"Unknown fault [06]" = "Over current in PFC input inductor."
"Unknown fault [11]" = "Inverter voltage not within default setting."
"Unknown fault [12]" = "Inverter voltage over maximum value."
"Unknown fault [13]" = "Inverter voltage below minimum value."
"Unknown fault [14]" = "Inverter short-circuited."
"Unknown fault [15]" = "L2 phase inverter short-circuited."
"Unknown fault [16]" = "L3 phase inverter short-circuited."
"Unknown fault [17]" = "L1L2 inverter short-circuited."
"Unknown fault [18]" = "L2L3 inverter short-circuited."
"Unknown fault [19]" = "L3L1 inverter short-circuited."
"Unknown fault [21]" = "Battery SCR short-circuited."
"Unknown fault [22]" = "Line SCR short-circuited."
"Unknown fault [23]" = "Inverter relay open fault."
"Unknown fault [24]" = "Inverter relay short-circuited."
"Unknown fault [25]" = "Input and output wires oppositely connected."
"Unknown fault [26]" = "Battery oppositely connected."
"Unknown fault [27]" = "Battery voltage is too high."
"Unknown fault [28]" = "Battery voltage too low."
"Unknown fault [29]" = "Failure for battery fuse being open-circuited."
"Unknown fault [31]" = "CAN-bus communication fault."
"Unknown fault [32]" = "Host signal circuit fault."
"Unknown fault [33]" = "Synchronous signal circuit fault."
"Unknown fault [34]" = "Synchronous pulse signal circuit fault."
"Unknown fault [35]" = "Parallel cable disconnected."
"Unknown fault [36]" = "Load unbalanced."
"Unknown fault [41]" = "Over temperature fault."
"Unknown fault [42]" = "Communication failure between CPUs in control board."
"Unknown fault [43]" = "Overload fault."
"Unknown fault [44]" = "Fan failure."
"Unknown fault [45]" = "Charger failure."
"Unknown fault [46]" = "Model fault."
"Unknown fault [47]" = "MCU communication fault."
"Unknown fault [1A]" = "L1 inverter negative power out of acceptable range."
"Unknown fault [1B]" = "L2 inverter negative power out of acceptable range."
"Unknown fault [1C]" = "L3 inverter negative power out of acceptable range."

[names:faults-p31]
"Unknown fault [01]" = "Fan failure."
"Unknown fault [02]" = "Over temperature fault."
"Unknown fault [03]" = "Battery voltage is too high."
"Unknown fault [04]" = "Battery voltage too low."
"Unknown fault [05]" = "Inverter relay short-circuited."
"Unknown fault [06]" = "Inverter voltage over maximum value."
"Unknown fault [07]" = "Overload fault."
"Unknown fault [08]" = "Bus voltage exceeds its upper limit."
"Unknown fault [09]" = "Bus soft start fail."
"Unknown fault [10]" = "Unknown fault [Fault code: 10]"
"Unknown fault [51]" = "Over current fault."
"Unknown fault [52]" = "Bus voltage below its under limit."
"Unknown fault [53]" = "Inverter soft start fail."
"Unknown fault [54]" = "Self test fail."
"Unknown fault [55]" = "Output DC voltage exceeds its upper limit."
"Unknown fault [56]" = "Battery open fault."
"Unknown fault [57]" = "Current sensor fault."
"Unknown fault [58]" = "Battery short."
"Unknown fault [59]" = "Inverter voltage below its lower limit."

[status]
online = QGS:12@2 is=0
offline = QGS:12@2 is=1
offline = QMOD:1 is=B
low-battery = QGS:12@3
low-battery = QWS:1@7
trim = QGS:12@4 when=trimmed
boost = QGS:12@4 when=boosted
bypass = QGS:12@4 when=same when=!p00-p08
bypass = QMOD:1 is=Y
calibration = QGS:12@7
calibration = QMOD:1 is=T
shutdown-active = QGS:12@8
shutdown-active = QMOD:1 is=D
off = QMOD:1 is=S
eco-mode = QMOD:1 is=E
overload = QWS:1@8
overload = QFS:1 is=43 when=!p31
overload = QFS:1 is=07 when=p31
replace-battery = QWS:1@55

[alarms]
"UPS is in AVR Mode." = QGS:12@4 when=same when=p00-p08
"UPS Fault!" = QGS:12@5
"UPS is going ON." = QMOD:1 is=P
"Fault reported by UPS." = QMOD:1 is=F
"UPS is shutting down!" = QMOD:1 is=D
* = "Unknown fault [{QFS:1 invalid=OK}]" names=faults when=!p31
* = "Unknown fault [{QFS:1 invalid=OK}]" names=faults-p31 when=p31
"Battery disconnected." = QWS:1@0
"Neutral not connected." = QWS:1@1
"Site fault." = QWS:1@2
"Phase sequence incorrect." = QWS:1@3
"Phase sequence incorrect in bypass." = QWS:1@4
"Input frequency unstable in bypass." = QWS:1@5
"Battery overcharged." = QWS:1@6
"Low battery." = QWS:1@7
"Overload alarm." = QWS:1@8
"Fan alarm." = QWS:1@9
"EPO enabled." = QWS:1@10
"Unable to turn on UPS." = QWS:1@11
"Over temperature alarm." = QWS:1@12
"Charger alarm." = QWS:1@13
"Remote auto shutdown." = QWS:1@14
"L1 input fuse not working." = QWS:1@15
"L2 input fuse not working." = QWS:1@16
"L3 input fuse not working." = QWS:1@17
"Positive PFC abnormal in L1." = QWS:1@18
"Negative PFC abnormal in L1." = QWS:1@19
"Positive PFC abnormal in L2." = QWS:1@20
"Negative PFC abnormal in L2." = QWS:1@21
"Positive PFC abnormal in L3." = QWS:1@22
"Negative PFC abnormal in L3." = QWS:1@23
"Abnormal in CAN-bus communication." = QWS:1@24
"Abnormal in synchronous signal circuit." = QWS:1@25
"Abnormal in synchronous pulse signal circuit." = QWS:1@26
"Abnormal in host signal circuit." = QWS:1@27
"Male connector of parallel cable not connected well." = QWS:1@28
"Female connector of parallel cable not connected well." = QWS:1@29
"Parallel cable not connected well." = QWS:1@30
"Battery connection not consistent in parallel systems." = QWS:1@31
"AC connection not consistent in parallel systems." = QWS:1@32
"Bypass connection not consistent in parallel systems." = QWS:1@33
"UPS model types not consistent in parallel systems." = QWS:1@34
"Capacity of UPSes not consistent in parallel systems." = QWS:1@35
"Auto restart setting not consistent in parallel systems." = QWS:1@36
"Battery cell over charge." = QWS:1@37
"Battery protection setting not consistent in parallel systems." = QWS:1@38
"Battery detection setting not consistent in parallel systems." = QWS:1@39
"Bypass not allowed setting not consistent in parallel systems." = QWS:1@40
"Converter setting not consistent in parallel systems." = QWS:1@41
"High loss point for frequency in bypass mode not consistent in parallel systems." = QWS:1@42
"Low loss point for frequency in bypass mode not consistent in parallel systems." = QWS:1@43
"High loss point for voltage in bypass mode not consistent in parallel systems." = QWS:1@44
"Low loss point for voltage in bypass mode not consistent in parallel systems." = QWS:1@45
"High loss point for frequency in AC mode not consistent in parallel systems." = QWS:1@46
"Low loss point for frequency in AC mode not consistent in parallel systems." = QWS:1@47
"High loss point for voltage in AC mode not consistent in parallel systems." = QWS:1@48
"Low loss point for voltage in AC mode not consistent in parallel systems." = QWS:1@49
"Warning for locking in bypass mode after 3 consecutive overloads within 30 min." = QWS:1@50
"Warning for three-phase AC input current unbalance." = QWS:1@51
"Warning for a three-phase input current unbalance detected in battery mode." = QWS:1@52
"Warning for Inverter inter-current unbalance." = QWS:1@53
"Programmable outlets cut off pre-alarm." = QWS:1@54
"Warning for Battery replace." = QWS:1@55
"Abnormal warning on input phase angle." = QWS:1@56
"Warning!! Cover of maintain switch is open." = QWS:1@57
"Unknown warnings [bit: \#59]" = QWS:1@58
"Unknown warnings [bit: \#60]" = QWS:1@59
"Unknown warnings [bit: \#61]" = QWS:1@60
"EEPROM operation error." = QWS:1@61
"Unknown warnings [bit: \#63]" = QWS:1@62
"Unknown warnings [bit: \#64]" = QWS:1@63

[commands]
load.off = SOFF
load.on = SON
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}R{$ups.delay.start divide=60 format=%04d}" when=with-return
shutdown.return = "S{$ups.delay.shutdown function=tenths-or-minutes}" when=!with-return
shutdown.stayoff = "S{$ups.delay.shutdown function=tenths-or-minutes}R0000"
shutdown.stop = CS
test.battery.start = "T{argument:600 function=tenths-or-minutes}" range=12..5940
test.battery.start.deep = TL
test.battery.start.quick = T
test.battery.stop = CT
beeper.toggle = BZOFF when=sounding
beeper.toggle = BZON when=silenced
beeper.toggle = BZON when=disabled when=!alarm-control
beeper.enable = PEA when=alarm-control
beeper.disable = PDA when=alarm-control
outlet.%.load.off = "SKOFF%" when=outlet% each=1..4
outlet.%.load.on = "SKON%" when=outlet% each=1..4
bypass.start = PEE when=eco
bypass.stop = PDE when=eco

[command:experimental.settings.reset]
when = reset
check = QMOD:1 is=S why="settings can be reset only while the UPS is in standby mode"
send = PF

[start]
run = experimental.settings.reset when=reset
