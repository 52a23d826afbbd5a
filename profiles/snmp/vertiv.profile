# SPDX-License-Identifier: LGPL-2.1-or-later
# LIEBERT-GP-FLEXIBLE-MIB: cards of Vertiv and Liebert from IS-UNITY on. Each value has its own number of decimals, which is
# used where the card tells it.
#
# What stock snmp-ups says otherwise: it takes the label of an event, which is always there, for the event itself; a
# bypass, boost or trim is OL as well here; what it calls output.power are watts, which are ups.realpower here too.

[profile]
engine = snmp
title = "Vertiv UPS"
version = 1.0
mib = vertiv
type = ups
vendor = Vertiv
order = 210
include = agent
include = ietf

[objects]
lgp = 1.3.6.1.4.1.476.1.42
lgpAgentManufacturer = lgp.2.1.1
lgpModel = lgp.2.4.2.1.4
lgpFirmware = lgp.2.4.2.1.5
lgpSerial = lgp.2.4.2.1.7
lgpText = lgp.3.9.20.1.20.1.2.1
lgpEvent = lgp.3.9.20.1.20.1.2.100
lgpSigned = lgp.3.9.30.1.10.1.2.1
lgpInt = lgp.3.9.30.1.20.1.2.1 integer
lgpDecimals = lgp.3.9.30.1.30.1.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.476.1.42
need = lgpInt.4872

[when:decimals]
exists = lgpDecimals.4096
exists = lgpDecimals.4385

[when:beeper]
exists = lgpInt.6188

