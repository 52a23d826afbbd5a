# SPDX-License-Identifier: LGPL-2.1-or-later
# Automatic transfer switches AP44xx, AP77xx. Stock snmp-ups takes a lost communication ("never discovered", or
# lost) for no status, and the failed output for "on line" when the first supply is lost; here the switch is on
# line as long as its output is good.

[profile]
engine = snmp
title = "APC ATS"
version = 1.0
mib = apc_ats
type = ats
vendor = APC
order = 10
include = agent

[objects]
ats = 1.3.6.1.4.1.318.1.1.8
atsIdentHardwareRev = ats.1.1
atsIdentFirmwareRev = ats.1.2
atsIdentDateOfManufacture = ats.1.4
atsIdentModelNumber = ats.1.5
atsIdentSerialNumber = ats.1.6
atsIdentNominalLineVoltage = ats.1.7
atsIdentNominalLineFrequency = ats.1.8
atsIdentDeviceRating = ats.1.9
atsConfigProductName = ats.4.1 string
atsConfigPreferredSource = ats.4.2 integer
atsConfigVoltageSensitivity = ats.4.4 integer
atsConfigBankLowLoad = ats.4.14.1.3 integer
atsConfigBankNearOverload = ats.4.14.1.4 integer
atsConfigBankOverload = ats.4.14.1.5 integer
atsStatusCommStatus = ats.5.1.1
atsStatusSelectedSource = ats.5.1.2
atsStatusRedundancyState = ats.5.1.3
atsStatusOverCurrentState = ats.5.1.4
atsStatusSupply = ats.5.1
atsStatusSwitchStatus = ats.5.1.10
atsStatusSourceA = ats.5.1.12
atsStatusSourceB = ats.5.1.13
atsStatusPhaseSync = ats.5.1.14
atsStatusVoltageOut = ats.5.1.15
atsStatusHardware = ats.5.1.16
atsNumInputs = ats.5.3.1
atsInputFrequency = ats.5.3.2.1.4
atsInputName = ats.5.3.2.1.6 string
atsInputVoltage = ats.5.3.3.1.3
atsInputCurrent = ats.5.3.3.1.6
atsInputPower = ats.5.3.3.1.9
atsOutputFrequency = ats.5.4.2.1.4
atsOutputVoltage = ats.5.4.3.1.3
atsOutputCurrent = ats.5.4.3.1.4
atsOutputLoad = ats.5.4.3.1.7
atsOutputPercentLoad = ats.5.4.3.1.10
atsOutputPower = ats.5.4.3.1.13
atsOutputPhaseState = ats.5.4.3.1.19
atsOutputBankTableSize = ats.5.4.4
atsOutputBankIndex = ats.5.4.5.1.1
atsOutputBank = ats.5.4.5.1.3
atsOutputBankCurrent = ats.5.4.5.1.4
atsOutputBankState = ats.5.4.5.1.5
atsOutputBankVoltage = ats.5.4.5.1.6
atsOutputBankPower = ats.5.4.5.1.15

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.11
need = atsStatusSelectedSource.0

[table:banks]
index = atsOutputBankState

[when:tells-output]
exists = atsStatusVoltageOut.0

[variables]
device.description = sysDescr.0 ask=slow
input.count = atsNumInputs.0 ask=slow
input.frequency.nominal = atsIdentNominalLineFrequency.0 ask=once
input.sensitivity = atsConfigVoltageSensitivity.0 ask=slow lookup=sensitivity rw enum
input.source = atsStatusSelectedSource.0 ask=quick
input.source.preferred = atsConfigPreferredSource.0 ask=slow rw range=1..3
input.voltage.nominal = atsIdentNominalLineVoltage.0 ask=once
input.%.frequency = atsInputFrequency.% each=1..2
input.%.voltage = atsInputVoltage.%.1.1 each=1..2 plausible=0..999
input.%.current = atsInputCurrent.%.1.1 each=1..2 plausible=0..9999 scale=0.1
input.%.feed.desc = atsInputName.% each=1..2 ask=slow
outlet.group.count = atsOutputBankTableSize.0 ask=slow plausible=1..99
outlet.group.count = table:banks
outlet.group.*.current = atsOutputBankCurrent.* table=banks scale=0.1
outlet.group.*.current.high.critical = atsConfigBankOverload.* table=banks ask=slow rw range=0..100
outlet.group.*.current.high.warning = atsConfigBankNearOverload.* table=banks ask=slow rw range=0..100
outlet.group.*.current.low.warning = atsConfigBankLowLoad.* table=banks ask=slow rw range=0..100
outlet.group.*.current.status = atsOutputBankState.* table=banks lookup=load-state
outlet.group.*.id = number:banks table=banks
outlet.group.*.name = atsOutputBank.* table=banks lookup=banks
outlet.group.*.realpower = atsOutputBankPower.* table=banks plausible=0..99999
outlet.group.*.status = atsOutputBankState.* table=banks lookup=bank-status
outlet.group.*.voltage = atsOutputBankVoltage.* table=banks plausible=0..999
output.current = atsOutputCurrent.1.1.1 plausible=0..9999 scale=0.1
output.current = atsOutputBankCurrent.1 scale=0.1
output.current.nominal = atsIdentDeviceRating.0 ask=once
output.frequency = atsOutputFrequency.1
output.power = atsOutputLoad.1.1.1 plausible=0..99999
output.realpower = atsOutputPower.1.1.1 plausible=0..99999
output.voltage = atsOutputVoltage.1.1.1 plausible=0..999
output.voltage = atsOutputBankVoltage.1 plausible=0..999
ups.firmware = atsIdentHardwareRev.0 ask=once
ups.firmware.aux = atsIdentFirmwareRev.0 ask=once
ups.id = atsConfigProductName.0 ask=slow rw length=20
ups.load = atsOutputPercentLoad.1.1.1 plausible=0..999
ups.mfr.date = atsIdentDateOfManufacture.0 ask=once
ups.model = atsIdentModelNumber.0 ask=once
ups.serial = atsIdentSerialNumber.0 ask=once

[lookup:sensitivity]
1 = high
2 = low

[lookup:banks]
1 = total
2 = bank1
3 = bank2

[lookup:bank-status]
1 = OL
4 = OVER

[lookup:load-state]
1 = good
2 = warning-low
3 = warning-high
4 = critical-high

[status]
online = atsStatusVoltageOut.0 match="^2$" is=2
off = atsStatusVoltageOut.0 is=1
# Old firmware does not tell of its output.
online = atsStatusSelectedSource.0 match="^[12]$" is=1,2 when=!tells-output
overload = atsStatusOverCurrentState.0 is=1
comm-fault = atsStatusCommStatus.0 is=1,3

[alarms]
"redundancy lost!" = atsStatusRedundancyState.0 is=1
"source A failed!" = atsStatusSourceA.0 is=1
"source B failed!" = atsStatusSourceB.0 is=1
"transfer switch failed!" = atsStatusSwitchStatus.0 is=1
"hardware failed!" = atsStatusHardware.0 is=1
"power supply failed!" = atsStatusSupply.%.0 each=5..9 is=1
"output overload!" = atsStatusOverCurrentState.0 is=1
"bank * overload!" = atsOutputBankState.* table=banks is=4
"bank * near overload!" = atsOutputBankState.* table=banks is=3
