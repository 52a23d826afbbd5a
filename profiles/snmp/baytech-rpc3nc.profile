# SPDX-License-Identifier: LGPL-2.1-or-later
# BayTech remote power units that name their model with their circuits.

[profile]
engine = snmp
title = "BayTech RPC3-NC"
version = 1.0
mib = baytech_rpc3nc
type = pdu
vendor = BayTech
order = 85
include = agent
include = pdu
include = baytech

[probe]
sysobjectid = 1.3.6.1.4.1.4779
need = circuitType.2.1

[variables]
ups.model = circuitType.2.1 ask=once
