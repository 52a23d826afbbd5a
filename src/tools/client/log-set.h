/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "log-format.h"
#include "tool.h"

/* The UPSes that upslog looks at, and the files that their lines go to. */

typedef struct LogTarget {
        char *name; /* path, or "-" */
        FILE *f;
        bool failing; /* which was said */
} LogTarget;

typedef struct LogSystem {
        ToolClient client;
        char *spec;    /* as given */
        size_t target; /* its index */
} LogSystem;

typedef struct LogSet {
        const ToolOptions *options;
        LogSystem *systems;
        LogTarget *targets;
        size_t n_systems, n_systems_allocated, n_targets, n_targets_allocated;
        bool background; /* nobody reads standard error */
        bool lost_lines; /* some could not be written */
} LogSet;

void log_set_done(LogSet *s);

/* Adds a UPS, or with "*" for its name all those of the host, once log_set_resolve() asks for them. 0 or
 * -ENOMEM. */
int log_set_add(LogSet *s, const char *spec, const char *target);

/* Finds out where they all are. 0, or a negative errno when the user was told. */
int log_set_resolve(LogSet *s);

/* Opens the files and connects; a server that cannot be reached is only mentioned. Returns as
 * log_set_resolve(). */
int log_set_open(LogSet *s, int interval);

/* Opens the files anew, for who has moved them away. One that cannot be opened goes on as it is, which is
 * said. */
void log_set_reopen(LogSet *s);

/* Whether anything goes to standard output. */
bool log_set_has_stdout(const LogSet *s) _pure_;

/* Writes a line for each UPS. A file that does not take it is mentioned, and again once it does. 0, or
 * -EINTR when it was interrupted. leave: hang up after that. */
int log_set_write(LogSet *s, const LogFormat *format, bool leave);
