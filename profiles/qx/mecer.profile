# SPDX-License-Identifier: LGPL-2.1-or-later
# As megatec, but each command is answered, with (ACK or (NAK. By that they are told: asked for their protocol they
# say PI98, or at least (NAK.

[profile]
engine = line
title = "Mecer"
version = 1.0
protocol = mecer
order = 330
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings
include = q1-vendor

[line]
accepted = (ACK
silence = failed

[probe]
need = STATUS:8
need = QPI

[query:QPI]
send = QPI
begin = "("
answer = "^[(](PI98|NAK)$"
even-refused
steady
ask = once

# Tests of less than a minute.
[when:short-tests]
value = QPI is=PI98

[variables]
ups.firmware.aux = QPI lookup=protocol

[lookup:protocol]
PI98 = "Voltronic Power P98"

[commands]
test.battery.start = "T{argument:600 function=tenths-or-minutes}" range=12..5940 when=short-tests
test.battery.start = "T{argument:600 divide=60 format=%02d}" range=60..5940 when=!short-tests
