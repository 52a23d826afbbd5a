[objects]
example = 1.3.6.1.4.1.1
a = example.1
[table:t]
index = a
[variables]
outlet.*.name = a.* table=t

%%%%%
[profile]
engine = snmp
title = x
version = 1
mib = x
include = family
[objects]
example = 1.3.6.1.4.1.2
[variables]
outlet.count = table:t
