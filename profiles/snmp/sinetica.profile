# SPDX-License-Identifier: LGPL-2.1-or-later
# UPS controllers of Sinetica: the tables of RFC 1628 under a number of their own. Power is in watts, and all of it may
# stand in the first line. Voltages are between lines where that is what they are rated for. The current of the input
# has no unit that is known.

[profile]
engine = snmp
title = "Sinetica UPS"
version = 1.0
mib = sinetica
type = ups
vendor = Sinetica
order = 220
include = agent

[objects]
sin = 1.3.6.1.4.1.13891.101
sinBatteryStatus = sin.2.1
sinMinutes = sin.2.3
sinCharge = sin.2.4
sinBatteryVoltage = sin.2.5
sinInputLines = sin.3.2
sinInputFrequency = sin.3.3.1.2
sinInputVoltage = sin.3.3.1.3
sinOutputSource = sin.4.1
sinOutputFrequency = sin.4.2
sinOutputLines = sin.4.3
sinOutputVoltage = sin.4.4.1.2
sinOutputCurrent = sin.4.4.1.3
sinOutputPower = sin.4.4.1.4
sinOutputLoad = sin.4.4.1.5
sinBypassFrequency = sin.5.1
sinModel = sin.1.2
sinManufacturer = sin.1.1
sinFirmware = sin.1.3
sinAgent = sin.1.4
sinRatingVA = sin.9.5
sinNominalVoltage = sin.9.1

[probe]
sysobjectid = 1.3.6.1.4.1.13891.101
need = sinOutputSource.0

[when:input-lines]
value = sinInputLines.0 is-range=2..3

[when:output-lines]
value = sinOutputLines.0 is-range=2..3

[when:between-lines]
value = sinNominalVoltage.0 is=200,208,380,400,415,440,480

[when:input-between]
all = input-lines between-lines

[when:output-between]
all = output-lines between-lines

[when:second-idle]
value = sinOutputPower.2 is=0

[when:second-carries]
value = sinOutputCurrent.2 is-range=1..65000

[when:all-in-first]
all = output-lines second-idle second-carries

[variables]
ups.mfr = sinManufacturer.0 ask=once
ups.model = sinModel.0 ask=once
ups.firmware = sinFirmware.0 ask=once
ups.firmware.aux = sinAgent.0 ask=once
ups.power.nominal = sinRatingVA.0 ask=slow plausible=1..10000000
ups.load = sinOutputLoad.1 plausible=0..400 when=all-in-first
ups.load = sinOutputLoad.1 plausible=0..400 when=!output-lines
ups.realpower = sinOutputPower.1 plausible=0..5000000 when=all-in-first
ups.realpower = sinOutputPower.1 plausible=0..5000000 when=!output-lines
battery.charge = sinCharge.0 ask=quick plausible=0..100
battery.runtime = sinMinutes.0 ask=quick plausible=1..10000000 scale=60
battery.voltage = sinBatteryVoltage.0 scale=0.1 plausible=0..2000 format=%.1f
input.phases = sinInputLines.0 ask=slow plausible=1..3
input.frequency = sinInputFrequency.1 scale=0.1 plausible=0..450 format=%.1f
input.voltage = sinInputVoltage.1 plausible=0..699 when=!input-lines
input.L%-N.voltage = sinInputVoltage.% plausible=0..699 each=1..3 when=input-lines when=!between-lines
input.L1-L2.voltage = sinInputVoltage.1 plausible=0..699 when=input-between
input.L2-L3.voltage = sinInputVoltage.2 plausible=0..699 when=input-between
input.L3-L1.voltage = sinInputVoltage.3 plausible=0..699 when=input-between
input.voltage.nominal = sinNominalVoltage.0 ask=slow plausible=50..699
input.bypass.frequency = sinBypassFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.phases = sinOutputLines.0 ask=slow plausible=1..3
output.frequency = sinOutputFrequency.0 scale=0.1 plausible=0..450 format=%.1f
output.voltage = sinOutputVoltage.1 plausible=0..699 when=!output-lines
output.L%-N.voltage = sinOutputVoltage.% plausible=0..699 each=1..3 when=output-lines when=!between-lines
output.L1-L2.voltage = sinOutputVoltage.1 plausible=0..699 when=output-between
output.L2-L3.voltage = sinOutputVoltage.2 plausible=0..699 when=output-between
output.L3-L1.voltage = sinOutputVoltage.3 plausible=0..699 when=output-between
output.current = sinOutputCurrent.1 scale=0.1 plausible=0..6500 format=%.1f when=!output-lines
output.L%.current = sinOutputCurrent.% scale=0.1 plausible=0..6500 format=%.1f each=1..3 when=output-lines
output.L%.realpower = sinOutputPower.% plausible=0..5000000 each=1..3 when=output-lines when=!all-in-first
output.L%.power.percent = sinOutputLoad.% plausible=0..400 each=1..3 when=output-lines when=!all-in-first

[status]
online = sinOutputSource.0 invalid=0 invalid=1 invalid=2 is=3,4,6,7
offline = sinOutputSource.0 invalid=0 invalid=1 invalid=2 is=5
discharging = sinOutputSource.0 is=5
off = sinOutputSource.0 is=2
bypass = sinOutputSource.0 is=4
low-battery = sinBatteryStatus.0 is=3,4
