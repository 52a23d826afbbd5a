/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-descriptor.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes of the descriptor double as those of a report. */
static void check_field(const HidField *f, const uint8_t *data, size_t size) {
        _cleanup_free_ uint8_t *report = malloc(MAX(size, (size_t) 1));
        int64_t raw, again;
        double physical;

        ASSERT_TRUE(f->size_bits >= 1 && f->size_bits <= 32);
        ASSERT_TRUE(f->n_path >= 1);
        ASSERT_TRUE(report);
        memcpy(report, data, size);
        if (hid_field_get(f, report, size, &raw) < 0)
                return;

        physical = hid_field_to_physical(f, raw);
        (void) hid_field_from_physical(f, physical);
        (void) hid_field_in_range(f, raw);

        ASSERT_OK(hid_field_set(f, report, size, raw));
        ASSERT_OK(hid_field_get(f, report, size, &again));
        ASSERT_EQ(again, raw);
        ASSERT_TRUE(memcmp(report, data, size) == 0);
}

static void check_path(const HidField *f) {
        _cleanup_free_ char *path = hid_path_to_string(f->path, f->n_path);

        ASSERT_TRUE(path);
        for (size_t i = 0; i < f->n_path; i++) {
                char buffer[16];
                uint32_t usage;

                ASSERT_OK(hid_usage_from_name(hid_usage_to_name(f->path[i].usage, buffer), &usage));
                ASSERT_TRUE(usage == f->path[i].usage || usage == 0x840063);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = NULL;
        size_t n;

        if (hid_descriptor_parse(data, size, &d) < 0)
                return 0;

        n = hid_descriptor_n_fields(d);
        ASSERT_TRUE(n <= HID_FIELDS_MAX);
        for (size_t i = 0; i < n; i++) {
                const HidField *f = hid_descriptor_field(d, i);
                size_t report = hid_descriptor_report_size(d, f->kind, f->report_id);

                ASSERT_TRUE(report >= 1 && report <= HID_REPORT_SIZE_MAX);
                ASSERT_TRUE(f->offset_bits + f->size_bits <= report * 8);
                if (i < 64) {
                        check_field(f, data, size);
                        check_path(f);
                }
        }

        return 0;
}
