# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of NUT's commands for bash. What UPSes there are and what they know is asked of the commands.

# Runs one of them, without waiting long for a server that does not answer.
__busbar_nut_ask() {
        timeout 5 "$@" 2>/dev/null </dev/null
}

# The UPSes of this machine; behind an @ those of other hosts.
__busbar_nut_upses() {
        local host
        if [[ $1 != *@* ]]; then
                __busbar_nut_ask upsc -l
                return
        fi
        for host in $(compgen -A hostname -- "${1#*@}"); do
                echo "${1%%@*}@$host"
        done
}

__busbar_nut_variables() {
        __busbar_nut_ask upsc "$1" | cut -d: -f1
}

__busbar_nut_commands() {
        __busbar_nut_ask upscmd -l "$1" | sed -n 's/ - .*//p'
}

# VARIABLE= of all UPSes here, as the UPS comes behind them; after the = the values of that one.
__busbar_nut_settings() {
        local ups
        for ups in $(__busbar_nut_ask upsc -l); do
                __busbar_nut_ask upsrw "$ups" | awk -v wanted="$1" '
                        /^\[.*\]$/ {
                                name = substr($0, 2, length($0) - 2)
                                if (wanted !~ /=/)
                                        print name "="
                        }
                        /^Option: / && index(wanted, name "=") == 1 {
                                split($0, part, "\"")
                                print name "=" part[2]
                        }'
        done | sort -u
}

__busbar_nut_sections() {
        __busbar_nut_ask upsdrvctl list | cut -f1
}

# The options of a command.
__busbar_nut_options() {
        local common="-h -V -D -W -A" order="-u -p -w -t"
        case $1 in
        upsc) echo "$common -l -L -c -j" ;;
        upscmd) echo "$common $order -l" ;;
        upsrw) echo "$common $order -l -s" ;;
        upslog) echo "$common -s -l -m -i -d -f -N -p -u -B -F" ;;
        nut-recorder) echo "$common" ;;
        upsmon) echo "-h -V -D -W -4 -6 -B -F -K -c -f -p -P -u" ;;
        upsd) echo "-h -V -D -4 -6 -B -F -c -f -i -p -P -q -r -u" ;;
        upssched) echo "-h -V -D -l" ;;
        upsdrvctl) echo "-h -V -D -B -F -c -d -l -r -t -u" ;;
        upsdrvsvcctl) echo "-h -V -D -t --timeout-cmd --timeout-args" ;;
        sockdebug) echo "-h -V" ;;
        nut-scanner)
                echo "--complete_scan --usb_scan --snmp_scan --xml_scan --oldnut_scan --avahi_scan" \
                        "--nut_simulation_scan --ipmi_scan --upower_scan --eaton_serial --timeout --thread" \
                        "--start_ip --end_ip --mask_cidr --port --community --secLevel --secName" \
                        "--authPassword --privPassword --authProtocol --privProtocol --username --password" \
                        "--authType --cipher_suite_id --disp_nut_conf_with_sanity_check --disp_nut_conf" \
                        "--disp_parsable --quiet --available --nut_debug_level --help --version"
                ;;
        nutconf)
                echo "--help --version --verbose --autoconfigure --is-configured --local --system" \
                        "--passwords --get-mode --set-mode --set-monitor --add-monitor --set-listen" \
                        "--add-listen --set-device --add-device --set-notifyflags --add-notifyflags" \
                        "--set-notifymsg --set-notifycmd --set-shutdowncmd --set-minsupplies" \
                        "--set-powerdownflag --set-user --add-user --scan-snmp --scan-usb --scan-xml-http" \
                        "--scan-nut --scan-avahi --scan-ipmi --scan-serial"
                ;;
        esac
}

# Whether a word comes behind an option.
__busbar_nut_has_value() {
        case $1:$2 in
        upsc:-[AW] | upscmd:-[AWptu] | upsrw:-[AWpstu] | upslog:-[AWdfilmpsu] | nut-recorder:-[AW]) ;;
        upsmon:-[PWcfu] | upsd:-[Pcipru] | upsdrvctl:-[cru] | upsdrvsvcctl:--timeout-*) ;;
        nut-scanner:-[BELTWXbcdelmpstuwx] | nut-scanner:--timeout | nut-scanner:--thread) ;;
        nut-scanner:--*_ip | nut-scanner:--mask_cidr | nut-scanner:--port | nut-scanner:--community) ;;
        nut-scanner:--sec* | nut-scanner:--*assword | nut-scanner:--*Protocol | nut-scanner:--username) ;;
        nut-scanner:--authType | nut-scanner:--cipher_suite_id | nut-scanner:--eaton_serial) ;;
        nutconf:--local | nutconf:--passwords | nutconf:--set-mode) ;;
        *) return 1 ;;
        esac
}

