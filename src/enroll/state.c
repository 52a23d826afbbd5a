/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "io-util.h"
#include "lexer.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define NAME "devices"
#define BACKUP "devices.old"
#define DAMAGED "devices.damaged"
#define SECTIONS "ups.conf"

#define LEFT "left"

/* Devices that were seen at one port, unplugged there, and not seen elsewhere. */
#define STRANGERS_MAX 8U

#define SIZE_MAX_BYTES (1U << 20)
#define LOCK_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define LOCK_PAUSE_USEC (20 * USEC_PER_MSEC)

/*** Reading ***/

static int read_text(const char *path, char **ret, size_t *ret_n) {
        _cleanup_free_ char *buffer = malloc(SIZE_MAX_BYTES + 1);
        ssize_t n;

        if (!buffer)
                return -ENOMEM;
        n = path_read(path, buffer, SIZE_MAX_BYTES + 1);
        if (n < 0)
                return (int) n;
        if (n > (ssize_t) SIZE_MAX_BYTES)
                return -E2BIG;

        buffer[n] = '\0';
        *ret_n = (size_t) n;
        *ret = TAKE_PTR(buffer);
        return 0;
}

/* Adds what a file knows; -EBADMSG when it has mistakes, which are logged. */
static int load(const char *directory, const char *name, Records *records) {
        _cleanup_free_ char *path = strjoin(directory, "/", name), *text = NULL;
        _cleanup_(enroll_records_done) Records more = {};
        bool bad = false;
        size_t n = 0;
        int r;

        if (!path)
                return -ENOMEM;
        r = read_text(path, &text, &n);
        if (r >= 0)
                r = records_parse(path, text, n, conf_report_log, NULL, &more, &bad);
        if (r >= 0)
                r = records_merge(records, &more);
        if (r < 0 && r != -ENOENT)
                log_warning_errno(r, "Cannot read %s, which has names of devices: %m", path);
        return r >= 0 && bad ? -EBADMSG : r;
}

static int load_all(State *s) {
        Records seen = {};
        int r;

        r = load(s->run_directory, NAME, &seen);
        for (size_t i = 0; i < seen.n_records && r != -ENOMEM; i++)
                r = state_mark_seen(s, seen.records[i].name);
        if (r == -ENOMEM) {
                enroll_records_done(&seen);
                return r;
        }

        r = load(s->directory, NAME, &s->records);
        s->damaged = r < 0 && r != -ENOENT;
        /* Names that could not be written, since. */
        if (r != -ENOMEM && records_merge(&s->records, &seen) < 0)
                r = -ENOMEM;
        enroll_records_done(&seen);
        if (r < 0 && r != -ENOMEM)
                r = load(s->directory, BACKUP, &s->records);
        return r == -ENOMEM ? r : 0;
}

/*** Only one at a time ***/

static int lock(State *s) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + LOCK_TIMEOUT_USEC;
        _cleanup_free_ char *path = strjoin(s->run_directory, "/lock");

        if (!path)
                return -ENOMEM;
        if (mkdir(s->run_directory, 0755) < 0 && errno != EEXIST)
                return -errno;
        s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (s->lock_fd < 0)
                return -errno;

        while (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return -errno;
                if (now_usec(CLOCK_MONOTONIC) >= end)
                        return -ETIMEDOUT;
                (void) usleep(LOCK_PAUSE_USEC);
        }
        return 0;
}

int state_open(const char *directory, const char *run_directory, bool dry, State *ret) {
        State s = { .lock_fd = -EBADF };
        int r;

        s.directory = strdup(directory);
        s.run_directory = strdup(run_directory);
        r = s.directory && s.run_directory ? 0 : -ENOMEM;
        if (r >= 0 && !dry)
                r = lock(&s);
        if (r >= 0)
                r = load_all(&s);
        if (r < 0) {
                state_done(&s);
                return r;
        }

        *ret = s;
        return 0;
}

void state_done(State *s) {
        free(s->directory);
        free(s->run_directory);
        enroll_records_done(&s->records);
        strv_free(s->seen);
        s->lock_fd = safe_close(s->lock_fd);
        *s = (State) { .lock_fd = -EBADF };
}

