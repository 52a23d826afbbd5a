[profile]
engine = snmp
title = "Example PDU"              # driver.version.data, with the version
version = 1.0
mib = example_pdu                  # what mibs= says to have it; several lines are several names
type = pdu                         # device.type: ups, pdu, ats, scd, psu, pv, meter, ...
vendor = Example                   # ups.mfr (device.mfr) of a device that does not say
order = 500                        # its turn when all are tried, lowest first; without it: only by mibs= or its sysObjectID

[objects]
example = 1.3.6.1.4.1.99999.2
identModel = example.1.1           # .0 stands where it is used
outletIndex = example.5.2.1.1
outletName = example.5.2.1.2 string
outletState = example.5.2.1.3
outletControl = example.5.2.1.4 integer

[probe]
sysobjectid = 1.3.6.1.4.1.99999.2
need = identModel.0

[table:outlets]
index = outletIndex

[variables]
ups.model = identModel.0 ask=once
outlet.count = table:outlets
outlet.*.name = outletName.* table=outlets rw length=32
outlet.*.status = outletState.* table=outlets lookup=states

[lookup:states]
1 = on
2 = off

[status]
online = identModel.0 is-match="."

[commands]
outlet.*.load.off = set=outletControl.*:2 table=outlets
outlet.*.load.on = set=outletControl.*:1 table=outlets
