# SPDX-License-Identifier: LGPL-2.1-or-later
# Agents that have a part of RFC 1628 only, without what the output is fed from: values, and no status but that of
# the battery and of alarms.

[profile]
engine = snmp
title = "Generic UPS (part of RFC 1628)"
version = 1.0
mib = ietf-partial
type = ups
order = 995
include = agent
include = ietf

[probe]
need = upsInputVoltage.1
