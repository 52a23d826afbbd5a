/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "conf.h"

/* upsd.conf: where and how the gateway serves clients. */

#define UPSD_CONNECTIONS_MAX 10000U
#define UPSD_CONNECTIONS_PER_HOST_MAX 1024U

typedef struct UpsdListen {
        char *address; /* as inet_ntop() writes it, with the scope if any; or "*", or "localhost" */
        uint16_t port;
        char *file;
        unsigned line; /* 0: built in */
} UpsdListen;

typedef struct UpsdConf {
        UpsdListen *listens; /* in file order, without repetitions; none means 127.0.0.1 and ::1 */
        size_t n_listens;
        uint64_t max_age_usec;         /* MAXAGE: silence of a driver after which its data are stale */
        uint64_t tracking_delay_usec;  /* TRACKINGDELAY: how long results of tracked writes are kept */
        uint64_t fsd_clear_delay_usec; /* FSDCLEARDELAY: stable mains that end a forced shutdown;
                                          USEC_INFINITY: never */
        unsigned max_connections;          /* MAXCONN */
        unsigned max_connections_per_host; /* MAXCONNPERHOST */
        bool allow_no_device; /* ALLOW_NO_DEVICE; taken and of no effect: new devices may come any time */
        bool allow_not_all_listeners;  /* ALLOW_NOT_ALL_LISTENERS */
        char *state_path;              /* STATEPATH, or NULL */
        unsigned debug_min;            /* DEBUG_MIN */
        bool exists;
} UpsdConf;

/* Reads upsd.conf from the configuration directory. Lines that cannot be taken are reported and left out;
 * the environment variables ALLOW_NO_DEVICE and ALLOW_NOT_ALL_LISTENERS win over the file. Errors as
 * conf_load(). */
int upsd_conf_load(ConfReport report, void *userdata, UpsdConf **ret);

/* The same from lines that were read before, without the environment. */
int upsd_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsdConf **ret);

UpsdConf *upsd_conf_free(UpsdConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsdConf *, upsd_conf_free);
