# SPDX-License-Identifier: LGPL-2.1-or-later
# Net Vision cards that do not say what UPS it is.

[profile]
engine = snmp
title = "Socomec Net Vision UPS"
version = 1.0
mib = socomec
type = ups
vendor = Socomec
order = 152
include = agent
include = ietf
include = socomec

[probe]
sysobjectid = 1.3.6.1.4.1.4555.1.1.7
need = nv7BatteryStatus.0
