[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[commands]
load.on = "S{argument format=%04d"
