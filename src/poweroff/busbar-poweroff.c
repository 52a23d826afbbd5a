/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <syslog.h>

#include "macro.h"
#include "poweroff.h"
#include "time-util.h"

#define FLAG_PATH "/run/busbar-monitor/armed"
#define RUN_USEC (25 * USEC_PER_SEC)
/* systemd ends programs of this directory after 90 s. */
#define TOTAL_USEC (83 * USEC_PER_SEC)

static void kmsg_log(void *userdata, int level, const char *text) {
        _cleanup_close_ int fd = open("/dev/kmsg", O_WRONLY | O_NOCTTY | O_CLOEXEC);
        char line[600];
        int n;

        n = snprintf(line, sizeof(line), "<%d>busbar: %s\n", LOG_DAEMON | level, text);
        if (fd < 0 || n <= 0)
                return;
        /* Nobody else could be told that it does not work. */
        if (write(fd, line, MIN((size_t) n, sizeof(line) - 1)) < 0)
                return;
}

static void real_wait(void *userdata, uint64_t usec) {
        struct timespec ts = { .tv_sec = (time_t) (usec / USEC_PER_SEC),
                               .tv_nsec = (long) (usec % USEC_PER_SEC * NSEC_PER_USEC) };

        while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
                ;
}

static int real_reboot(void *userdata) {
        sync();
        return reboot(RB_AUTOBOOT) < 0 ? -errno : 0;
}

int main(int argc, char *argv[]) {
        static const PoweroffOps ops = { kmsg_log, real_wait, real_reboot };
        static const Poweroff p = {
                .root = "",
                .driver_dir = DRIVERDIR,
                .state_dir = STATEDIR,
                .conf_dir = CONFDIR,
                .flag = FLAG_PATH,
                .run_usec = RUN_USEC,
                .total_usec = TOTAL_USEC,
                .ops = &ops,
        };

        if (argc != 2)
                return EXIT_SUCCESS;
        return poweroff_main(&p, argv[1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
