[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.load = Q:3
ups.load = Q:-1
ups.load = Q:3-
ups.load = Q:8@0
ups.load = Q:8@2-4
ups.load = Q:8@2-
ups.load = Q:8@-1
ups.load = Q@1-15
ups.load = Q
ups.model = "{Q:1 trim='\#}' invalid=\"a b\"} {Q:2}"
ups.id = option:name
ups.mfr = link:vendor
ups.status = $ups.id
