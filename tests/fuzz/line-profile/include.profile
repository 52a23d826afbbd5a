[line]
accepted = ACK
[query:STATUS]
send = Q1
begin = "("
[when:never]
option = n
[variables]
ups.load = STATUS:4
ups.id = STATUS:6
[status]
online = STATUS:8@0 is=0
[commands]
load.on = C
load.off = S
%%%%%
[profile]
engine = line
title = x
version = 1
protocol = x
include = family
[query:STATUS]
send = D
[variables]
ups.load = STATUS:1
[status]
offline = STATUS:8@0 is=1
[command:load.on]
send = Y
