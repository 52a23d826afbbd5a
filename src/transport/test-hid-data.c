/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields and values of real devices, compared with what another parser made of the same bytes. The
 * argument is a directory with one for each device. */

#include <dirent.h>
#include <math.h>

#include "hid-descriptor.h"
#include "io-util.h"
#include "test-util.h"

typedef struct Row {
        HidKind kind;
        unsigned report_id, offset, size, flags, unit;
        char path[256];
        long long logical_min, logical_max, physical_min, physical_max;
        int exponent;
} Row;

typedef struct Folder {
        const char *name;
        HidDescriptor *descriptor;
        uint8_t *reports[256];
        size_t sizes[256];
        unsigned n_fields, n_values, n_bad;
} Folder;

static void folder_done(Folder *f) {
        hid_descriptor_free(f->descriptor);
        for (size_t i = 0; i < ELEMENTSOF(f->reports); i++)
                free(f->reports[i]);
}

static HidKind kind_from_text(const char *s) {
        return streq(s, "Input") ? HID_INPUT : streq(s, "Output") ? HID_OUTPUT : HID_FEATURE;
}

static FILE *open_file(const char *directory, const char *name) {
        _cleanup_free_ char *path = strjoin(directory, "/", name);

        ASSERT_TRUE(path);
        return fopen(path, "re");
}

/* The reference has no names for instances, and leaves a limit below the minimum as a signed number. */
static bool limit_is(int64_t ours, long long theirs) {
        return ours == theirs ||
               (theirs < 0 &&
                (ours == theirs + 256 || ours == theirs + 65536 || ours == theirs + (1LL << 32)));
}

static char *path_without_instances(const HidField *f) {
        HidStep steps[f->n_path];

        for (size_t i = 0; i < f->n_path; i++)
                steps[i] = (HidStep) { .usage = f->path[i].usage };
        return hid_path_to_string(steps, f->n_path);
}

static bool field_is(const HidField *f, const Row *row) {
        _cleanup_free_ char *path = path_without_instances(f);

        ASSERT_TRUE(path);
        return f->kind == row->kind && f->report_id == row->report_id && f->offset_bits == row->offset &&
               f->size_bits == row->size && f->flags == row->flags && f->unit == row->unit &&
               f->exponent == row->exponent && f->logical_min == row->logical_min &&
               limit_is(f->logical_max, row->logical_max) && f->physical_min == row->physical_min &&
               limit_is(f->physical_max, row->physical_max) && streq(path, row->path);
}

static void folder_bad(Folder *folder, const HidField *f, const char *line) {
        _cleanup_free_ char *path = f ? path_without_instances(f) : NULL;

        folder->n_bad++;
        fprintf(stderr, "%s: reference: %s", folder->name, line);
        if (f)
                fprintf(stderr, "  here: %s %#x %u %u %s %#x %jd..%jd %jd..%jd %#x %d\n",
                        hid_kind_to_string(f->kind), f->report_id, f->offset_bits, f->size_bits, path,
                        f->flags, (intmax_t) f->logical_min, (intmax_t) f->logical_max,
                        (intmax_t) f->physical_min, (intmax_t) f->physical_max, f->unit, f->exponent);
}

static void check_fields(Folder *folder, const char *directory) {
        FILE *file = open_file(directory, "fields.tsv");
        char line[1024], kind[16];

        ASSERT_TRUE(file);
        ASSERT_TRUE(fgets(line, sizeof(line), file));
        while (fgets(line, sizeof(line), file)) {
                HidField *f = hid_descriptor_field(folder->descriptor, folder->n_fields);
                Row row;

                ASSERT_EQ(sscanf(line, "%15s %x %u %u %255s %x %lld %lld %lld %lld %x %d", kind,
                                 &row.report_id, &row.offset, &row.size, row.path, &row.flags,
                                 &row.logical_min, &row.logical_max, &row.physical_min, &row.physical_max,
                                 &row.unit, &row.exponent),
                          12);
                if (endswith(row.path, "(pad)"))
                        continue;

                row.kind = kind_from_text(kind);
                folder->n_fields++;
                if (!f || !field_is(f, &row))
                        folder_bad(folder, f, line);
        }
        fclose(file);
        if (folder->n_fields != hid_descriptor_n_fields(folder->descriptor)) {
                fprintf(stderr, "%s: %u fields, here %zu\n", folder->name, folder->n_fields,
                        hid_descriptor_n_fields(folder->descriptor));
                folder->n_bad++;
        }
}

