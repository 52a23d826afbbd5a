# SPDX-License-Identifier: LGPL-2.1-or-later
# As zinto, and the battery has a level that can be asked for (BL). By this they are told.

[profile]
engine = line
title = "Hunnox"
version = 1.0
protocol = hunnox
order = 420
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings
include = q1-vendor

[line]
accepted = ACK
accepted = (ACK
accepted = "UPS No Ack"

[probe]
need = STATUS:8
need = VENDOR@0 when=!novendor
need = BL:1

[query:BL]
send = BL
begin = BL
answer = "^BL *[0-9]+ *$"
steady
ask = quick
optional

[query:VENDOR]
send = FW?
begin = "\#"
length = 4
steady
ask = once
when = !novendor

[variables]
battery.charge = BL:1 plausible=0..100 format=%d
ups.delay.start = held=0 rw range=0..599940 step=60 option=ondelay
ups.delay.shutdown = held=60 rw range=12..600 step=6 step=60:60 option=offdelay
