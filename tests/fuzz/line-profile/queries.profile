[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:A]
send = "{{A}}{$battery.packs format=%02d}{hex:00ff}"
begin = "\#"
length = 46..47
words = 3..4
separator = ","
answer = "^[0-9]"
ask = quick
when = !rack
when = tower
timeout = 3
optional
vital
[query:B]
send = B
binary = 2 1 3
ask = written
[when:rack]
option = rack
[when:tower]
answered = B
[variables]
battery.packs = B:-1 base=16
ups.load = A:4
