# SPDX-License-Identifier: LGPL-2.1-or-later
# CXC system controllers of Alpha: rectifiers and batteries of a DC system, in thousandths. All bits but the sign mean that nothing is known.

[profile]
engine = snmp
title = "Alpha CXC"
version = 1.0
mib = alpha_cxc
type = ups
vendor = Alpha
order = 845
include = agent

[objects]
cxc = 1.3.6.1.4.1.7309.5
cxcFirmware = cxc.1.3
cxcValue = cxc.3.1

[probe]
sysobjectid = 1.3.6.1.4.1.7309.5
need = cxcValue.10.0

[variables]
ups.mfr = value=Alpha
ups.firmware = cxcFirmware.0 ask=once
ups.realpower = cxcValue.2.0 invalid=2147483647 scale=0.001 plausible=0..1000000 format=%.1f
ups.realpower.nominal = cxcValue.4.0 ask=slow invalid=2147483647 scale=0.001 plausible=1..1000000
battery.voltage = cxcValue.12.0 invalid=2147483647 scale=0.001 plausible=0..1000 format=%.2f
battery.current = cxcValue.13.0 invalid=2147483647 scale=0.001 plausible=-10000..10000 format=%.2f
battery.temperature = cxcValue.14.0 invalid=2147483647 scale=0.001 plausible=-40..100 format=%.1f
input.voltage = cxcValue.6.0 invalid=2147483647 scale=0.001 plausible=0..1000 format=%.1f
output.voltage = cxcValue.10.0 invalid=2147483647 scale=0.001 plausible=0..1000 format=%.2f
output.current = cxcValue.11.0 invalid=2147483647 scale=0.001 plausible=0..10000 format=%.2f

[status]
online = cxcValue.6.0 invalid=2147483647 scale=0.001 is-range=70..700
offline = cxcValue.6.0 invalid=2147483647 scale=0.001 is-range=0..30
