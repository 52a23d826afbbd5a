# SPDX-License-Identifier: LGPL-2.1-or-later
# A machine with apcupsd whose net-snmp agent answers with what the script "ups-apcups" of LibreNMS says: one text in
# JSON, without any word about mains.

[profile]
engine = snmp
title = "apcupsd behind net-snmp"
version = 1.0
mib = linux_apcups
type = ups
vendor = APC
order = 961
include = agent

[objects]
nsExtendOutputFull = 1.3.6.1.4.1.8072.1.3.2.3.1.2
apcups = nsExtendOutputFull.10.117.112.115.45.97.112.99.117.112

[probe]
need = apcups.115 is-match="\"error\" *: *\"?0\"?[^0-9].*\"charge\" *:"

[variables]
battery.charge = apcups.115 match="\"charge\" *: *\"?([0-9.]+)" plausible=0..100
battery.runtime = apcups.115 match="\"time_remaining\" *: *\"?([0-9.]+)" scale=60 plausible=0..10000000 format=%d
battery.voltage = apcups.115 match="\"battery_voltage\" *: *\"?([0-9.]+)" plausible=0..2000
battery.voltage.nominal = apcups.115 match="\"battery_nominal\" *: *\"?([0-9.]+)" plausible=1..2000
input.voltage = apcups.115 match="\"input_voltage\" *: *\"?([0-9.]+)" plausible=0..1000
input.voltage.nominal = apcups.115 match="\"nominal_voltage\" *: *\"?([0-9.]+)" plausible=1..1000
ups.load = apcups.115 match="\"load\" *: *\"?([0-9.]+)" plausible=0..400
