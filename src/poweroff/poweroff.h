/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "armed-flag.h"

/* The very last act of a shutdown: the devices of the armed flag are told to cut the power. All other
 * processes are gone, file systems are read-only, and nobody comes after us who could help. */

typedef struct PoweroffOps {
        /* One line for the kernel's log, without newline. */
        void (*log)(void *userdata, int level, const char *text);
        void (*wait)(void *userdata, uint64_t usec);
        /* Restarts the machine: does not return, or a negative errno. */
        int (*reboot)(void *userdata);
} PoweroffOps;

typedef struct Poweroff {
        const char *root;       /* before each path below; "" */
        const char *driver_dir; /* programs of the drivers */
        const char *state_dir;  /* its owner is whom they run as */
        const char *conf_dir;   /* of ups.conf, whose group they get */
        const char *flag;
        uint64_t run_usec;   /* what a driver may take */
        uint64_t total_usec; /* what all of it may take; systemd ends us after 90 s */
        const PoweroffOps *ops;
        void *userdata;
} Poweroff;

/* Does what is to be done at the shutdown of that kind, as systemd-shutdown(8) names it. Returns 0, also if
 * nothing was to be done, or a negative errno if the devices could not be told. */
int poweroff_main(const Poweroff *p, const char *verb);

/* Writes root and path one behind the other. -ENAMETOOLONG. */
int poweroff_path(const Poweroff *p, const char *path, char *ret, size_t size);

/* Logs. error of either sign, 0 for none, is where %m comes from; returns -error. */
int poweroff_log(const Poweroff *p, int level, int error, const char *fmt, ...)
        __attribute__((__format__(__printf__, 4, 5)));
