/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording.h"

#include <fcntl.h>
#include <sys/stat.h>

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

void recording_head_init(RecordingHead *h) {
        *h = (RecordingHead) { .gone_usec = USEC_INFINITY, .speed = 1 };
}

void recording_head_done(RecordingHead *h) {
        hid_identity_done(&h->identity);
}

/*** Answers ***/

int recorded_answer_fill(RecordedAnswer *a, uint64_t at_usec, int error, const uint8_t *data, size_t n) {
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
        r = recorded_answer_fill(l->answers + l->n, at_usec, error, data, n);
        if (r < 0)
                return r;

        l->n++;
        return 0;
}

void recorded_answers_done(RecordedAnswers *l) {
        for (size_t i = 0; i < l->n; i++)
                free(l->answers[i].data);
        free(l->answers);
}

const RecordedAnswer *recorded_answers_choose(RecordedAnswers *l, RecordingClock clock, uint64_t now_usec) {
        if (l->n == 0)
                return NULL;
        if (clock == RECORDING_CLOCK_ORDER)
                return l->answers + (l->next < l->n ? l->next++ : l->n - 1);

        while (l->next + 1 < l->n && l->answers[l->next + 1].at_usec <= now_usec)
                l->next++;
        return l->answers + l->next;
}

/*** Time ***/

uint64_t recording_now(RecordingTime *t, const RecordingHead *h) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        if (!t->started) {
                t->started = true;
                t->start_usec = now;
        }
        return (uint64_t) ((double) (now - t->start_usec) * h->speed);
}

bool recording_is_gone(RecordingTime *t, const RecordingHead *h) {
        return recording_now(t, h) >= h->gone_usec;
}

/*** Files ***/

int recording_read_file(const char *path, char **ret, size_t *ret_size) {
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
