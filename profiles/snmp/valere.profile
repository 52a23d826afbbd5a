# SPDX-License-Identifier: LGPL-2.1-or-later
# BC2000 controllers of Valere: rectifiers of a DC system.

[profile]
engine = snmp
title = "Valere DC power"
version = 1.0
mib = valere
type = ups
vendor = Valere
order = 843
include = agent

[objects]
valere = 1.3.6.1.4.1.13858.2
valereVoltage = valere.3.2
valereCurrent = valere.3.3
valereTemperature = valere.3.5
valereModule = valere.1.6.1.5

[probe]
sysobjectid = 1.3.6.1.4.1.13858
need = valereVoltage.0

[variables]
ups.mfr = value=Valere
ups.temperature = valereTemperature.0 plausible=-40..150
output.voltage = valereVoltage.0 scale=0.01 plausible=0..1000 format=%.2f
output.current = valereCurrent.0 plausible=0..10000
