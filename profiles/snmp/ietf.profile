# SPDX-License-Identifier: LGPL-2.1-or-later
# Any UPS that follows RFC 1628. It comes last: a card that has an MIB of its maker's beside it says more in that.
# Stock snmp-ups reads the overload from the definition of the alarm instead of the table of alarms, and so never
# shows OVER; takes the identifier of a test for a number, and so shows neither TEST nor CAL; and sends "0" for all
# tests. Both are as the standard says here.

[profile]
engine = snmp
title = "Generic UPS (RFC 1628)"
version = 1.0
mib = ietf
type = ups
order = 990
include = agent
include = ietf

[probe]
sysobjectid = 1.3.6.1.2.1.33
need = upsOutputSource.0
