/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "log.h"
#include "monitor-control.h"
#include "output.h"
#include "power-down-flag.h"
#include "parse-util.h"
#include "string-util.h"

#define PID_MAX UINT64_C(4194304)

typedef struct Arguments {
        MonitorOrder order;
        const char *configuration; /* or NULL for upsmon.conf */
        pid_t pid;                 /* 0: not given, negative: nonsense */
        unsigned debug;
        bool check, foreground, background;
} Arguments;

static int help(void) {
        puts("Does what NUT's upsmon does on its command line, with busbar-monitor in its place.\n"
             "\n"
             "usage: upsmon [OPTIONS]\n"
             "\n"
             "  -c <cmd>       tell the monitor that runs:\n"
             "                  - fsd: shut down all that is primary-mode, this machine included\n"
             "                  - reload: read the configuration again\n"
             "                  - stop: end it\n"
             "  -P <pid>       make sure that it is this process\n"
             "  -K             exit with 0 if the UPS is to cut the power at the end of this shutdown\n"
             "  -f <file>      read this file for -K, not upsmon.conf\n"
             "  -D             run the monitor in the foreground and log more\n"
             "  -F             run the monitor in the foreground\n"
             "  -B             start it as a service even with -D, as without any option\n"
             "  -p -4 -6 -i    taken, without effect\n"
             "  -u <user>      taken, without effect\n"
             "  -W <seconds>   taken, without effect\n"
             "  -V             show the version\n"
             "  -h             show this help\n"
             "\n"
             "See upsmon(8).");
        return 0;
}

/* NUT takes any beginning of a word. */
static MonitorOrder parse_order(const char *s) {
        static const char *const words[] = {
                [MONITOR_FSD] = "fsd", [MONITOR_RELOAD] = "reload", [MONITOR_STOP] = "stop",
        };

        for (MonitorOrder o = MONITOR_FSD; !isempty(s) && o <= MONITOR_STOP; o++)
                if (startswith(words[o], s))
                        return o;
        return MONITOR_RUN;
}

static pid_t parse_pid(const char *s) {
        uint64_t pid;

        if (parse_uint64(s, 1, PID_MAX, &pid) >= 0)
                return (pid_t) pid;
        fprintf(stderr, "Not a process number: %s\n", s);
        return -1;
}

/* Returns 1 to go on, or the exit status. Like its model, this program succeeds in showing its help. */
static int parse_arguments(int argc, char *argv[], Arguments *a) {
        int c;

        while ((c = getopt(argc, argv, "+DFBhic:P:f:pu:W:VK46")) >= 0)
                switch (c) {
                case 'c':
                        a->order = parse_order(optarg);
                        if (a->order == MONITOR_RUN)
                                return help();
                        break;
                case 'P':
                        a->pid = parse_pid(optarg);
                        break;
                case 'f':
                        a->configuration = optarg;
                        break;
                case 'K':
                        a->check = true;
                        break;
                case 'D':
                        a->debug++;
                        break;
                case 'V':
                        puts("Busbar " BUSBAR_VERSION);
                        return 0;
                case 'F':
                        a->foreground = true;
                        break;
                case 'B':
                        a->background = true;
                        break;
                case 'i':
                case 'p':
                case 'u':
                case 'W':
                case '4':
                case '6':
                        break;
                default:
                        return help();
                }
        return 1;
}

int main(int argc, char *argv[]) {
        Arguments a = { .order = MONITOR_RUN };
        int r;

        output_begin();
        puts("Network UPS Tools upsmon " NUT_COMPAT_VERSION);
        r = parse_arguments(argc, argv, &a);
        if (r <= 0)
                return output_end("upsmon") < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(a.debug > 0 ? LOG_DEBUG : LOG_INFO);
        (void) fflush(stdout);
        if (a.order != MONITOR_RUN)
                r = a.pid < 0 ? -EINVAL : monitor_control(a.order, a.pid);
        else if (a.check)
                r = power_down_flag_check(a.configuration);
        else
                r = monitor_run(a.foreground || (a.debug > 0 && !a.background), a.debug > 0);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
