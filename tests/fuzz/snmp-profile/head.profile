[profile]
engine = snmp
title = Example
version = 1.0
mib = example
mib = other
vendor = Maker
type = pdu
order = 7
[probe]
sysobjectid = .1.3.6.1.4.1.5
sysobjectid = example.2
need = example.1.0 is-match=x
need = agent:sysdescr is-match=y
[objects]
example = below.1
below = 1.3.6
