[profile]
engine = line
title = Example
version = 1.0
protocol = example
[query:Q]
send = Q1
[variables]
ups.id = $ups.type
ups.type = "{$ups.load}"
ups.load = Q:1 scale=$ups.id when=a
[when:a]
any = b
[when:b]
variable = ups.id
