# SPDX-License-Identifier: LGPL-2.1-or-later
# Server Technology Sentry3 (Switched CDU, Smart CDU). Towers are members of a chain; the infeeds of a tower are lines if
# there are three of them, and feeds if there are two.

[profile]
engine = snmp
title = "Sentry3 CDU"
version = 1.0
mib = sentry3
type = pdu
vendor = "Server Technology"
order = 500
include = agent
include = pdu

[objects]
sentry3 = 1.3.6.1.4.1.1718.3
systemVersion = sentry3.1.1
systemNICSerialNumber = sentry3.1.2
systemTotalPower = sentry3.1.6
towerEntry = sentry3.2.1.1
infeedEntry = sentry3.2.2.1
infeedName = sentry3.2.2.1.3
infeedLoadHighThresh = sentry3.2.2.1.8 integer
outletEntry = sentry3.2.3.1
outletName = sentry3.2.3.1.3 string
outletLowThresh = sentry3.2.3.1.8 integer
outletHighThresh = sentry3.2.3.1.9 integer
outletControlAction = sentry3.2.3.1.11 integer
outletPostOnDelay = sentry3.2.3.1.20 integer
sensorEntry = sentry3.2.5.1 integer
sensorName = sentry3.2.5.1.3 string

[probe]
sysobjectid = 1.3.6.1.4.1.1718.3
need = infeedEntry.7.1.1

[table:towers]
index = infeedEntry.7
depth = 1
chain

[table:infeeds]
index = infeedEntry.7
parent = towers

# Those of one infeed after those of the one before.
[table:outlets]
index = outletName
parent = towers
number = position

[table:sensors]
index = sensorEntry.4
parent = towers
select = sensorEntry.4.* is=0

[when:one-line]
table = infeeds 1..1

[when:two-feeds]
table = infeeds 2..2

[when:three-lines]
table = infeeds 3..3

[when:temperature-known]
value = sensorEntry.5.{sensors} is=0,3,4

[when:celsius]
value = sensorEntry.13.{sensors} is=0

[when:fahrenheit]
value = sensorEntry.13.{sensors} is=1