[variables]
ups.mfr = lgpText.4333 ask=once
ups.mfr = lgpAgentManufacturer.0 ask=once
ups.model = lgpText.4240 ask=once
ups.model = lgpModel.1 ask=once
ups.serial = lgpSerial.1 ask=once
ups.firmware = lgpFirmware.1 ask=once
ups.type = lgpText.6199 ask=once
battery.runtime = lgpInt.4150 ask=quick plausible=0..10000000 scale=60
ups.beeper.status = lgpInt.6188 ask=slow lookup=vertiv-beeper rw enum when=beeper
ups.beeper.status = upsConfigAudibleStatus.0 ask=slow lookup=beeper rw enum
ups.delay.shutdown = lgpInt.5814 ask=slow plausible=0..86400 rw range=0..86400 option=offdelay
ups.delay.start = lgpInt.5816 ask=slow plausible=0..86400 rw range=0..86400 option=ondelay
ups.load = lgpInt.5861 decimals=lgpDecimals.5861 plausible=0..400 when=decimals
ups.load = lgpInt.5861 plausible=0..400 when=!decimals
ups.temperature = lgpInt.4291 decimals=lgpDecimals.4291 plausible=-40..150 when=decimals
ups.temperature = lgpInt.4291 plausible=-40..150 when=!decimals
battery.charge = lgpInt.4153 decimals=lgpDecimals.4153 plausible=0..100 when=decimals
battery.charge = lgpInt.4153 plausible=0..100 when=!decimals
battery.voltage = lgpInt.4148 decimals=lgpDecimals.4148 plausible=0..2000 when=decimals
battery.voltage = lgpInt.4148 plausible=0..2000 when=!decimals
battery.voltage.nominal = lgpInt.6189 decimals=lgpDecimals.6189 ask=slow plausible=1..2000 when=decimals
battery.voltage.nominal = lgpInt.6189 ask=slow plausible=1..2000 when=!decimals
input.voltage = lgpInt.4096 decimals=lgpDecimals.4096 plausible=0..1000 when=decimals
input.voltage = lgpInt.4096 scale=0.1 plausible=0..1000 when=!decimals
input.current = lgpInt.4113 decimals=lgpDecimals.4113 plausible=0..10000 when=decimals
input.current = lgpInt.4113 scale=0.1 plausible=0..10000 when=!decimals
input.frequency = lgpInt.4105 decimals=lgpDecimals.4105 plausible=0..450 when=decimals
input.frequency = lgpInt.4105 scale=0.1 plausible=0..450 when=!decimals
input.voltage.nominal = lgpInt.4102 decimals=lgpDecimals.4102 ask=slow plausible=1..1000 when=decimals
input.voltage.nominal = lgpInt.4102 ask=slow plausible=1..1000 when=!decimals
input.current.nominal = lgpInt.4104 decimals=lgpDecimals.4104 ask=slow plausible=1..10000 when=decimals
input.current.nominal = lgpInt.4104 ask=slow plausible=1..10000 when=!decimals
input.frequency.nominal = lgpInt.4103 decimals=lgpDecimals.4103 ask=slow plausible=1..450 when=decimals
input.frequency.nominal = lgpInt.4103 ask=slow plausible=1..450 when=!decimals
output.voltage = lgpInt.4385 decimals=lgpDecimals.4385 plausible=0..1000 when=decimals
output.voltage = lgpInt.4385 scale=0.1 plausible=0..1000 when=!decimals
output.current = lgpInt.4204 decimals=lgpDecimals.4204 plausible=0..10000 when=decimals
output.current = lgpInt.4204 scale=0.1 plausible=0..10000 when=!decimals
output.frequency = lgpInt.4207 decimals=lgpDecimals.4207 plausible=0..450 when=decimals
output.frequency = lgpInt.4207 scale=0.1 plausible=0..450 when=!decimals
output.power = lgpInt.4208 decimals=lgpDecimals.4208 plausible=0..5000000 when=decimals
output.power = lgpInt.4208 plausible=0..5000000 when=!decimals
ups.realpower = lgpInt.4208 decimals=lgpDecimals.4208 plausible=0..5000000 when=decimals
ups.realpower = lgpInt.4208 plausible=0..5000000 when=!decimals
ups.power = lgpInt.4209 decimals=lgpDecimals.4209 plausible=0..5000000 when=decimals
ups.power = lgpInt.4209 plausible=0..5000000 when=!decimals
output.voltage.nominal = lgpInt.4260 decimals=lgpDecimals.4260 ask=slow plausible=1..1000 when=decimals
output.voltage.nominal = lgpInt.4260 ask=slow plausible=1..1000 when=!decimals
output.power.nominal = lgpInt.4264 decimals=lgpDecimals.4264 ask=slow plausible=1..5000000 when=decimals
output.power.nominal = lgpInt.4264 ask=slow plausible=1..5000000 when=!decimals
ups.power.nominal = lgpInt.4264 decimals=lgpDecimals.4264 ask=slow plausible=1..5000000 when=decimals
ups.power.nominal = lgpInt.4264 ask=slow plausible=1..5000000 when=!decimals

[lookup:vertiv-beeper]
1 = enabled
2 = disabled

[status]
online = lgpInt.4872 invalid=0 invalid=1 invalid=2 is=3,4,6,7
offline = lgpInt.4872 invalid=0 invalid=1 invalid=2 is=5
discharging = lgpInt.4872 is=5
off = lgpInt.4872 is=2
bypass = lgpInt.4872 is=4
boost = lgpInt.4872 is=6
trim = lgpInt.4872 is=7
low-battery = lgpEvent.4162 is-match="^Active"
overload = lgpEvent.5806 is-match="^Active"
replace-battery = lgpEvent.6182 is-match="^Active"
overheat = lgpEvent.4310 is-match="^Active"
off = lgpEvent.4215 is-match="^Active"

[alarms]
"Battery Discharging" = lgpEvent.4168 is-match="^Active"
"Battery Low" = lgpEvent.4162 is-match="^Active"
"Output Overload" = lgpEvent.5806 is-match="^Active"
"Inverter Failure" = lgpEvent.4233 is-match="^Active"
"UPS Output Off" = lgpEvent.4215 is-match="^Active"

[commands]
beeper.disable = set=lgpInt.6188:2 when=beeper
beeper.disable = set=upsConfigAudibleStatus.0:1 when=!beeper when=ietf-has-beeper
beeper.enable = set=lgpInt.6188:1 when=beeper
beeper.enable = set=upsConfigAudibleStatus.0:2 when=!beeper when=ietf-has-beeper
