/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "scan.h"

/* The command line of nut-scanner. */

typedef enum ScannerDisplay {
        SCANNER_DISPLAY_CHECKED, /* -Q */
        SCANNER_DISPLAY_CONF,    /* -N */
        SCANNER_DISPLAY_PARSABLE, /* -P */
} ScannerDisplay;

typedef enum ScannerAction {
        SCANNER_SCAN,
        SCANNER_HELP,
        SCANNER_VERSION,
        SCANNER_AVAILABLE,
} ScannerAction;

typedef struct ScannerOptions {
        ScanSettings scan; /* points into the others, and the command line */
        ScanRanges ranges;
        unsigned wanted;   /* kinds that were named one by one */
        ScannerDisplay display;
        ScannerAction action;
        bool quiet;
        unsigned debug;

        /* While it is read. */
        const char *first, *last; /* of -s and -e without the other */
        bool is_auto;             /* -m auto was there */
        const char *level;
        unsigned n_usb;
} ScannerOptions;

/* 0; -EINVAL for a command line that is none, -errno for what it names and is not there, which were said on
 * standard error. */
int scanner_options_parse(ScannerOptions *o, int argc, char *argv[]);
void scanner_options_done(ScannerOptions *o);

/* What -h prints. */
void scanner_options_help(void);
