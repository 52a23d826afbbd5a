[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.delay.shutdown = held=30 rw range=12..600 step=6 step=60:60 option=offdelay
ups.delay.start = held=180 range=0..599940 option=ondelay
ups.type = value=online when=!rack
ups.type = value="line interactive"
input.transfer.low = Q:1 rw write="L{argument format=%03d}" range=$input.transfer.low.min..120 range=130..140
input.transfer.low.min = Q:2 hidden
input.sensitivity = Q:3 rw enum lookup=levels write="S{argument unlook=levels}"
ups.id = Q:4 rw length=8 write="I{argument}"
outlet.%.status = Q:%+1@%-1 each=1..2 lookup=on-off
ups.test.result = "{Q:% format=%02d}%" each=3..3
[lookup:levels]
L = low
H = high
[when:rack]
option = rack
[status]
online = Q:1 is=0,1
offline = Q:1 is-range=2..3 else
low-battery = Q:1 is-match="^x" invert when=rack
boost = Q:2 mask=0x2
[alarms]
"All is lost!" = Q:3 is=7
* = Q:4 lookup=levels
[derived]
ups.realpower = 0.01 ups.id:2 ups.type format=%.1f when=!rack
