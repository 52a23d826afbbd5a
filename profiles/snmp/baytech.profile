# SPDX-License-Identifier: LGPL-2.1-or-later
# BayTech remote power units.

[profile]
engine = snmp
title = "BayTech"
version = 1.0
mib = baytech
type = pdu
vendor = BayTech
order = 75
include = agent
include = pdu
include = baytech

[probe]
sysobjectid = 1.3.6.1.4.1.4779
need = moduleName.1

[variables]
ups.model = moduleName.1 ask=once
