/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-recording.h"

#include <sys/timerfd.h>

#include "string-util.h"
#include "time-util.h"

static void report_free(RecordedReport *report) {
        if (!report)
                return;
        recorded_answers_done(&report->gets);
        recorded_answers_done(&report->sets);
        free(report->written.data);
        free(report);
}

HidRecording *hid_recording_free(HidRecording *r) {
        if (!r)
                return NULL;

        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++)
                for (size_t id = 0; id < ELEMENTSOF(r->reports[kind]); id++)
                        report_free(r->reports[kind][id]);
        for (size_t i = 0; i < ELEMENTSOF(r->strings); i++)
                free(r->strings[i].text);
        recorded_answers_done(&r->inputs);
        recording_head_done(&r->head);
        free(r->descriptor);
        free(r);
        return NULL;
}

RecordedReport *hid_recording_report(HidRecording *r, HidKind kind, uint8_t id) {
        RecordedReport **report = &r->reports[kind][id];

        if (!*report)
                *report = new0(RecordedReport, 1);
        return *report;
}

/*** Replay ***/

typedef struct Replay {
        HidLink link;
        HidRecording *recording;
        int timer_fd;
        RecordingTime time;
} Replay;

static uint64_t replay_now(Replay *p) {
        return recording_now(&p->time, &p->recording->head);
}

static bool replay_is_gone(Replay *p) {
        return recording_is_gone(&p->time, &p->recording->head);
}

/* Makes the descriptor readable when the next input is due, or the device goes. */
static int replay_arm(Replay *p) {
        const RecordedAnswers *inputs = &p->recording->inputs;
        uint64_t next = p->recording->head.gone_usec, usec;
        struct itimerspec its = {};

        (void) replay_now(p);
        if (inputs->next < inputs->n)
                next = MIN(next, inputs->answers[inputs->next].at_usec);
        if (next != USEC_INFINITY) {
                usec = p->time.start_usec + (uint64_t) ((double) next / p->recording->head.speed) + 1;
                its.it_value.tv_sec = (time_t) (usec / USEC_PER_SEC);
                its.it_value.tv_nsec = (long) (usec % USEC_PER_SEC * NSEC_PER_USEC);
        }
        return timerfd_settime(p->timer_fd, TFD_TIMER_ABSTIME, &its, NULL) < 0 ? -errno : 0;
}

static int answer_give(const RecordedAnswer *a, uint8_t *buffer, size_t size) {
        size_t n = MIN(a->n, size);

        if (a->error < 0)
                return a->error;
        memcpy(buffer, a->data, n);
        return (int) n;
}

/* The answer for a request now. What was written counts until the recording has something later. */
static const RecordedAnswer *replay_choose(Replay *p, RecordedReport *report) {
        const RecordedAnswer *written = report->written.data ? &report->written : NULL, *a;
        RecordingClock clock = p->recording->head.clock;

        if (clock == RECORDING_CLOCK_ORDER && written && report->gets.next == report->gets.n)
                return written;
        a = recorded_answers_choose(&report->gets, clock, replay_now(p));
        if (clock == RECORDING_CLOCK_TIME && written && (!a || a->at_usec <= written->at_usec))
                return written;
        return a;
}

static int replay_get_report(HidLink *link, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        Replay *p = (Replay *) link;
        RecordedReport *report = p->recording->reports[kind][id];
        const RecordedAnswer *a;

        if (replay_is_gone(p))
                return -ENODEV;
        a = report ? replay_choose(p, report) : NULL;
        return a ? answer_give(a, buffer, size) : -EPIPE;
}

static int replay_set_report(HidLink *link, HidKind kind, const uint8_t *data, size_t n) {
        Replay *p = (Replay *) link;
        RecordedReport *report = hid_recording_report(p->recording, kind, data[0]);
        RecordedAnswers *l;
        RecordedAnswer written;
        int error = 0, r;

        if (replay_is_gone(p))
                return -ENODEV;
        if (!report)
                return -ENOMEM;

        l = &report->sets;
        if (l->n > 0)
                error = l->answers[l->next < l->n ? l->next++ : l->n - 1].error;
        if (error < 0)
                return error;

        r = recorded_answer_fill(&written, replay_now(p), 0, data, n);
        if (r < 0)
                return r;
        free(report->written.data);
        report->written = written;
        return 0;
}

static int replay_read_input(HidLink *link, uint8_t *buffer, size_t size) {
        Replay *p = (Replay *) link;
        RecordedAnswers *l = &p->recording->inputs;
        const RecordedAnswer *next = l->next < l->n ? l->answers + l->next : NULL;
        int r = 0;

        /* As from the kernel: what came before the end is read before it, however late. */
        if (next && next->at_usec <= replay_now(p) && next->at_usec < p->recording->head.gone_usec)
                r = answer_give(l->answers + l->next++, buffer, size);
        else if (replay_is_gone(p))
                return -ENODEV;
        (void) replay_arm(p);
        return r;
}

static int replay_get_string(HidLink *link, uint8_t index, char **ret) {
        Replay *p = (Replay *) link;
        const RecordedString *s = p->recording->strings + index;
        char *copy;

        if (replay_is_gone(p))
                return -ENODEV;
        if (!s->text)
                return s->error < 0 ? s->error : -EPIPE;
        copy = strdup(s->text);
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

static int replay_fd(HidLink *link) {
        Replay *p = (Replay *) link;

        if (!p->time.started)
                (void) replay_arm(p);
        return p->timer_fd;
}

static void replay_free(HidLink *link) {
        Replay *p = (Replay *) link;

        hid_recording_free(p->recording);
        safe_close(p->timer_fd);
}

static const HidLinkOps replay_ops = {
        .name = "recording",
        .get_report = replay_get_report,
        .set_report = replay_set_report,
        .read_input = replay_read_input,
        .get_string = replay_get_string,
        .fd = replay_fd,
        .free = replay_free,
};

int hid_link_new_replay(HidRecording *recording, const char *path, HidLink **ret) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        _cleanup_free_ char *place = strdup(path);
        Replay *p = new0(Replay, 1);
        int fd;

        if (!p || !place) {
                free(p);
                return -ENOMEM;
        }
        link = &p->link;

        fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (fd < 0)
                return -errno;

        p->timer_fd = fd;
        p->recording = recording;
        link->ops = &replay_ops;
        link->identity = recording->head.identity;
        link->descriptor = TAKE_PTR(recording->descriptor);
        link->descriptor_size = recording->descriptor_size;
        recording->head.identity = (HidIdentity) {};
        free(link->identity.path);
        link->identity.path = TAKE_PTR(place);

        *ret = TAKE_PTR(link);
        return 0;
}

int hid_link_new_recording(const char *path, HidLink **ret, char **ret_error) {
        _cleanup_(hid_recording_freep) HidRecording *recording = NULL;
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = recording_read_file(path, &data, &n);
        if (r < 0)
                return r;
        r = hid_recording_parse(path, data, n, &recording, ret_error);
        if (r < 0)
                return r;
        r = hid_link_new_replay(recording, path, ret);
        if (r < 0)
                return r;

        TAKE_PTR(recording);
        return 0;
}
