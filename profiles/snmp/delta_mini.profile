# SPDX-License-Identifier: LGPL-2.1-or-later
# Mini cards of Delta Electronics have nothing but RFC 1628, with voltages in tenths.

[profile]
engine = snmp
title = "Delta UPS (RFC 1628)"
version = 1.0
mib = delta_mini
type = ups
vendor = Delta
include = agent
include = ietf

[probe]
sysobjectid = 1.3.6.1.4.1.2254.2.5
need = upsOutputSource.0
