/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "conf.h"

/* nut.conf: which services a machine is to run. It is a file of shell assignments, which nobody executes
 * here: what is more than NAME=value is reported and passed over. */

typedef enum NutMode {
        NUT_MODE_NONE, /* the default: nothing is said; what is configured is started */
        NUT_MODE_STANDALONE,
        NUT_MODE_NETSERVER,
        NUT_MODE_NETCLIENT, /* devices of other hosts only */
        NUT_MODE_CONTROLLED,
        NUT_MODE_MANUAL,
        _NUT_MODE_MAX,
        _NUT_MODE_INVALID = -EINVAL,
} NutMode;

typedef struct NutConf {
        NutMode mode;
        uint64_t poweroff_wait_usec; /* POWEROFF_WAIT: after this time still alive, reboot; 0: never */
        bool poweroff_quiet;         /* POWEROFF_QUIET */
        bool exists;
} NutConf;

/* Reads nut.conf, which has no drop-ins, from the configuration directory. Errors as conf_load(). */
int nut_conf_load(ConfReport report, void *userdata, NutConf *ret);

/* The same from memory; name stands in for the file in messages. */
int nut_conf_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata,
                NutConf *ret);

/* "none", ..., and back, ignoring case. */
const char *nut_mode_to_string(NutMode m) _const_;
NutMode nut_mode_from_string(const char *s) _pure_;
