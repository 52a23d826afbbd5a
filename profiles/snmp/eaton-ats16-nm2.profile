# SPDX-License-Identifier: LGPL-2.1-or-later
# Eaton ATS16 transfer switch with a Network-M2 card.

[profile]
engine = snmp
title = "Eaton ATS16 (NM2)"
version = 1.0
mib = eaton_ats16_nm2
type = ats
vendor = Eaton
order = 155
include = agent
include = eaton-ats16
include = eaton-emp

[probe]
sysobjectid = 1.3.6.1.4.1.534.10.2
need = operationMode.0
need = ident.7.0

[variables]
ambient.temperature = environment.1.0 plausible=-20..100
ambient.temperature.high = environmentLimit.6.0 rw range=-20..100 ask=slow
ambient.temperature.low = environmentLimit.5.0 rw range=-20..100 ask=slow
ambient.humidity = environment.2.0 plausible=0..100
ambient.humidity.high = environmentLimit.8.0 rw range=0..100 ask=slow
ambient.humidity.low = environmentLimit.7.0 rw range=0..100 ask=slow
ups.firmware.aux = ident.7.0 ask=once
