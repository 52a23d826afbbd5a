# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of busbarctl for fish. What devices there are and what they know is asked of busbarctl itself.

# What devices call things is theirs: of the lines, those remain whose word needs no quotes in a command and is
# no option.
function __busbarctl_harmless
    string match -r '^[A-Za-z0-9._@:=][A-Za-z0-9._@:=-]*(?:\t.*)?$' -- $argv
end

# Without a terminal, lists come as columns with tabs in between, which is what fish wants: word and description.
# Nobody may be asked for a password here.
function __busbarctl_ask
    __busbarctl_harmless (busbarctl --no-ask-password $argv 2>/dev/null </dev/null)
end

# The words that are no options.
function __busbarctl_words
    set -l words (commandline -opc)
    string match -v -- '-*' $words[2..-1]
end

# Whether the words so far are those of $argv, of which each may be several with | in between, or "*".
function __busbarctl_at
    set -l words (__busbarctl_words)
    test (count $words) = (count $argv); or return 1
    for i in (seq (count $argv))
        test "$argv[$i]" = '*'; or contains -- $words[$i] (string split '|' -- $argv[$i]); or return 1
    end
end

function __busbarctl_begins
    set -l words (__busbarctl_words)
    test "$words[1]" = $argv[1]
end

function __busbarctl_variables
    set -l device (__busbarctl_words)[2]
    __busbarctl_harmless (busbarctl --no-ask-password show $device 2>/dev/null </dev/null |
        string replace -r ': ' '\t')
end

function __busbarctl_of
    set -l words (__busbarctl_words)
    __busbarctl_ask $words[1] $words[2]
end

complete -c busbarctl -f
complete -c busbarctl -s h -l help -d 'Show help and exit'
complete -c busbarctl -l version -d 'Show the version and exit'
complete -c busbarctl -s j -l json -d 'Write JSON'
complete -c busbarctl -l no-ask-password -d 'Do not let polkit ask for a password'

for verb in 'status\tOne line for each device' 'list\tNames, drivers and descriptions of the devices' \
        'show\tAll variables of a device' 'get\tThe value of one variable' \
        'describe\tWhat variables mean and what they can be set to' \
        'set\tSet a variable, or list what can be set' 'run\tRun a command, or list the commands' \
        'watch\tPrint each change as it comes' 'plan\tWhat happens if the mains fail now' \
        'why\tThe last shutdowns and what decided' 'policy\tWhen to shut down, or set that' \
        'shutdown\tShut down in order, or rehearse or cancel it' \
        'fsd\tList, clear or set forced shutdowns' 'check\tCheck the configuration files' \
        'report\tWrite what a USB device says to a file' 'tls\tList or make certificates' \
        'profile\tList, check, show or draft what kinds of devices are known' 'scan\tLook for devices' \
        'doctor\tFind out why something does not work' 'migrate\tWhat changes for a configuration of NUT'
    complete -c busbarctl -n __busbarctl_at -a (printf '"%b"' $verb | string collect)
end

complete -c busbarctl -n "__busbarctl_at 'show|get|describe|set|run|watch|report|doctor'" -a '(__busbarctl_ask list)'
complete -c busbarctl -n "__busbarctl_at 'get|describe' '*'" -a '(__busbarctl_variables)'
complete -c busbarctl -n "__busbarctl_at 'set|run' '*'" -a '(__busbarctl_of)'
complete -c busbarctl -n '__busbarctl_at report' -F
complete -c busbarctl -n "__busbarctl_at report '*'" -F
complete -c busbarctl -n '__busbarctl_at fsd' -a 'list clear set'
complete -c busbarctl -n '__busbarctl_at fsd clear' -a '(__busbarctl_ask fsd list)'
complete -c busbarctl -n '__busbarctl_at fsd set' -a '(__busbarctl_ask list)'
complete -c busbarctl -n '__busbarctl_at profile' -a 'list check show hwdb import'
complete -c busbarctl -n '__busbarctl_at profile show' -a '(__busbarctl_ask profile list)'
complete -c busbarctl -n "__busbarctl_at profile 'check|import'" -F
complete -c busbarctl -n '__busbarctl_at tls' -a 'show init'
complete -c busbarctl -n '__busbarctl_at tls show' -F
complete -c busbarctl -n '__busbarctl_begins policy' -a 'charge= runtime= on-battery= on-battery-delay='
complete -c busbarctl -n "__busbarctl_at policy '*'" -a '(__busbarctl_ask list)'
complete -c busbarctl -n '__busbarctl_at scan' -a 'usb snmp xml nut avahi ipmi serial simulation upower'
complete -c busbarctl -n '__busbarctl_at migrate' -a '(__fish_complete_directories)'

complete -c busbarctl -n '__busbarctl_begins why' -s n -l lines -x -d 'How many shutdowns'
complete -c busbarctl -n '__busbarctl_begins shutdown' -s y -l yes -d 'Do not ask whether that is meant'
complete -c busbarctl -n '__busbarctl_begins shutdown' -l reason -x -d 'What it is for'
complete -c busbarctl -n '__busbarctl_begins shutdown' -l dry-run -d 'Walk through it, without any effect'
complete -c busbarctl -n '__busbarctl_begins shutdown' -l cancel -d 'Call off the one under way'
complete -c busbarctl -n '__busbarctl_begins report' -l no-redact -d 'With serial numbers and the like'
complete -c busbarctl -n '__busbarctl_begins tls' -l directory -x -a '(__fish_complete_directories)' \
    -d 'Where the certificates are'
complete -c busbarctl -n '__busbarctl_begins tls' -l name -x -d 'One more name or address of this server'
complete -c busbarctl -n '__busbarctl_begins tls' -l days -x -d 'Valid for so long'
complete -c busbarctl -n '__busbarctl_begins tls' -l renew -d 'Replace those that are there'
complete -c busbarctl -n '__busbarctl_begins profile' -l name -x -d 'That of the profile'
complete -c busbarctl -n '__busbarctl_begins profile' -l mib -r -F -d 'A MIB with names'
complete -c busbarctl -n '__busbarctl_begins profile' -l enterprise -x -d 'The subtree to look at'
