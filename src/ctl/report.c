/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "string-util.h"
#include "text.h"
#include "time-util.h"

#define LISTEN_USEC (3 * USEC_PER_SEC)

/* So many requests in a row without an answer, and the device is asked no more. */
#define TIMEOUTS_MAX 2U

#define STRINGS_MAX 256U

bool report_is_private(const char *variable) {
        static const char *const suffixes[] = { ".serial", ".macaddr", ".contact", ".location", ".ip",
                        ".address" };
        static const char *const parts[] = { "passw", "secret", "community", "login", "user" };

        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
                if (endswith(variable, suffixes[i]))
                        return true;
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (strcasestr(variable, parts[i]))
                        return true;

        return false;
}

/* Covers each occurrence of a serial number, which drivers repeat in other variables. */
static void cover(char *value, const char *serial) {
        size_t n = strlen(strempty(serial));

        for (char *found = value; n >= 4 && (found = strcasestr(found, serial)); found += n)
                memset(found, 'X', n);
}

static int write_variables(const Report *report, const char *serial, FILE *f) {
        for (size_t i = 0; report->model && i < model_n_variables(report->model); i++) {
                const Variable *v = model_variable(report->model, i);
                _cleanup_free_ char *value = text_clean(v->value);

                if (!value)
                        return -ENOMEM;
                if (report->redact && report_is_private(v->name))
                        memset(value, 'X', strlen(value));
                else if (report->redact)
                        cover(value, serial);

                fprintf(f, "# %s: %s\n", v->name, value);
        }

        return 0;
}

static int write_comment(const Report *report, const char *serial, FILE *f) {
        struct utsname system = {};
        const HidProfile *p = report->profile;
        _cleanup_free_ char *device = text_clean(report->device);

        if (!device)
                return -ENOMEM;
        if (report->redact)
                cover(device, serial);

        (void) uname(&system);
        fprintf(f, "# %s, by busbarctl " BUSBAR_VERSION " on %s %s\n", device, system.sysname,
                        system.release);
        fprintf(f, report->redact ? "# Serial numbers and the like are replaced by X.\n"
                        : "# Nothing is left out.\n");
        if (report->driver)
                fprintf(f, "# Driver %s\n", report->driver);
        if (p)
                fprintf(f, "# Profile %s: %s %s\n", p->id, p->title, p->version);
        else
                fputs("# No profile\n", f);

        return write_variables(report, serial, f);
}

typedef struct Asker {
        HidLink *link;
        HidDescriptor *descriptor;
        const HidProfile *profile;
        bool strings[STRINGS_MAX];
        size_t n_answers;
        unsigned n_timeouts;
} Asker;

static void asker_done(Asker *a) {
        hid_descriptor_free(a->descriptor);
        hid_link_free(a->link);
}

/* Whether the value of a field is the index of a string: by the specification, or by the profile. */
static bool is_string(const Asker *a, const HidField *f) {
        static const uint32_t usages[] = {
                0x00840001, 0x008400fd, 0x008400fe, 0x008400ff, /* iName, iManufacturer, iProduct,
                                                                 * iSerialNumber */
                0x00850087, 0x00850088, 0x00850089, 0x0085008f, /* the same of a battery, chemistry, OEM */
        };

        for (size_t i = 0; i < ELEMENTSOF(usages) && f->n_path > 0; i++)
                if (f->path[f->n_path - 1].usage == usages[i])
                        return true;

        for (size_t i = 0; a->profile && i < a->profile->n_rows[PROFILE_ROW_VARIABLE]; i++) {
                const ProfileRow *row = &a->profile->rows[PROFILE_ROW_VARIABLE][i];

                if (row->join.n_steps > 0 && profile_path_matches(&row->join, f))
                        return true;
                if (row->function == PROFILE_FUNCTION_STRING && profile_path_matches(&row->path, f))
                        return true;
        }

        return false;
}

static void note_strings(Asker *a, HidKind kind, const uint8_t *report, size_t n) {
        for (size_t i = 0; i < hid_descriptor_n_fields(a->descriptor); i++) {
                const HidField *f = hid_descriptor_field(a->descriptor, i);
                int64_t value;

                if (f->kind == kind && f->report_id == report[0] && is_string(a, f) &&
                    hid_field_get(f, report, n, &value) >= 0 && value > 0 && value < (int64_t) STRINGS_MAX)
                        a->strings[value] = true;
        }
}

