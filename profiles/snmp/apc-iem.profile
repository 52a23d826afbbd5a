# SPDX-License-Identifier: LGPL-2.1-or-later
# Environment probes of APC management cards: the integrated ones, or else those on universal ports.

[profile]
engine = snmp
title = "APC probes"
version = 1.0
mib = apc-iem
type = meter
vendor = APC
order = 56
include = agent
include = pdu

[objects]
iemProbe = 1.3.6.1.4.1.318.1.1.10.2.3.2.1
uioSensor = 1.3.6.1.4.1.318.1.1.25.1.2.1

[probe]
sysobjectid = 1.3.6.1.4.1.318.1.3.8
need = iemProbe.4.1

[table:probes]
index = iemProbe.4

[when:celsius]
value = iemProbe.5.{probes} is=1

[when:fahrenheit]
value = iemProbe.5.{probes} is=2

[variables]
ambient.count = table:probes
ambient.*.humidity = iemProbe.6.* table=probes plausible=0..100
ambient.*.name = iemProbe.2.* table=probes ask=slow
ambient.*.temperature = iemProbe.4.* table=probes plausible=-50..150 when=celsius
ambient.*.temperature = iemProbe.4.* table=probes plausible=-50..300 divide=1.8 offset=-17.7778 format=%.1f when=fahrenheit
