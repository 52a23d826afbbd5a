# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton (Pulizzi) switched and monitored ePDU.

[profile]
engine = snmp
title = "Pulizzi ePDU 2"
version = 1.0
mib = pulizzi_switched2
mib = pulizzi_monitored
type = pdu
vendor = EATON
order = 255
include = agent
include = pdu
include = pulizzi-2
include = pulizzi

[probe]
sysobjectid = 1.3.6.1.4.1.20677.2
need = identModel.0
