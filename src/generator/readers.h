/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "ups-conf.h"

/* Which groups a service without privileges must be in to read configuration files. */

typedef struct Readers {
        gid_t *groups; /* each once */
        size_t n_groups, n_allocated;
} Readers;

/* Adds what the file of this name in the configuration directory and its drop-ins need. A file that no group
 * but that of root can read is reported; one that is not there needs nothing. Returns 0 or -ENOMEM. */
int readers_add(Readers *r, const char *name);

/* The same for certificates and keys, as CERTPATH, CERTFILE and the name of CERTIDENT say where they are;
 * each may be NULL. */
int readers_add_certificate(Readers *r, const char *path, const char *file, const char *ident);

/* The same for those that the options of a section name. */
int readers_add_certificates(Readers *r, const UpsConf *c, const UpsSection *s);

/* The numbers of the groups with spaces between them, in new memory, empty for none; NULL without memory. */
char *readers_groups(const Readers *r);

void readers_done(Readers *r);
