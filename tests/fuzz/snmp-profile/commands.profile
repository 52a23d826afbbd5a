[profile]
engine = snmp
title = Example
version = 1.0
mib = example
[objects]
example = 1.3.6.1.4.1.99999
load = example.1.1 integer
name = example.2.1 string
gauge = example.3 gauge
oid = example.4 oid
[table:t]
index = name
[variables]
outlet.*.name = name.* table=t
ups.delay.start = held=1
[commands]
load.on = set=load.0:1 set=gauge.0:2 together check=ready when=rack when=!no
load.on.delay = set="load.0:{argument:120 divide=60 format=%d}" range=1..99 pause=0.5
outlet.*.load.off = set=load.*:2 table=t verify=load.* is=2 within=9
outlet.*.load.on = set=load.*:1 table=t verify=load.* is=1 when=member
test.battery.start = set=oid.0:example.7 set="name.0:a b" set=load.0:{gauge.0}
beeper.enable = set=load.0:{$ups.delay.start} set=name.0:{argument} lookup=yes-no
[when:ready]
exists = load.0
value = load.0 mask=1 is=1
variable = ups.delay.start
variable = ups.delay.start 1..3
variable = ups.delay.start on,off
table = t 2..5
sysobjectid = example.3
sysdescr = "^x"
all = rack !no
any = no
[when:rack]
option = rack
[when:no]
option = no
[when:member]
value = name.* is-match=x
variable = outlet.*.name
exists = load.{t}
