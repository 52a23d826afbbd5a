# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton (Aphel) ePDU monitored: currents of its sections, called outlets.

[profile]
engine = snmp
title = "Aphel Genesis II"
version = 1.0
mib = aphel_genesisII
type = pdu
vendor = "EATON | Powerware"
order = 235
include = agent
include = pdu

[objects]
genesis = 1.3.6.1.4.1.17373.3

[probe]
sysobjectid = 1.3.6.1.4.1.17373
need = genesis.2.1.0

[variables]
ups.mfr = value="EATON | Powerware"
ups.type = value=pdu
device.macaddr = genesis.1.4.0 ask=once
outlet.%.current = genesis.2.%.0 each=1..8 plausible=0..10000 scale=0.1
ups.firmware = genesis.1.2.0 ask=once
ups.id = genesis.1.3.0 ask=slow
ups.model = genesis.1.1.0 ask=once
