[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
outlet.%.load = "Q:%+1" each=0..63
[command:outlet.%.load.on]
each = 1..3
send = "O%{argument:%-1 format=%03d}"
