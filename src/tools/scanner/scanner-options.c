/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scanner-options.h"

#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* What -C is. Serial ports are not asked unless they are named; what UPower has, the kernel has as well. */
#define KINDS_ALL ((SCAN_KIND(_SCAN_KIND_MAX) - 1) & ~(SCAN_KIND(SCAN_SERIAL) | SCAN_KIND(SCAN_UPOWER)))
#define TIMEOUT_MAX 86400U
#define PARALLEL_MAX 65536U

static const char short_options[] = "?ht:T:s:e:E:c:l:u:W:X:w:x:p:b:B:d:L:CUSMOAm:QnNPqIVaDJ";

static const struct option long_options[] = {
        { "timeout",             required_argument, NULL, 't' },
        { "thread",              required_argument, NULL, 'T' },
        { "start_ip",            required_argument, NULL, 's' },
        { "end_ip",              required_argument, NULL, 'e' },
        { "eaton_serial",        required_argument, NULL, 'E' },
        { "mask_cidr",           required_argument, NULL, 'm' },
        { "community",           required_argument, NULL, 'c' },
        { "secLevel",            required_argument, NULL, 'l' },
        { "secName",             required_argument, NULL, 'u' },
        { "authPassword",        required_argument, NULL, 'W' },
        { "privPassword",        required_argument, NULL, 'X' },
        { "authProtocol",        required_argument, NULL, 'w' },
        { "privProtocol",        required_argument, NULL, 'x' },
        { "username",            required_argument, NULL, 'b' },
        { "password",            required_argument, NULL, 'B' },
        { "authType",            required_argument, NULL, 'd' },
        { "cipher_suite_id",     required_argument, NULL, 'L' },
        { "port",                required_argument, NULL, 'p' },
        { "complete_scan",       no_argument,       NULL, 'C' },
        { "usb_scan",            no_argument,       NULL, 'U' },
        { "snmp_scan",           no_argument,       NULL, 'S' },
        { "xml_scan",            no_argument,       NULL, 'M' },
        { "oldnut_scan",         no_argument,       NULL, 'O' },
        { "avahi_scan",          no_argument,       NULL, 'A' },
        { "nut_simulation_scan", no_argument,       NULL, 'n' },
        { "ipmi_scan",           no_argument,       NULL, 'I' },
        { "upower_scan",         no_argument,       NULL, 'J' },
        { "disp_nut_conf_with_sanity_check", no_argument, NULL, 'Q' },
        { "disp_nut_conf",       no_argument,       NULL, 'N' },
        { "disp_parsable",       no_argument,       NULL, 'P' },
        { "quiet",               no_argument,       NULL, 'q' },
        { "help",                no_argument,       NULL, 'h' },
        { "version",             no_argument,       NULL, 'V' },
        { "available",           no_argument,       NULL, 'a' },
        { "nut_debug_level",     no_argument,       NULL, 'D' },
        {},
};

void scanner_options_help(void) {
        puts("Usage: nut-scanner [OPTION...]\n"
             "\n"
             "Looks for UPSes and the like, and prints sections of ups.conf for what it\n"
             "finds. Networks are searched only where -s, -e or -m names them.\n"
             "\n"
             "What to look for:\n"
             "  -C, --complete_scan        all of these but -J and -E (the default)\n"
             "  -U, --usb_scan             USB; -UU with bus and busport, -UUU also with\n"
             "                             device, -UUUU also with bcdDevice\n"
             "  -S, --snmp_scan            SNMP agents\n"
             "  -M, --xml_scan             network cards that answer in XML; by broadcast\n"
             "                             where no addresses are named\n"
             "  -O, --oldnut_scan          NUT servers, at the addresses\n"
             "  -A, --avahi_scan           NUT servers that announce themselves (Avahi,\n"
             "                             systemd-resolved)\n"
             "  -n, --nut_simulation_scan  simulation files (*.dev, *.seq) by ups.conf\n"
             "  -I, --ipmi_scan            only says whether there is a controller\n"
             "  -J, --upower_scan          what UPower has, if it runs\n"
             "  -E, --eaton_serial PORTS   serial ports (SHUT, XCP and Q1): \"auto\", a\n"
             "                             number, 0-3, or paths with commas\n"
             "\n"
             "Where:\n"
             "  -s, --start_ip ADDRESS     the first address, or the only one\n"
             "  -e, --end_ip ADDRESS       the last one; -s and -e may be repeated\n"
             "  -m, --mask_cidr NETWORK    192.0.2.0/24; or auto, auto4, auto6, also with\n"
             "                             /BITS: the networks that this machine is in,\n"
             "                             with so many bits for hosts at most (8)\n"
             "  -t, --timeout SECONDS      how long each is waited for (5)\n"
             "  -T, --thread N             how many are asked at the same time (512)\n"
             "  -p, --port PORT            of NUT servers (3493)\n"
             "\n"
             "SNMP:\n"
             "  -c, --community NAME       versions 1 and 2c (public)\n"
             "  -l, --secLevel LEVEL       version 3: noAuthNoPriv, authNoPriv, authPriv\n"
             "  -u, --secName NAME         its user\n"
             "  -w, --authProtocol NAME    MD5 (if not said), SHA, SHA224, SHA256, SHA384\n"
             "                             or SHA512\n"
             "  -W, --authPassword TEXT    its password\n"
             "  -x, --privProtocol NAME    DES (if not said), AES, AES192 or AES256\n"
             "  -X, --privPassword TEXT    its password for encryption\n"
             "\n"
             "IPMI (accepted, without effect):\n"
             "  -b, --username NAME\n"
             "  -B, --password TEXT\n"
             "  -d, --authType TYPE\n"
             "  -L, --cipher_suite_id N\n"
             "\n"
             "What to print:\n"
             "  -Q, --disp_nut_conf_with_sanity_check\n"
             "                             sections of ups.conf, with remarks (if nothing\n"
             "                             else is said)\n"
             "  -N, --disp_nut_conf        the sections alone\n"
             "  -P, --disp_parsable        a line for each device\n"
             "  -q, --quiet                no word about the search itself\n"
             "  -D, --nut_debug_level      more words about it\n"
             "  -a, --available            what can be looked for\n"
             "  -V, --version\n"
             "  -h, --help");
}

