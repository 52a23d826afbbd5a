# SPDX-License-Identifier: LGPL-2.1-or-later
# UPSes behind a Power Xpert Gateway. Its source of output is another list than that of other cards.

[profile]
engine = snmp
title = "Eaton Power Xpert Gateway UPS"
version = 1.0
mib = eaton_pxg_ups
type = ups
vendor = Eaton
order = 121
include = agent
include = ietf
include = eaton-xups

[probe]
sysobjectid = 1.3.6.1.4.1.534.2.12
need = xupsIdentModel.0

[variables]
experimental.ups.type = xupsOutputSource.0 lookup=mode

[lookup:mode]
2 = "parallel redundancy"
8 = "high efficiency"
64 = normal
80 = normal
81 = "high efficiency"

[status]
online = xupsOutputSource.0 lookup=pxg-mains is=on
offline = xupsOutputSource.0 lookup=pxg-mains is=off
discharging = xupsOutputSource.0 is=4,5,36,240
low-battery = xupsOutputSource.0 is=5
off = xupsOutputSource.0 is=0,35,48,49,50,241
overload = xupsOutputSource.0 is=13,224
trim = xupsOutputSource.0 is=14
boost = xupsOutputSource.0 is=15
bypass = xupsOutputSource.0 is=16,17,18,34,96
bypass-manual = xupsOutputSource.0 is=32,33,35,36,100
eco-mode = xupsOutputSource.0 is=8,37,81

[lookup:pxg-mains]
1 = on
2 = on
3 = on
4 = off
5 = off
6 = on
7 = on
8 = on
9 = on
10 = on
13 = on
14 = on
15 = on
16 = on
17 = on
18 = on
32 = on
33 = on
34 = on
36 = off
37 = on
38 = on
39 = on
40 = on
41 = on
64 = on
80 = on
81 = on
96 = on
100 = on
224 = on
240 = off
