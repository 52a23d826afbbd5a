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
zero = example.5.0
[variables]
ups.load = load.0
ups.power = 1.3.6.1.0
ups.id = $ups.load
ups.type = option:x
ups.mfr = agent:sysdescr
ups.model = zero
