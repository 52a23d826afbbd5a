# SPDX-License-Identifier: LGPL-2.1-or-later
# Packet Power gateways: each reading is a row with the serial number of a node (four numbers) and the kind of value
# behind it. Nodes are members of a chain. 100 to 102: temperatures, 191: humidity.

[profile]
engine = snmp
title = "Packet Power gateway"
version = 1.0
mib = packetpower
type = meter
vendor = "Packet Power"
include = agent
include = pdu

[objects]
reading = 1.3.6.1.4.1.33688.4.1.1
node = 1.3.6.1.4.1.33688.4.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.33688.4

[table:nodes]
index = node.5
number = position
chain

[variables]
device.mfr = value="Packet Power" table=nodes
device.type = value=meter table=nodes
device.serial = node.6.* table=nodes ask=once
ambient.1.humidity = reading.12.*.191 table=nodes plausible=0..100
ambient.1.temperature = reading.12.*.100 table=nodes plausible=-60..150 scale=0.1
ambient.2.temperature = reading.12.*.101 table=nodes plausible=-60..150 scale=0.1
ambient.3.temperature = reading.12.*.102 table=nodes plausible=-60..150 scale=0.1

[status]
online = node.5.* table=nodes is-match="."
