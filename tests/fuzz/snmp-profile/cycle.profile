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
when = w
[variables]
outlet.*.name = name.* table=t
[when:w]
all = v
[when:v]
table = t 1..2
