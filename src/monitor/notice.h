/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "decision.h"
#include "notify-type.h"
#include "rate-limit.h"

/* What is to be said about one device: how its states become the notices that NUT knows. Nothing here has
 * a clock or does I/O. */

/* So often one type is said about one device; what flaps faster is said when it stays. */
#define NOTICE_INTERVAL_USEC (UINT64_C(60) * 1000000)
#define NOTICE_BURST 5U

typedef struct NoticeState {
        bool begun;
        bool silent;          /* COMMBAD was said */
        bool line_known;      /* one of OL and OB was seen */
        StatusBits said;      /* what was last said to hold */
        char *alarms, *others; /* as last said */
        uint64_t contact_usec; /* when there was contact last, or when we began */
        uint64_t no_comm_usec, replace_usec; /* when it was last said, 0 for never */
        RateLimit limits[_NOTIFY_TYPE_MAX];
} NoticeState;

typedef struct NoticeInput {
        uint64_t now_usec;
        bool contact;
        uint64_t heard_usec; /* without contact: when the device was last heard, 0 if never */
        StatusBits status; /* with STATUS_FSD when forced, and STATUS_ECO by whatever way it is known */
        const char *alarms, *others; /* texts of the alarms, tokens without a meaning; may be NULL */
        uint64_t grace_usec; /* so long a device may be silent before a word is said about it: many are for a
                              * few seconds whenever something happens to them */
        uint64_t replace_battery_warn_usec, no_comm_warn_usec;
} NoticeInput;

/* matter is the second value of a message, or NULL; n_suppressed how often the type was held back before. */
typedef void (*NoticeEmit)(void *userdata, NotifyType t, const char *matter, unsigned n_suppressed);

/* Says what is new. To be called at each change, and each few seconds. */
void notice_step(NoticeState *s, const NoticeInput *in, NoticeEmit emit, void *userdata);

void notice_state_done(NoticeState *s);

/* The identity of the message of a type. */
const char *notice_message_id(NotifyType t) _const_;

/* The syslog level of a type. */
int notice_level(NotifyType t) _const_;
