# SPDX-License-Identifier: LGPL-2.1-or-later
# Gude ESB 7213 and those that share its objects.

[profile]
engine = snmp
title = "Gude ESB 7213"
version = 1.0
mib = gude
type = meter
vendor = Gude
include = agent
include = pdu
include = gude-esb7213
include = gude

[probe]
sysobjectid = 1.3.6.1.4.1.28507.66
