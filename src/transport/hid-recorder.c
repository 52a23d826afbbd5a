/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "hid-recording.h"
#include "io-util.h"
#include "string-util.h"
#include "time-util.h"
#include "usb-copy.h"

#define BYTES_PER_LINE 24U
/* A pause between two pieces of a recording that is longer is cut short. */
#define PAUSE_MAX_USEC (3600 * USEC_PER_SEC)
/* Shorter texts are found in too many places to be taken for a serial number. */
#define SERIAL_LENGTH_MIN 4U

#define USAGE_SERIAL_INDEX UINT32_C(0x008400ff)
#define USAGE_SERIAL_NUMBER UINT32_C(0x00850086)

typedef struct Recorder {
        HidLink link;
        HidLink *inner;
        HidDescriptor *descriptor; /* NULL if it cannot be parsed */
        FILE *file;
        uint64_t start_usec, offset_usec; /* offset: what was recorded before */
        size_t n_events;
        bool redact;
        bool is_serial[256]; /* strings that the device says to be serial numbers */
} Recorder;

static void cover(char *s, size_t n) {
        memset(s, 'X', n);
}

/* Covers each occurrence of the serial number in bytes of any kind. */
static void redact_bytes(const Recorder *p, uint8_t *data, size_t n) {
        const char *serial = p->inner->identity.serial;
        size_t length = serial ? strlen(serial) : 0;

        if (!p->redact || length < SERIAL_LENGTH_MIN)
                return;
        for (size_t i = 0; i + length <= n; i++)
                if (memcmp(data + i, serial, length) == 0)
                        cover((char *) data + i, length);
}

static void write_text(Recorder *p, const char *s) {
        fputc('"', p->file);
        for (; *s != '\0'; s++)
                if (*s == '"' || *s == '\\')
                        fprintf(p->file, "\\%c", *s);
                else if ((unsigned char) *s < ' ' || *s == 0x7f)
                        fprintf(p->file, "\\x%02x", (unsigned char) *s);
                else
                        fputc(*s, p->file);
        fputs("\"", p->file);
}

static void write_bytes(Recorder *p, const uint8_t *data, size_t n) {
        for (size_t i = 0; i < n; i++)
                fprintf(p->file, " %02x", data[i]);
}

static void write_key(Recorder *p, const char *key, const char *value) {
        if (!value)
                return;
        fprintf(p->file, "%s ", key);
        write_text(p, value);
        fputc('\n', p->file);
}

static int write_head(Recorder *p) {
        const HidIdentity *i = &p->inner->identity;
        _cleanup_free_ char *serial = NULL, *product = NULL;

        if (i->product) {
                product = strdup(i->product);
                if (!product)
                        return -ENOMEM;
                redact_bytes(p, (uint8_t *) product, strlen(product));
        }
        if (i->serial) {
                serial = strdup(i->serial);
                if (!serial)
                        return -ENOMEM;
                if (p->redact)
                        cover(serial, strlen(serial));
        }

        fprintf(p->file, RECORDING_MAGIC "\nvendor-id %04x\nproduct-id %04x\nrelease %04x\n", i->vendor_id,
                i->product_id, i->release);
        write_key(p, "vendor", i->vendor);
        write_key(p, "product", product);
        write_key(p, "serial", serial);
        write_key(p, "bus", i->bus);
        write_key(p, "device", i->device);
        write_key(p, "busport", i->busport);
        for (size_t k = 0; k < p->inner->descriptor_size; k += BYTES_PER_LINE) {
                fputs("descriptor", p->file);
                write_bytes(p, p->inner->descriptor + k, MIN(BYTES_PER_LINE, p->inner->descriptor_size - k));
                fputc('\n', p->file);
        }
        return fflush(p->file) == 0 && !ferror(p->file) ? 0 : -EIO;
}

