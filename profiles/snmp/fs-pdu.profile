# SPDX-License-Identifier: LGPL-2.1-or-later
# FS.com managed PDUs.

[profile]
engine = snmp
title = "FS PDU"
version = 1.0
mib = fs-pdu
type = pdu
vendor = FS
include = agent
include = pdu

[objects]
fs = 1.3.6.1.4.1.30966.10.3

[probe]
sysobjectid = 1.3.6.1.4.1.30966

[variables]
input.current = fs.2.4.0 scale=0.1
input.voltage = fs.2.1.0
ups.id = fs.1.1.0 ask=slow
