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
[variables]
ups.delay.shutdown = held=30 rw range=0..600 step=6 option=offdelay
battery.packs = load.0 decimals=gauge.0 scale=0.1 format=%.1f ask=once when=a when=!b
ups.type = value="line interactive"
ups.mfr.date = name.0 form=date hidden
ups.beeper.status = load.0 rw enum lookup=l write=gauge.0
ups.id = name.0 rw length=8
ups.load.high = load.0 mask=3 rw write="gauge.0:{argument divide=60}" range=1..9
input.L%.voltage = load.% each=1..3
[lookup:l]
1 = off
2 = on
[when:a]
option = a
[when:b]
option = b
[status]
online = load.0 is=0,1
offline = load.0 is-range=2..3 else ask=full
[alarms]
"All is lost!" = load.0 is=7
* = oid.0 lookup=oids
[lookup:oids]
example.5 = five
1.3.6.1.4.1.99999.6 = six
* = other
[derived]
ups.realpower = 0.01 ups.id:2 battery.packs format=%.1f when=!a
[commands]
load.off.delay = set=load.0:{$ups.delay.shutdown}
[traps]
example.1 = "On battery" level=warning
1.3.6.1.9 = x
