/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shut-line.h"

#include "serial.h"
#include "time-util.h"

/* How long to wait for the answer to a frame, for the rest of one that has begun, and for the echo of a
 * sync. */
#define ANSWER_USEC (3 * USEC_PER_SEC / 2)
#define REST_USEC (USEC_PER_SEC / 2)
#define ECHO_USEC USEC_PER_SEC
/* 2400 baud are four milliseconds a byte; with frames and answers, and devices that think, it takes
 * longer. */
#define BYTE_USEC (20 * USEC_PER_MSEC)

/* The frames of a report come one after the other. What comes later begins another, unless it is the frame
 * from before: the device has not heard that it was accepted. */
#define PARTIAL_USEC (USEC_PER_SEC / 2)
#define REPEATED_USEC (USEC_PER_SEC / 5)

#define ATTEMPTS 3U

static int token_send(ShutLine *s, ShutToken token) {
        uint8_t byte = token;

        return serial_write(s->tty_fd, &byte, 1, usec_add(now_usec(CLOCK_MONOTONIC), REST_USEC));
}

/* Takes in what is there, waiting for it until the deadline; 0 for nothing. */
static int tty_fill(ShutLine *s, uint64_t deadline) {
        int r = serial_read(s->tty_fd, s->in + s->n_in, sizeof(s->in) - s->n_in, deadline);

        if (r <= 0)
                return r;
        s->n_in += (size_t) r;
        return 1;
}

/*** Reports that the device sends by itself ***/

static void reports_push(ShutLine *s) {
        const uint64_t one = 1;

        if (s->n_reports == SHUT_REPORTS_MAX) {
                s->first_report = (s->first_report + 1) % SHUT_REPORTS_MAX;
                s->n_reports--;
        }
        s->reports[(s->first_report + s->n_reports++) % SHUT_REPORTS_MAX] = s->partial;
        s->partial.n = 0;
        if (write(s->report_fd, &one, sizeof(one)) < 0)
                s->lost = true;
}

static int reports_pop(ShutLine *s, uint8_t *buffer, size_t size) {
        const ShutReport *report = s->reports + s->first_report;
        size_t n = MIN(size, (size_t) report->n);
        uint64_t count;

        memcpy(buffer, report->data, n);
        s->first_report = (s->first_report + 1) % SHUT_REPORTS_MAX;
        if (--s->n_reports == 0 && read(s->report_fd, &count, sizeof(count)) < 0)
                s->lost = true;
        return (int) n;
}

static bool is_repeated(const ShutLine *s, const ShutFrame *frame, uint64_t now) {
        const ShutFrame *noted = &s->noted;

        if (s->noted_alone || frame->n == 0 || noted->last != frame->last || noted->n != frame->n ||
            memcmp(noted->data, frame->data, frame->n) != 0)
                return false;
        /* In the midst of a report its next eight bytes may be the same, but these come at once. */
        return noted->last || usec_sub(now, s->noted_usec) >= REPEATED_USEC;
}

/* Whether a report is one of the device, and no longer than that. */
static bool report_is_sound(const ShutLine *s) {
        const ShutReport *p = &s->partial;

        for (unsigned id = 0; id <= UINT8_MAX; id++)
                if (s->sizes[id] > 0)
                        return p->n > 0 && p->n <= s->sizes[p->data[0]];
        return p->n > 0;
}

static void report_reset(ShutLine *s) {
        s->partial.n = 0;
        s->skip = false;
}

static void report_add(ShutLine *s, const ShutFrame *frame) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        if (is_repeated(s, frame, now)) {
                s->noted_usec = now;
                return;
        }
        if (usec_sub(now, s->noted_usec) >= PARTIAL_USEC)
                report_reset(s);

        s->noted = *frame;
        s->noted_usec = now;
        s->noted_alone = frame->last && s->partial.n == 0 && !s->skip;
        if (frame->n > sizeof(s->partial.data) - s->partial.n)
                s->skip = true;
        if (!s->skip) {
                memcpy(s->partial.data + s->partial.n, frame->data, frame->n);
                s->partial.n = (uint16_t) (s->partial.n + frame->n);
        }
        if (!frame->last)
                return;
        if (!s->skip && report_is_sound(s))
                reports_push(s);
        report_reset(s);
}

