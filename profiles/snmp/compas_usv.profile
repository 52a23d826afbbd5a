# SPDX-License-Identifier: LGPL-2.1-or-later
# DC UPSes of Alpha Innovations with the Comp@s system. What it does with mains is not told in a way that is known.

[profile]
engine = snmp
title = "Alpha Compas UPS"
version = 1.0
mib = compas_usv
type = ups
vendor = Alpha
order = 842
include = agent

[objects]
compas = 1.3.6.1.4.1.26854.3.2.1
compasFirmware = compas.10.3.91
compasUps = compas.20.1.20.1.13.3

[probe]
sysobjectid = 1.3.6.1.4.1.26854.3.2.1
need = compasUps.11.0

[variables]
ups.firmware = compasFirmware.0 ask=once
battery.charge = compasUps.91.0 ask=quick plausible=0..100
battery.runtime = compasUps.92.0 plausible=1..10000000 scale=60
battery.current = compasUps.61.0 plausible=-10000..10000
battery.temperature = compasUps.71.0 plausible=-40..100
battery.voltage = compasUps.11.0 plausible=0..1000
output.voltage = compasUps.11.0 plausible=0..1000
output.current = compasUps.22.0 plausible=0..10000
