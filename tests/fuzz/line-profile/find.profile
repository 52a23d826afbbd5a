[profile]
engine = line
title = Example
version = 1.0
protocol = example
protocol = megatec/old