/* 0, or what makes it pointless to go on. */
static int ask_report(Asker *a, HidKind kind, uint8_t id) {
        uint8_t buffer[HID_REPORT_SIZE_MAX + 1] = { id };
        size_t size = hid_descriptor_report_size(a->descriptor, kind, id);
        int r;

        if (size == 0)
                return 0;

        size += !hid_descriptor_is_numbered(a->descriptor);
        r = hid_link_get_report(a->link, kind, id, buffer, MIN(size, sizeof(buffer)));
        a->n_timeouts = r == -ETIMEDOUT ? a->n_timeouts + 1 : 0;
        if (r == -ENODEV || a->n_timeouts >= TIMEOUTS_MAX)
                return r;
        if (r > 0) {
                a->n_answers++;
                note_strings(a, kind, buffer, (size_t) r);
        }
        return 0;
}

static int ask_all(Asker *a) {
        static const HidKind kinds[] = { HID_FEATURE, HID_INPUT };
        int r;

        for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
                for (unsigned id = 0; id <= UINT8_MAX; id++) {
                        r = ask_report(a, kinds[k], (uint8_t) id);
                        if (r < 0)
                                return r;
                }

        for (unsigned i = 1; i < STRINGS_MAX; i++) {
                _cleanup_free_ char *text = NULL;

                if (a->strings[i] && hid_link_get_string(a->link, (uint8_t) i, &text) == -ENODEV)
                        return -ENODEV;
        }

        return 0;
}

static int listen_for_reports(Asker *a) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + LISTEN_USEC, now;

        while (hid_link_fd(a->link) >= 0 && (now = now_usec(CLOCK_MONOTONIC)) < end) {
                struct pollfd p = { .fd = hid_link_fd(a->link), .events = POLLIN };
                uint8_t buffer[HID_REPORT_SIZE_MAX + 1];
                int r;

                if (poll(&p, 1, (int) ((end - now) / USEC_PER_MSEC) + 1) <= 0)
                        continue;
                r = hid_link_read_input(a->link, buffer, sizeof(buffer));
                if (r < 0 && r != -EINTR)
                        return r;
        }

        return 0;
}

/* What tells who somebody is, is for its owner alone. */
static FILE *create_file(const Report *report) {
        _cleanup_close_ int fd = open(report->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                      report->redact ? 0644 : 0600);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

        if (f)
                TAKE_FD(fd);
        return f;
}

/* Puts the comment behind the first line, which tells what the file is. */
static int compose(const Report *report, const char *serial, const char *recording) {
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        FILE *in = NULL, *out = NULL;
        int r = 0, c;

        in = fopen(recording, "re");
        out = in ? create_file(report) : NULL;
        if (!out || getline(&line, &size, in) < 0)
                r = -errno;
        else {
                fputs(line, out);
                r = write_comment(report, serial, out);
                while (r >= 0 && (c = fgetc(in)) != EOF)
                        fputc(c, out);
                if (ferror(in) || ferror(out))
                        r = -EIO;
        }

        if (out && fclose(out) == EOF && r >= 0)
                r = -errno;
        if (in)
                fclose(in);
        return r;
}

int report_record(const Report *report, HidLink *link, size_t *ret_n) {
        _cleanup_free_ char *part = strjoin(report->path, ".part"), *serial = NULL;
        _cleanup_(asker_done) Asker a = { .link = link, .profile = report->profile };
        HidLink *recorder;
        int r, k;

        if (!part)
                return -ENOMEM;
        if (link->identity.serial && !(serial = strdup(link->identity.serial)))
                return -ENOMEM;
        if (access(report->path, F_OK) >= 0)
                return -EEXIST;

        r = hid_descriptor_parse(link->descriptor, link->descriptor_size, &a.descriptor);
        if (r < 0)
                return r;
        r = hid_link_new_recorder(a.link, part, report->redact, &recorder);
        if (r < 0)
                return r;
        a.link = recorder;

        r = ask_all(&a);
        if (r >= 0 && report->listen)
                r = listen_for_reports(&a);
        a.link = hid_link_free(a.link);

        /* What a device said before it fell silent is worth the most. */
        k = a.n_answers > 0 ? compose(report, serial, part) : -ENODATA;
        (void) unlink(part);
        if (k < 0)
                return r < 0 && k == -ENODATA ? r : k;

        *ret_n = a.n_answers;
        return r;
}
