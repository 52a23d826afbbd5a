/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "driver.h"

/* The command line of a driver program, that of NUT's nutupsdrv(8). */

typedef enum Action {
        ACTION_RUN,
        ACTION_DUMP,         /* -d */
        ACTION_POWER_OFF,    /* -k */
        ACTION_SIGNAL,       /* -c */
        ACTION_LIST_OPTIONS, /* -L */
        ACTION_CHECK,        /* --check */
        ACTION_VERSION,      /* -V */
        ACTION_HELP,         /* -h */
} Action;

typedef struct Args {
        Action action;
        char **devices; /* -a: sections of ups.conf */
        bool all;       /* --all: each section that names this driver */
        char *process_group; /* --group: each section that names this driver, and is of that group */
        char *section;  /* -s: a device that stands in no file */
        char **pairs;   /* -x, and -i as pollinterval= */
        unsigned dump_count;
        unsigned debug; /* how many -D */
        unsigned quiet; /* how many -q */
        char *user, *group;
        pid_t pid;  /* -P */
        int signal; /* that -c stands for */
} Args;

/* Parses and checks. Returns 0, or -EINVAL after saying what is wrong. */
int args_parse(const Driver *driver, int argc, char *argv[], Args *ret);

void args_done(Args *a);

/* The answers to -h, -V and -L, on stdout. */
void args_print_help(const Driver *driver);
void args_print_version(const Driver *driver);
void args_print_options(const Driver *driver);
