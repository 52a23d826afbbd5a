# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards of Dell's UPSes: most of it is in RFC 1628.

[profile]
engine = snmp
title = "Dell UPS"
version = 1.0
mib = dell_ups
type = ups
vendor = Dell
order = 190
include = agent
include = ietf

[objects]
dellUps = 1.3.6.1.4.1.674.10902.2
dellProductName = dellUps.100.1
dellFirmware = dellUps.100.4
dellAgentFirmware = dellUps.100.5
dellOutputSource = dellUps.110.1
dellSerial = dellUps.120.1.2
dellOutputWatts = dellUps.120.2.6
dellBatterySeconds = dellUps.120.5.3

[probe]
sysobjectid = 1.3.6.1.4.1.674.10902.2
need = dellProductName.0

[variables]
ups.mfr = upsIdentManufacturer.0 ask=once
ups.model = dellProductName.0 ask=once
ups.firmware = dellFirmware.0 ask=once
ups.firmware.aux = dellAgentFirmware.0 ask=once
ups.serial = dellSerial.0 ask=once
ups.realpower = dellOutputWatts.0 plausible=0..1000000
battery.runtime = dellBatterySeconds.0 ask=quick plausible=1..10000000
battery.runtime = upsEstimatedMinutesRemaining.0 ask=quick invalid=0 invalid=-1 invalid=65535 plausible=0..10000000 scale=60

[status]
online = dellOutputSource.0 invalid=0 invalid=1 invalid=2 is=3,4,6,7
offline = dellOutputSource.0 invalid=0 invalid=1 invalid=2 is=5
discharging = dellOutputSource.0 is=5
off = dellOutputSource.0 is=2
bypass = dellOutputSource.0 is=4
boost = dellOutputSource.0 is=6
trim = dellOutputSource.0 is=7
