# SPDX-License-Identifier: LGPL-2.1-or-later
# Socomec's monitors of distribution units: what the lines of the output have.

[profile]
engine = snmp
title = "Socomec PDU"
version = 1.0
mib = socomec-pdu
type = pdu
vendor = Socomec
order = 349
include = agent
include = pdu

[objects]
socPdu = 1.3.6.1.4.1.4555.2.30
socPduModel = socPdu.1.2
socPduSerial = socPdu.1.3
socPduFirmware = socPdu.1.4
socPduSoftware = socPdu.1.5
socPduFrequency = socPdu.2.1
socPduVoltageL1 = socPdu.2.2
socPduCurrentL1 = socPdu.2.3
socPduVoltageL2 = socPdu.2.4
socPduCurrentL2 = socPdu.2.5
socPduVoltageL3 = socPdu.2.6
socPduCurrentL3 = socPdu.2.7

[probe]
sysobjectid = 1.3.6.1.4.1.4555.2.30
need = socPduFrequency.0

# How many lines there are is not said.
[when:one-line]
all = !second !third

[when:second]
value = socPduVoltageL2.0 is-range=200..7000

[when:third]
value = socPduVoltageL3.0 is-range=200..7000

[variables]
ups.model = socPduModel.0 ask=once
ups.serial = socPduSerial.0 ask=once
ups.firmware = socPduSoftware.0 ask=once
ups.firmware.aux = socPduFirmware.0 ask=once
output.frequency = socPduFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.voltage = socPduVoltageL1.0 scale=0.1 plausible=0..699 format=%.1f when=one-line
output.current = socPduCurrentL1.0 scale=0.1 plausible=0..6500 format=%.1f when=one-line
output.L%-N.voltage = socPduVoltageL%.0 scale=0.1 plausible=0..699 format=%.1f each=1..3 when=!one-line
output.L%.current = socPduCurrentL%.0 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=!one-line
