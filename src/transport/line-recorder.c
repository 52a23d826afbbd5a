/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-recording.h"
#include "recorder-file.h"
#include "string-util.h"
#include "usb-copy.h"

/* Shorter texts, or such of few different characters, are found in too many places to be taken for a serial
 * number: "00000000" may be a status as well. */
#define SECRET_LENGTH_MIN 6U
#define SECRET_DIFFERENT_MIN 3U

typedef struct Recorder {
        LineLink link;
        LineLinkOps ops; /* with the name of inner */
        LineLink *inner;
        RecorderFile file;
        bool redact;
        char **secrets;
} Recorder;

/*** Secrets ***/

static bool is_secret(const char *s) {
        bool seen[UINT8_MAX + 1] = {};
        size_t n = 0;

        for (const char *c = s; *c; c++)
                if (!seen[(uint8_t) *c]) {
                        seen[(uint8_t) *c] = true;
                        n++;
                }
        return strlen(s) >= SECRET_LENGTH_MIN && n >= SECRET_DIFFERENT_MIN;
}

/* Covers each occurrence of a text by a mask of the same length. Returns how many there were. */
static size_t cover(uint8_t *data, size_t n, const char *text, const char *mask) {
        size_t length = strlen(text), k = 0;
        uint8_t *end = data + n, *found;

        while ((found = memmem(data, (size_t) (end - data), text, length))) {
                memcpy(found, mask, length);
                data = found + length;
                k++;
        }
        return k;
}

/* A copy in which each character is X; NULL without memory. */
static char *mask_of(const char *text) {
        char *mask = strdup(text);

        if (mask)
                memset(mask, 'X', strlen(mask));
        return mask;
}

static void redact_bytes(const Recorder *p, uint8_t *data, size_t n) {
        STRV_FOREACH(secret, p->secrets) {
                _cleanup_free_ char *mask = mask_of(*secret);

                if (mask)
                        (void) cover(data, n, *secret, mask);
        }
}

/* Covers what was written before it was known to be a secret: in its place, so nothing else moves. */
static int redact_file(Recorder *p, const char *secret) {
        _cleanup_free_ uint8_t *data = NULL;
        _cleanup_free_ char *mask = mask_of(secret);
        int fd = fileno(p->file.file);
        off_t size;
        ssize_t n;

        if (!mask)
                return -ENOMEM;
        if (recorder_file_flush(&p->file) < 0)
                return -EIO;
        size = lseek(fd, 0, SEEK_END);
        if (size < 0 || size > (off_t) RECORDING_SIZE_MAX)
                return -EFBIG;
        data = malloc((size_t) size + 1);
        if (!data)
                return -ENOMEM;

        n = pread(fd, data, (size_t) size, 0);
        if (n < 0)
                return -errno;
        if (cover(data, (size_t) n, secret, mask) == 0)
                return 0;
        return pwrite(fd, data, (size_t) n, 0) == n ? 0 : -EIO;
}

/* As it stands in the file. */
static bool is_plain(const char *s) {
        for (; *s; s++)
                if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
                        return false;
        return true;
}

static void recorder_redact(LineLink *link, const char *secret) {
        Recorder *p = (Recorder *) link;

        line_link_redact(p->inner, secret);
        if (!p->redact || !is_secret(secret) || strv_contains(p->secrets, secret) ||
            strv_extend(&p->secrets, secret) < 0)
                return;
        if (is_plain(secret))
                (void) redact_file(p, secret);
}

/*** Writing ***/

static void write_line_bytes(Recorder *p, const uint8_t *data, size_t n) {
        uint8_t copy[LINE_SIZE_MAX];

        n = MIN(n, sizeof(copy));
        memcpy(copy, data, n);
        redact_bytes(p, copy, n);
        recorder_write_bytes(&p->file, copy, n);
}

static bool recorder_is_immediate(
        LineLink *link, const uint8_t *request, size_t n, const LineFraming *framing) {
        return line_link_is_immediate(((Recorder *) link)->inner, request, n, framing);
}

static int recorder_exchange(LineLink *link,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        Recorder *p = (Recorder *) link;
        int r = line_link_exchange(p->inner, request, n, framing, answer, size);

        /* What was interrupted is no answer of the device. */
        if (r == -EINTR || !recorder_event_begin(&p->file))
                return r;

        fputs("ask ", p->file.file);
        write_line_bytes(p, request, n);
        fputs(" -> ", p->file.file);
        if (r > 0)
                write_line_bytes(p, answer, (size_t) r);
        else
                fputs(line_recording_result_to_string(r), p->file.file);
        recorder_event_end(&p->file);
        return r;
}

static void recorder_free(LineLink *link) {
        Recorder *p = (Recorder *) link;

        line_link_free(p->inner);
        recorder_file_done(&p->file);
        strv_free(p->secrets);
}

static int write_head(Recorder *p) {
        const HidIdentity *i = &p->inner->identity;
        _cleanup_free_ char *serial = i->serial ? mask_of(i->serial) : NULL;

        if (i->serial && !serial)
                return -ENOMEM;
        fprintf(p->file.file, "link \"%s\"\n", p->inner->ops->name);
        if (p->inner->is_usb)
                recorder_write_identity(&p->file, i, i->product, p->redact ? serial : i->serial);
        return recorder_file_flush(&p->file);
}

static int check_older(void *userdata, const char *data, size_t n, RecordingHead *ret) {
        _cleanup_(line_recording_freep) LineRecording *recording = NULL;
        _cleanup_free_ char *error = NULL;
        const LineLink *link = userdata;
        int r;

        r = line_recording_parse("", data, n, &recording, &error);
        if (r < 0)
                return r;
        if (!streq_ptr(recording->link, link->ops->name) ||
            recording->head.identity.vendor_id != link->identity.vendor_id ||
            recording->head.identity.product_id != link->identity.product_id)
                return -EXDEV;
        *ret = recording->head;
        return 0;
}

static int recorder_open(Recorder *p, const char *path, RecorderFlags flags) {
        int r;

        r = usb_identity_copy(&p->inner->identity, &p->link.identity);
        if (r < 0)
                return r;
        if (p->redact && p->inner->identity.serial && is_secret(p->inner->identity.serial)) {
                r = strv_extend(&p->secrets, p->inner->identity.serial);
                if (r < 0)
                        return r;
        }

        r = flags & RECORDER_RESUME ? recorder_file_resume(&p->file, path, check_older, &p->link) : -ENOENT;
        if (r >= 0 || r == -ENOMEM)
                return r;
        r = recorder_file_create(&p->file, path, LINE_RECORDING_MAGIC);
        return r < 0 ? r : write_head(p);
}

int line_link_new_recorder(LineLink *inner, const char *path, RecorderFlags flags, LineLink **ret) {
        _cleanup_(line_link_freep) LineLink *link = NULL;
        Recorder *p = new0(Recorder, 1);
        int r;

        if (!p)
                return -ENOMEM;
        p->ops = (LineLinkOps) {
                .name = inner->ops->name,
                .exchange = recorder_exchange,
                .is_immediate = recorder_is_immediate,
                .redact = recorder_redact,
                .free = recorder_free,
        };
        p->redact = flags & RECORDER_REDACT;
        p->inner = inner;
        link = &p->link;
        link->ops = &p->ops;
        link->is_usb = inner->is_usb;

        r = recorder_open(p, path, flags);
        if (r < 0) {
                p->inner = NULL;
                return r;
        }

        *ret = TAKE_PTR(link);
        return 0;
}