/* Begins a line. Recording ends, and the device goes on, when the file has become too large to be played. */
static bool event_begin(Recorder *p) {
        uint64_t usec = now_usec(CLOCK_MONOTONIC) - p->start_usec + p->offset_usec;

        if (ferror(p->file) || p->n_events >= RECORDING_EVENTS_MAX ||
            ftello(p->file) > (off_t) RECORDING_SIZE_MAX - 2 * HID_REPORT_SIZE_MAX * 3)
                return false;
        p->n_events++;
        fprintf(p->file, "+%" PRIu64 ".%03" PRIu64 " ", usec / USEC_PER_SEC,
                usec % USEC_PER_SEC / USEC_PER_MSEC);
        return true;
}

static void event_end(Recorder *p, int error) {
        if (error < 0)
                fprintf(p->file, " -> %s", recording_error_to_string(error));
        fputc('\n', p->file);
        (void) fflush(p->file);
}

/* Notes which strings are serial numbers, and covers such numbers in the copy of a report. */
static void redact_fields(Recorder *p, HidKind kind, uint8_t *report, size_t n) {
        if (!p->redact || !p->descriptor)
                return;

        for (size_t i = 0; i < hid_descriptor_n_fields(p->descriptor); i++) {
                const HidField *f = hid_descriptor_field(p->descriptor, i);
                uint32_t usage = f->path[f->n_path - 1].usage;
                int64_t value;

                if (f->kind != kind || f->report_id != report[0])
                        continue;
                if (usage == USAGE_SERIAL_INDEX && hid_field_get(f, report, n, &value) >= 0 && value > 0 &&
                    value <= UINT8_MAX)
                        p->is_serial[value] = true;
                else if (usage == USAGE_SERIAL_NUMBER)
                        (void) hid_field_set(f, report, n, 0);
        }
}

static void write_report(Recorder *p, HidKind kind, const uint8_t *data, size_t n) {
        uint8_t copy[HID_REPORT_SIZE_MAX];

        n = MIN(n, sizeof(copy));
        memcpy(copy, data, n);
        redact_fields(p, kind, copy, n);
        redact_bytes(p, copy + 1, n - 1);
        write_bytes(p, copy, n);
}

static int recorder_get_report(HidLink *link, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        Recorder *p = (Recorder *) link;
        int r = hid_link_get_report(p->inner, kind, id, buffer, size);

        if (event_begin(p)) {
                fprintf(p->file, "get %s %02x", hid_kind_to_string(kind), id);
                if (r > 0) {
                        fputs(" ->", p->file);
                        write_report(p, kind, buffer, (size_t) r);
                }
                event_end(p, r == 0 ? -EIO : r);
        }
        return r;
}

static int recorder_set_report(HidLink *link, HidKind kind, const uint8_t *report, size_t n) {
        Recorder *p = (Recorder *) link;
        int r = hid_link_set_report(p->inner, kind, report, n);

        if (event_begin(p)) {
                fprintf(p->file, "set %s", hid_kind_to_string(kind));
                write_report(p, kind, report, n);
                event_end(p, r);
        }
        return r;
}

static int recorder_read_input(HidLink *link, uint8_t *buffer, size_t size) {
        Recorder *p = (Recorder *) link;
        int r = hid_link_read_input(p->inner, buffer, size);

        if (r > 0 && event_begin(p)) {
                fputs("input", p->file);
                write_report(p, HID_INPUT, buffer, (size_t) r);
                event_end(p, 0);
        } else if (r == -ENODEV && event_begin(p)) {
                fputs("gone", p->file);
                event_end(p, 0);
        }
        return r;
}

