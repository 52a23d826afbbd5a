# SPDX-License-Identifier: LGPL-2.1-or-later
# Liebert MPH and MPX rack PDUs behind a UNITY or RPC card. A PDU is a member of a chain, its branches are groups of
# outlets.

[profile]
engine = snmp
title = "Liebert rack PDU"
version = 1.0
mib = liebert-mph
type = pdu
vendor = Liebert
order = 335
include = agent
include = pdu

[objects]
lgpPdu = 1.3.6.1.4.1.476.1.42.3.8
pemEntry = lgpPdu.30.20.1
pemName = lgpPdu.30.20.1.10 string
lineEntry = lgpPdu.30.40.1
branchEntry = lgpPdu.40.20.1
outletEntry = lgpPdu.50.20.1
outletName = lgpPdu.50.20.1.10 string
outletControl = lgpPdu.50.20.1.100 integer

[probe]
sysobjectid = 1.3.6.1.4.1.476.1.42
need = pemEntry.65.1.1

[table:units]
index = pemEntry.65
depth = 1
chain

[table:lines]
index = lineEntry.22
parent = units

[table:branches]
index = branchEntry.130
parent = units
number = position

[table:outlets]
index = outletEntry.95
parent = units
number = position

[when:three-phase]
table = lines 2..3

[variables]
device.mfr = value=Liebert table=units
device.type = value=pdu table=units
device.model = pemEntry.20.{units}.1 table=units ask=once
device.serial = pemEntry.55.{units}.1 table=units ask=once
input.current = lineEntry.22.{units}.1.1 table=units scale=0.01 when=!three-phase
input.L%.current = lineEntry.22.{units}.1.% table=units each=1..3 scale=0.01 when=three-phase
input.L%.realpower = lineEntry.63.{units}.1.% table=units each=1..3 when=three-phase
input.L%.voltage = lineEntry.19.{units}.1.% table=units each=1..3 scale=0.1 when=three-phase
input.power = pemEntry.90.{units}.1 table=units
input.realpower = pemEntry.65.{units}.1 table=units
input.voltage = lineEntry.19.{units}.1.1 table=units scale=0.1 when=!three-phase
outlet.count = table:outlets table=units
outlet.*.current = outletEntry.61.* table=outlets scale=0.01
outlet.*.desc = outletName.* table=outlets ask=slow
outlet.*.id = outletEntry.25.* table=outlets ask=slow
outlet.*.power = outletEntry.70.* table=outlets
outlet.*.powerfactor = outletEntry.75.* table=outlets scale=0.01
outlet.*.realpower = outletEntry.65.* table=outlets
outlet.*.voltage = outletEntry.56.* table=outlets scale=0.1
outlet.group.count = table:branches table=units
outlet.group.*.current = branchEntry.130.* table=branches scale=0.01
outlet.group.*.id = branchEntry.20.* table=branches ask=slow
outlet.group.*.name = branchEntry.8.* table=branches ask=slow
outlet.group.*.power = branchEntry.120.* table=branches
outlet.group.*.realpower = branchEntry.115.* table=branches
outlet.group.*.voltage = branchEntry.100.* table=branches scale=0.1
ups.firmware = pemEntry.60.{units}.1 table=units ask=once

[status]
online = pemEntry.65.{units}.1 table=units is-match="."
