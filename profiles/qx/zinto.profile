# SPDX-License-Identifier: LGPL-2.1-or-later
# As megatec, but it says who it is when it is asked FW?.

[profile]
engine = line
title = "Zinto"
version = 1.0
protocol = zinto
order = 430
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings
include = q1-vendor

[probe]
need = STATUS:8
need = VENDOR@0 when=!novendor

[query:VENDOR]
send = FW?
begin = "\#"
length = 4
steady
ask = once
when = !novendor
