/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "ctl.h"
#include "json.h"

/* What is wrong with files, as lines for people or objects in an array. */
typedef struct Problems {
        Ctl *ctl;
        Json json;
        unsigned errors, warnings;
        ConfReport report; /* who has them in place of stdout, or NULL */
        void *userdata;
        bool own_drivers;      /* who asks tells of drivers that there are not */
        bool own_certificates; /* and of certificates, since these are not of this machine */
} Problems;

/* A ConfReport; userdata is the Problems. */
void problems_report(void *userdata, int level, const char *file, unsigned line, const char *message);

/* Begins the array, where there is one. */
void problems_begin(Problems *p);

/* Ends it, or says in a line how much was found in n things of that name, which gets an s in the plural.
 * Returns 0, -EBADMSG if there were errors, or what went wrong with the output. */
int problems_end(Problems *p, size_t n, const char *what);
