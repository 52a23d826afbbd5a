/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* Reading a configuration file anew. At the first start it is taken as far as it can be; at a reload it
 * must be
 * there and without error, and what was read before stays in force otherwise: the worst moment for a line
 * of it to
 * vanish is that of a slip of the pen. */

typedef struct ConfReading {
        const char *name; /* such as "ups.conf" */
        bool first;
        bool existed; /* when it was read before */
        bool quiet;   /* its mistakes are another's to tell */
        size_t n_errors;
} ConfReading;

/* A ConfReport, which logs; userdata is the ConfReading. */
void conf_reading_report(void *userdata, int level, const char *file, unsigned line, const char *message);

/* Whether the file is to be taken, after reading it came to r, and it was there or not. Logs why not. */
bool conf_reading_accept(const ConfReading *f, int r, bool exists);

/* Loads a file and forgets it but for whether it was there. */
typedef int (*ConfRehearsal)(ConfReport report, void *userdata, bool *ret_exists);

/* Before a service is told to reload: says on standard error what it will find wrong with the file, or that
 * it is not there. Returns 0 if the service can take it, or if that cannot be known; -EBADMSG or another
 * negative errno if it will not. */
int conf_rehearse(const char *name, ConfRehearsal load);
