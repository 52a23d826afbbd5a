/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice-log.h"

struct NoticeLog {
        Notice ring[NOTICES_MAX]; /* the notice of a number stands at its remainder */
        uint64_t last;
};

NoticeLog *notice_log_new(void) {
        return new0(NoticeLog, 1);
}

static void notice_done(Notice *n) {
        free(n->device);
        free(n->text);
        *n = (Notice) {};
}

NoticeLog *notice_log_free(NoticeLog *l) {
        if (!l)
                return NULL;

        for (size_t i = 0; i < NOTICES_MAX; i++)
                notice_done(l->ring + i);
        free(l);
        return NULL;
}

int notice_log_add(NoticeLog *l, NotifyType t, const char *device, const char *text, uint64_t time_usec,
                const Notice **ret) {
        _cleanup_free_ char *device_copy = strdup(device), *text_copy = strdup(text);

        if (!device_copy || !text_copy)
                return -ENOMEM;

        Notice *n = l->ring + ++l->last % NOTICES_MAX;
        notice_done(n);
        *n = (Notice) {
                .number = l->last,
                .time_usec = time_usec,
                .type = t,
                .device = TAKE_PTR(device_copy),
                .text = TAKE_PTR(text_copy),
        };
        *ret = n;
        return 0;
}

const Notice *notice_log_after(const NoticeLog *l, uint64_t number) {
        uint64_t oldest = l->last >= NOTICES_MAX ? l->last - NOTICES_MAX + 1 : 1;
        uint64_t next = MAX(number < UINT64_MAX ? number + 1 : number, oldest);

        return next <= l->last ? l->ring + next % NOTICES_MAX : NULL;
}
