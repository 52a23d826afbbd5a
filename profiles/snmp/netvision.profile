# SPDX-License-Identifier: LGPL-2.1-or-later
# Socomec's Net Vision, up to version 6.
#
# What stock snmp-ups says otherwise: it takes the version of the agent for the maker; it is OFF on stand-by; a normal
# or economy mode is no OL there; the alarm "on battery" alone makes it OL or OB, and does so here where there is one.

[profile]
engine = snmp
title = "Socomec Net Vision UPS"
version = 1.0
mib = netvision
type = ups
vendor = Socomec
order = 150
include = agent

[objects]
nv = 1.3.6.1.4.1.4555.1.1.1.1
upsIdentModel = nv.1.1
upsIdentFW = nv.1.2
upsIdentAgentSoftwareVersion = nv.1.3
upsIdentUPSSerialNumber = nv.1.4
upsBatteryStatus = nv.2.1
upsEstimatedMinutesRemaining = nv.2.3
upsEstimatedChargeRemaining = nv.2.4
upsBatteryVoltage = nv.2.5
upsBatteryTemperature = nv.2.6
upsInputNumLines = nv.3.1
upsInputFrequency = nv.3.2
upsInputCurrent = nv.3.3.1.3
upsInputVoltage = nv.3.3.1.5
upsOutputSource = nv.4.1
upsOutputFrequency = nv.4.2
upsOutputNumLines = nv.4.3
upsOutputVoltage = nv.4.4.1.2
upsOutputCurrent = nv.4.4.1.3
upsOutputPercentLoad = nv.4.4.1.4
upsBypassFrequency = nv.5.1
upsBypassNumLines = nv.5.2
upsBypassVoltage = nv.5.3.1.2
upsBypassCurrent = nv.5.3.1.3
upsAlarmOnBattery = nv.6.3.2

[probe]
sysobjectid = 1.3.6.1.4.1.4555.1.1.1
need = upsIdentModel.0
need = upsOutputSource.0

[when:input-lines]
value = upsInputNumLines.0 is-range=2..3

[when:output-lines]
value = upsOutputNumLines.0 is-range=2..3

[when:bypass-lines]
value = upsBypassNumLines.0 is-range=2..3

[variables]
ups.mfr = value=SOCOMEC
ups.model = upsIdentModel.0 ask=once
ups.serial = upsIdentUPSSerialNumber.0 ask=once
ups.firmware = upsIdentFW.0 ask=once
ups.firmware.aux = upsIdentAgentSoftwareVersion.0 ask=once
battery.charge = upsEstimatedChargeRemaining.0 ask=quick plausible=0..100
battery.runtime = upsEstimatedMinutesRemaining.0 ask=quick invalid=65535 invalid=-1 plausible=0..10000000 scale=60
battery.temperature = upsBatteryTemperature.0 invalid=65535 plausible=-40..150
battery.voltage = upsBatteryVoltage.0 invalid=65535 scale=0.1 plausible=0..2000 format=%.1f
input.phases = upsInputNumLines.0 ask=slow plausible=1..3
input.frequency = upsInputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.voltage = upsInputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!input-lines
input.L%-N.voltage = upsInputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=input-lines
input.current = upsInputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!input-lines
input.L%.current = upsInputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=input-lines
output.phases = upsOutputNumLines.0 ask=slow plausible=1..3
output.frequency = upsOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.voltage = upsOutputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!output-lines
output.L%-N.voltage = upsOutputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=output-lines
output.current = upsOutputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!output-lines
output.L%.current = upsOutputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=output-lines
ups.load = upsOutputPercentLoad.1 plausible=0..400 when=!output-lines
output.L%.power.percent = upsOutputPercentLoad.% plausible=0..400 each=1..3 when=output-lines
output.load = upsOutputPercentLoad.1 plausible=0..400 when=!output-lines
input.bypass.phases = upsBypassNumLines.0 ask=slow plausible=1..3
input.bypass.frequency = upsBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.bypass.voltage = upsBypassVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=!bypass-lines
input.bypass.L%-N.voltage = upsBypassVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=bypass-lines
input.bypass.current = upsBypassCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!bypass-lines
input.bypass.L%.current = upsBypassCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=bypass-lines

# On inverter it may have mains or not: the alarm tells, and without it the battery.
[status]
offline = upsAlarmOnBattery.0 is=1
online = upsAlarmOnBattery.0 is=0
online = upsOutputSource.0 invalid=0 invalid=1 invalid=2 invalid=6 invalid=8 is=3,4,5,7,9
discharging = upsBatteryStatus.0 is=5
offline = upsBatteryStatus.0 invalid=0 invalid=1 is=5
eco-mode = upsOutputSource.0 is=4
bypass = upsOutputSource.0 is=5
bypass-manual = upsOutputSource.0 is=7
off = upsOutputSource.0 is=6,8
low-battery = upsBatteryStatus.0 is=3,4
replace-battery = upsBatteryStatus.0 is=6

[alarms]
"Battery failure!" = upsBatteryStatus.0 is=6
