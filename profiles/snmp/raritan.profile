# SPDX-License-Identifier: LGPL-2.1-or-later
# Raritan Dominion PX, the first generation. Values are thousandths but for power. Stock snmp-ups takes the
# temperature for degrees (it is tenths), and sees only those whose objects lie directly below the enterprise.

[profile]
engine = snmp
title = "Raritan Dominion PX (1)"
version = 1.0
mib = raritan
type = pdu
vendor = Raritan
order = 315
include = agent
include = pdu
include = raritan-px-old
include = raritan-px

[probe]
sysobjectid = 1.3.6.1.4.1.13742
need = outletLabel.1

[variables]
ups.mfr = value=Raritan
outlet.*.voltage = outletVoltage.* table=outlets