[variables]
device.mfr = value="Server Technology" table=towers
device.type = value=pdu table=towers
ambient.count = table:sensors table=towers
ambient.*.humidity = sensorEntry.10.* table=sensors plausible=0..100
ambient.*.humidity.high = sensorEntry.12.* table=sensors ask=slow rw range=0..100
ambient.*.humidity.low = sensorEntry.11.* table=sensors ask=slow rw range=0..100
ambient.*.humidity.status = sensorEntry.9.* table=sensors lookup=sensor-status
ambient.*.name = sensorName.* table=sensors ask=slow rw length=24
ambient.*.temperature = sensorEntry.6.* table=sensors invalid=-1 scale=0.1 when=temperature-known when=celsius
ambient.*.temperature = sensorEntry.6.* table=sensors invalid=-1 divide=18 offset=-17.7778 format=%.1f when=temperature-known when=fahrenheit
ambient.*.temperature.high = sensorEntry.8.* table=sensors ask=slow rw range=0..254 when=celsius
ambient.*.temperature.low = sensorEntry.7.* table=sensors ask=slow rw range=0..254 when=celsius
ambient.*.temperature.status = sensorEntry.5.* table=sensors lookup=sensor-status
device.model = towerEntry.7.{towers} table=towers ask=once
device.serial = towerEntry.6.{towers} table=towers ask=once
input.current = infeedEntry.7.{towers}.1 table=towers plausible=0..999999 scale=0.01 when=one-line
input.current.high.warning = infeedLoadHighThresh.{towers}.1 table=towers ask=slow rw range=0..300 when=one-line
input.current.nominal = infeedEntry.10.{towers}.1 table=towers plausible=1..999 ask=slow
input.frequency = towerEntry.15.{towers} table=towers plausible=1..100
input.phases = table:infeeds table=towers when=!two-feeds plausible=1..3
input.power = towerEntry.12.{towers} table=towers plausible=0..999999
input.powerfactor = towerEntry.13.{towers} table=towers plausible=0..100 scale=0.01
input.realpower = towerEntry.11.{towers} table=towers plausible=0..999999
input.realpower = infeedEntry.12.{towers}.1 table=towers plausible=0..999999 when=one-line
input.voltage = infeedEntry.11.{towers}.1 table=towers plausible=0..99999 scale=0.1 when=!three-lines
input.*.current = infeedEntry.7.* table=infeeds plausible=0..999999 scale=0.01 when=two-feeds
input.*.current.high.warning = infeedLoadHighThresh.* table=infeeds ask=slow rw range=0..300 when=two-feeds
input.*.power = infeedEntry.13.* table=infeeds plausible=0..999999 when=two-feeds
input.*.powerfactor = infeedEntry.14.* table=infeeds plausible=0..100 scale=0.01 when=two-feeds
input.*.realpower = infeedEntry.12.* table=infeeds plausible=0..999999 when=two-feeds
input.*.voltage = infeedEntry.11.* table=infeeds plausible=0..99999 scale=0.1 when=two-feeds
input.L*.current = infeedEntry.7.* table=infeeds plausible=0..999999 scale=0.01 when=three-lines
input.L*.current.high.warning = infeedLoadHighThresh.* table=infeeds ask=slow rw range=0..300 when=three-lines
input.L*.power = infeedEntry.13.* table=infeeds plausible=0..999999 when=three-lines
input.L*.powerfactor = infeedEntry.14.* table=infeeds plausible=0..100 scale=0.01 when=three-lines
input.L*.realpower = infeedEntry.12.* table=infeeds plausible=0..999999 when=three-lines
input.L*.voltage = infeedEntry.11.* table=infeeds plausible=0..99999 scale=0.1 when=three-lines
outlet.count = table:outlets table=towers
outlet.*.current = outletEntry.7.* table=outlets plausible=0..99999 scale=0.01
outlet.*.current.high.warning = outletHighThresh.* table=outlets ask=slow rw range=0..255
outlet.*.current.low.warning = outletLowThresh.* table=outlets ask=slow rw range=0..255
outlet.*.delay.start = outletPostOnDelay.* table=outlets ask=slow rw range=0..900
outlet.*.desc = outletName.* table=outlets ask=slow rw length=24
outlet.*.id = outletEntry.2.* table=outlets ask=slow
outlet.*.power = outletEntry.15.* table=outlets plausible=0..99999
outlet.*.powerfactor = outletEntry.16.* table=outlets plausible=0..100 scale=0.01
outlet.*.realpower = outletEntry.14.* table=outlets plausible=0..99999
outlet.*.status = outletEntry.5.* table=outlets lookup=outlet-status
outlet.*.voltage = outletEntry.13.* table=outlets plausible=0..99999 scale=0.1
ups.firmware = systemVersion.0 ask=once

[lookup:sensor-status]
0 = good
3 = warning-low
4 = warning-high

[lookup:outlet-status]
0 = off
1 = on
2 = off
3 = on

[status]
online = infeedEntry.7.{towers}.1 table=towers is-match="."
overload = infeedEntry.6.* table=infeeds is=5

[alarms]
"infeed * load high!" = infeedEntry.6.* table=infeeds is=4
"infeed * overload!" = infeedEntry.6.* table=infeeds is=5
"fan failed!" = towerEntry.4.{towers} table=towers is=2
"over temperature!" = towerEntry.4.{towers} table=towers is=3
"sensor *: low temperature warning!" = sensorEntry.5.* table=sensors is=3
"sensor *: high temperature warning!" = sensorEntry.5.* table=sensors is=4
"sensor *: low humidity warning!" = sensorEntry.9.* table=sensors is=3
"sensor *: high humidity warning!" = sensorEntry.9.* table=sensors is=4

[commands]
outlet.*.load.cycle = set=outletControlAction.*:3 table=outlets
outlet.*.load.off = set=outletControlAction.*:2 table=outlets
outlet.*.load.on = set=outletControlAction.*:1 table=outlets