static void read_reports(Folder *folder, const char *directory) {
        FILE *file = open_file(directory, "feature_reports.hex");
        char line[4096];

        while (file && fgets(line, sizeof(line), file)) {
                uint8_t report[1024], *copy;
                size_t n = 0;
                unsigned byte;
                int used;

                for (const char *s = line; line[0] != '#' && sscanf(s, "%2x%n", &byte, &used) == 1;
                     s += used)
                        report[n++] = (uint8_t) byte;
                if (n == 0)
                        continue;
                copy = malloc(n);
                ASSERT_TRUE(copy);
                memcpy(copy, report, n);
                free(folder->reports[report[0]]);
                folder->reports[report[0]] = copy;
                folder->sizes[report[0]] = n;
        }
        if (file)
                fclose(file);
}

/* A value of the reference belongs to the field at its place. */
static void check_value(Folder *folder, const Row *row, long long raw, double physical, const char *line) {
        for (size_t i = 0; i < hid_descriptor_n_fields(folder->descriptor); i++) {
                const HidField *f = hid_descriptor_field(folder->descriptor, i);
                int64_t value = 0, back;

                if (f->kind != row->kind || f->report_id != row->report_id || f->offset_bits != row->offset)
                        continue;

                folder->n_values++;
                if (hid_field_get(f, folder->reports[f->report_id], folder->sizes[f->report_id], &value) <
                            0 ||
                    value != raw ||
                    fabs(hid_field_to_physical(f, value) - physical) > fabs(physical) * 1e-5) {
                        fprintf(stderr, "  here: %jd %g\n", (intmax_t) value,
                                hid_field_to_physical(f, value));
                        folder_bad(folder, f, line);
                }
                back = hid_field_from_physical(f, hid_field_to_physical(f, value));
                ASSERT_EQ(back, value);
                return;
        }

        folder_bad(folder, NULL, line);
}

static void check_values(Folder *folder, const char *directory) {
        FILE *file = open_file(directory, "expected.tsv");
        char line[1024], kind[16];

        while (file && fgets(line, sizeof(line), file)) {
                double physical;
                long long raw;
                Row row;

                if (line[0] == '#' || startswith(line, "kind\t"))
                        continue;
                ASSERT_EQ(sscanf(line, "%15s %x %u %u %255s %lld %lf", kind, &row.report_id, &row.offset,
                                 &row.size, row.path, &raw, &physical), 7);
                row.kind = kind_from_text(kind);
                if (!endswith(row.path, "(pad)"))
                        check_value(folder, &row, raw, physical, line);
        }
        if (file)
                fclose(file);
}

static unsigned check_folder(const char *name, const char *directory, unsigned *n_fields,
                             unsigned *n_values) {
        _cleanup_free_ char *path = strjoin(directory, "/report_descriptor.bin");
        _cleanup_(folder_done) Folder folder = { .name = name };
        char bytes[8192];
        ssize_t n;

        n = path_read(path, bytes, sizeof(bytes));
        ASSERT_OK((int) n);
        ASSERT_OK(hid_descriptor_parse((const uint8_t *) bytes, (size_t) n, &folder.descriptor));
        check_fields(&folder, directory);
        read_reports(&folder, directory);
        check_values(&folder, directory);

        *n_fields += folder.n_fields;
        *n_values += folder.n_values;
        return folder.n_bad;
}

int main(int argc, char *argv[]) {
        unsigned n_fields = 0, n_values = 0, n_bad = 0, n_folders = 0;
        DIR *d;

        ASSERT_EQ(argc, 2);
        d = opendir(argv[1]);
        ASSERT_TRUE(d);
        for (struct dirent *entry = readdir(d); entry; entry = readdir(d)) {
                _cleanup_free_ char *directory = NULL;

                if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
                        continue;
                directory = strjoin(argv[1], "/", entry->d_name);
                ASSERT_TRUE(directory);
                n_bad += check_folder(entry->d_name, directory, &n_fields, &n_values);
                n_folders++;
        }
        closedir(d);

        printf("%u devices, %u fields, %u values\n", n_folders, n_fields, n_values);
        ASSERT_TRUE(n_folders > 0);
        ASSERT_EQ(n_bad, 0);
        return EXIT_SUCCESS;
}
