# SPDX-License-Identifier: LGPL-2.1-or-later
# DC power systems of BKE (PNETMOD-MIB): a power source with an accumulator in parallel. What is 1 has failed.

[profile]
engine = snmp
title = "BKE DC power system"
version = 1.0
mib = bke
type = ups
vendor = BKE
order = 231
include = agent

[objects]
pnetMod = 1.3.6.1.4.1.27533.5
gridState = pnetMod.1.1
gridFuse = pnetMod.1.2
powerSourceState = pnetMod.2.1
powerSourceCurrent = pnetMod.2.2
accuVoltage = pnetMod.3.1
accuCurrent = pnetMod.3.2
accuTemperature = pnetMod.3.3
accuFuse = pnetMod.3.4
outFuse = pnetMod.4.1
outState = pnetMod.4.2 integer

[probe]
sysobjectid = 1.3.6.1.4.1.27533.5
need = gridState.0

[variables]
battery.voltage = accuVoltage.0 ask=quick scale=0.1 plausible=0..2000 format=%.1f
battery.current = accuCurrent.0 scale=0.1 plausible=-3200..3200 format=%.1f
battery.temperature = accuTemperature.0 scale=0.1 plausible=-40..150 format=%.1f
output.current = powerSourceCurrent.0 scale=0.1 plausible=0..3200 format=%.1f

[status]
online = gridState.0 is=0
offline = gridState.0 is=1
discharging = gridState.0 is=1
off = outState.0 is=0

[alarms]
"Input fuse failure" = gridFuse.0 is=1
"Power source failure" = powerSourceState.0 is=1
"Battery fuse failure" = accuFuse.0 is=1
"Output fuse failure" = outFuse.0 is=1

[commands]
load.off = set=outState.0:0
load.on = set=outState.0:1
