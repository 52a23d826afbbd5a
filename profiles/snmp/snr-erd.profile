# SPDX-License-Identifier: LGPL-2.1-or-later
# SNR ERD supervision units: sensors and contacts.

[profile]
engine = snmp
title = "SNR ERD"
version = 1.0
mib = snr-erd
type = meter
vendor = SNR
include = agent
include = pdu

[objects]
erd = 1.3.6.1.4.1.40418.2.6

[probe]
sysobjectid = 1.3.6.1.4.1.40418.2.6

[table:sensors]
index = erd.1.30.1.1.3
number = position

[table:relays]
index = erd.2.2.1.3.1

[variables]
ambient.count = table:sensors
ambient.*.humidity = erd.1.30.1.1.4.* table=sensors plausible=1..100
ambient.*.name = erd.1.30.1.1.2.* table=sensors ask=slow
ambient.*.temperature = erd.1.30.1.1.3.* table=sensors plausible=-60..150
outlet.count = table:relays
outlet.*.desc = erd.2.2.1.1.1.* table=relays ask=slow
outlet.*.id = number:relays table=relays
