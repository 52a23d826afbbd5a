# SPDX-License-Identifier: LGPL-2.1-or-later
# Raritan Dominion PX, the first generation. Values are thousandths but for power. Stock snmp-ups sees only
# those whose objects lie directly below the enterprise; these are below 4, and have voltages of outlets in thousandths.

[profile]
engine = snmp
title = "Raritan Dominion PX"
version = 1.0
mib = raritan
type = pdu
vendor = Raritan
order = 316
include = agent
include = pdu
include = raritan-px-new
include = raritan-px

[probe]
sysobjectid = 1.3.6.1.4.1.13742.4
need = outletLabel.1

[variables]
ups.mfr = value=Raritan