/*** Changes ***/

int state_mark_seen(State *s, const char *name) {
        return strv_find_nocase(s->seen, name) >= 0 ? 0 : strv_extend(&s->seen, name);
}

int state_forget(State *s, const char *name) {
        _cleanup_free_ char *backup = strjoin(s->directory, "/" BACKUP);
        ssize_t k = records_find_name(&s->records, name), i;

        if (!backup)
                return -ENOMEM;
        if (k < 0)
                return -ENOENT;

        records_remove(&s->records, (size_t) k);
        i = strv_find_nocase(s->seen, name);
        if (i >= 0)
                (void) strv_remove(s->seen, s->seen[i]);
        (void) unlink(backup);
        s->forgotten = true;
        return 0;
}

/* The one that was seen there first, if there are too many. */
static ssize_t find_stranger(const State *s, const char *place) {
        ssize_t first = -1;
        size_t n = 0;

        for (size_t i = 0; i < s->records.n_records; i++) {
                const Record *r = s->records.records + i;

                if (r->section || !streq(r->key.place, place) || strv_find_nocase(s->seen, r->name) < 0)
                        continue;
                first = (ssize_t) i;
                n++;
        }

        return n >= STRANGERS_MAX ? first : -1;
}

bool state_forget_strangers(State *s, const char *place) {
        bool found = false;

        for (ssize_t i; (i = find_stranger(s, place)) >= 0; found = true) {
                ssize_t k = strv_find_nocase(s->seen, s->records.records[i].name);

                (void) strv_remove(s->seen, s->seen[k]);
                records_remove(&s->records, (size_t) i);
        }
        return found;
}

/*** Writing ***/

