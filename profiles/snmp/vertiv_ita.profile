# SPDX-License-Identifier: LGPL-2.1-or-later
# Liebert ITA2 and others with a card of Emerson Network Power. What is not measured has all bits set; a line that is not there is 0.

[profile]
engine = snmp
title = "Vertiv ITA UPS"
version = 1.0
mib = vertiv_ita
type = ups
vendor = Vertiv
order = 330
include = agent

[objects]
ita = 1.3.6.1.4.1.13400.2.54
itaModel = ita.1.2
itaSerial = ita.1.3
itaStatus = ita.2.1.1
itaSource = ita.2.1.2
itaInput = ita.2.2
itaOutput = ita.2.3
itaBypass = ita.2.4
itaBattery = ita.2.5

[probe]
sysobjectid = 1.3.6.1.4.1.13400.2.54
need = itaModel.0
need = itaSource.0

[when:in]
value = itaInput.2.0 is-range=200..7000

[when:out]
value = itaOutput.2.0 is-range=200..7000

[variables]
ups.mfr = value=Vertiv
ups.model = itaModel.0 ask=once
ups.serial = itaSerial.0 ask=once
input.voltage = itaInput.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!in
input.frequency = itaInput.4.0 scale=0.01 plausible=0..450 format=%.2f
input.current = itaInput.5.0 scale=0.1 plausible=0..6000 format=%.1f when=!in
input.L%-N.voltage = itaInput.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=in
input.L1.current = itaInput.5.0 scale=0.1 plausible=0..6000 format=%.1f when=in
input.L2.current = itaInput.6.0 scale=0.1 plausible=0..6000 format=%.1f when=in
input.L3.current = itaInput.7.0 scale=0.1 plausible=0..6000 format=%.1f when=in
input.bypass.frequency = itaBypass.4.0 scale=0.01 plausible=0..450 format=%.2f
output.voltage = itaOutput.1.0 scale=0.1 plausible=0..1000 format=%.1f when=!out
output.current = itaOutput.4.0 scale=0.1 plausible=0..6000 format=%.1f when=!out
output.frequency = itaOutput.7.0 scale=0.01 plausible=0..450 format=%.2f
ups.realpower = itaOutput.8.0 scale=10 plausible=0..600000 when=!out
ups.load = itaOutput.14.0 scale=0.1 plausible=0..400 format=%.1f when=!out
output.L%-N.voltage = itaOutput.%.0 scale=0.1 plausible=0..1000 format=%.1f each=1..3 when=out
output.L1.current = itaOutput.4.0 scale=0.1 plausible=0..6000 format=%.1f when=out
output.L2.current = itaOutput.5.0 scale=0.1 plausible=0..6000 format=%.1f when=out
output.L3.current = itaOutput.6.0 scale=0.1 plausible=0..6000 format=%.1f when=out
output.L1.realpower = itaOutput.8.0 scale=10 plausible=0..600000 when=out
output.L2.realpower = itaOutput.9.0 scale=10 plausible=0..600000 when=out
output.L3.realpower = itaOutput.10.0 scale=10 plausible=0..600000 when=out
output.L1.power.percent = itaOutput.14.0 scale=0.1 plausible=0..400 format=%.1f when=out
output.L2.power.percent = itaOutput.15.0 scale=0.1 plausible=0..400 format=%.1f when=out
output.L3.power.percent = itaOutput.16.0 scale=0.1 plausible=0..400 format=%.1f when=out
battery.voltage = itaBattery.1.0 scale=0.1 plausible=0..2000 format=%.1f
battery.runtime = itaBattery.7.0 ask=quick invalid=65535 plausible=0..10000000 scale=60
battery.charge = itaBattery.10.0 ask=quick plausible=0..100

[status]
online = itaInput.1.0 is-range=700..7000
offline = itaInput.1.0 is-range=0..300
