/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>

#include "macro.h"

/* The occasions on which the monitor says something, by NUT's names. */

typedef enum NotifyType {
        NOTIFY_ONLINE,
        NOTIFY_ONBATT,
        NOTIFY_LOWBATT,
        NOTIFY_FSD,
        NOTIFY_COMMOK,
        NOTIFY_COMMBAD,
        NOTIFY_SHUTDOWN,
        NOTIFY_SHUTDOWN_HOSTSYNC,
        NOTIFY_REPLBATT,
        NOTIFY_NOCOMM,
        NOTIFY_NOPARENT,
        NOTIFY_CAL,
        NOTIFY_NOTCAL,
        NOTIFY_OFF,
        NOTIFY_NOTOFF,
        NOTIFY_BYPASS,
        NOTIFY_NOTBYPASS,
        NOTIFY_ECO,
        NOTIFY_NOTECO,
        NOTIFY_ALARM,
        NOTIFY_NOTALARM,
        NOTIFY_OVER,
        NOTIFY_NOTOVER,
        NOTIFY_TRIM,
        NOTIFY_NOTTRIM,
        NOTIFY_BOOST,
        NOTIFY_NOTBOOST,
        NOTIFY_OTHER,
        NOTIFY_NOTOTHER,
        NOTIFY_SUSPEND_STARTING,
        NOTIFY_SUSPEND_FINISHED,
        NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED,
        _NOTIFY_TYPE_MAX,
        _NOTIFY_TYPE_INVALID = -EINVAL,
} NotifyType;

/* What NOTIFYFLAG says of a type; none of them is IGNORE. */
typedef enum NotifyFlags {
        NOTIFY_TO_SYSLOG = 1 << 0,
        NOTIFY_TO_WALL   = 1 << 1,
        NOTIFY_TO_EXEC   = 1 << 2,
} NotifyFlags;

#define NOTIFY_FLAGS_DEFAULT (NOTIFY_TO_SYSLOG | NOTIFY_TO_WALL)

/* "ONLINE", ..., and back, ignoring case (_NOTIFY_TYPE_INVALID for another word). */
const char *notify_type_to_string(NotifyType t) _const_;
NotifyType notify_type_from_string(const char *s) _pure_;

/* The stock text: a format with at most two %s, the device and then what is the matter (alarm texts,
 * tokens). Never NULL. Clients match on these texts; they are upsmon's. */
const char *notify_type_message(NotifyType t) _const_;

/* Whether the type is about one device. SHUTDOWN, NOPARENT and SUSPEND_* are about the machine. */
bool notify_type_has_device(NotifyType t) _const_;

/* Makes the text of a notice from a NOTIFYMSG: the first %s becomes device, the second what is the matter,
 * %% a percent sign, and all else, other conversions too, stays as it is. In new memory, NULL without
 * memory. */
char *notify_message_format(const char *message, const char *device, const char *matter);
