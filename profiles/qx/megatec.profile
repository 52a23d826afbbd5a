# SPDX-License-Identifier: LGPL-2.1-or-later
# Status, ratings (F) and vendor (I): what most devices of the family speak.

[profile]
engine = line
title = "Megatec"
version = 1.0
protocol = megatec
order = 400
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings
include = q1-vendor

[probe]
need = STATUS:8
need = VENDOR@0 when=!novendor

# Some have their serial number and their runtime in it, too.
[query:RUNTIME]
send = I
begin = "\#"
length = 37
steady
when = extended

[when:extended]
value = VENDOR is-match="^MegaTec........ .....[0-9][0-9][0-9][0-9][0-9] "

[variables]
battery.runtime = RUNTIME@22-26 format=%.0f
ups.mfr = VENDOR@1-7 when=extended
ups.model = VENDOR@17-21 when=extended
ups.serial = VENDOR@8-15 when=extended
ups.mfr = VENDOR@1-15 trim="\#" match="^.*[^ -].*$" when=!words
ups.mfr = VENDOR:1 trim="\#" match="^.*[^ -].*$" when=words
ups.model = VENDOR@17-26 trim="\#" match="^.*[^ -].*$" when=!words
ups.model = VENDOR@17- trim="\#" match="^[^ -].?.?.?.?.?.?.?.?$" when=!words
ups.model = VENDOR:2 trim="\#" match="^.*[^ -].*$" when=words
