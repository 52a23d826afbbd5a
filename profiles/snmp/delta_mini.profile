# SPDX-License-Identifier: LGPL-2.1-or-later
# Mini cards of Delta Electronics have RFC 1628, with voltages in tenths, and of DeltaUPS-MIB at most what they are.

[profile]
engine = snmp
title = "Delta UPS (RFC 1628)"
version = 1.0
mib = delta_mini
mib = delta_ups
type = ups
vendor = Delta
include = agent
include = ietf

[objects]
dupsIdentModel = 1.3.6.1.4.1.2254.2.4.1.2
dupsIdentUPSSoftwareVersion = 1.3.6.1.4.1.2254.2.4.1.3

[probe]
sysobjectid = 1.3.6.1.4.1.2254.2.5
need = upsOutputSource.0

[variables]
ups.model = dupsIdentModel.0 ask=once
ups.model = upsIdentModel.0 ask=once
ups.firmware.aux = dupsIdentUPSSoftwareVersion.0 ask=once
ups.firmware.aux = upsIdentAgentSoftwareVersion.0 ask=once
