/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <syslog.h>

#include "scan-print.h"
#include "scanner-options.h"
#include "string-util.h"
#include "tool.h"

/* What NUT's own has for a command line that it does not understand. */
#define EXIT_USAGE 255

typedef struct Scanner {
        ScannerOptions options;
        bool terminal, shown; /* standard error is one, and has a line of progress */
} Scanner;

static void clear_line(Scanner *s) {
        if (s->shown)
                fputs("\r\033[K", stderr);
        s->shown = false;
}

static void say(void *userdata, int level, ScanKind kind, const char *message) {
        Scanner *s = userdata;
        const ScannerOptions *o = &s->options;

        /* What nobody asked for by name need not be told that it is not there. */
        if (o->quiet || (level > LOG_WARNING && !(o->wanted & SCAN_KIND(kind)) && o->debug == 0))
                return;
        clear_line(s);
        fprintf(stderr, "nut-scanner: %s.\n", message);
}

static void show_progress(void *userdata, uint64_t n_done, uint64_t n_total) {
        Scanner *s = userdata;

        if (n_total == 0)
                return;
        fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " asked", n_done, n_total);
        s->shown = true;
}

static int print_available(void) {
        puts("OLDNUT\nUSB\nSNMP\nXML\nAVAHI\nUPOWER\nEATON_SERIAL");
        return EXIT_SUCCESS;
}

static void announce(const Scanner *s) {
        static const unsigned need_addresses = SCAN_KIND(SCAN_SNMP) | SCAN_KIND(SCAN_NUT);
        const ScannerOptions *o = &s->options;

        for (int kind = 0; kind < _SCAN_KIND_MAX; kind++) {
                unsigned bit = SCAN_KIND(kind);

                if (o->quiet || !(o->scan.kinds & bit) || (!s->terminal && !(o->wanted & bit)))
                        continue;
                if ((need_addresses & bit) && o->ranges.n_ranges == 0)
                        fprintf(stderr,
                                "nut-scanner: %s are left out, as no addresses were named: -s, -e or "
                                "-m does.\n",
                                scan_kind_title((ScanKind) kind));
                else if (s->terminal)
                        fprintf(stderr, "Looking for %s.\n", scan_kind_title((ScanKind) kind));
        }
}

static void print(const ScannerOptions *o, const ScanDevices *found) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        ScanNumbers numbers = {};

        if (o->display == SCANNER_DISPLAY_PARSABLE) {
                scan_print_parsable(stdout, found);
                return;
        }
        scan_print_sections(stdout, found, &numbers);
        if (o->display != SCANNER_DISPLAY_CHECKED)
                return;
        (void) ups_conf_load(NULL, NULL, &conf);
        scan_print_remarks(stdout, found, 1, conf);
}

static int scan(Scanner *s) {
        ScannerOptions *o = &s->options;
        _cleanup_(scan_devices_done) ScanDevices found = {};
        _cleanup_free_ char *why = NULL;
        int r;

        s->terminal = isatty(STDERR_FILENO);
        o->scan.say = say;
        o->scan.progress = s->terminal && !o->quiet ? show_progress : NULL;
        o->scan.userdata = s;
        announce(s);
        scan_raise_limit();
        r = scan_run(&o->scan, &found, &why);
        clear_line(s);
        if (r < 0) {
                fprintf(stderr, "nut-scanner: cannot search: %s.\n", why ?: strerror(-r));
                return EXIT_FAILURE;
        }
        print(o, &found);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                fprintf(stderr, "nut-scanner: cannot write what was found: %s.\n", strerror(errno));
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}

static int run(Scanner *s) {
        switch (s->options.action) {
        case SCANNER_HELP:
                scanner_options_help();
                return EXIT_SUCCESS;
        case SCANNER_VERSION:
                tool_print_version("nut-scanner");
                return EXIT_SUCCESS;
        case SCANNER_AVAILABLE:
                return print_available();
        default:
                return scan(s);
        }
}

int main(int argc, char *argv[]) {
        Scanner s = {};
        int r = scanner_options_parse(&s.options, argc, argv);

        if (r == -EINVAL) {
                fputs("nut-scanner: -h says what there is.\n", stderr);
                r = EXIT_USAGE;
        } else
                r = r < 0 ? EXIT_FAILURE : run(&s);
        scanner_options_done(&s.options);
        return r;
}
