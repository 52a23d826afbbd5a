[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.load = Q:1
