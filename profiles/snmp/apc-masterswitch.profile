# SPDX-License-Identifier: LGPL-2.1-or-later
# Strips that have nothing but outlets to tell of: MasterSwitch and MasterSwitch Plus.

[profile]
engine = snmp
title = "APC MasterSwitch"
version = 1.0
mib = apc_pdu
type = pdu
vendor = APC
order = 40
include = agent
include = pdu
include = apc-spdu

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.4
need = sPDUOutletCtl.1
