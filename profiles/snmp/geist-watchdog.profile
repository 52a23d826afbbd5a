# SPDX-License-Identifier: LGPL-2.1-or-later
# Geist Watchdog: sensors alone. The unit of its temperatures is said by the agent.

[profile]
engine = snmp
title = "Geist Watchdog"
version = 1.0
mib = geist-watchdog
type = meter
vendor = Vertiv
include = agent
include = pdu

[objects]
watchdog = 1.3.6.1.4.1.21239.5.1

[probe]
sysobjectid = 1.3.6.1.4.1.21239.42.1.31
sysobjectid = 1.3.6.1.4.1.21239.5.1

[table:internals]
index = watchdog.2.1.5

[when:celsius]
value = watchdog.1.7.0 is=1

[when:fahrenheit]
value = watchdog.1.7.0 is=0

[variables]
ambient.*.humidity = watchdog.2.1.6.* table=internals plausible=0..100
ambient.*.name = watchdog.2.1.3.* table=internals ask=slow
ambient.*.temperature = watchdog.2.1.5.* table=internals scale=0.1 when=celsius
ambient.*.temperature = watchdog.2.1.5.* table=internals divide=18 offset=-17.7778 format=%.1f when=fahrenheit
ups.firmware = watchdog.1.2.0 ask=once
ups.model = watchdog.1.8.0 ask=once
ups.serial = watchdog.1.10.0 ask=once
