# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton (Aphel) ePDU managed and switched, a Dominion PX by another name. Voltages of outlets are volts here, and its outlets count from 0: the first is called 1, which
# stock snmp-ups calls outlet.0.

[profile]
engine = snmp
title = "Aphel Revelation"
version = 1.0
mib = aphel_revelation
type = pdu
vendor = "EATON | Powerware"
order = 225
include = agent
include = pdu
include = raritan-px-eaton
include = raritan-px

[objects]
external = 1.3.6.1.4.1.534.6.6.6.2

[probe]
sysobjectid = 1.3.6.1.4.1.534.6.6.6
need = outletLabel.1

[table:outlets]
index = outletOperationalState
number = position

[variables]
ups.mfr = value="EATON | Powerware"
outlet.*.voltage = outletVoltage.* table=outlets
ups.temperature = unitCpuTemp.0
ambient.humidity = external.4.1.3.0
ambient.humidity.high = external.4.1.7.0 ask=slow
ambient.humidity.low = external.4.1.6.0 ask=slow
ambient.temperature = external.2.1.3.0
ambient.temperature.high = external.2.1.7.0 ask=slow
ambient.temperature.low = external.2.1.6.0 ask=slow
device.revision = px.1.1.7.0 ask=once
