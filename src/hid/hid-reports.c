/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <syslog.h>

#include "hid-engine-internal.h"
#include "string-util.h"

/* A report that a device refuses may come back when it has woken up, but asking costs each time. */
#define REFUSED_EVERY 10
/* A value that was there is believed for as many failed readings of its report. */
#define FAILURES_MAX 3
#define TIMEOUTS_MAX 2
#define TIMEOUTS_MAX_AT_START 6
/* Reports taken in at once: a device that floods us is not to keep us from polling it. */
#define DRAIN_MAX 64

bool report_is_lost(const Report *r) {
        return r->answered && r->failures >= FAILURES_MAX;
}

bool engine_field_came(const HidEngine *e, const HidField *f) {
        const Report *r = f ? engine_report(e, f) : NULL;

        return r && (r->answered || r->pushed);
}

Report *engine_report(const HidEngine *e, const HidField *f) {
        return e->reports[f->kind] ? e->reports[f->kind][f->report_id] : NULL;
}

/* Firmware is used to being asked for Feature reports, and gives Input ones so as well; only where there is
 * a Feature report of the same number, the Input one has to be asked for as what it is. */
static HidKind report_asked_as(const HidEngine *e, const HidField *f) {
        bool taken = hid_descriptor_report_size(e->descriptor, HID_FEATURE, f->report_id) > 0;

        return f->kind == HID_INPUT && !taken ? HID_FEATURE : f->kind;
}

/* Bytes that a report must have for no field to be missing; padding may. */
static size_t report_size_fields(const HidEngine *e, const HidField *like) {
        size_t size = 0;

        for (size_t i = 0; i < hid_descriptor_n_fields(e->descriptor); i++) {
                const HidField *f = hid_descriptor_field(e->descriptor, i);

                if (f->kind == like->kind && f->report_id == like->report_id)
                        size = MAX(size, 1 + ((size_t) f->offset_bits + f->size_bits + 7) / 8);
        }
        return size;
}

Report *engine_add_report(HidEngine *e, const HidField *f) {
        Report **r;

        if (!e->reports[f->kind])
                e->reports[f->kind] = new0(Report *, 256);
        if (!e->reports[f->kind])
                return NULL;

        r = &e->reports[f->kind][f->report_id];
        if (*r)
                return *r;

        *r = new0(Report, 1);
        if (!*r)
                return NULL;

        **r = (Report) {
                .kind = f->kind,
                .id = f->report_id,
                .asked_as = report_asked_as(e, f),
                .size = hid_descriptor_report_size(e->descriptor, f->kind, f->report_id),
                .size_fields = report_size_fields(e, f),
        };
        if (!hid_descriptor_is_numbered(e->descriptor))
                (*r)->size++;
        (*r)->size = CLAMP((*r)->size, (size_t) 2, (size_t) HID_REPORT_SIZE_MAX);
        (*r)->data = new0(uint8_t, HID_REPORT_SIZE_MAX);
        if (!(*r)->data) {
                free(TAKE_PTR(*r));
                return NULL;
        }
        return *r;
}

void engine_free_reports(HidEngine *e) {
        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++) {
                for (size_t id = 0; e->reports[kind] && id < 256; id++)
                        if (e->reports[kind][id]) {
                                free(e->reports[kind][id]->data);
                                free(e->reports[kind][id]);
                        }
                free(TAKE_PTR(e->reports[kind]));
        }
}

static void report_take(HidEngine *e, Report *r, const uint8_t *data, size_t n) {
        n = MIN(n, (size_t) HID_REPORT_SIZE_MAX);
        memmove(r->data, data, n);
        r->n = n;
        r->sequence = ++e->sequence;
        r->mute = false;
        e->learned = e->learned || !(r->answered || r->pushed);
}

/* One that is cut short does not take the place of a whole one, which is asked for then. */
static void report_take_pushed(HidEngine *e, Report *r, const uint8_t *data, size_t n) {
        if (n < r->size_fields && n < r->n) {
                r->due = true;
                return;
        }

        report_take(e, r, data, n);
        r->pushed = true;
        if (n >= r->size_fields)
                r->arrived = e->polls + 1;
}

/* What failed may do so again and again; it is worth one line. */
static void report_failed(HidEngine *e, Report *r, int error, const char *what) {
        if (r->failures == 0)
                r->failed_since = e->sequence;
        if (r->failures < UINT_MAX)
                r->failures++;
        /* What the device sent by itself in the meantime is newer than the trouble. */
        if (report_is_lost(r) && r->sequence <= r->failed_since)
                r->n = 0;

        engine_log(e, r->answered && !r->remarked ? LOG_WARNING : LOG_DEBUG, error, "%s report %02x: %s",
                        hid_kind_to_string(r->kind), r->id, what);
        if (r->answered)
                r->remarked = true;
}