__busbar_nut_value() {
        case $1:$2 in
        upslog:-[ms]) __busbar_nut_upses "$3" ;;
        upsrw:-s) __busbar_nut_settings "$3" ;;
        upsmon:-c) echo "fsd reload stop" ;;
        upsd:-c) echo "reload stop" ;;
        upsdrvctl:-c) echo "reload reload-or-error reload-or-exit exit data-dump" ;;
        upsdrvctl:-r | upsd:-r | nutconf:--local) compgen -d -- "$3" ;;
        upslog:-u | upsmon:-u | upsd:-u | upsdrvctl:-u) compgen -A user -- "$3" ;;
        upslog:-l | upsmon:-f | nutconf:--passwords | *:-A) compgen -f -- "$3" ;;
        nut-scanner:-E | nut-scanner:--eaton_serial) compgen -G "/dev/tty*" ;;
        nut-scanner:-m | nut-scanner:--mask_cidr) echo "auto auto4 auto6" ;;
        nut-scanner:-l | nut-scanner:--secLevel) echo "noAuthNoPriv authNoPriv authPriv" ;;
        nut-scanner:-w | nut-scanner:--authProtocol) echo "MD5 SHA SHA256 SHA384 SHA512" ;;
        nut-scanner:-x | nut-scanner:--privProtocol) echo "DES AES AES192 AES256" ;;
        nut-scanner:-d | nut-scanner:--authType) echo "NONE STRAIGHT_PASSWORD_KEY MD2 MD5 OEM RMCPPLUS" ;;
        nutconf:--set-mode) echo "standalone netserver netclient controlled manual none" ;;
        esac
}

# What comes as argument number $2; the first of them is $3, the word so far $4, and all words are $5.
__busbar_nut_argument() {
        case $1:$2 in
        upsc:1)
                if [[ " $5 " == *" -"[lL]" "* ]]; then
                        compgen -A hostname -- "$4"
                else
                        __busbar_nut_upses "$4"
                fi
                ;;
        upscmd:1 | upsrw:1 | nut-recorder:1) __busbar_nut_upses "$4" ;;
        upsc:2) [[ " $5 " == *" -c "* ]] || __busbar_nut_variables "$3" ;;
        upscmd:2) __busbar_nut_commands "$3" ;;
        nut-recorder:2) compgen -f -- "$4" ;;
        upsdrvctl:1) echo "start stop shutdown status list" ;;
        upsdrvsvcctl:1) echo "start stop shutdown status list show-config resync reconfigure" ;;
        upsdrvctl:2 | upsdrvsvcctl:2) __busbar_nut_sections ;;
        sockdebug:1) compgen -G "/run/busbar/*" ;;
        esac
}

_busbar_nut() {
        local command=${1##*/} line=${COMP_LINE:0:COMP_POINT} current previous="" word words
        local -a typed=() arguments=()

        # Words of our own, as bash divides at the @ and : of UPS@HOST:PORT.
        read -ra typed <<<"$line"
        [[ $line != *[[:space:]] ]] || typed+=("")
        current=${typed[-1]}
        for word in "${typed[@]:1:${#typed[@]}-2}"; do
                if [[ -n $previous ]]; then
                        previous=""
                elif [[ $word == -?* ]]; then
                        ! __busbar_nut_has_value "$command" "$word" || previous=$word
                else
                        arguments+=("$word")
                fi
        done

        if [[ -n $previous ]]; then
                words=$(__busbar_nut_value "$command" "$previous" "$current")
        elif [[ $current == -* ]]; then
                words=$(__busbar_nut_options "$command")
        else
                words=$(__busbar_nut_argument "$command" $((${#arguments[@]} + 1)) "${arguments[0]-}" \
                        "$current" "${typed[*]:1}")
        fi

        local IFS=$' \t\n'
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
        # Readline has only what is behind the last of its breaks.
        word=${current##*[@:=]}
        if [[ $word != "$current" && ${COMP_WORDBREAKS-} == *[@:=]* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${current%"$word"}"}")
        fi
}

complete -F _busbar_nut upsc upscmd upsrw upslog nut-recorder upsmon upssched upsd upsdrvctl upsdrvsvcctl \
        sockdebug nut-scanner nutconf
