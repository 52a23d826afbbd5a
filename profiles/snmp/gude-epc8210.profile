# SPDX-License-Identifier: LGPL-2.1-or-later
# Gude EPC 8210 and those that share its objects.

[profile]
engine = snmp
title = "Gude EPC 8210"
version = 1.0
mib = gude
type = pdu
vendor = Gude
include = agent
include = pdu
include = gude-epc8210
include = gude

[probe]
sysobjectid = 1.3.6.1.4.1.28507.29
