[profile]
engine = line
title = Example
version = 1.0
protocol = example
[line]
end = 0d0a0d0a
end-answer = 0
speed = 2400 8n1