/* The size that is asked for is that of the descriptor: some devices stall when asked for more. Others tell
 * wrong sizes, for which there is an option. */
static int report_get(HidEngine *e, Report *r, uint8_t *buffer) {
        size_t size = e->options.max_report ? HID_REPORT_SIZE_MAX : r->size;
        int n;

        n = hid_link_get_report(e->link, r->asked_as, r->id, buffer, size);
        if ((n == -EPIPE || n == -EOPNOTSUPP || n == -EINVAL) && r->asked_as != r->kind && !r->answered) {
                r->asked_as = r->kind;
                n = hid_link_get_report(e->link, r->asked_as, r->id, buffer, size);
        }
        return n;
}

static bool error_ends_poll(int error) {
        return error == -ENODEV || error == -ENXIO || error == -ESHUTDOWN || error == -EINTR ||
               error == -ECANCELED || error == -ENOMEM;
}

/* Some devices do not refuse what they do not have but say nothing; this is found out at the start. */
static unsigned timeouts_max(const HidEngine *e) {
        return !e->started && e->sequence > 0 ? TIMEOUTS_MAX_AT_START : TIMEOUTS_MAX;
}

int engine_read(HidEngine *e, Report *r) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        bool again;
        int n;

        if (e->options.is_cancelled && e->options.is_cancelled(e->options.userdata))
                return -EINTR;

        r->asked = e->polls;
        r->due = false;
        r->refused = false;
        again = e->started && !r->answered;

        n = report_get(e, r, buffer);
        if (n == -ENXIO || n == -ESHUTDOWN)
                n = -ENODEV;
        if (error_ends_poll(n))
                return n;
        if (n == -ETIMEDOUT) {
                report_failed(e, r, n, "no answer");
                r->mute = !r->answered;
                e->mute_asked = e->mute_asked || r->mute;
                /* That one which never answered goes on like that says nothing about the device. */
                return again ? 0 : ++e->timeouts >= timeouts_max(e) ? -ETIMEDOUT : 0;
        }

        e->timeouts = 0;
        r->refused = n == -EPIPE || n == -EOPNOTSUPP || n == -EINVAL;
        if (n < 0)
                report_failed(e, r, n, "refused");
        else if (n < 2 || (size_t) n > sizeof(buffer))
                report_failed(e, r, -EBADMSG, "an answer without content");
        else if (buffer[0] != r->id)
                report_failed(e, r, -EBADMSG, "the answer is another report");
        else {
                report_take(e, r, buffer, (size_t) n);
                r->failures = 0;
                r->answered = true;
        }
        return 0;
}

int engine_need(HidEngine *e, const HidField *f) {
        Report *r = engine_report(e, f);

        if (!r || r->asked == e->polls || f->kind == HID_OUTPUT)
                return 0;
        return engine_read(e, r);
}

int engine_drain(HidEngine *e) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        int n_reports = 0;

        for (unsigned i = 0; i < DRAIN_MAX; i++) {
                int n = hid_link_read_input(e->link, buffer, sizeof(buffer));
                Report *r;

                if (n == 0 || n == -EAGAIN || n == -EOPNOTSUPP)
                        break;
                if (n == -ENXIO || n == -ESHUTDOWN)
                        return -ENODEV;
                if (n < 0)
                        return n;

                n_reports++;
                if (n < 2 || (size_t) n > sizeof(buffer))
                        continue;
                r = e->reports[HID_INPUT] ? e->reports[HID_INPUT][buffer[0]] : NULL;
                if (r)
                        report_take_pushed(e, r, buffer, (size_t) n);
        }

        return n_reports;
}

/* Of one that has not answered a request yet. An answer that was lost at the start must not leave the device
 * without its status, while one that is only ever sent need not be asked for. */
static bool silent_is_wanted(const HidEngine *e, const Report *r, bool full) {
        bool tenth = full && e->full_polls % REFUSED_EVERY == 0;

        if (r->mute && (e->mute_asked || r->pushed))
                return false;
        if (r->needed && !r->pushed)
                return full || (r->status && r->failures < FAILURES_MAX);
        return tenth && (r->classes != 0 || r->awaited) && (!r->mute || r->awaited);
}

