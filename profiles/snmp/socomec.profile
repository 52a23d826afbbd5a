# SPDX-License-Identifier: LGPL-2.1-or-later
# Socomec's Net Vision from version 7 on (SOCOMECUPS7-MIB). What is not measured has all bits set. What the standard has as
# well is read from RFC 1628.

[profile]
engine = snmp
title = "Socomec Net Vision 7 UPS"
version = 1.0
mib = socomec
mib = netvision7
type = ups
vendor = Socomec
order = 151
include = agent
include = ietf

[objects]
nv7 = 1.3.6.1.4.1.4555.1.1.7.1
nv7IdentModel = nv7.1.1
nv7IdentSerial = nv7.1.2
nv7IdentAgent = nv7.1.5
nv7BatteryStatus = nv7.2.1
nv7Minutes = nv7.2.3
nv7Charge = nv7.2.4
nv7BatteryVoltage = nv7.2.5
nv7BatteryTemperature = nv7.2.6
nv7AmbientTemperature = nv7.2.7
nv7BatteryCurrent = nv7.2.8
nv7InputLines = nv7.3.1
nv7InputFrequency = nv7.3.2
nv7InputVoltage = nv7.3.3.1.2
nv7InputCurrent = nv7.3.3.1.3
nv7InputVoltageMax = nv7.3.3.1.4
nv7InputVoltageMin = nv7.3.3.1.5
nv7OutputSource = nv7.4.1
nv7OutputFrequency = nv7.4.2
nv7OutputLines = nv7.4.3
nv7OutputVoltage = nv7.4.4.1.2
nv7OutputCurrent = nv7.4.4.1.3
nv7OutputLoad = nv7.4.4.1.4
nv7LoadRate = nv7.4.7
nv7BypassFrequency = nv7.5.1
nv7BypassLines = nv7.5.2
nv7BypassVoltage = nv7.5.3.1.2
nv7Alarm = nv7.6.3
nv7Control = nv7.7.1 integer

[probe]
sysobjectid = 1.3.6.1.4.1.4555.1.1.7
need = nv7IdentModel.0

[when:input-lines]
value = nv7InputLines.0 is-range=2..3

[when:output-lines]
value = nv7OutputLines.0 is-range=2..3

[when:bypass-lines]
value = nv7BypassLines.0 is-range=2..3

# Cards with RFC 1628 that do not show this MIB as a whole: the rows of the standard then.
[when:own]
exists = nv7OutputSource.0

[when:has-control]
exists = nv7Control.0

[variables]
ups.mfr = value=SOCOMEC
ups.model = nv7IdentModel.0 ask=once
ups.serial = nv7IdentSerial.0 ask=once
ups.firmware.aux = nv7IdentAgent.0 ask=once
battery.charge = nv7Charge.0 ask=quick plausible=0..100
battery.charge = upsEstimatedChargeRemaining.0 ask=quick plausible=0..100
battery.runtime = nv7Minutes.0 ask=quick invalid=65535 invalid=-1 plausible=1..10000000 scale=60
battery.runtime = upsEstimatedMinutesRemaining.0 ask=quick invalid=65535 plausible=1..10000000 scale=60
battery.voltage = nv7BatteryVoltage.0 invalid=65535 scale=0.1 plausible=0..2000 format=%.1f
battery.voltage = upsBatteryVoltage.0 invalid=65535 scale=0.1 plausible=0..2000 format=%.1f
battery.temperature = nv7BatteryTemperature.0 plausible=-40..150
battery.temperature = upsBatteryTemperature.0 plausible=-40..150
battery.current = nv7BatteryCurrent.0 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=-6500..6500 format=%.1f
battery.current = upsBatteryCurrent.0 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=-6500..6500 format=%.1f
ambient.temperature = nv7AmbientTemperature.0 invalid=65535 invalid=0 scale=0.1 plausible=-40..100 format=%.1f
input.frequency = nv7InputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.frequency = upsInputFrequency.1 scale=0.1 plausible=0..450 format=%.1f
input.phases = nv7InputLines.0 ask=slow plausible=1..3
input.phases = upsInputNumLines.0 ask=slow plausible=1..3
output.frequency = nv7OutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.frequency = upsOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.phases = nv7OutputLines.0 ask=slow plausible=1..3
output.phases = upsOutputNumLines.0 ask=slow plausible=1..3
input.bypass.frequency = nv7BypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.bypass.frequency = upsBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
input.voltage = nv7InputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=own when=!input-lines
input.L%-N.voltage = nv7InputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=own when=input-lines
input.voltage = upsInputVoltage.1 plausible=0..699 when=!own when=!ietf-input-lines
input.L%-N.voltage = upsInputVoltage.% plausible=0..699 each=1..3 when=!own when=ietf-input-lines
input.voltage.maximum = nv7InputVoltageMax.1 scale=0.1 plausible=0..1000 format=%.1f when=own when=!input-lines
input.L%-N.voltage.maximum = nv7InputVoltageMax.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=own when=input-lines
input.voltage.minimum = nv7InputVoltageMin.1 scale=0.1 plausible=0..1000 format=%.1f when=own when=!input-lines
input.L%-N.voltage.minimum = nv7InputVoltageMin.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=own when=input-lines
input.current = nv7InputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=own when=!input-lines
input.L%.current = nv7InputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=own when=input-lines
input.current = upsInputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!own when=!ietf-input-lines
input.L%.current = upsInputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=!own when=ietf-input-lines
output.voltage = nv7OutputVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=own when=!output-lines
output.L%-N.voltage = nv7OutputVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=own when=output-lines
output.voltage = upsOutputVoltage.1 plausible=0..699 when=!own when=!ietf-output-lines
output.L%-N.voltage = upsOutputVoltage.% plausible=0..699 each=1..3 when=!own when=ietf-output-lines
output.current = nv7OutputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=own when=!output-lines
output.L%.current = nv7OutputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=own when=output-lines
output.current = upsOutputCurrent.1 invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f when=!own when=!ietf-output-lines
output.L%.current = upsOutputCurrent.% invalid=65535 invalid=655350 invalid=-1 scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=!own when=ietf-output-lines
ups.load = nv7OutputLoad.1 plausible=0..400 when=own when=!output-lines
output.L%.power.percent = nv7OutputLoad.% plausible=0..400 each=1..3 when=own when=output-lines
ups.load = upsOutputPercentLoad.1 plausible=0..400 when=!own when=!ietf-output-lines
output.L%.power.percent = upsOutputPercentLoad.% plausible=0..400 each=1..3 when=!own when=ietf-output-lines
ups.load = nv7LoadRate.0 plausible=0..400 when=own when=output-lines
input.bypass.voltage = nv7BypassVoltage.1 scale=0.1 plausible=0..1000 format=%.1f when=own when=!bypass-lines
input.bypass.L%-N.voltage = nv7BypassVoltage.% scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=own when=bypass-lines
input.bypass.voltage = upsBypassVoltage.1 plausible=0..699 when=!own when=!ietf-bypass-lines
input.bypass.L%-N.voltage = upsBypassVoltage.% plausible=0..699 each=1..3 when=!own when=ietf-bypass-lines

