# SPDX-License-Identifier: LGPL-2.1-or-later
# Rack power strips AP78xx and AP79xx. Stock snmp-ups calls the sum of the phases of such a strip what its first
# phase carries (input.current), of those with three, too; here each phase is a phase.

[profile]
engine = snmp
title = "APC rack PDU"
version = 1.0
mib = apc_pdu
type = pdu
vendor = APC
order = 30
include = agent
include = pdu
include = apc-spdu
include = apc-rpdu

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.4
need = rPDULoadStatusLoad.1

# Both groups of objects have these.
[variables]
device.part = rPDUIdentModelNumber.0 ask=once
device.part = sPDUIdentModelNumber.0 ask=once
ups.date = rPDUIdentDateOfManufacture.0 ask=once
ups.date = sPDUIdentDateOfManufacture.0 ask=once
ups.firmware = rPDUIdentFirmwareRev.0 ask=once
ups.firmware = sPDUIdentFirmwareRev.0 ask=once
ups.model = rPDUIdentModelNumber.0 ask=once
ups.model = sPDUIdentModelNumber.0 ask=once
ups.serial = rPDUIdentSerialNumber.0 ask=once
ups.serial = sPDUIdentSerialNumber.0 ask=once
