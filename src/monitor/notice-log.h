/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"
#include "notify-type.h"

/* So many notices are kept for those who come later. */
#define NOTICES_MAX 256U

/* Something that was said. */
typedef struct Notice {
        uint64_t number, time_usec; /* CLOCK_REALTIME */
        NotifyType type;
        char *device; /* "" for the machine */
        char *text;
} Notice;

/* What was said last, numbered from 1. */
typedef struct NoticeLog NoticeLog;

NoticeLog *notice_log_new(void);
NoticeLog *notice_log_free(NoticeLog *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(NoticeLog *, notice_log_free);

/* Keeps copies. *ret lives until NOTICES_MAX more have come. */
int notice_log_add(NoticeLog *l, NotifyType t, const char *device, const char *text, uint64_t time_usec,
                const Notice **ret);

/* The first notice behind that number that is kept, or NULL. */
const Notice *notice_log_after(const NoticeLog *l, uint64_t number) _pure_;
