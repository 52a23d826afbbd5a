# SPDX-License-Identifier: LGPL-2.1-or-later
# Powerware and Eaton UPSes with a ConnectUPS or Network-M2 card.
#
# What stock snmp-ups says otherwise: ups.power is in watts there (here it is what the card says in VA, and watts are
# ups.realpower); the current of the input is ten times too small there, and that of the battery as well; ESS is
# ECO here; bypass is OL BYPASS; the serial number is the name that a card was given, there.

[profile]
engine = snmp
title = "Eaton Powerware UPS"
version = 1.0
mib = eaton_pw_nm2
mib = pw
mib = pxgx_ups
type = ups
vendor = Eaton
order = 120
include = agent
include = ietf
include = eaton-xups

[probe]
sysobjectid = 1.3.6.1.4.1.534.1
need = xupsIdentModel.0

[variables]
experimental.ups.type = xupsOutputSource.0 lookup=mode

[lookup:mode]
3 = normal
8 = "parallel capacity"
9 = "parallel redundancy"
10 = "high efficiency"
12 = "energy saver"
80 = normal
81 = "high efficiency"

[status]
online = xupsOutputSource.0 invalid=0 invalid=1 invalid=2 is=3,4,6,7,8,9,10,11,12,64,80,81,96,100
offline = xupsOutputSource.0 invalid=0 invalid=1 invalid=2 is=5,240
off = xupsOutputSource.0 is=2,16
bypass = xupsOutputSource.0 is=4,96
bypass-manual = xupsOutputSource.0 is=11,100
boost = xupsOutputSource.0 is=6
trim = xupsOutputSource.0 is=7
eco-mode = xupsOutputSource.0 is=10,81
ess-mode = xupsOutputSource.0 is=12
discharging = xupsOutputSource.0 is=5,240
