# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards of CyberPower.
#
# What stock snmp-ups says otherwise: its shutdown.stayoff sets the object that turns the UPS on; a UPS whose battery
# is not there has no alarm; "ups.alarm" is not taken for OL there, and an unknown state not for "NULL" here.

[profile]
engine = snmp
title = "CyberPower UPS"
version = 1.0
mib = cyberpower
type = ups
vendor = CyberPower
order = 130
include = agent
include = ietf
include = cyberpower

[probe]
sysobjectid = 1.3.6.1.4.1.3808.1.1.1
sysobjectid = 1.3.6.1.4.1.3808
