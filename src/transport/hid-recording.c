/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "io-util.h"
#include "string-util.h"
#include "time-util.h"

static const struct {
        const char *name;
        int error;
} errors[] = {
        { "stall",   -EPIPE     },
        { "timeout", -ETIMEDOUT },
        { "gone",    -ENODEV    },
        { "error",   -EIO       },
};

const char *recording_error_to_string(int error) {
        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i].error == error)
                        return errors[i].name;
        return "error";
}

int recording_error_from_string(const char *s) {
        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (streq(errors[i].name, s))
                        return errors[i].error;
        return 0;
}

static void answers_done(RecordedAnswers *l) {
        for (size_t i = 0; i < l->n; i++)
                free(l->answers[i].data);
        free(l->answers);
}

static void report_free(RecordedReport *report) {
        if (!report)
                return;
        answers_done(&report->gets);
        answers_done(&report->sets);
        free(report->written.data);
        free(report);
}

Recording *recording_free(Recording *r) {
        if (!r)
                return NULL;

        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++)
                for (size_t id = 0; id < ELEMENTSOF(r->reports[kind]); id++)
                        report_free(r->reports[kind][id]);
        for (size_t i = 0; i < ELEMENTSOF(r->strings); i++)
                free(r->strings[i].text);
        answers_done(&r->inputs);
        hid_identity_done(&r->identity);
        free(r->descriptor);
        free(r);
        return NULL;
}

RecordedReport *recording_report(Recording *r, HidKind kind, uint8_t id) {
        RecordedReport **report = &r->reports[kind][id];

        if (!*report)
                *report = new0(RecordedReport, 1);
        return *report;
}

static int answer_fill(RecordedAnswer *a, uint64_t at_usec, int error, const uint8_t *data, size_t n) {
        uint8_t *copy = malloc(MAX(n, (size_t) 1));

        if (!copy)
                return -ENOMEM;
        if (n > 0)
                memcpy(copy, data, n);
        *a = (RecordedAnswer) { .at_usec = at_usec, .error = error, .data = copy, .n = n };
        return 0;
}

int recorded_answers_add(RecordedAnswers *l, uint64_t at_usec, int error, const uint8_t *data, size_t n) {
        int r;

        if (!GREEDY_REALLOC(l->answers, l->n_allocated, l->n + 1))
                return -ENOMEM;
        r = answer_fill(l->answers + l->n, at_usec, error, data, n);
        if (r < 0)
                return r;

        l->n++;
        return 0;
}

/*** Replay ***/

typedef struct Replay {
        HidLink link;
        Recording *recording;
        int timer_fd;
        bool started;
        uint64_t start_usec;
} Replay;

/* Time in the recording; it begins with the first thing that is asked. */
static uint64_t replay_now(Replay *p) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        if (!p->started) {
                p->started = true;
                p->start_usec = now;
        }
        return (uint64_t) ((double) (now - p->start_usec) * p->recording->speed);
}

static bool replay_is_gone(Replay *p) {
        return replay_now(p) >= p->recording->gone_usec;
}

/* Makes the descriptor readable when the next input is due, or the device goes. */
static int replay_arm(Replay *p) {
        const RecordedAnswers *inputs = &p->recording->inputs;
        uint64_t next = p->recording->gone_usec, usec;
        struct itimerspec its = {};

        (void) replay_now(p);
        if (inputs->next < inputs->n)
                next = MIN(next, inputs->answers[inputs->next].at_usec);
        if (next != USEC_INFINITY) {
                usec = p->start_usec + (uint64_t) ((double) next / p->recording->speed) + 1;
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
        RecordedAnswers *l = &report->gets;
        uint64_t now = replay_now(p);

        if (p->recording->clock == RECORDING_CLOCK_ORDER) {
                if (l->next < l->n)
                        return l->answers + l->next++;
                if (report->written.data)
                        return &report->written;
                return l->n > 0 ? l->answers + l->n - 1 : NULL;
        }

        while (l->next + 1 < l->n && l->answers[l->next + 1].at_usec <= now)
                l->next++;
        if (report->written.data && (l->n == 0 || l->answers[l->next].at_usec <= report->written.at_usec))
                return &report->written;
        return l->n > 0 ? l->answers + l->next : NULL;
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
        RecordedReport *report = recording_report(p->recording, kind, data[0]);
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

        r = answer_fill(&written, replay_now(p), 0, data, n);
        if (r < 0)
                return r;
        free(report->written.data);
        report->written = written;
        return 0;
}

static int replay_read_input(HidLink *link, uint8_t *buffer, size_t size) {
        Replay *p = (Replay *) link;
        RecordedAnswers *l = &p->recording->inputs;
        int r = 0;

        if (replay_is_gone(p))
                return -ENODEV;
        if (l->next < l->n && l->answers[l->next].at_usec <= replay_now(p))
                r = answer_give(l->answers + l->next++, buffer, size);
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

        if (!p->started)
                (void) replay_arm(p);
        return p->timer_fd;
}

static void replay_free(HidLink *link) {
        Replay *p = (Replay *) link;

        recording_free(p->recording);
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

int hid_link_new_replay(Recording *recording, const char *path, HidLink **ret) {
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
        link->identity = recording->identity;
        link->descriptor = TAKE_PTR(recording->descriptor);
        link->descriptor_size = recording->descriptor_size;
        recording->identity = (HidIdentity) {};
        free(link->identity.path);
        link->identity.path = TAKE_PTR(place);

        *ret = TAKE_PTR(link);
        return 0;
}

static int read_file(const char *path, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        _cleanup_free_ char *data = NULL;
        struct stat st;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        if (st.st_size > RECORDING_SIZE_MAX)
                return -EFBIG;

        data = malloc((size_t) st.st_size + 1);
        if (!data)
                return -ENOMEM;
        n = fd_read_all(fd, data, (size_t) st.st_size);
        if (n < 0)
                return (int) n;

        *ret = TAKE_PTR(data);
        *ret_size = (size_t) n;
        return 0;
}

int hid_link_new_recording(const char *path, HidLink **ret, char **ret_error) {
        _cleanup_(recording_freep) Recording *recording = NULL;
        _cleanup_free_ char *data = NULL;
        size_t n = 0;
        int r;

        r = read_file(path, &data, &n);
        if (r < 0)
                return r;
        r = recording_parse(path, data, n, &recording, ret_error);
        if (r < 0)
                return r;
        r = hid_link_new_replay(recording, path, ret);
        if (r < 0)
                return r;

        TAKE_PTR(recording);
        return 0;
}
