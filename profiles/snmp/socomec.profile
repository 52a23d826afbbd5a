# SPDX-License-Identifier: LGPL-2.1-or-later
# Socomec's Net Vision from version 7 on (SOCOMECUPS7-MIB). What is not measured has all bits set. What the standard has as
# well is read from RFC 1628.

[profile]
engine = snmp
title = "Socomec Net Vision 7 UPS"
version = 1.0
mib = socomec
mib = netvision7
type = ups
vendor = Socomec
order = 151
include = agent
include = ietf
include = socomec

[probe]
sysobjectid = 1.3.6.1.4.1.4555.1.1.7
need = nv7IdentModel.0
