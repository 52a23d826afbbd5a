/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-link.h"
#include "serial.h"
#include "string-util.h"
#include "time-util.h"

/* After something went wrong more of it may be under way. It is over when nothing has come for so long: some
 * bytes at the slowest speeds. */
#define QUIET_USEC (100 * USEC_PER_MSEC)
#define SETTLE_USEC USEC_PER_SEC
/* How long may pass between the bytes of an answer when its time is over, and how many times more that may
 * make it. */
#define SLOW_USEC (250 * USEC_PER_MSEC)
#define SLOW_TIMES 4U

typedef struct SerialLink {
        LineLink link;
        int fd;
        bool is_locked;
        bool is_unquiet; /* there may be more to come of what was asked before */
} SerialLink;

/* Drops what comes in, until nothing does. */
static int settle(SerialLink *l) {
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), SETTLE_USEC);
        uint8_t buffer[256];

        for (;;) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                int r;

                if (now >= end)
                        return 0;
                r = serial_read(l->fd, buffer, sizeof(buffer), MIN(usec_add(now, QUIET_USEC), end));
                if (r <= 0)
                        return r;
        }
}

/* A slow device is not a silent one: as long as bytes come, there is more time, up to several times as
 * much. */
static int receive(SerialLink *l, LineAnswer *a, uint64_t deadline) {
        uint64_t last = usec_add(deadline, SLOW_TIMES * a->framing->timeout_usec);

        for (;;) {
                uint8_t buffer[256];
                int r;

                r = serial_read(l->fd, buffer, sizeof(buffer), deadline);
                if (r < 0)
                        return r;
                if (r == 0)
                        return line_answer_finish(a);
                deadline = MAX(deadline, usec_add(now_usec(CLOCK_MONOTONIC), SLOW_USEC));
                deadline = MIN(deadline, last);
                r = line_answer_add(a, buffer, (size_t) r);
                if (r != 0)
                        return r;
        }
}

static int serial_exchange(LineLink *link,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        SerialLink *l = (SerialLink *) link;
        LineAnswer a = { .framing = framing, .request = request, .n_request = n };
        uint64_t deadline;
        int r;

        r = l->is_unquiet ? settle(l) : 0;
        if (r >= 0)
                r = serial_flush(l->fd);
        if (r < 0)
                return r;

        l->is_unquiet = true;
        deadline = usec_add(now_usec(CLOCK_MONOTONIC), framing->timeout_usec);
        r = serial_write(l->fd, request, n, deadline);
        if (r < 0)
                return r == -ETIMEDOUT ? -EIO : r;
        r = receive(l, &a, deadline);
        if (r <= 0)
                return r;
        if ((size_t) r > size)
                return -EBADMSG;

        /* An end alone, none, or something behind it: it is not sure that this was all of the answer. */
        l->is_unquiet = a.is_cut_off || a.n_after > 0 || (size_t) r <= framing->n_end;
        memcpy(answer, a.data, (size_t) r);
        return r;
}

static void serial_free(LineLink *link) {
        SerialLink *l = (SerialLink *) link;

        /* Others may have the same open file, which keeps the lock. */
        if (l->is_locked)
                serial_unlock(l->fd);
        safe_close(l->fd);
}

static const LineLinkOps serial_ops = {
        .name = "serial",
        .exchange = serial_exchange,
        .free = serial_free,
};

int line_link_new_serial(const char *name, int fd, bool is_locked, LineLink **ret) {
        _cleanup_(line_link_freep) LineLink *link = NULL;
        SerialLink *l = new0(SerialLink, 1);
        int r;

        if (!l)
                return -ENOMEM;
        link = &l->link;
        link->ops = &serial_ops;
        l->fd = -EBADF;

        r = free_and_strdup(&link->identity.path, name);
        if (r < 0)
                return r;

        l->fd = fd;
        l->is_locked = is_locked;
        /* By whoever had the port before. */
        l->is_unquiet = true;
        *ret = TAKE_PTR(link);
        return 0;
}
