# SPDX-License-Identifier: LGPL-2.1-or-later
# A machine with NUT whose net-snmp agent answers with what the script "ups-nut" of LibreNMS says.

[profile]
engine = snmp
title = "NUT behind net-snmp"
version = 1.0
mib = linux_nut
type = ups
order = 960
include = agent

[objects]
nsExtendOutLine = 1.3.6.1.4.1.8072.1.3.2.4.1.2
nut = nsExtendOutLine.7.117.112.115.45.110.117.116

[probe]
need = nut.1 is-range=0..100
need = nut.9 is=0,1

# On line and on battery at once is no state of a UPS.
[when:line]
value = nut.9 is=1

[when:battery]
value = nut.10 is=1

[when:nonsense]
all = line battery

[variables]
battery.charge = nut.1 ask=quick plausible=0..100
battery.charge.low = nut.2 ask=slow plausible=0..100
battery.runtime = nut.3 ask=quick plausible=0..10000000
battery.voltage = nut.4 plausible=0..2000
battery.voltage.nominal = nut.5 ask=slow plausible=0..2000
battery.temperature = nut.24 plausible=-40..150
input.voltage.nominal = nut.6 ask=slow plausible=0..1000
input.voltage = nut.7 plausible=0..1000
ups.load = nut.8 plausible=0..400

[status]
online = nut.9 is=1 when=!nonsense
offline = nut.10 is=1 when=!nonsense
low-battery = nut.11 is=1 when=!nonsense
replace-battery = nut.13 is=1 when=!nonsense
charging = nut.14 is=1 when=!nonsense
discharging = nut.15 is=1 when=!nonsense
bypass = nut.16 is=1 when=!nonsense
calibration = nut.17 is=1 when=!nonsense
off = nut.18 is=1 when=!nonsense
overload = nut.19 is=1 when=!nonsense
trim = nut.20 is=1 when=!nonsense
boost = nut.21 is=1 when=!nonsense
