/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "dummy-line.h"
#include "dummy-variable.h"
#include "string-util.h"
#include "time-util.h"

#define PROBLEMS_MAX 10U

/* Polls come at an even beat but for some jitter; a TIMER of exactly some beats must not last one more. */
#define TIMER_SLACK_USEC (100 * USEC_PER_MSEC)

/* By what we see that a file is another one than before. */
typedef struct FileVersion {
        dev_t device;
        ino_t inode;
        off_t size;
        struct timespec mtime;
} FileVersion;

typedef struct NameList {
        char **names;
        size_t n, n_allocated;
} NameList;

struct DummyFile {
        char *path;
        bool loop;
        FileVersion version; /* of the round in hand, or the last one */
        bool begun;          /* the device has its first variables */

        bool in_round;
        char *data;
        size_t size, offset;
        unsigned line;
        uint64_t resume_usec; /* TIMER */
        char **alarms;
        NameList named, named_before; /* in this round so far, and in the last one */
        bool report;                  /* the version is new, so its problems are */
        unsigned n_problems;
};

static void name_list_clear(NameList *l) {
        for (size_t i = 0; i < l->n; i++)
                free(l->names[i]);
        l->n = 0;
}

static int name_list_add(NameList *l, const char *name) {
        char *copy = strdup(name);

        if (!copy || !GREEDY_REALLOC(l->names, l->n_allocated, l->n + 1)) {
                free(copy);
                return -ENOMEM;
        }

        l->names[l->n++] = copy;
        return 0;
}

static int name_compare(const void *a, const void *b) {
        return strcasecmp(*(char *const *) a, *(char *const *) b);
}

static void name_list_sort(NameList *l) {
        if (l->n > 0)
                qsort(l->names, l->n, sizeof(char *), name_compare);
}

static bool name_list_contains(const NameList *l, const char *name) {
        return l->n > 0 && bsearch(&name, l->names, l->n, sizeof(char *), name_compare);
}

int dummy_file_new(const char *path, bool loop, DummyFile **ret) {
        _cleanup_(dummy_file_freep) DummyFile *f = new0(DummyFile, 1);

        if (!f)
                return -ENOMEM;

        f->loop = loop;
        f->path = strdup(path);
        if (!f->path)
                return -ENOMEM;

        *ret = TAKE_PTR(f);
        return 0;
}

DummyFile *dummy_file_free(DummyFile *f) {
        if (!f)
                return NULL;

        name_list_clear(&f->named);
        name_list_clear(&f->named_before);
        free(f->named.names);
        free(f->named_before.names);
        strv_free(f->alarms);
        free(f->data);
        free(f->path);
        free(f);
        return NULL;
}

static bool version_equal(const FileVersion *a, const FileVersion *b) {
        return a->device == b->device && a->inode == b->inode && a->size == b->size &&
                a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec;
}

static int read_all(int fd, char **ret, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0, n_allocated = 0;

        for (;;) {
                ssize_t n;

                if (!GREEDY_REALLOC(data, n_allocated, size + 4096))
                        return -ENOMEM;
                n = read(fd, data + size, n_allocated - size);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > DUMMY_FILE_SIZE_MAX)
                        return -EFBIG;
        }

        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}

/* Begins a round if one is due. The file is opened even when it is not: one that cannot be read any more
 * shall be noticed at once. */
static int file_open_round(DummyFile *f) {
        _cleanup_close_ int fd = -EBADF;
        FileVersion version;
        char *data = NULL;
        size_t size = 0;
        struct stat st;
        int r;

        fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;

        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;

        version = (FileVersion) { st.st_dev, st.st_ino, st.st_size, st.st_mtim };
        f->report = !version_equal(&version, &f->version);
        if (!f->loop && !f->report)
                return 0;

        r = read_all(fd, &data, &size);
        if (r < 0)
                return r;

        free(f->data);
        f->data = data;
        f->size = size;
        f->offset = 0;
        f->line = 0;
        f->n_problems = 0;
        f->alarms = strv_free(f->alarms);
        f->version = version;
        f->in_round = true;
        return 0;
}

