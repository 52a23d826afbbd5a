[profile]
engine = snmp
title = Example
version = 1.0
mib = example
[objects]
a = b.1
b = a.1
c = .1.3
[table:x]
parent = y
[table:y]
parent = x
[variables]
ups.load = c..*.{x}.4294967296
ups.id = $outlet.*.*.name
[commands]
load.off = set=c.0:{{argument}} set=:1
