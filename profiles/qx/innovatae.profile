# SPDX-License-Identifier: LGPL-2.1-or-later
# Devices of this kind say of themselves no more than others that speak megatec, which the automatic detection
# takes them for: readings and commands are the same.

[profile]
engine = line
title = "Innova TE"
version = 1.0
protocol = innovatae
vendor = Ippon
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings

[probe]
need = STATUS:8

[query:I]
send = I
begin = "\#"
length = 4
steady
ask = once

[variables]
ups.firmware = I@28-35
ups.firmware = I@28-
