/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recorder-file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "io-util.h"
#include "string-util.h"
#include "time-util.h"

/* A pause between two pieces of a recording that is longer is cut short. */
#define PAUSE_MAX_USEC (3600 * USEC_PER_SEC)
/* What the longest line may take. */
#define LINE_ROOM 16384

/*** Files ***/

int recorder_file_create(RecorderFile *f, const char *path, const char *magic) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (lstat(path, &st) >= 0) {
                if (!S_ISREG(st.st_mode))
                        return -EEXIST;
                if (unlink(path) < 0)
                        return -errno;
        }

        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        f->file = fdopen(fd, "w+");
        if (!f->file)
                return -errno;
        TAKE_FD(fd);

        f->start_usec = now_usec(CLOCK_MONOTONIC);
        fprintf(f->file, "%s\n", magic);
        return recorder_file_flush(f);
}

/* Time goes on while nothing is recorded. */
static uint64_t time_since(const struct stat *st) {
        uint64_t then = (uint64_t) st->st_mtim.tv_sec * USEC_PER_SEC +
                (uint64_t) st->st_mtim.tv_nsec / NSEC_PER_USEC;

        return MIN(usec_sub(now_usec(CLOCK_REALTIME), then), PAUSE_MAX_USEC);
}

int recorder_file_resume(RecorderFile *f, const char *path, RecorderCheck check, void *userdata) {
        _cleanup_close_ int fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *data = NULL;
        RecordingHead head = {};
        struct stat st;
        ssize_t n;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > RECORDING_SIZE_MAX)
                return -EBADF;
        data = malloc((size_t) st.st_size);
        if (!data)
                return -ENOMEM;
        n = fd_read_all(fd, data, (size_t) st.st_size);
        while (n > 0 && data[n - 1] != '\n')
                n--;
        r = n < 0 ? (int) n : check(userdata, data, (size_t) n, &head);
        if (r < 0)
                return r;
        if (n < st.st_size && ftruncate(fd, n) < 0)
                return -errno;

        f->file = fdopen(fd, "r+");
        if (!f->file)
                return -errno;
        TAKE_FD(fd);
        (void) fseeko(f->file, 0, SEEK_END);
        f->start_usec = now_usec(CLOCK_MONOTONIC);
        f->offset_usec = usec_add(head.last_usec, time_since(&st));
        f->n_events = head.n_events;
        return 0;
}

void recorder_file_done(RecorderFile *f) {
        if (f->file)
                (void) fclose(f->file);
        f->file = NULL;
}

int recorder_file_flush(RecorderFile *f) {
        return fflush(f->file) == 0 && !ferror(f->file) ? 0 : -EIO;
}

/*** Words ***/

static void write_byte(RecorderFile *f, uint8_t c, uint8_t last) {
        if (c == '\r' || c == '\n')
                fputs(c == '\r' ? "\\r" : "\\n", f->file);
        else if (c == '"' || c == '\\' || c < ' ' || c == 0x7f || c > last)
                fprintf(f->file, "\\x%02x", c);
        else
                fputc(c, f->file);
}

void recorder_write_text(RecorderFile *f, const char *s) {
        fputc('"', f->file);
        for (; *s != '\0'; s++)
                write_byte(f, (uint8_t) *s, UINT8_MAX);
        fputc('"', f->file);
}

void recorder_write_bytes(RecorderFile *f, const uint8_t *data, size_t n) {
        fputc('"', f->file);
        for (size_t i = 0; i < n; i++)
                write_byte(f, data[i], '~');
        fputc('"', f->file);
}

static void write_key(RecorderFile *f, const char *key, const char *value) {
        if (!value)
                return;
        fprintf(f->file, "%s ", key);
        recorder_write_text(f, value);
        fputc('\n', f->file);
}

void recorder_write_identity(
        RecorderFile *f, const HidIdentity *identity, const char *product, const char *serial) {
        fprintf(f->file, "vendor-id %04x\nproduct-id %04x\nrelease %04x\n", identity->vendor_id,
                identity->product_id, identity->release);
        write_key(f, "vendor", identity->vendor);
        write_key(f, "product", product);
        write_key(f, "serial", serial);
        write_key(f, "bus", identity->bus);
        write_key(f, "device", identity->device);
        write_key(f, "busport", identity->busport);
}

/*** Events ***/

bool recorder_event_begin(RecorderFile *f) {
        uint64_t usec = now_usec(CLOCK_MONOTONIC) - f->start_usec + f->offset_usec;

        if (ferror(f->file) || f->n_events >= RECORDING_EVENTS_MAX ||
            ftello(f->file) > (off_t) RECORDING_SIZE_MAX - LINE_ROOM)
                return false;
        f->n_events++;
        fprintf(f->file, "+%" PRIu64 ".%03" PRIu64 " ", usec / USEC_PER_SEC,
                usec % USEC_PER_SEC / USEC_PER_MSEC);
        return true;
}

void recorder_event_end(RecorderFile *f) {
        fputc('\n', f->file);
        (void) fflush(f->file);
}
