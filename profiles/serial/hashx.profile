# SPDX-License-Identifier: LGPL-2.1-or-later
# Units whose answers begin with a hash sign. They want to be told a word before they say anything, and answer
# it with another: one pair is known, and does.
[profile]
engine = line
title = Hashx
version = 1.0
protocol = hashx
order = 10

[line]
speed = 2400
end = cr
accepted = "\#0"
refused = "\#-*"

[probe]
need = greeting:1 is=0
need = X19:1 is=74279F35A48F5F13
ready = state match="^I(.*)S" is-match="[1-9]"   # of the readings, not of the flags behind them

[query:greeting]
send = K19:OoNUTisAMAZINGoO
begin = "\#"
ask = once

[query:X19]
send = X19
begin = "\#"
ask = once

[query:state]
send = B
begin = "\#"
decode = mixed
answer = "^\#I[0-9.]+O[0-9.]+L[0-9]+B[0-9]+V[0-9.]+F[0-9.]+H[0-9.]+R[0-9]+S[89a-f].[89a-f].[89a-f].[89a-f].[89a-f].([89a-f].)*$"
ask = quick

[query:X41]
send = X41
begin = "\#"
separator = ","
words = 1..8
ask = once

[query:X27]
send = X27
begin = "\#"
separator = ","
words = 3..9
ask = once

[query:X72]
send = X72
begin = "\#"
separator = ","
words = 6
ask = once

[when:on-mains]
value = state match="S..(..)" base=16 mask=0x04 is=1

[when:on-battery]
value = state match="S..(..)" base=16 mask=0x04 is=0

[when:rested]
value = state match="S....(..)" base=16 mask=0x50 is=5

[when:charging]
value = state match="S....(..)" base=16 mask=0x50 is=0,1,4

[when:testing]
value = state match="S(..)" base=16 mask=0x08 is=1

[variables]
ups.model = X41:1
ups.firmware = X41:2
ups.type = value=online
ups.mode = value=line-interactive
ups.load = state match="L([0-9]+)" format=%d
ups.power.nominal = X72:1 format=%d
ups.realpower.nominal = X72:2 format=%d
input.voltage = state match="I([0-9.]+)" format=%.1f
input.frequency = state match="F([0-9.]+)" format=%.1f
input.frequency.low = X72:4 format=%.1f
input.frequency.high = X72:5 format=%.1f
input.voltage.nominal = X72:3 format=%d
input.voltage.nominal = X27:1 format=%d
input.voltage.high.critical = X27:2 format=%d
input.voltage.low.critical = X27:3 format=%d
output.voltage = state match="O([0-9.]+)" format=%.1f
output.frequency = state match="H([0-9.]+)" format=%.1f
output.current.nominal = X72:6 format=%.1f
battery.voltage = state match="V([0-9.]+)" format=%.1f
battery.charge = state match="B([0-9]+)" plausible=0..100 format=%d
battery.runtime = state match="R([0-9]+)" scale=60 format=%d
battery.charger.status = value=discharging when=on-battery
battery.charger.status = value=resting when=on-mains when=rested
battery.charger.status = value=charging when=on-mains when=charging

[status]
calibration = state match="S(..)" base=16 mask=0x08
online = state match="S..(..)" base=16 mask=0x04
offline = state match="S..(..)" base=16 mask=0x04 is=0
low-battery = state match="S........(..)" base=16 mask=0x20
off = state match="S........(..)" base=16 mask=0x40

[alarms]
"TEST MODE: Battery is critically low!" = state match="S(..)" base=16 mask=0x20 when=testing
"Battery is critically low, UPS is about to turn off!" = state match="S(..)" base=16 mask=0x20 when=!testing

[commands]
beeper.enable = K60:1
beeper.disable = K60:0
experimental.test.beeper.start = AU
experimental.test.beeper.stop = KA
test.battery.start.deep = AH
test.battery.start.quick = A
test.battery.stop = KA
calibrate.start = AH
calibrate.stop = KA
