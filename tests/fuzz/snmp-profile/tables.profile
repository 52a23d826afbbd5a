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
[table:outlets]
parent = units
index = name.*
depth = 2
number = position
first = 0
select = name.* is=1,2
select = gauge.{units} is-range=1..3
count = gauge.{units}
ask = once
max = 300
when = w
[table:units]
chain
index = example.9
number = value
[table:phases]
members = 1..3
parent = outlets
[variables]
outlet.count = table:outlets
outlet.*.name = name.* table=outlets
outlet.*.id = number:units table=outlets
outlet.*.voltage = example.7.{units}.2.{outlets}.*.5 table=phases
ups.id = $outlet.2.name
[when:w]
option = x
