# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of NUT's commands for bash. What UPSes there are and what they know is asked of the commands.

# Runs one of them, without waiting long for a server that does not answer.
__busbar_nut_ask() {
        timeout 5 "$@" 2>/dev/null </dev/null
}

# What servers and devices call things is theirs. So no such word comes near compgen -W, eval or anything that
# is not quoted, where the shell would run what stands in it, and none is offered that would have to be quoted
# in a command or be taken for an option.

# Offers what a command prints, one word a line, as far as it goes on from $1.
__busbar_nut_take() {
        local LC_ALL=C word
        while IFS= read -r word; do
                [[ $word == "$1"* && -n $word && $word != -* && $word != *[!A-Za-z0-9._@:=-]* ]] || continue
                COMPREPLY+=("$word")
        done < <("${@:2}")
}

# Offers words of our own.
__busbar_nut_offer() {
        local word
        for word in "${@:2}"; do
                [[ $word != "$1"* ]] || COMPREPLY+=("$word")
        done
}

# Offers what compgen knows of files, which readline puts in quotes where they need them.
__busbar_nut_files() {
        local -a found
        mapfile -t found < <(compgen "${@:2}" -- "$1")
        __busbar_nut_offer "$1" "${found[@]}"
        compopt -o filenames 2>/dev/null
}

# The UPSes of this machine; behind an @ those of other hosts.
__busbar_nut_upses() {
        if [[ $1 != *@* ]]; then
                __busbar_nut_ask upsc -l
                return
        fi
        local host
        compgen -A hostname -- "${1#*@}" | while IFS= read -r host; do
                printf '%s@%s\n' "${1%%@*}" "$host"
        done
}

__busbar_nut_variables() {
        __busbar_nut_ask upsc "$1" | sed 's/: .*//'
}

# Below a title and an empty line. Not all have a description.
__busbar_nut_commands() {
        __busbar_nut_ask upscmd -l "$1" | sed -e '1,/^$/d' -e 's/ - .*//'
}

# VARIABLE= of all UPSes here, as the UPS comes behind them; after the = the values of that one.
__busbar_nut_settings() {
        local -a COMPREPLY=()
        local ups
        __busbar_nut_take "" __busbar_nut_ask upsc -l
        for ups in "${COMPREPLY[@]}"; do
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

# The options of command $2.
__busbar_nut_options() {
        local -a common=(-h -V -D -W -A) order=(-u -p -w -t)
        case $2 in
        upsc) __busbar_nut_offer "$1" "${common[@]}" -l -L -c -j ;;
        upscmd) __busbar_nut_offer "$1" "${common[@]}" "${order[@]}" -l ;;
        upsrw) __busbar_nut_offer "$1" "${common[@]}" "${order[@]}" -l -s ;;
        upslog) __busbar_nut_offer "$1" "${common[@]}" -s -l -m -i -d -f -N -p -u -B -F ;;
        nut-recorder) __busbar_nut_offer "$1" "${common[@]}" ;;
        upsmon) __busbar_nut_offer "$1" -h -V -D -W -4 -6 -B -F -K -c -f -p -P -u ;;
        upsd) __busbar_nut_offer "$1" -h -V -D -4 -6 -B -F -c -f -i -p -P -q -r -u ;;
        upssched) __busbar_nut_offer "$1" -h -V -D -l ;;
        upsdrvctl) __busbar_nut_offer "$1" -h -V -D -B -F -c -d -l -r -t -u ;;
        upsdrvsvcctl) __busbar_nut_offer "$1" -h -V -D -t --timeout-cmd --timeout-args ;;
        sockdebug) __busbar_nut_offer "$1" -h -V ;;
        nut-scanner)
                __busbar_nut_offer "$1" --complete_scan --usb_scan --snmp_scan --xml_scan --oldnut_scan \
                        --avahi_scan --nut_simulation_scan --ipmi_scan --upower_scan --eaton_serial --timeout --thread \
                        --start_ip --end_ip --mask_cidr --port --community --secLevel --secName \
                        --authPassword --privPassword --authProtocol --privProtocol --username --password \
                        --authType --cipher_suite_id --disp_nut_conf_with_sanity_check --disp_nut_conf \
                        --disp_parsable --quiet --available --nut_debug_level --help --version
                ;;
        nutconf)
                __busbar_nut_offer "$1" --help --version --verbose --autoconfigure --is-configured --local \
                        --system --passwords --get-mode --set-mode --set-monitor --add-monitor --set-listen \
                        --add-listen --set-device --add-device --set-notifyflags --add-notifyflags \
                        --set-notifymsg --set-notifycmd --set-shutdowncmd --set-minsupplies \
                        --set-powerdownflag --set-user --add-user --scan-snmp --scan-usb --scan-xml-http \
                        --scan-nut --scan-avahi --scan-ipmi --scan-serial
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
        upslog:-[ms]) __busbar_nut_take "$3" __busbar_nut_upses "$3" ;;
        upsrw:-s) __busbar_nut_take "$3" __busbar_nut_settings "$3" ;;
        upsmon:-c) __busbar_nut_offer "$3" fsd reload stop ;;
        upsd:-c) __busbar_nut_offer "$3" reload stop ;;
        upsdrvctl:-c) __busbar_nut_offer "$3" reload reload-or-error reload-or-exit exit data-dump ;;
        upsdrvctl:-r | upsd:-r | nutconf:--local) __busbar_nut_files "$3" -d ;;
        upslog:-u | upsmon:-u | upsd:-u | upsdrvctl:-u) __busbar_nut_take "$3" compgen -A user -- "$3" ;;
        upslog:-l | upsmon:-f | nutconf:--passwords | *:-A) __busbar_nut_files "$3" -f ;;
        nut-scanner:-E | nut-scanner:--eaton_serial) __busbar_nut_files "$3" -G "/dev/tty*" ;;
        nut-scanner:-m | nut-scanner:--mask_cidr) __busbar_nut_offer "$3" auto auto4 auto6 ;;
        nut-scanner:-l | nut-scanner:--secLevel) __busbar_nut_offer "$3" noAuthNoPriv authNoPriv authPriv ;;
        nut-scanner:-w | nut-scanner:--authProtocol) __busbar_nut_offer "$3" MD5 SHA SHA256 SHA384 SHA512 ;;
        nut-scanner:-x | nut-scanner:--privProtocol) __busbar_nut_offer "$3" DES AES AES192 AES256 ;;
        nut-scanner:-d | nut-scanner:--authType)
                __busbar_nut_offer "$3" NONE STRAIGHT_PASSWORD_KEY MD2 MD5 OEM RMCPPLUS
                ;;
        nutconf:--set-mode) __busbar_nut_offer "$3" standalone netserver netclient controlled manual none ;;
        esac
}