static int recorder_get_string(HidLink *link, uint8_t index, char **ret) {
        Recorder *p = (Recorder *) link;
        _cleanup_free_ char *text = NULL, *copy = NULL;
        int r = hid_link_get_string(p->inner, index, &text);

        if (r >= 0) {
                copy = strdup(text);
                if (!copy)
                        return -ENOMEM;
                if (p->redact && (p->is_serial[index] || streq_ptr(text, p->inner->identity.serial)))
                        cover(copy, strlen(copy));
                redact_bytes(p, (uint8_t *) copy, strlen(copy));
        }

        if (index > 0 && event_begin(p)) {
                fprintf(p->file, "string %u", index);
                if (copy) {
                        fputc(' ', p->file);
                        write_text(p, copy);
                }
                event_end(p, r);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}

static int recorder_fd(HidLink *link) {
        return hid_link_fd(((Recorder *) link)->inner);
}

static void recorder_free(HidLink *link) {
        Recorder *p = (Recorder *) link;

        hid_link_free(p->inner);
        hid_descriptor_free(p->descriptor);
        if (p->file)
                fclose(p->file);
}

static const HidLinkOps recorder_ops = {
        .name = "recorder",
        .get_report = recorder_get_report,
        .set_report = recorder_set_report,
        .read_input = recorder_read_input,
        .get_string = recorder_get_string,
        .fd = recorder_fd,
        .free = recorder_free,
};

/* A new file in the place of an older one; what is no file stays, and nothing is written through a link. */
static int create_file(const char *path, FILE **ret) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        FILE *f;

        if (lstat(path, &st) >= 0) {
                if (!S_ISREG(st.st_mode))
                        return -EEXIST;
                if (unlink(path) < 0)
                        return -errno;
        }

        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        f = fdopen(fd, "w");
        if (!f)
                return -errno;

        TAKE_FD(fd);
        *ret = f;
        return 0;
}

static bool is_same_device(const Recording *recording, const HidLink *link) {
        return recording->identity.vendor_id == link->identity.vendor_id &&
                recording->identity.product_id == link->identity.product_id &&
                recording->descriptor_size == link->descriptor_size &&
                memcmp(recording->descriptor, link->descriptor, link->descriptor_size) == 0;
}

/* Time goes on while nothing is recorded. */
static uint64_t time_since(const struct stat *st) {
        uint64_t then = (uint64_t) st->st_mtim.tv_sec * USEC_PER_SEC +
                (uint64_t) st->st_mtim.tv_nsec / NSEC_PER_USEC;

        return MIN(usec_sub(now_usec(CLOCK_REALTIME), then), PAUSE_MAX_USEC);
}

/* Takes up a recording where it ends, but for a last line that was not written to its end. */
static int resume_file(Recorder *p, const char *path) {
        _cleanup_close_ int fd = open(path, O_RDWR | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_(recording_freep) Recording *recording = NULL;
        _cleanup_free_ char *data = NULL, *error = NULL;
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
        r = n < 0 ? (int) n : recording_parse(path, data, (size_t) n, &recording, &error);
        if (r < 0)
                return r;
        if (!is_same_device(recording, &p->link))
                return -EXDEV;
        if (n < st.st_size && ftruncate(fd, n) < 0)
                return -errno;

        p->file = fdopen(fd, "a");
        if (!p->file)
                return -errno;
        TAKE_FD(fd);
        (void) fseeko(p->file, 0, SEEK_END);
        p->offset_usec = usec_add(recording->last_usec, time_since(&st));
        p->n_events = recording->n_events;
        return 0;
}

int hid_link_new_recorder(HidLink *inner, const char *path, RecorderFlags flags, HidLink **ret) {
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        Recorder *p = new0(Recorder, 1);
        int r;

        if (!p)
                return -ENOMEM;
        link = &p->link;
        link->ops = &recorder_ops;
        link->timeout_usec = inner->timeout_usec;

        r = usb_identity_copy(&inner->identity, &link->identity);
        if (r < 0)
                return r;
        r = usb_descriptor_copy(link, inner->descriptor, inner->descriptor_size);
        if (r < 0)
                return r;
        (void) hid_descriptor_parse(link->descriptor, link->descriptor_size, &p->descriptor);

        p->redact = flags & RECORDER_REDACT;
        p->start_usec = now_usec(CLOCK_MONOTONIC);
        p->inner = inner;
        r = flags & RECORDER_RESUME ? resume_file(p, path) : -ENOENT;
        if (r < 0 && r != -ENOMEM) {
                r = create_file(path, &p->file);
                if (r >= 0)
                        r = write_head(p);
        }
        if (r < 0) {
                p->inner = NULL;
                return r;
        }

        *ret = TAKE_PTR(link);
        return 0;
}
