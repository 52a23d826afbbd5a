# SPDX-License-Identifier: LGPL-2.1-or-later
# Tripp Lite products MIB: PDUs with two inputs that switch between them. Outlets are as with PDUs of it.

[profile]
engine = snmp
title = "Tripp Lite ATS PDU"
version = 1.0
mib = tripplite-ats
type = ats
vendor = "Tripp Lite"
order = 348
include = agent

[objects]
tl = 1.3.6.1.4.1.850.1.1
tlDeviceMfr = tl.1.2.1.4
tlDeviceModel = tl.1.2.1.5
tlDeviceName = tl.1.2.1.6 string
tlIdentFirmware = tl.2.1.1.4
tlIdentSerial = tl.2.1.1.5
tlAts = tl.3.4
tlAtsInputs = tlAts.1.2.1.1
tlAtsInputNominal = tlAts.3.1.1.1.1
tlAtsInputAvailable = tlAts.3.1.1.1.12
tlAtsInputFrequency = tlAts.3.1.2.1.4
tlAtsInputVoltage = tlAts.3.1.2.1.5
tlAtsOutputVoltage = tlAts.3.2.1.1.4
tlAtsOutputCurrent = tlAts.3.2.1.1.5
tlAtsOutputFrequency = tlAts.3.2.1.1.11
tlAtsOutletName = tlAts.3.3.1.1.2
tlAtsOutletDescription = tlAts.3.3.1.1.3 string
tlAtsOutletState = tlAts.3.3.1.1.4
tlAtsOutletCommand = tlAts.3.3.1.1.6 integer

[probe]
sysobjectid = 1.3.6.1.4.1.850.1.1.1
need = tlAtsInputVoltage.1.1.1

[table:inputs]
index = tlAtsInputVoltage.1.1

[table:outlets]
index = tlAtsOutletState.1

[variables]
ups.mfr = tlDeviceMfr.1 ask=once
ups.model = tlDeviceModel.1 ask=once
ups.id = tlDeviceName.1 ask=slow
ups.firmware = tlIdentFirmware.1 ask=once
ups.serial = tlIdentSerial.1 ask=once
input.count = table:inputs
input.*.frequency = tlAtsInputFrequency.1.1.* table=inputs scale=0.1 plausible=0..450 format=%.1f
input.*.voltage = tlAtsInputVoltage.1.1.* table=inputs ask=quick scale=0.1 plausible=0..699 format=%.1f
input.voltage.nominal = tlAtsInputNominal.1.1 ask=slow plausible=1..699
output.voltage = tlAtsOutputVoltage.1.1 scale=0.1 plausible=0..699 format=%.1f
output.current = tlAtsOutputCurrent.1.1 scale=0.01 plausible=0..6500 format=%.2f
output.frequency = tlAtsOutputFrequency.1.1 scale=0.1 plausible=0..450 format=%.1f
outlet.count = table:outlets
outlet.*.desc = tlAtsOutletDescription.1.* table=outlets ask=slow
outlet.*.id = number:outlets table=outlets
outlet.*.name = tlAtsOutletName.1.* table=outlets ask=slow
outlet.*.status = tlAtsOutletState.1.* table=outlets lookup=states

[lookup:states]
1 = off
2 = on

# What is behind the switch has power while its output has voltage.
[status]
online = tlAtsOutputVoltage.1.1 is-range=100..7000
off = tlAtsOutputVoltage.1.1 is-range=0..99

[alarms]
"Input 1 is not available" = tlAtsInputAvailable.1.1 is=2
"Input 2 is not available" = tlAtsInputAvailable.1.1 is=1

[commands]
outlet.*.load.cycle = set=tlAtsOutletCommand.1.*:3 table=outlets
outlet.*.load.off = set=tlAtsOutletCommand.1.*:1 table=outlets
outlet.*.load.on = set=tlAtsOutletCommand.1.*:2 table=outlets