# What comes as argument number $2; the first of them is $3, the word so far $4, and all words are $5.
__busbar_nut_argument() {
        case $1:$2 in
        upsc:1)
                if [[ " $5 " == *" -"[lL]" "* ]]; then
                        __busbar_nut_take "$4" compgen -A hostname -- "$4"
                else
                        __busbar_nut_take "$4" __busbar_nut_upses "$4"
                fi
                ;;
        upscmd:1 | upsrw:1 | nut-recorder:1) __busbar_nut_take "$4" __busbar_nut_upses "$4" ;;
        upsc:2) [[ " $5 " == *" -c "* ]] || __busbar_nut_take "$4" __busbar_nut_variables "$3" ;;
        upscmd:2) __busbar_nut_take "$4" __busbar_nut_commands "$3" ;;
        nut-recorder:2) __busbar_nut_files "$4" -f ;;
        upsdrvctl:1) __busbar_nut_offer "$4" start stop shutdown status list ;;
        upsdrvsvcctl:1)
                __busbar_nut_offer "$4" start stop shutdown status list show-config resync reconfigure
                ;;
        upsdrvctl:2 | upsdrvsvcctl:2) __busbar_nut_take "$4" __busbar_nut_sections ;;
        sockdebug:1) __busbar_nut_files "$4" -G "/run/busbar/*" ;;
        esac
}

_busbar_nut() {
        local command=${1##*/} line=${COMP_LINE:0:COMP_POINT} current previous="" word IFS=$' \t\n'
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

        COMPREPLY=()
        if [[ -n $previous ]]; then
                __busbar_nut_value "$command" "$previous" "$current"
        elif [[ $current == -* ]]; then
                __busbar_nut_options "$current" "$command"
        else
                __busbar_nut_argument "$command" $((${#arguments[@]} + 1)) "${arguments[0]-}" "$current" \
                        "${typed[*]:1}"
        fi

        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
        # Readline has only what is behind the last of its breaks.
        word=${current##*[@:=]}
        if [[ $word != "$current" && ${COMP_WORDBREAKS-} == *[@:=]* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${current%"$word"}"}")
        fi
}

complete -F _busbar_nut upsc upscmd upsrw upslog nut-recorder upsmon upssched upsd upsdrvctl upsdrvsvcctl \
        sockdebug nut-scanner nutconf