static void file_report(DummyFile *f, ConfReport report, void *userdata, const char *problem) {
        f->n_problems++;
        if (!f->report || f->n_problems > PROBLEMS_MAX)
                return;

        report(userdata, LOG_ERR, f->path, f->line,
                        f->n_problems < PROBLEMS_MAX ? problem : "Further bad lines are not reported.");
}

static int file_apply_line(DummyFile *f, const DummyLine *l, uint64_t now_usec, Update *u) {
        int r;

        switch (l->type) {
        case DUMMY_LINE_EMPTY:
                return 0;

        case DUMMY_LINE_TIMER:
                f->resume_usec = usec_sub(usec_add(now_usec, l->delay_usec), TIMER_SLACK_USEC);
                return 0;

        case DUMMY_LINE_ALARM:
                if (!isempty(l->value))
                        return strv_extend(&f->alarms, l->value);
                f->alarms = strv_free(f->alarms);
                return 0;

        case DUMMY_LINE_VARIABLE:
                /* What the driver of the dumped device said about itself is not true of us. */
                if (startswith_nocase(l->name, "driver."))
                        return 0;
                r = name_list_add(&f->named, l->name);
                return r < 0 ? r : dummy_variable_set(u, l->name, l->value);
        }

        return -EINVAL;
}

/* Goes on to the next TIMER or to the end. */
static int file_run(DummyFile *f, uint64_t now_usec, Update *u, ConfReport report, void *userdata) {
        while (f->offset < f->size) {
                _cleanup_(dummy_line_done) DummyLine l = {};
                const char *start = f->data + f->offset, *problem = NULL, *end;
                size_t left = f->size - f->offset;
                int r;

                end = memchr(start, '\n', left) ?: start + left;
                f->offset += MIN((size_t) (end - start) + 1, left);
                f->line++;

                r = dummy_line_parse(start, (size_t) (end - start), &l, &problem);
                if (r == -EINVAL) {
                        file_report(f, report, userdata, problem);
                        continue;
                }
                if (r >= 0)
                        r = file_apply_line(f, &l, now_usec, u);
                if (r < 0)
                        return r;
                if (l.type == DUMMY_LINE_TIMER)
                        break;
        }

        return 0;
}

static int file_end_round(DummyFile *f, Update *u) {
        NameList empty = {};
        int r;

        name_list_sort(&f->named);
        for (size_t i = 0; i < f->named_before.n; i++) {
                const char *name = f->named_before.names[i], *value = dummy_variable_default(name);

                if (name_list_contains(&f->named, name))
                        continue;
                r = value ? dummy_variable_set(u, name, value) : update_unset(u, name);
                if (r < 0)
                        return r;
        }

        name_list_clear(&f->named_before);
        free(f->named_before.names);
        f->named_before = f->named;
        f->named = empty;
        f->in_round = false;
        return 0;
}

static int file_put_alarms(const DummyFile *f, Update *u) {
        int r;

        r = update_alarm(u, "");
        if (r < 0)
                return r;

        STRV_FOREACH(text, f->alarms) {
                r = update_alarm(u, *text);
                if (r < 0)
                        return r;
        }

        return 0;
}

static bool file_at_end(const DummyFile *f, uint64_t now_usec) {
        return f->in_round && f->offset >= f->size && now_usec >= f->resume_usec;
}

int dummy_file_poll(DummyFile *f, uint64_t now_usec, Update *u, ConfReport report, void *userdata) {
        int r;

        /* A TIMER was the last line, and its time is over. */
        if (file_at_end(f, now_usec)) {
                r = file_end_round(f, u);
                if (r < 0)
                        return r;
        }
        if (!f->in_round) {
                r = file_open_round(f);
                if (r < 0 || !f->in_round)
                        return r;
        }
        if (now_usec < f->resume_usec)
                return 0;

        if (!f->begun) {
                r = dummy_variable_set_defaults(u);
                if (r < 0)
                        return r;
                f->begun = true;
        }

        r = file_run(f, now_usec, u, report, userdata);
        if (r < 0)
                return r;
        r = file_put_alarms(f, u);
        if (r < 0)
                return r;

        return file_at_end(f, now_usec) ? file_end_round(f, u) : 0;
}
