# SPDX-License-Identifier: LGPL-2.1-or-later
# Exeltech transfer switch. All bits set are a value that is not measured.

[profile]
engine = snmp
title = "Exeltech transfer switch"
version = 1.0
mib = exeltech
type = ats
vendor = Exeltech
order = 610
include = agent

[objects]
xfer = 1.3.6.1.4.1.30320.1.0

[probe]
need = xfer.1.1.0
need = xfer.4.5.0

[variables]
input.%.current = xfer.%.2.0 each=1..3 invalid=65535 scale=0.1
input.%.frequency = xfer.%.3.0 each=1..3 invalid=65535 scale=0.1
input.%.voltage = xfer.%.1.0 each=1..3 invalid=65535 scale=0.1
input.count = value=3
battery.current = xfer.0.2.0 invalid=65535 scale=0.1
battery.voltage = xfer.0.1.0 invalid=65535 scale=0.1

ups.temperature = xfer.1.8.0 plausible=1..150

[status]
online = xfer.4.5.0 match="^0$" is=0

[alarms]
"source % alarm!" = xfer.4.%.0 each=1..3 is-range=1..65535
"minor alarm!" = xfer.4.4.0 is=1
"major alarm!" = xfer.4.5.0 is=1