static int fail(int r, const char *fmt, ...) _printf_(2, 3);
static int fail(int r, const char *fmt, ...) {
        va_list ap;

        fputs("nut-scanner: ", stderr);
        va_start(ap, fmt);
        (void) vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputs(".\n", stderr);
        return r;
}

/*** Addresses ***/

/* A lone -s or -e is one address. */
static int flush_range(ScannerOptions *o) {
        _cleanup_free_ char *why = NULL;
        const char *first = o->first ?: o->last, *last = o->first ? o->last : NULL;
        int r;

        o->first = o->last = NULL;
        if (!first)
                return 0;
        r = scan_ranges_add(&o->ranges, first, last, &why);
        return r < 0 ? fail(r == -EINVAL ? -EADDRNOTAVAIL : r, "%s", why ?: strerror(-r)) : 0;
}

static int take_address(ScannerOptions *o, const char **which, const char *text) {
        int r = *which ? flush_range(o) : 0;

        if (r < 0)
                return r;
        *which = text;
        return o->first && o->last ? flush_range(o) : 0;
}

static int take_auto(ScannerOptions *o, const char *text) {
        _cleanup_free_ char *why = NULL;
        int r;

        if (o->is_auto) {
                (void) fail(0, "-m %s is left out: there was one \"auto\" already", text);
                return 0;
        }
        o->is_auto = true;
        r = scan_ranges_add_auto(&o->ranges, text, &why);
        if (r < 0)
                return fail(r == -EINVAL ? -EADDRNOTAVAIL : r, "%s", why ?: strerror(-r));
        if (r == 0)
                (void) fail(0,
                        "this machine is in no network that -m %s could mean: most have more bits for "
                        "hosts than it allows, as auto/12 would",
                        text);
        return 0;
}

static int take_network(ScannerOptions *o, const char *text) {
        _cleanup_free_ char *why = NULL;
        int r = flush_range(o);

        if (r < 0)
                return r;
        if (scan_ranges_is_auto(text))
                return take_auto(o, text);
        r = scan_ranges_add_network(&o->ranges, text, &why);
        return r < 0 ? fail(r == -EINVAL ? -EADDRNOTAVAIL : r, "%s", why ?: strerror(-r)) : 0;
}

static int take_port(ScannerOptions *o, const char *text) {
        uint64_t port;
        struct servent *service;

        if (parse_uint64(text, 1, UINT16_MAX, &port) >= 0)
                o->scan.nut_port = (uint16_t) port;
        else if ((service = getservbyname(text, "tcp")))
                o->scan.nut_port = ntohs((uint16_t) service->s_port);
        else
                return fail(-ESRCH,
                        "\"%s\" is no port: it is a number from 1 to 65535, or the name of a service", text);
        return 0;
}

/*** The others ***/

/* As ever, what is no number is said and the default taken. */
static void take_timeout(ScannerOptions *o, const char *text) {
        uint64_t seconds;

        if (parse_uint64(text, 1, TIMEOUT_MAX, &seconds) >= 0)
                o->scan.timeout_usec = seconds * USEC_PER_SEC;
        else
                (void) fail(0, "\"%s\" is no number of seconds for -t: 5 are taken", text);
}

static void take_parallel(ScannerOptions *o, const char *text) {
        uint64_t n;

        if (parse_uint64(text, 1, PARALLEL_MAX, &n) >= 0)
                o->scan.parallel = (unsigned) n;
        else
                (void) fail(0, "\"%s\" is no number for -T: %u is taken", text, SCAN_PARALLEL);
}

static void want(ScannerOptions *o, ScanKind kind) {
        o->wanted |= SCAN_KIND(kind);
}

