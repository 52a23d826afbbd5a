# SPDX-License-Identifier: LGPL-2.1-or-later
# TSI inverters of CE+T: RFC 1628, and the power of the system from their own MIB.

[profile]
engine = snmp
title = "CE+T TSI inverter"
version = 1.0
mib = cetpower
type = ups
vendor = "CE+T Power"
order = 848
include = agent
include = ietf

[objects]
tsi = 1.3.6.1.4.1.12551.4
tsiPowerRatio = tsi.1.2.2.1.2
tsiPowerIn = tsi.1.2.2.1.12

[probe]
sysobjectid = 1.3.6.1.4.1.12551.4
need = tsiPowerIn.1
need = upsOutputSource.0

[variables]
input.realpower = tsiPowerIn.1 plausible=0..10000000
input.realpower = upsInputTruePower.1 plausible=0..10000000
ups.load = upsOutputPercentLoad.1 ask=quick plausible=0..400
