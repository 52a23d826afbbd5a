/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "snmp-mib.h"
#include "snmp-walk.h"

/* A first draft of a profile, from a walk: what an agent has, with the names of its MIB if that is there,
 * and guesses at what is which variable. Pure, but for what is written. */

typedef struct SnmpDraftOptions {
        const char *name;          /* of the profile, and for mibs=; NULL: made of the enterprise */
        const SnmpOid *enterprise; /* the subtree; NULL: that of sysObjectID,
                        or else the one with most in it */
        const char *source;        /* for the comment at its head: the name of the walk */
} SnmpDraftOptions;

/* Writes a profile that passes all checks. 0, -ENOENT (the walk has nothing of an enterprise), -EINVAL (the
 * name cannot be one), -ENOMEM, -EIO. */
int snmp_draft_write(const SnmpWalk *w, const SnmpMib *mib, const SnmpDraftOptions *o, FILE *f);
