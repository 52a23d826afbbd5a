# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton ATS16 transfer switch with a NMC card.

[profile]
engine = snmp
title = "Eaton ATS16 (NMC)"
version = 1.0
mib = eaton_ats16_nmc
type = ats
vendor = Eaton
order = 145
include = agent
include = eaton-ats16

[probe]
sysobjectid = 1.3.6.1.4.1.705.1
need = operationMode.0
need = ident.4.0

[variables]
ambient.temperature = environment.1.0 scale=0.1 plausible=-20..100
ambient.temperature.high = environmentLimit.6.0 rw range=-20..100 ask=slow
ambient.temperature.low = environmentLimit.5.0 rw range=-20..100 ask=slow
ambient.humidity = environment.2.0 scale=0.1 plausible=0..100
ambient.humidity.high = environmentLimit.8.0 rw range=0..100 ask=slow
ambient.humidity.low = environmentLimit.7.0 rw range=0..100 ask=slow
ups.firmware.aux = ident.4.0 ask=once
