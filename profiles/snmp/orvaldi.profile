# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards of Orvaldi and others of that maker: RFC 1628, and who it is.

[profile]
engine = snmp
title = "Orvaldi UPS"
version = 1.0
mib = orvaldi
type = ups
order = 230
include = agent
include = ietf

[objects]
orv = 1.3.6.1.4.1.21111.1.1
orvModel = orv.1.3
orvSerial = orv.1.4
orvFirmware = orv.1.6

[probe]
sysobjectid = 1.3.6.1.4.1.21111
need = upsOutputSource.0
need = orvModel.0

[variables]
ups.model = orvModel.0 ask=once
ups.serial = orvSerial.0 ask=once
ups.firmware = orvFirmware.0 ask=once
