# SPDX-License-Identifier: LGPL-2.1-or-later
# Chatsworth eConnect PDUs. A row is named by its number and, as text, the address of the PDU; of a group that is linked,
# the rows of all of them follow each other.

[profile]
engine = snmp
title = "Chatsworth eConnect PDU"
version = 1.0
mib = chatsworth
type = pdu
vendor = Chatsworth
order = 560
include = agent
include = pdu

[objects]
cpi = 1.3.6.1.4.1.30932.1
cpiVersion = cpi.1.1.1
cpiModel = cpi.1.1.2
branchEntry = cpi.10.1.3.110.1
outletEntry = cpi.10.1.4.10.1
outletName = cpi.10.1.4.10.1.4 string

[probe]
sysobjectid = 1.3.6.1.4.1.30932
need = cpiVersion.0

[table:branches]
index = branchEntry.3
number = position

[table:outlets]
index = outletName
number = position

[variables]
outlet.count = table:outlets
outlet.group.count = table:branches
outlet.group.*.current = branchEntry.3.* table=branches scale=0.01
outlet.group.*.id = number:branches table=branches
outlet.group.*.realpower = branchEntry.6.* table=branches
outlet.group.*.voltage = branchEntry.5.* table=branches scale=0.1
outlet.*.current = outletEntry.6.* table=outlets scale=0.01
outlet.*.desc = outletName.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.realpower = outletEntry.8.* table=outlets
outlet.*.status = outletEntry.11.* table=outlets lookup=states
outlet.*.voltage = outletEntry.7.* table=outlets scale=0.1
ups.firmware = cpiVersion.0 ask=once
ups.serial = cpiModel.0 ask=once

[lookup:states]
0 = off
1 = on
