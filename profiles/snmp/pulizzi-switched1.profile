# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton (Pulizzi) switched and monitored ePDU. Stock snmp-ups looks for it among the objects
# of the second kind, and finds nothing.

[profile]
engine = snmp
title = "Pulizzi ePDU 1"
version = 1.0
mib = pulizzi_switched1
type = pdu
vendor = EATON
order = 245
include = agent
include = pdu
include = pulizzi-1
include = pulizzi

[probe]
sysobjectid = 1.3.6.1.4.1.20677.1
need = identModel.0
