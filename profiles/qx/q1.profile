# SPDX-License-Identifier: LGPL-2.1-or-later
# The first and plainest dialect: one answer has all, there are no ratings, and nobody says who he is. Whoever is
# not known by anything better is taken for one of these, so it comes last.

[profile]
engine = line
title = "Q1"
version = 1.0
protocol = q1
order = 990
include = q1-commands
include = q1-status
include = q1-readings
include = q1-beeper

[probe]
need = STATUS:8