# Rows of the included profile see RFC 1628 as well; the alarm tells of the battery.
[status]
offline = nv7Alarm.15.0 is=1
online = nv7Alarm.15.0 is=0 when=!switched-off
discharging = nv7BatteryStatus.0 is=5
charging = nv7BatteryStatus.0 is=3
test = nv7BatteryStatus.0 is=4
low-battery = nv7BatteryStatus.0 is=6,7
low-battery = nv7Alarm.14.0 is=1
depleted = nv7BatteryStatus.0 is=7
replace-battery = nv7BatteryStatus.0 is=8
replace-battery = nv7Alarm.19.0 is=1
no-battery = nv7BatteryStatus.0 is=9
eco-mode = nv7OutputSource.0 is=5
bypass = nv7OutputSource.0 is=6
bypass-manual = nv7OutputSource.0 is=2
off = nv7OutputSource.0 is=7,8
overload = nv7Alarm.2.0 is=1
overheat = nv7Alarm.3.0 is=1
charger-fail = nv7Alarm.24.0 is=1
fan-fail = nv7Alarm.32.0 is=1
emergency-stop = nv7Alarm.34.0 is=1
shutdown-imminent = nv7Alarm.1.0 is=1
shutdown-imminent = nv7Alarm.61.0 is=1
shutdown-active = nv7Alarm.59.0 is=1
awaiting-power = nv7Alarm.62.0 is=1

[when:switched-off]
value = nv7OutputSource.0 is=7,8

[alarms]
"Transfer locked!" = nv7Alarm.4.0 is=1
"Automatic transfer impossible!" = nv7Alarm.5.0 is=1
"Insufficient resources!" = nv7Alarm.6.0 is=1
"Redundancy lost!" = nv7Alarm.7.0 is=1
"Output short circuit!" = nv7Alarm.8.0 is=1
"General fault!" = nv7Alarm.11.0 is=1
"Battery circuit open!" = nv7Alarm.12.0 is=1
"Battery discharged!" = nv7Alarm.13.0 is=1
"Battery temperature out of range!" = nv7Alarm.16.0 is=1
"Battery room alarm!" = nv7Alarm.17.0 is=1
"Battery fault!" = nv7Alarm.19.0 is=1
"Rectifier fault!" = nv7Alarm.20.0 is=1
"Rectifier alarm!" = nv7Alarm.21.0 is=1
"Input of the rectifier out of range!" = nv7Alarm.22.0 is=1
"Battery charger alarm!" = nv7Alarm.25.0 is=1
"Inverter fault!" = nv7Alarm.26.0 is=1
"Inverter alarm!" = nv7Alarm.27.0 is=1
"Bypass fault!" = nv7Alarm.28.0 is=1
"Bypass alarm!" = nv7Alarm.29.0 is=1
"Input of the bypass out of range!" = nv7Alarm.30.0 is=1
"Phase rotation fault!" = nv7Alarm.31.0 is=1
"Wrong configuration!" = nv7Alarm.35.0 is=1
"Internal failure!" = nv7Alarm.36.0 is=1
"Communication with the UPS lost!" = nv7Alarm.58.0 is=1
"External alarm 1!" = nv7Alarm.38.0 is=1
"External alarm 2!" = nv7Alarm.39.0 is=1
"External alarm 3!" = nv7Alarm.40.0 is=1
"External alarm 4!" = nv7Alarm.41.0 is=1
"Module 1 alarm!" = nv7Alarm.42.0 is=1
"Module 2 alarm!" = nv7Alarm.43.0 is=1
"Module 3 alarm!" = nv7Alarm.44.0 is=1
"Module 4 alarm!" = nv7Alarm.45.0 is=1
"Module 5 alarm!" = nv7Alarm.46.0 is=1
"Module 6 alarm!" = nv7Alarm.47.0 is=1
"Module 7 alarm!" = nv7Alarm.48.0 is=1
"Module 8 alarm!" = nv7Alarm.49.0 is=1
"Module 9 alarm!" = nv7Alarm.50.0 is=1
"Module 10 alarm!" = nv7Alarm.51.0 is=1
"Module 11 alarm!" = nv7Alarm.52.0 is=1
"Module 12 alarm!" = nv7Alarm.53.0 is=1

[commands]
bypass.start = set=nv7Control.0:6 when=has-control
bypass.stop = set=nv7Control.0:7 when=has-control