/* A frame was not understood, which may have been one of a report. It may come again, or another report may
 * come. */
static void report_damage(ShutLine *s) {
        if (s->partial.n == 0)
                return;
        s->partial.n = 0;
        s->skip = true;
        s->noted_usec = now_usec(CLOCK_MONOTONIC);
}

/*** Frames ***/

/* The next thing that the device says, other than noise and reports, which are put aside. -ETIMEDOUT. */
static int shut_next(ShutLine *s, uint64_t deadline, ShutScan *ret, ShutFrame *ret_frame,
                     ShutToken *ret_token) {
        for (;;) {
                ShutScan scan;
                size_t used;
                int r;

                scan = shut_scan(s->in, s->n_in, ret_frame, ret_token, &used);
                s->n_in -= used;
                memmove(s->in, s->in + used, s->n_in);

                if (scan == SHUT_SCAN_FRAME && ret_frame->type == SHUT_NOTIFY) {
                        report_add(s, ret_frame);
                        r = token_send(s, SHUT_ACK);
                        if (r < 0)
                                return r;
                } else if (scan == SHUT_SCAN_MORE) {
                        uint64_t now = now_usec(CLOCK_MONOTONIC);

                        if (now >= usec_add(deadline, s->n_in > 0 ? REST_USEC : 0))
                                return -ETIMEDOUT;
                        r = tty_fill(s, s->n_in > 0 ? usec_add(now, REST_USEC) : deadline);
                        if (r < 0)
                                return r;
                        if (r == 0 && s->n_in == 0)
                                return -ETIMEDOUT;
                        if (r == 0) {
                                s->n_in = 0;
                                report_damage(s);
                                *ret = SHUT_SCAN_DAMAGED;
                                return 0;
                        }
                } else if (scan != SHUT_SCAN_NOISE) {
                        if (scan == SHUT_SCAN_DAMAGED)
                                report_damage(s);
                        *ret = scan;
                        return 0;
                }
        }
}

/* Whether the time for one answer, and that for all, is not over. */
static uint64_t answer_deadline(uint64_t deadline) {
        return MIN(usec_add(now_usec(CLOCK_MONOTONIC), ANSWER_USEC), deadline);
}

/* Waits until the device has accepted a frame. -EPIPE: it does not want it. -EAGAIN: it may not have
 * understood. */
static int shut_wait_ack(ShutLine *s, uint64_t deadline) {
        uint64_t until = answer_deadline(deadline);

        for (;;) {
                ShutFrame frame;
                ShutToken token;
                ShutScan scan;
                int r;

                r = shut_next(s, until, &scan, &frame, &token);
                if (r < 0)
                        return r;
                if (scan == SHUT_SCAN_TOKEN)
                        return token == SHUT_ACK ? 0 : token == SHUT_NAK ? -EPIPE : -ECONNRESET;
                if (scan == SHUT_SCAN_DAMAGED)
                        return -EAGAIN;
                /* The late answer to an earlier request: accept it, so that the device is done with it. */
                r = token_send(s, SHUT_ACK);
                if (r < 0)
                        return r;
        }
}

static int shut_send(ShutLine *s, const ShutFrame *frame, uint64_t deadline) {
        uint8_t bytes[SHUT_FRAME_MAX];
        size_t n = shut_frame_build(frame, bytes);
        int r = -EPIPE;

        for (unsigned i = 0; i < ATTEMPTS && (r == -EPIPE || r == -EAGAIN); i++) {
                r = serial_write(s->tty_fd, bytes, n, deadline);
                if (r < 0)
                        return r;
                r = shut_wait_ack(s, deadline);
        }

        return r;
}

