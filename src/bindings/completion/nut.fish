# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of NUT's commands for fish. What UPSes there are and what they know is asked of the commands.

# Runs one of them, without waiting long for a server that does not answer.
function __busbar_nut_ask
    timeout 5 $argv 2>/dev/null </dev/null
end

# What servers and devices call things is theirs. Of lines that begin with such a word, those remain where it
# needs no quotes in a command and is no option.
function __busbar_nut_harmless
    string match -r '^[A-Za-z0-9._@:=][A-Za-z0-9._@:=-]*(?:\t.*)?$' -- $argv
end

# The words that are no options, nor behind those of $argv, which have a value.
function __busbar_nut_arguments
    set -l skip 0
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $argv
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Whether argument number $argv[1] is due.
function __busbar_nut_due
    test (count (__busbar_nut_arguments $argv[2..-1])) = (math $argv[1] - 1)
end

function __busbar_nut_upses
    __busbar_nut_harmless (__busbar_nut_ask upsc -l)
    set -l current (commandline -ct)
    if string match -q -- '*@*' "$current"
        set -l name (string split -m1 @ -- $current)[1]
        for host in (__fish_print_hostnames)
            echo $name@$host
        end
    end
end

function __busbar_nut_variables
    __busbar_nut_harmless (__busbar_nut_ask upsc (__busbar_nut_arguments -A -W)[1] | string replace -r ': ' '\t')
end

# Below a title and an empty line. Not all have a description.
function __busbar_nut_commands
    set -l ups (__busbar_nut_arguments -A -W -u -p -t)[1]
    __busbar_nut_harmless (__busbar_nut_ask upscmd -l $ups | sed '1,/^$/d' | string replace -r ' - ' '\t')
end

# Variables of all UPSes here, as the UPS comes behind them.
function __busbar_nut_settings
    for ups in (__busbar_nut_harmless (__busbar_nut_ask upsc -l))
        __busbar_nut_harmless (__busbar_nut_ask upsrw $ups | string replace -rf '^\[(.*)\]$' '$1=')
    end
end

function __busbar_nut_sections
    __busbar_nut_harmless (__busbar_nut_ask upsdrvctl list | string split -f1 \t)
end

for command in upsc upscmd upsrw upslog nut-recorder upsmon upssched upsd upsdrvctl upsdrvsvcctl sockdebug \
        nut-scanner nutconf
    complete -c $command -f
    complete -c $command -s h -d 'Show help and exit'
    complete -c $command -s V -d 'Show the version and exit'
    if not contains $command sockdebug nut-scanner nutconf
        complete -c $command -s D -d 'Tell what happens'
    end
end

for command in upsc upscmd upsrw upslog nut-recorder
    complete -c $command -s W -x -d 'Seconds to wait for a connection'
    complete -c $command -s A -r -F -d 'File with credentials, default or none'
end

for command in upscmd upsrw
    complete -c $command -s l -d 'List them'
    complete -c $command -s u -x -d 'Who we are'
    complete -c $command -s p -x -d Password
    complete -c $command -s w -d 'Wait for the outcome'
    complete -c $command -s t -x -d 'Seconds to wait for it'
    complete -c $command -n '__busbar_nut_due 1 -A -W -u -p -t -s' -a '(__busbar_nut_upses)'
end

for command in upslog upsmon upsd upsdrvctl
    complete -c $command -s B -d 'In the background'
    complete -c $command -s F -d 'In the foreground'
    complete -c $command -s u -x -a '(__fish_complete_users)' -d 'Run as'
end

complete -c upsc -s l -d 'List UPSes'
complete -c upsc -s L -d 'List UPSes and descriptions'
complete -c upsc -s c -d 'List clients'
complete -c upsc -s j -d 'Write JSON'
complete -c upsc -n '__busbar_nut_due 1 -A -W; and not __fish_contains_opt -s l -s L' -a '(__busbar_nut_upses)'
complete -c upsc -n '__busbar_nut_due 1 -A -W; and __fish_contains_opt -s l -s L' -a '(__fish_print_hostnames)'
complete -c upsc -n '__busbar_nut_due 2 -A -W; and not __fish_contains_opt -s c' -a '(__busbar_nut_variables)'
complete -c upscmd -n '__busbar_nut_due 2 -A -W -u -p -t' -a '(__busbar_nut_commands)'
complete -c upsrw -s s -x -a '(__busbar_nut_settings)' -d 'Set a variable'

complete -c upslog -s s -x -a '(__busbar_nut_upses)' -d UPS
complete -c upslog -s m -x -a '(__busbar_nut_upses)' -d 'UPS,file'
complete -c upslog -s l -r -F -d File
complete -c upslog -s i -x -d 'Seconds in between'
complete -c upslog -s d -x -d 'How many lines'
complete -c upslog -s f -x -d Format
complete -c upslog -s N -d 'With the name of the UPS'
complete -c upslog -s p -x -d 'Base of the PID file'

