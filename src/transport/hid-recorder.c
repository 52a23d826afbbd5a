/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-recording.h"
#include "recorder-file.h"
#include "string-util.h"
#include "time-util.h"
#include "usb-copy.h"

#define BYTES_PER_LINE 24U
/* Shorter texts are found in too many places to be taken for a serial number. */
#define SERIAL_LENGTH_MIN 4U

#define USAGE_SERIAL_INDEX UINT32_C(0x008400ff)
#define USAGE_SERIAL_NUMBER UINT32_C(0x00850086)

typedef struct Recorder {
        HidLink link;
        HidLink *inner;
        HidDescriptor *descriptor; /* NULL if it cannot be parsed */
        RecorderFile file;
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

static void write_bytes(Recorder *p, const uint8_t *data, size_t n) {
        for (size_t i = 0; i < n; i++)
                fprintf(p->file.file, " %02x", data[i]);
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

        recorder_write_identity(&p->file, i, product, serial);
        for (size_t k = 0; k < p->inner->descriptor_size; k += BYTES_PER_LINE) {
                fputs("descriptor", p->file.file);
                write_bytes(p, p->inner->descriptor + k, MIN(BYTES_PER_LINE, p->inner->descriptor_size - k));
                fputc('\n', p->file.file);
        }
        return recorder_file_flush(&p->file);
}

static void event_end(Recorder *p, int error) {
        if (error < 0)
                fprintf(p->file.file, " -> %s", recording_error_to_string(error));
        recorder_event_end(&p->file);
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

        if (recorder_event_begin(&p->file)) {
                fprintf(p->file.file, "get %s %02x", hid_kind_to_string(kind), id);
                if (r > 0) {
                        fputs(" ->", p->file.file);
                        write_report(p, kind, buffer, (size_t) r);
                }
                event_end(p, r == 0 ? -EIO : r);
        }
        return r;
}

static int recorder_set_report(HidLink *link, HidKind kind, const uint8_t *report, size_t n) {
        Recorder *p = (Recorder *) link;
        int r = hid_link_set_report(p->inner, kind, report, n);

        if (recorder_event_begin(&p->file)) {
                fprintf(p->file.file, "set %s", hid_kind_to_string(kind));
                write_report(p, kind, report, n);
                event_end(p, r);
        }
        return r;
}

static int recorder_read_input(HidLink *link, uint8_t *buffer, size_t size) {
        Recorder *p = (Recorder *) link;
        int r = hid_link_read_input(p->inner, buffer, size);

        if (r > 0 && recorder_event_begin(&p->file)) {
                fputs("input", p->file.file);
                write_report(p, HID_INPUT, buffer, (size_t) r);
                event_end(p, 0);
        } else if (r == -ENODEV && recorder_event_begin(&p->file)) {
                fputs("gone", p->file.file);
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

        if (index > 0 && recorder_event_begin(&p->file)) {
                fprintf(p->file.file, "string %u", index);
                if (copy) {
                        fputc(' ', p->file.file);
                        recorder_write_text(&p->file, copy);
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
        recorder_file_done(&p->file);
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

static bool is_same_device(const HidRecording *recording, const HidLink *link) {
        return recording->head.identity.vendor_id == link->identity.vendor_id &&
                recording->head.identity.product_id == link->identity.product_id &&
                recording->descriptor_size == link->descriptor_size &&
                memcmp(recording->descriptor, link->descriptor, link->descriptor_size) == 0;
}

static int check_older(void *userdata, const char *data, size_t n, RecordingHead *ret) {
        _cleanup_(hid_recording_freep) HidRecording *recording = NULL;
        _cleanup_free_ char *error = NULL;
        int r;

        r = hid_recording_parse("", data, n, &recording, &error);
        if (r < 0)
                return r;
        if (!is_same_device(recording, userdata))
                return -EXDEV;
        *ret = recording->head;
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
        p->inner = inner;
        r = flags & RECORDER_RESUME ? recorder_file_resume(&p->file, path, check_older, link) : -ENOENT;
        if (r < 0 && r != -ENOMEM) {
                r = recorder_file_create(&p->file, path, HID_RECORDING_MAGIC);
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
