# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards of Tripp Lite before TRIPPLITE-PRODUCTS-MIB.

[profile]
engine = snmp
title = "Tripp Lite UPS (RFC 1628)"
version = 1.0
mib = tripplite
type = ups
vendor = "Tripp Lite"
include = agent
include = ietf

[probe]
sysobjectid = 1.3.6.1.4.1.850.1
need = upsOutputSource.0
