# SPDX-License-Identifier: LGPL-2.1-or-later
# DigiPower switched PDUs. States of outlets are one text, with commas between them; so are names and delays.

[profile]
engine = snmp
title = "DigiPower PDU"
version = 1.0
mib = digipower
type = pdu
vendor = DigiPower
order = 580
include = agent
include = pdu

[objects]
digipower = 1.3.6.1.4.1.17420.1.2
macAddress = digipower.3
version = digipower.4
pduEntry = digipower.9.1

[probe]
sysobjectid = 1.3.6.1.4.1.17420
need = pduEntry.13.0

[variables]
device.macaddr = macAddress.0 ask=once
input.current = pduEntry.11.0 plausible=0..9999 scale=0.1
input.voltage = pduEntry.17.0 plausible=0..999
outlet.count = value=24 when=outlet-24
outlet.count = value=16 when=outlet-16
outlet.count = value=8 when=outlet-8
outlet.%.desc = pduEntry.14.%.0 each=1..24 match="^([^,]*)" ask=slow when=outlet-%
outlet.%.id = value=% each=1..24 when=outlet-%
outlet.1.status = pduEntry.13.0 match="^([01])" lookup=states
outlet.2.status = pduEntry.13.0 match="^[^,]*,([01])" lookup=states
outlet.3.status = pduEntry.13.0 match="^[^,]*,[^,]*,([01])" lookup=states
outlet.4.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.5.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.6.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.7.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.8.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.9.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.10.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.11.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.12.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.13.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.14.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.15.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.16.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.17.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.18.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.19.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.20.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.21.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.22.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.23.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
outlet.24.status = pduEntry.13.0 match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([01])" lookup=states
ups.firmware = version.0 ask=once
ups.model = pduEntry.19.0 ask=once

[lookup:states]
0 = off
1 = on

[when:outlet-1]
value = pduEntry.13.0 is-match="^[01]"

[when:outlet-2]
value = pduEntry.13.0 is-match="^[^,]*,[01]"

[when:outlet-3]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[01]"

[when:outlet-4]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-5]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-6]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-7]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-8]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-9]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-10]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-11]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-12]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-13]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-14]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-15]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-16]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-17]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-18]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-19]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-20]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-21]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-22]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-23]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"

[when:outlet-24]
value = pduEntry.13.0 is-match="^[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[01]"