/* Gathers the frames of an answer; returns how many bytes these are. */
static int shut_receive(ShutLine *s, uint8_t *buffer, size_t size, uint64_t deadline) {
        unsigned n_damaged = 0;
        size_t n = 0;

        for (;;) {
                ShutFrame frame = {};
                ShutToken token;
                ShutScan scan;
                int r;

                r = shut_next(s, answer_deadline(deadline), &scan, &frame, &token);
                if (r < 0)
                        return r;
                if (scan == SHUT_SCAN_DAMAGED && ++n_damaged > ATTEMPTS)
                        return -EIO;
                if (scan == SHUT_SCAN_TOKEN && token != SHUT_ACK)
                        return token == SHUT_NAK ? -EPIPE : -ECONNRESET;
                if (scan == SHUT_SCAN_TOKEN)
                        continue;

                r = token_send(s, scan == SHUT_SCAN_FRAME ? SHUT_ACK : SHUT_NAK);
                if (r < 0)
                        return r;
                if (scan != SHUT_SCAN_FRAME)
                        continue;
                n_damaged = 0;
                if (frame.n > size - n)
                        return -EIO;
                memcpy(buffer + n, frame.data, frame.n);
                n += frame.n;
                if (frame.last)
                        return (int) n;
        }
}

int shut_synchronise(ShutLine *s, ShutToken level) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), ECHO_USEC);
        int r = serial_flush(s->tty_fd);

        s->n_in = 0;
        report_reset(s);
        s->noted_alone = true;
        if (r >= 0)
                r = token_send(s, level);
        while (r >= 0) {
                ShutFrame frame;
                ShutToken token = 0;
                ShutScan scan;

                r = shut_next(s, deadline, &scan, &frame, &token);
                if (r >= 0 && scan == SHUT_SCAN_TOKEN && token == level) {
                        s->lost = false;
                        s->sync = level;
                        return 0;
                }
        }

        return r;
}

static int shut_try(ShutLine *s, const ShutSetup *setup, const uint8_t *out, uint8_t *in, size_t size,
                    uint64_t deadline) {
        ShutFrame frame = {
                .type = SHUT_REQUEST,
                .last = !out,
                .n = 8,
                .data = {
                        setup->type, setup->request, (uint8_t) setup->value,
                        (uint8_t) (setup->value >> 8), 0, 0, (uint8_t) setup->length,
                        (uint8_t) (setup->length >> 8),
                },
        };
        int r;

        if (s->lost) {
                r = shut_synchronise(s, s->sync);
                if (r < 0)
                        return r;
        }

        r = shut_send(s, &frame, deadline);
        for (size_t i = 0; r >= 0 && out && i < setup->length; i += frame.n) {
                frame.n = (uint8_t) MIN(SHUT_PAYLOAD_MAX, setup->length - i);
                frame.last = i + frame.n == setup->length;
                memcpy(frame.data, out + i, frame.n);
                r = shut_send(s, &frame, deadline);
        }
        return r < 0 || out ? r : shut_receive(s, in, size, deadline);
}

int shut_transfer(ShutLine *s, const ShutSetup *setup, const uint8_t *out, uint8_t *in, size_t size) {
        uint64_t length = setup->length * BYTE_USEC;
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), usec_add(s->timeout_usec, length));
        int r = -ETIMEDOUT;

        for (unsigned i = 0; i < ATTEMPTS && now_usec(CLOCK_MONOTONIC) < deadline; i++) {
                r = shut_try(s, setup, out, in, size, deadline);
                if (r >= 0 || r == -EPIPE || r == -ENODEV || r == -EINTR)
                        break;
                s->lost = true;
        }

        if (r == -EINTR)
                s->lost = true;
        return r == -ECONNRESET || r == -EAGAIN ? -EIO : r;
}

int shut_next_report(ShutLine *s, uint8_t *buffer, size_t size) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        int r = tty_fill(s, now);

        /* Whatever else comes unasked belongs to nothing, but for a device that begins anew. */
        while (r > 0 && s->n_in > 0) {
                ShutFrame frame;
                ShutToken token;
                ShutScan scan;

                r = shut_next(s, now, &scan, &frame, &token);
                if (r >= 0 && scan == SHUT_SCAN_TOKEN && token != SHUT_ACK && token != SHUT_NAK)
                        s->lost = true;
                r = r >= 0 ? 1 : r == -ETIMEDOUT ? 0 : r;
        }
        if (r < 0)
                return r;
        return s->n_reports > 0 ? reports_pop(s, buffer, size) : 0;
}