complete -c nut-recorder -n '__busbar_nut_due 1 -A -W' -a '(__busbar_nut_upses)'
complete -c nut-recorder -n '__busbar_nut_due 2 -A -W' -F

for command in upsmon upsd
    complete -c $command -s 4 -d 'IPv4 only'
    complete -c $command -s 6 -d 'IPv6 only'
    complete -c $command -s P -x -d 'Process to tell'
end
complete -c upsmon -s c -x -a 'fsd reload stop' -d 'Tell the one that runs'
complete -c upsmon -s f -r -F -d File
complete -c upsmon -s K -d 'Check the power-down flag'
complete -c upsmon -s p -d 'Without splitting privileges'
complete -c upsmon -s W -x -d 'Seconds to wait for a connection'
complete -c upsd -s c -x -a 'reload stop' -d 'Tell the one that runs'
complete -c upsd -s f -d 'Go on with mistakes'
complete -c upsd -s i -x -d Address
complete -c upsd -s p -x -d Port
complete -c upsd -s q -d Quiet
complete -c upsd -s r -x -a '(__fish_complete_directories)' -d 'Root directory'
complete -c upssched -s l -d 'List timers'

complete -c upsdrvctl -s c -x -a 'reload reload-or-error reload-or-exit exit data-dump' -d 'Tell drivers'
complete -c upsdrvctl -s d -d 'Dump data'
complete -c upsdrvctl -s l -d List
complete -c upsdrvctl -s r -x -a '(__fish_complete_directories)' -d 'Root directory'
complete -c upsdrvctl -n '__busbar_nut_due 1 -c -r -u' -a 'start stop shutdown status list'
complete -c upsdrvsvcctl -l timeout-cmd -x -d Program
complete -c upsdrvsvcctl -l timeout-args -x -d 'How long to wait'
complete -c upsdrvsvcctl -n '__busbar_nut_due 1 --timeout-cmd --timeout-args' \
    -a 'start stop shutdown status list show-config resync reconfigure'
for command in upsdrvctl upsdrvsvcctl
    complete -c $command -s t -d 'Only show what would be done'
    complete -c $command -n '__busbar_nut_due 2 -c -r -u --timeout-cmd --timeout-args' -a '(__busbar_nut_sections)'
end
complete -c sockdebug -n '__busbar_nut_due 1' -a '(for path in /run/busbar/*; echo $path; end)'

for command in nut-scanner nutconf
    complete -c $command -l help -d 'Show help and exit'
    complete -c $command -l version -d 'Show the version and exit'
end
for pair in C/complete_scan U/usb_scan S/snmp_scan M/xml_scan O/oldnut_scan A/avahi_scan n/nut_simulation_scan \
        I/ipmi_scan J/upower_scan Q/disp_nut_conf_with_sanity_check N/disp_nut_conf P/disp_parsable q/quiet \
        a/available D/nut_debug_level
    set -l names (string split / $pair)
    complete -c nut-scanner -s $names[1] -l $names[2]
end
for pair in t/timeout T/thread s/start_ip e/end_ip p/port c/community u/secName W/authPassword X/privPassword \
        b/username B/password L/cipher_suite_id
    set -l names (string split / $pair)
    complete -c nut-scanner -s $names[1] -l $names[2] -x
end
complete -c nut-scanner -s E -l eaton_serial -x -a '(for path in /dev/tty*; echo $path; end)'
complete -c nut-scanner -s m -l mask_cidr -x -a 'auto auto4 auto6'
complete -c nut-scanner -s l -l secLevel -x -a 'noAuthNoPriv authNoPriv authPriv'
complete -c nut-scanner -s w -l authProtocol -x -a 'MD5 SHA SHA256 SHA384 SHA512'
complete -c nut-scanner -s x -l privProtocol -x -a 'DES AES AES192 AES256'
complete -c nut-scanner -s d -l authType -x -a 'NONE STRAIGHT_PASSWORD_KEY MD2 MD5 OEM RMCPPLUS'

for name in autoconfigure is-configured system verbose get-mode {set,add}-{monitor,listen,device,user,notifyflags} \
        set-{notifymsg,notifycmd,shutdowncmd,minsupplies,powerdownflag} \
        scan-{snmp,usb,xml-http,nut,avahi,ipmi,serial}
    complete -c nutconf -l $name
end
complete -c nutconf -l local -x -a '(__fish_complete_directories)' -d 'Work on the files there'
complete -c nutconf -l passwords -r -F -d 'File with passwords'
complete -c nutconf -l set-mode -x -a 'standalone netserver netclient controlled manual none' -d Mode
