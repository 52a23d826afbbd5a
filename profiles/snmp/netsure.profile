# SPDX-License-Identifier: LGPL-2.1-or-later
# Vortex power systems (NetSure): rectifiers and batteries of a DC system.

[profile]
engine = snmp
title = "Vertiv NetSure Vortex"
version = 1.0
mib = netsure
type = ups
vendor = Emerson
order = 841
include = agent

[objects]
netsure = 1.3.6.1.4.1.885.3
netsureFirmware = netsure.1.1
netsureVoltage = netsure.2.1.1
netsureCurrent = netsure.2.1.2
netsureBatteryCurrent = netsure.2.1.7

[probe]
sysobjectid = 1.3.6.1.4.1.885.3
need = netsureVoltage.0

[variables]
ups.mfr = value=Emerson
ups.firmware = netsureFirmware.0 ask=once
battery.voltage = netsureVoltage.0 plausible=0..1000
battery.current = netsureBatteryCurrent.0 plausible=-10000..10000
output.voltage = netsureVoltage.0 plausible=0..1000
output.current = netsureCurrent.0 plausible=0..100000
