/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* What is kept of a device from one start of the driver to the next. Pure. */

typedef struct SnmpMemory {
        char *profile;    /* its id */
        char *version;    /* ... and version */
        char *object_id;  /* sysObjectID, or "" when the agent had none */
        char *mibs;       /* the option by which it was found */
        uint64_t profiles; /* which profiles there were to choose from: snmp_profile_set_mark() */
        char *engine;     /* snmp_engine_save() */
} SnmpMemory;

/* In new memory. 0 or -ENOMEM. */
int snmp_memory_format(const SnmpMemory *m, char **ret);

/* The way back, of a text of which nothing is known. 0, -EBADMSG or -ENOMEM. */
int snmp_memory_parse(const char *text, SnmpMemory *ret);

void snmp_memory_done(SnmpMemory *m);
