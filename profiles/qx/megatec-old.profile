# SPDX-License-Identifier: LGPL-2.1-or-later
# As megatec, but its status is asked for by D.

[profile]
engine = line
title = "Megatec/old"
version = 1.0
protocol = megatec/old
order = 310
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper
include = q1-ratings
include = q1-vendor

[probe]
need = STATUS:8

[query:STATUS]
send = D
begin = "("
words = 8
answer = "^[(] *[!-')-~]+ +[!-')-~]+ +[!-')-~]+ +[!-')-~]+ +[!-')-~]+ +[!-')-~]+ +[!-')-~]+ +[01][01][01][01][01][01][01][01]([^01]|$)"
steady
ask = quick