/* The kind that an option is for. */
static ScanKind kind_of(int option) {
        switch (option) {
        case 'U':
                return SCAN_USB;
        case 'S':
                return SCAN_SNMP;
        case 'M':
                return SCAN_XML;
        case 'O':
                return SCAN_NUT;
        case 'A':
                return SCAN_AVAHI;
        case 'n':
                return SCAN_SIMULATION;
        case 'I':
                return SCAN_IPMI;
        case 'J':
                return SCAN_UPOWER;
        case 'E':
                return SCAN_SERIAL;
        default:
                return _SCAN_KIND_INVALID;
        }
}

static bool take_credential(ScannerOptions *o, int option, const char *text) {
        const struct {
                int option;
                const char **value;
        } credentials[] = {
                { 'c', &o->scan.snmp.community     },
                { 'l', &o->level                   },
                { 'u', &o->scan.snmp.user          },
                { 'w', &o->scan.snmp.auth_protocol },
                { 'W', &o->scan.snmp.auth_password },
                { 'x', &o->scan.snmp.priv_protocol },
                { 'X', &o->scan.snmp.priv_password },
        };

        for (size_t i = 0; i < ELEMENTSOF(credentials); i++)
                if (credentials[i].option == option) {
                        *credentials[i].value = text;
                        return true;
                }
        return false;
}

static int take(ScannerOptions *o, int option, const char *text) {
        ScanKind kind = kind_of(option);

        if (kind >= 0) {
                want(o, kind);
                if (kind == SCAN_SERIAL)
                        o->scan.serial_ports = text;
                o->n_usb += kind == SCAN_USB;
                return 0;
        }
        if (take_credential(o, option, text))
                return 0;

        switch (option) {
        case 's':
                return take_address(o, &o->first, text);
        case 'e':
                return take_address(o, &o->last, text);
        case 'm':
                return take_network(o, text);
        case 'p':
                return take_port(o, text);
        case 't':
                take_timeout(o, text);
                return 0;
        case 'T':
                take_parallel(o, text);
                return 0;
        case 'C':
                o->scan.kinds = KINDS_ALL;
                return 0;
        case 'Q':
        case 'N':
        case 'P':
                o->display = option == 'Q' ? SCANNER_DISPLAY_CHECKED :
                        option == 'N' ? SCANNER_DISPLAY_CONF : SCANNER_DISPLAY_PARSABLE;
                return 0;
        case 'V':
                o->action = SCANNER_VERSION;
                return 1;
        case 'a':
                o->action = SCANNER_AVAILABLE;
                return 1;
        case 'h':
                o->action = SCANNER_HELP;
                return 1;
        case 'q':
                o->quiet = true;
                return 0;
        case 'D':
                o->debug++;
                return 0;
        default:
                return option == '?' ? -EINVAL : 0; /* those of IPMI */
        }
}

/* A community decides for versions 1 and 2c, whatever else is there. */
static int settle_snmp(ScannerOptions *o) {
        static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv" };
        SnmpCredentials *c = &o->scan.snmp;

        if (c->community || !o->level)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                if (strcaseeq(levels[i], o->level)) {
                        c->version = SNMP_V3;
                        c->level = (SnmpLevel) i;
                }
        if (c->version != SNMP_V3)
                return fail(-ENOENT,
                        "-l %s is no level of security: it is noAuthNoPriv, authNoPriv or authPriv",
                        o->level);
        if (!c->user)
                return fail(-ENOENT, "-l needs the name of the user as well: -u NAME");
        if (c->level >= SNMP_LEVEL_AUTH && !c->auth_password)
                return fail(-ENOENT, "-l %s needs the password of the user as well: -W TEXT", o->level);
        if (c->level >= SNMP_LEVEL_PRIV && !c->priv_password)
                return fail(-ENOENT, "-l %s needs the password for encryption as well: -X TEXT", o->level);
        return 0;
}

static void settle_kinds(ScannerOptions *o) {
        if (o->scan.kinds == 0 && o->wanted == 0)
                o->scan.kinds = KINDS_ALL;
        o->scan.kinds |= o->wanted;
        o->scan.place = o->n_usb <= 1 ? SCAN_PLACE_NONE :
                (ScanPlace) MIN(o->n_usb - 1, (unsigned) SCAN_PLACE_ALL);
}

int scanner_options_parse(ScannerOptions *o, int argc, char *argv[]) {
        int option, r = 0;

        while (r == 0 && (option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
                r = take(o, option, optarg);
        if (r == 0 && optind < argc)
                r = fail(-EINVAL, "\"%s\" is no option: networks are named with -m, addresses with -s",
                        argv[optind]);
        if (r != 0)
                return MIN(r, 0);
        r = flush_range(o);
        if (r >= 0)
                r = settle_snmp(o);
        if (r < 0)
                return r;
        settle_kinds(o);
        o->scan.ranges = &o->ranges;
        return 0;
}

void scanner_options_done(ScannerOptions *o) {
        scan_ranges_done(&o->ranges);
}