static bool report_is_wanted(const HidEngine *e, const Report *r, bool full) {
        bool tenth = full && e->full_polls % REFUSED_EVERY == 0;

        /* A pipe that is dead looks like one on which nothing happens: the status is read now and then. */
        if (e->options.interrupt_only && e->started)
                return full && r->status && r->answered;
        if (!r->answered)
                return silent_is_wanted(e, r, full);
        if (r->classes == 0)
                return false;
        if (r->due)
                return true;
        if (r->classes & 1U << PROFILE_CLASS_QUICK && !(r->pushed_only && !full))
                return true;
        if (full && r->classes & (1U << PROFILE_CLASS_FULL | 1U << PROFILE_CLASS_QUICK))
                return true;
        return r->classes & 1U << PROFILE_CLASS_SLOW && full && (tenth || e->written);
}

int engine_read_plan(HidEngine *e, bool full) {
        unsigned n_asked = 0, n_failed = 0, worst = 0;

        for (HidKind kind = 0; kind < _HID_KIND_MAX; kind++)
                for (size_t id = 0; e->reports[kind] && id < 256; id++) {
                        Report *r = e->reports[kind][id];
                        int k;

                        if (kind == HID_OUTPUT || !r || r->asked == e->polls ||
                            !report_is_wanted(e, r, full))
                                continue;

                        k = engine_read(e, r);
                        if (k < 0)
                                return k;
                        if (r->answered) {
                                n_asked++;
                                n_failed += r->failures > 0;
                                worst = MAX(worst, r->failures);
                        }
                }

        /* One report may be in trouble; all of them mean that the device is. Where there is but one, that
         * shows by and by. */
        if (n_asked == 0 || n_failed < n_asked)
                return 0;
        if (e->timeouts > 0)
                return n_asked > 1 || worst >= TIMEOUTS_MAX ? -ETIMEDOUT : 0;
        return n_asked > 1 || worst >= FAILURES_MAX ? -EIO : 0;
}

static bool field_fills_report(const Report *r, const HidField *f) {
        return f->size_bits + 8U >= 8 * r->size;
}

/* An answer that is cut short would have zeros written to what is missing, which may cut the power: it gets
 * a second chance. */
static int read_neighbours(HidEngine *e, Report *r) {
        for (unsigned i = 0; i < 2; i++) {
                int k = engine_read(e, r);

                if (k < 0)
                        return k;
                if (r->failures > 0)
                        return -EIO;
                if (r->n >= r->size_fields)
                        return 0;
        }

        engine_log(e, LOG_WARNING, 0, "%s report %02x is cut short: nothing is written to it",
                        hid_kind_to_string(r->kind), r->id);
        return -EIO;
}

int engine_write_raw(HidEngine *e, const HidField *f, int64_t raw) {
        Report *r = engine_report(e, f);
        uint8_t buffer[HID_REPORT_SIZE_MAX] = {};
        int k;

        if (!r)
                return -EOPNOTSUPP;

        /* The other values of the report are written as well: they are to be what they are now. */
        if (f->kind == HID_FEATURE && !field_fills_report(r, f)) {
                k = read_neighbours(e, r);
                if (k < 0)
                        return k;
        }
        memcpy(buffer, r->data, MIN(r->n, r->size));
        buffer[0] = r->id;

        /* "Never" is -1 also in fields that know no sign. */
        if (raw < 0 && f->logical_min >= 0 && f->size_bits < 63)
                raw += INT64_C(1) << f->size_bits;
        k = hid_field_set(f, buffer, r->size, raw);
        if (k < 0)
                return k;

        k = hid_link_set_report(e->link, f->kind, buffer, r->size);
        if (k == -ENXIO || k == -ESHUTDOWN)
                return -ENODEV;
        if (k < 0)
                return k;

        e->written = true;
        r->due = true;
        return 0;
}

const char *engine_string(HidEngine *e, int64_t index) {
        _cleanup_free_ char *s = NULL;

        if (index < 1 || index > 255)
                return NULL;
        if (e->strings_asked[index])
                return e->strings[index];

        /* Asked once: the answer does not change, and a device that has none is not to be bothered again. */
        e->strings_asked[index] = true;
        if (hid_link_get_string(e->link, (uint8_t) index, &s) < 0 || !s)
                return NULL;

        size_t start = strspn(s, " \t\r\n"), end = strlen(s);
        while (end > start && strchr(" \t\r\n", s[end - 1]))
                end--;
        if (end > start)
                e->strings[index] = strndup(s + start, end - start);
        return e->strings[index];
}
