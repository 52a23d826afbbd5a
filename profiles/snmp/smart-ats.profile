# SPDX-License-Identifier: LGPL-2.1-or-later
# ATS with SNMP Smart II card.

[profile]
engine = snmp
title = "SNMP Smart ATS"
version = 1.0
mib = smart-ats
type = ats
include = agent

[objects]
ats = 1.3.6.1.4.1.37662.1.2.2.1.1

[probe]
sysobjectid = 1.3.6.1.4.1.37662.1.2.2.1

[variables]
input.1.frequency = ats.2.4.0 scale=0.1
input.1.voltage = ats.2.3.0
input.2.frequency = ats.2.7.0 scale=0.1
input.2.voltage = ats.2.6.0
input.count = value=2
output.current = ats.3.4.0 scale=0.1
ups.load = ats.3.5.0 plausible=0..999
ups.model = ats.1.4.0 ask=once
ups.temperature = ats.5.1.0

# 2: the input is good.
[status]
online = ats.2.2.0 match="^2$" is=2
online = ats.2.5.0 match="^2$" is=2

[alarms]
"input A failed!" = ats.2.2.0 is=1,3
"input B failed!" = ats.2.5.0 is=1,3
