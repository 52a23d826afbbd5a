[profile]
engine = line
title = Example
version = 1.0
protocol = example
protocol = other
order = 7
vendor = Example
[line]
speed = 9600 7e1
end = lf
end-answer = 0D0a00
check = sum8-hex
check-answer = none
accepted = "(ACK"
accepted = OK
refused = NAK
silence = done
echo = skip
timeout = 1.5
pause = 0.1
tries = 5
[query:Q]
send = Q1
[probe]
need = Q:1
usb = 0590:*
link = serial
