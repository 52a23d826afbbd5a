[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.delay.start = held=1
ups.load = Q:1
[commands]
load.on = C
load.off = "S{$ups.delay.start}" S2 accepted=OK accepted="(ACK" silence=done after=Q timeout=5 when=a when=!b
test.battery.start = "T{argument:10 format=%02d}" range=1..99
outlet.%.load.on = "O%{argument:% format=%02d}" each=1..2
[command:shutdown.return]
when = a
check = Q:1 is=B,L why="not now"
send = S
pause = 0.5
send = R
after = Q
[command:outlet.%.load.off]
each = 1..2
send = "X%"
[start]
run = load.on when=!b
[when:a]
variable = ups.load
variable = ups.load 1..3
variable = ups.load on,off
value = Q:1 base=16 is=3
ratio = ups.load ups.load 0.9..1.1
usb = 0665:5161
link = cypress
product = x
vendor = y
all = b !c
any = c
[when:b]
option = o
[when:c]
answered = Q
