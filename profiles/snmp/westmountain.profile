# SPDX-License-Identifier: LGPL-2.1-or-later
# West Mountain Radio RIGrunner: DC outlets.

[profile]
engine = snmp
title = "RIGrunner"
version = 1.0
mib = westmountain
type = pdu
vendor = "West Mountain Radio"
include = agent
include = pdu

[objects]
rig = 1.3.6.1.4.1.15117.1

[probe]
sysobjectid = 1.3.6.1.4.1.15117.1

[variables]
input.voltage = rig.4.6.0 scale=0.001
outlet.count = value=5
outlet.%.current = rig.4.%.0 each=1..5 scale=0.001
outlet.%.id = value=% each=1..5
outlet.1.status = rig.2.66.0 lookup=states
outlet.2.status = rig.2.68.0 lookup=states
outlet.3.status = rig.2.70.0 lookup=states
outlet.4.status = rig.2.72.0 lookup=states
outlet.5.status = rig.2.74.0 lookup=states
ups.firmware = rig.1.2.0 ask=once
ups.model = rig.1.1.0 ask=once

[lookup:states]
0 = off
1 = on
