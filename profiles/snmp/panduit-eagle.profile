# SPDX-License-Identifier: LGPL-2.1-or-later
# Panduit Eagle-i gateways: the inputs of the intelligent hardware manager.

[profile]
engine = snmp
title = "Panduit Eagle"
version = 1.0
mib = panduit-eagle
type = meter
vendor = Panduit
include = agent
include = pdu

[objects]
eagle = 1.3.6.1.4.1.3711.24.1.1.1.2.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.3711.24

[table:sensors]
index = eagle.7
number = position
select = eagle.6.* is=2

[variables]
ambient.count = table:sensors
ambient.*.name = eagle.3.* table=sensors ask=slow
ambient.*.temperature = eagle.7.* table=sensors plausible=-50..150 scale=0.1
