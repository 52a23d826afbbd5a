/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* The command line of nutconf: options with as many words behind them as there are up to the next option. */

typedef enum Kind {
        KIND_HELP,
        KIND_VERSION,
        KIND_AUTOCONFIGURE,
        KIND_IS_CONFIGURED,
        KIND_LOCAL,
        KIND_SYSTEM,
        KIND_PASSWORDS,
        KIND_GET_MODE,
        KIND_VERBOSE,
        KIND_MODE,
        KIND_MONITOR,
        KIND_LISTEN,
        KIND_DEVICE,
        KIND_NOTIFYFLAGS,
        KIND_NOTIFYMSG,
        KIND_NOTIFYCMD,
        KIND_SHUTDOWNCMD,
        KIND_MINSUPPLIES,
        KIND_POWERDOWNFLAG,
        KIND_USER,
        KIND_SCAN_SNMP,
        KIND_SCAN_USB,
        KIND_SCAN_XML_HTTP,
        KIND_SCAN_NUT,
        KIND_SCAN_AVAHI,
        KIND_SCAN_IPMI,
        KIND_SCAN_SERIAL,
        _KIND_MAX,
} Kind;

/* An option as it was given. */
typedef struct Wish {
        Kind kind;
        bool add;          /* --add-..., not --set-... */
        const char *option; /* its name, without dashes */
        char **args;       /* n of them; of argv */
        size_t n;
} Wish;

typedef struct Options {
        Wish *wishes; /* in the order of the command line */
        size_t n_wishes;
        unsigned counts[_KIND_MAX];
        unsigned debug, verbose;
} Options;

/* Reads the command line. Returns 0, -EINVAL after saying what is wrong, or -ENOMEM. */
int options_parse(int argc, char *argv[], Options *ret);

void options_done(Options *o);

/* The first wish of a kind, or NULL. */
const Wish *options_find(const Options *o, Kind kind) _pure_;

/* The answer to --help. */
void options_print_help(void);
