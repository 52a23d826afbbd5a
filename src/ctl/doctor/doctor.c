/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io-util.h"
#include "shell-text.h"
#include "string-util.h"
#include "time-util.h"

#define FILE_MAX 65536U

/* A machine with a hundred broken devices has one cause, which is among the first. */
#define FINDINGS_MAX 1000U

static _printf_(2, 0) char *format(Doctor *d, const char *fmt, va_list ap) {
        char *text = NULL;

        if (vasprintf(&text, fmt, ap) < 0) {
                d->error = -ENOMEM;
                return NULL;
        }
        return text;
}

void doctor_find(Doctor *d, DoctorSeverity severity, const char *device, const char *fmt, ...) {
        Finding *f;
        va_list ap;

        d->refused = true;
        if (d->only && device && strcasecmp(device, d->only) != 0)
                return;
        if (d->n_findings >= FINDINGS_MAX) {
                d->n_not_shown++;
                return;
        }
        if (!GREEDY_REALLOC(d->findings, d->n_findings_allocated, d->n_findings + 1)) {
                d->error = -ENOMEM;
                return;
        }

        d->refused = false;
        f = d->findings + d->n_findings++;
        *f = (Finding){.id = d->check->id, .severity = severity};
        if (device && !(f->device = strdup(device)))
                d->error = -ENOMEM;
        va_start(ap, fmt);
        f->problem = format(d, fmt, ap);
        va_end(ap);
}

static Finding *last(Doctor *d) {
        return d->error < 0 || d->refused || d->n_findings == 0 ? NULL : d->findings + d->n_findings - 1;
}

void doctor_id(Doctor *d, const char *id) {
        Finding *f = last(d);

        if (f)
                f->id = id;
}

void doctor_evidence(Doctor *d, const char *fmt, ...) {
        Finding *f = last(d);
        va_list ap;

        if (!f)
                return;
        free(f->evidence);
        va_start(ap, fmt);
        f->evidence = format(d, fmt, ap);
        va_end(ap);
}

void doctor_fix(Doctor *d, const char *fmt, ...) {
        Finding *f = last(d);
        va_list ap;

        if (!f)
                return;
        free(f->fix);
        va_start(ap, fmt);
        f->fix = shell_format(fmt, ap);
        va_end(ap);
        if (!f->fix)
                d->error = -ENOMEM;
}

void doctor_fix_text(Doctor *d, const char *text) {
        Finding *f = last(d);

        if (f && free_and_strdup(&f->fix, text) < 0)
                d->error = -ENOMEM;
}

void doctor_unseen(Doctor *d, const char *fmt, ...) {
        va_list ap;

        if (!GREEDY_REALLOC(d->unseen, d->n_unseen_allocated, d->n_unseen + 1)) {
                d->error = -ENOMEM;
                return;
        }

        va_start(ap, fmt);
        d->unseen[d->n_unseen++] = (Unseen){d->check, format(d, fmt, ap)};
        va_end(ap);
}

bool doctor_has_time(const Doctor *d, uint64_t usec) {
        return usec_add(now_usec(CLOCK_MONOTONIC), usec) < d->deadline_usec;
}

char *doctor_path(Doctor *d, const char *path) {
        char *s = strjoin(d->root, path);

        if (!s)
                d->error = -ENOMEM;
        return s;
}

bool doctor_exists(Doctor *d, const char *path) {
        _cleanup_free_ char *full = doctor_path(d, path);
        struct stat st;

        return full && lstat(full, &st) >= 0;
}

char *doctor_read(Doctor *d, const char *path) {
        _cleanup_free_ char *full = doctor_path(d, path), *text = malloc(FILE_MAX);
        ssize_t n;

        if (!full || !text)
                return NULL;
        n = path_read(full, text, FILE_MAX - 1);
        if (n < 0)
                return NULL;
        while (n > 0 && isspace((unsigned char) text[n - 1]))
                n--;
        text[n] = '\0';
        return TAKE_PTR(text);
}
