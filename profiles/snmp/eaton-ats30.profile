# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton ATS30 transfer switch. Bits of its status: 1 output is off, 2 overload, 0 and 3 do not touch the output.

[profile]
engine = snmp
title = "Eaton ATS30"
version = 1.0
mib = eaton_ats30
type = ats
vendor = Eaton
order = 165
include = agent

[objects]
ats30 = 1.3.6.1.4.1.534.10.1
measures = ats30.3
config = ats30.6 integer

[probe]
sysobjectid = 1.3.6.1.4.1.534.10.1
need = measures.7.0

[variables]
device.uptime = measures.5.0
input.%.frequency = measures.1.1.3.% each=1..2 scale=0.1
input.%.id = measures.1.1.1.% each=1..2 ask=once
input.%.voltage = measures.1.1.2.% each=1..2 scale=0.1
input.sensitivity = config.6.0 lookup=sensitivity rw enum ask=slow
input.source = measures.7.0 lookup=operation-mode ask=quick
input.source.preferred = config.5.0 rw range=1..2 ask=slow
output.current = measures.2.2.0 scale=0.1
output.voltage = measures.2.1.0 scale=0.1
ups.firmware = ats30.2.2.0 ask=once
ups.mfr = ats30.1.1.0 ask=once
ups.model = ats30.2.1.0 ask=once
ups.serial = ats30.2.4.0 ask=once
ups.temperature = measures.3.0

[lookup:operation-mode]
1 = init
2 = diagnosis
3 = off
4 = 1
5 = 2
6 = safe
7 = fault

[lookup:sensitivity]
1 = high
2 = low

[lookup:output-on]
0 = on

[status]
online = ats30.4.5.0 mask=0x02 lookup=output-on is=on
off = ats30.4.5.0 mask=0x02 is=1
overload = ats30.4.5.0 mask=0x04 is=1

[alarms]
"internal fault!" = measures.7.0 is=7