static int write_all(int fd, const char *text) {
        for (size_t n = strlen(text); n > 0;) {
                ssize_t k = write(fd, text, n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                text += k;
                n -= (size_t) k;
        }
        return 0;
}

static int sync_directory(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* The new file beside the old one, on the disk. */
static int write_beside(const char *path, const char *text) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        (void) unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;

        r = write_all(fd, text);
        /* Anybody may know which devices there are. */
        if (r >= 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
                r = -errno;
        if (r < 0)
                (void) unlink(path);
        return r;
}

static bool has_text(const char *path, const char *text) {
        _cleanup_free_ char *now = NULL;
        size_t n = 0;

        return read_text(path, &now, &n) >= 0 && n == strlen(text) && streq(now, text);
}

/* keep: what becomes of the old file, or NULL. */
static int replace(const char *directory, const char *name, const char *keep, const char *text) {
        _cleanup_free_ char *path = strjoin(directory, "/", name), *beside = NULL, *kept = NULL;
        int r;

        beside = strjoin(directory, "/", name, ".new");
        kept = strjoin(directory, "/", strempty(keep));
        if (!text || !path || !beside || !kept)
                return -ENOMEM;
        if (has_text(path, text))
                return 0;

        r = write_beside(beside, text);
        if (r < 0)
                return r;
        /* A copy of the name is enough, and it leaves the file where it is. */
        if (keep) {
                (void) unlink(kept);
                if (link(path, kept) < 0 && errno != ENOENT)
                        log_warning_errno(-errno, "Cannot keep a copy of %s: %m", path);
        }
        if (rename(beside, path) < 0) {
                r = -errno;
                (void) unlink(beside);
                return r;
        }
        return sync_directory(directory);
}

static int report_written(const char *directory, const char *name, int r) {
        if (r < 0)
                log_error_errno(r, "Cannot write %s/%s: %m", directory, name);
        return r;
}

void state_unlock(State *s) {
        s->lock_fd = safe_close(s->lock_fd);
}

/* The lines of text but for those of that name, and the line. */
static char *change_line(const char *text, const char *name, const char *line) {
        _cleanup_free_ char *begin = strjoin(name, " ");
        char *changed = begin ? strdup("") : NULL;

        while (changed && *text) {
                size_t n = strcspn(text, "\n");
                char *more = startswith(text, begin) ? NULL : strprintf("%s%.*s\n", changed, (int) n, text);

                if (more) {
                        free(changed);
                        changed = more;
                }
                text += n + (text[n] == '\n');
        }
        if (changed) {
                char *all = strjoin(changed, line);

                free(changed);
                changed = all;
        }
        return changed;
}

bool state_note_left(const State *s, const char *name, const char *rival) {
        _cleanup_free_ char *line = strjoin(name, " ", rival, "\n"), *path = NULL, *text = NULL, *all = NULL;
        size_t n;

        path = strjoin(s->run_directory, "/" LEFT);
        if (!line || !path)
                return true;
        if (read_text(path, &text, &n) >= 0) {
                const char *found = strstr(text, line);

                if (found && (found == text || found[-1] == '\n'))
                        return false;
        }

        all = change_line(strempty(text), name, line);
        (void) replace(s->run_directory, LEFT, NULL, all);
        return true;
}

/* The records of what was seen. */
static int seen_records(const State *s, Records *ret) {
        Records seen = {};

        if (records_copy(&s->records, &seen) < 0)
                return -ENOMEM;
        for (size_t i = seen.n_records; i-- > 0;)
                if (strv_find_nocase(s->seen, seen.records[i].name) < 0)
                        records_remove(&seen, i);
        *ret = seen;
        return 0;
}

int state_save(State *s) {
        _cleanup_free_ char *all = records_format(&s->records), *sections = state_sections(s),
                *seen_text = NULL;
        _cleanup_(enroll_records_done) Records seen = {};
        const char *keep = s->damaged ? DAMAGED : s->forgotten ? NULL : BACKUP;
        int results[3];

        if (mkdir(s->directory, 0755) < 0 && errno != EEXIST)
                log_warning_errno(errno, "Cannot make %s: %m", s->directory);
        if (seen_records(s, &seen) >= 0)
                seen_text = records_format(&seen);

        results[0] = report_written(s->directory, NAME, replace(s->directory, NAME, keep, all));
        results[1] = report_written(s->run_directory, NAME,
                        replace(s->run_directory, NAME, NULL, seen_text));
        results[2] = report_written(s->run_directory, SECTIONS,
                        replace(s->run_directory, SECTIONS, NULL, sections));

        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (results[i] < 0)
                        return results[i];
        return 0;
}

/*** Sections ***/

static void put_value(FILE *f, const char *key, const char *value) {
        char escaped[4 * RECORD_TEXT_MAX + 1];

        (void) lexer_escape(escaped, sizeof(escaped), value);
        fprintf(f, "\t%s = \"%s\"\n", key, escaped);
}

/* The values of these keys are regular expressions. */
static void put_literal(FILE *f, const char *key, const char *value) {
        char literal[2 * RECORD_TEXT_MAX + 1], *t = literal;

        for (const char *s = value; *s && t < literal + sizeof(literal) - 2; s++) {
                /* It may stand for what is not ASCII, hence for more than one byte. */
                if (*s == '?') {
                        *t++ = '.';
                        *t++ = '+';
                        continue;
                }
                if (strchr(".[]{}()\\*+|^$", *s))
                        *t++ = '\\';
                *t++ = *s;
        }
        *t = '\0';
        put_value(f, key, literal);
}

char *state_sections(const State *s) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        bool bad;

        if (!f)
                return NULL;

        fputs("# Devices that are in no other ups.conf, as busbar-enroll(8) found them.\n", f);
        for (size_t i = 0; i < s->records.n_records; i++) {
                const Record *r = s->records.records + i;
                const char *port = strrchr(r->key.place, '-');

                if (r->section || strv_find_nocase(s->seen, r->name) < 0)
                        continue;
                fprintf(f, "\n[%s]\n\tdriver = %s\n\tport = auto\n", r->name, r->driver ?: RECORD_DRIVER);
                fprintf(f, "\tvendorid = %04x\n\tproductid = %04x\n", r->key.vendor_id, r->key.product_id);
                if (r->key.serial)
                        put_literal(f, "serial", r->key.serial);
                if ((r->twin || !r->key.serial) && port)
                        put_literal(f, "busport", port + 1);
                if (r->description)
                        put_value(f, "desc", r->description);
        }

        bad = ferror(f);
        if (fclose(f) != 0 || bad) {
                free(text);
                return NULL;
        }
        return text;
}
