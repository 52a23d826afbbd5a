# SPDX-License-Identifier: LGPL-2.1-or-later
# Controllers of data rooms of Vertiv (SmartCabinet and the like): the UPS in them. 9999 is what is not there.

[profile]
engine = snmp
title = "Vertiv SmartCabinet UPS"
version = 1.0
mib = vertiv_dcs
type = ups
vendor = Vertiv
order = 331
include = agent

[objects]
dcsSite = 1.3.6.1.4.1.13400.3.1.1
dcs = 1.3.6.1.4.1.13400.3.4.491.1.1

[probe]
sysobjectid = 1.3.6.1.4.1.13400.3
need = dcs.5.1
need = dcs.2.1

[when:in]
value = dcs.3.1 is-range=200..7000

[when:out]
value = dcs.6.1 is-range=200..7000

[variables]
ups.mfr = value=Vertiv
ups.id = dcsSite.0 ask=slow
battery.charge = dcs.68.1 ask=quick invalid=9999 scale=0.1 plausible=0..100 format=%.1f
battery.runtime = dcs.65.1 ask=quick invalid=9999 scale=6 plausible=0..10000000
battery.voltage = dcs.59.1 invalid=9999 scale=0.1 plausible=0..2000 format=%.1f
ambient.temperature = dcs.67.1 invalid=9999 scale=0.1 plausible=-40..100 format=%.1f
input.voltage = dcs.2.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!in
input.L1-N.voltage = dcs.2.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.L2-N.voltage = dcs.3.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.L3-N.voltage = dcs.4.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.frequency = dcs.19.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f
input.current = dcs.16.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!in
input.L1.current = dcs.16.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.L2.current = dcs.17.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.L3.current = dcs.18.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
output.voltage = dcs.5.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!out
output.L1-N.voltage = dcs.5.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L2-N.voltage = dcs.6.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L3-N.voltage = dcs.7.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.frequency = dcs.11.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f
output.current = dcs.8.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!out
output.L1.current = dcs.8.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L2.current = dcs.9.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L3.current = dcs.10.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
input.bypass.voltage = dcs.23.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!in
input.bypass.L1-N.voltage = dcs.23.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.bypass.L2-N.voltage = dcs.24.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.bypass.L3-N.voltage = dcs.25.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=in
input.bypass.frequency = dcs.29.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f
ups.load = dcs.45.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=!out
output.L1.power.percent = dcs.45.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L2.power.percent = dcs.46.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out
output.L3.power.percent = dcs.47.1 invalid=9999 scale=0.1 plausible=0..999 format=%.1f when=out

[status]
online = dcs.2.1 invalid=9999 is-range=700..7000
offline = dcs.2.1 invalid=9999 is-range=0..300
