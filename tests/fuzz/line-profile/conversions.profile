[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.load = Q:1 trim="\#" invalid=---.- invalid=@@ match="^(.*)$" base=16 mask=0x18
battery.voltage = Q:1 scale=$battery.packs:1 divide=60 offset=-273.15 plausible=0..100 format=%06.2f
battery.packs = Q:2 clamp=1..4 scale=0.1 offset=$ups.load:2 format=%d
ups.model = Q:1 lookup=models names=names
ups.beeper.status = Q:2 lookup=beeper format=%s
[lookup:models]
1 = one
01 = another
XL = large
* = other
[names:names]
one = two
