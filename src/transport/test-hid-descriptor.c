/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "hid-descriptor.h"
#include "test-util.h"

#define UPS_BEGIN 0x05, 0x84, 0x09, 0x04, 0xa1, 0x01
#define END 0xc0
#define FEATURE 0xb1, 0x02
#define USAGE(x) 0x09, (x)
#define SIZE(x) 0x75, (x)
#define COUNT(x) 0x95, (x)
#define ID(x) 0x85, (x)
#define LOGICAL(min, max) 0x15, (min), 0x25, (max)

#define BYTES(...) (const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ })

static HidDescriptor *parse(const uint8_t *data, size_t n) {
        HidDescriptor *d = NULL;

        ASSERT_OK(hid_descriptor_parse(data, n, &d));
        return d;
}

/* All fields as text: "feature 1:0/8 UPS.Voltage 0..255". */
static char *fields_to_string(const uint8_t *data, size_t n) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = parse(data, n);
        char *s = NULL;
        size_t size;
        FILE *f = open_memstream(&s, &size);

        for (size_t i = 0; i < hid_descriptor_n_fields(d); i++) {
                const HidField *x = hid_descriptor_field(d, i);
                _cleanup_free_ char *path = hid_path_to_string(x->path, x->n_path);

                fprintf(f, "%s%s %u:%u/%u %s %jd..%jd", i > 0 ? ", " : "", hid_kind_to_string(x->kind),
                        x->report_id, x->offset_bits, x->size_bits, path, (intmax_t) x->logical_min,
                        (intmax_t) x->logical_max);
        }
        fclose(f);
        return s;
}

#define ASSERT_FIELDS(expected, ...)                                            \
        do {                                                                    \
                _cleanup_free_ char *_s = fields_to_string(BYTES(__VA_ARGS__)); \
                ASSERT_STREQ(_s, expected);                                     \
        } while (0)

static void test_layout(void) {
        /* Reports of all kinds have their own bits; globals live on, locals do not. */
        ASSERT_FIELDS("feature 1:0/8 UPS.Voltage 0..100, input 1:0/8 UPS.Voltage 0..100, "
                      "feature 1:8/8 UPS.Current 0..100, output 2:0/8 UPS.Test 0..100",
                      UPS_BEGIN, ID(1), SIZE(8), COUNT(1), LOGICAL(0, 100), USAGE(0x30), FEATURE,
                      USAGE(0x30), 0x81, 0x02, USAGE(0x31), FEATURE, ID(2), USAGE(0x58), 0x91, 0x02, END);

        /* The last usage stands for all that follow; what has none is padding and takes its room. */
        ASSERT_FIELDS("feature 0:0/4 UPS.Voltage 0..0, feature 0:4/4 UPS.Current 0..0, "
                      "feature 0:8/4 UPS.Current(2) 0..0, feature 0:16/4 UPS.Test 0..0",
                      UPS_BEGIN, SIZE(4), COUNT(3), USAGE(0x30), USAGE(0x31), FEATURE, COUNT(1), 0xb1, 0x03,
                      USAGE(0x58), FEATURE, END);

        /* A range of usages, one of four bytes, a constant that is a field. */
        ASSERT_FIELDS("feature 0:0/1 UPS.Present 0..0, feature 0:1/1 UPS.Good 0..0, "
                      "feature 0:2/1 UPS.InternalFailure 0..0, feature 0:3/1 UPS.Charging 0..0",
                      UPS_BEGIN, SIZE(1), COUNT(3), 0x19, 0x60, 0x29, 0x62, FEATURE, COUNT(1), 0x0b, 0x44,
                      0x00, 0x85, 0x00, 0xb1, 0x03, END);

        /* Push and pop, a long item, and a delimited set whose first usage counts. */
        ASSERT_FIELDS("feature 3:0/8 UPS.Voltage 0..10, feature 3:8/8 UPS.Current 0..10", UPS_BEGIN,
                      ID(3), SIZE(8), COUNT(1), LOGICAL(0, 10), 0xa4, SIZE(1), LOGICAL(0, 1), 0xb4, 0xfe,
                      0x02, 0x10, 0xc0, 0xc0, USAGE(0x30), FEATURE, 0xa9, 0x01, USAGE(0x31), USAGE(0x32),
                      0xa9, 0x00, FEATURE, END);
}

static void test_paths(void) {
        /* The second of the same usage; collections that their vendor numbers. */
        ASSERT_FIELDS(
                "feature 0:0/8 UPS.Output.Voltage 0..0, feature 0:8/8 UPS.Output(2).Voltage 0..0, "
                "feature 0:16/8 UPS.Flow.[1].Voltage 0..0, feature 0:24/8 UPS.Flow.[2].Voltage 0..0, "
                "feature 0:32/8 UPS.Voltage 0..0",
                UPS_BEGIN, SIZE(8), COUNT(1), USAGE(0x1c), 0xa1, 0x00, USAGE(0x30), FEATURE, END,
                USAGE(0x1c), 0xa1, 0x00, USAGE(0x30), FEATURE, END, USAGE(0x1e), 0xa1, 0x81, USAGE(0x30),
                FEATURE, END, USAGE(0x1e), 0xa1, 0x82, USAGE(0x30), FEATURE, END, USAGE(0x30), FEATURE,
                END);

        /* Collections that end too often or not at all, and an item that is cut off. */
        ASSERT_FIELDS("feature 0:0/8 UPS.Voltage 0..0, feature 0:8/8 Current 0..0", UPS_BEGIN, SIZE(8),
                      COUNT(1), USAGE(0x30), FEATURE, END, END, END, USAGE(0x31), FEATURE, USAGE(0x04),
                      0xa1, 0x01, 0x27, 0x01);
}

static void test_signs(void) {
        /* ff in one byte below a minimum of 0 is 255; ffff is 65535; beside -1 it is -1. */
        ASSERT_FIELDS("feature 0:0/8 UPS.Voltage 0..255", UPS_BEGIN, SIZE(8), COUNT(1), LOGICAL(0, 0xff),
                      USAGE(0x30), FEATURE, END);
        ASSERT_FIELDS("feature 0:0/16 UPS.Voltage 0..65535", UPS_BEGIN, SIZE(16), COUNT(1), 0x15, 0, 0x26,
                      0xff, 0xff, USAGE(0x30), FEATURE, END);
        ASSERT_FIELDS("feature 0:0/32 UPS.Voltage 0..4294967295", UPS_BEGIN, SIZE(32), COUNT(1), 0x15, 0,
                      0x27, 0xff, 0xff, 0xff, 0xff, USAGE(0x30), FEATURE, END);
        ASSERT_FIELDS("feature 0:0/16 UPS.Voltage -1..32767", UPS_BEGIN, SIZE(16), COUNT(1), 0x15, 0xff,
                      0x26, 0xff, 0x7f, USAGE(0x30), FEATURE, END);
}

static void test_details(void) {
        static const uint8_t bytes[] = {
                UPS_BEGIN, ID(5), SIZE(8), COUNT(2), 0x79, 4, USAGE(0xff), 0x39, 7, 0xb1, 0x23,
                /* an array of usages, relative and volatile */
                COUNT(1), 0x19, 0x60, 0x29, 0x62, 0xb2, 0x84, 0x00,
                SIZE(64), USAGE(0x30), FEATURE, END,
                0x05, 0x85, USAGE(0x01), 0xa1, 0x01, END,
        };
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = parse(bytes, sizeof(bytes));
        const HidField *f = hid_descriptor_field(d, 0), *array = hid_descriptor_field(d, 2);

        ASSERT_EQ(hid_descriptor_n_fields(d), 4);
        ASSERT_TRUE(!hid_descriptor_field(d, 4));
        ASSERT_EQ(f->string_index, 4);
        ASSERT_EQ(f->designator, 7);
        ASSERT_EQ(f->flags, 0x23);
        ASSERT_EQ(array->flags, HID_FIELD_RELATIVE | HID_FIELD_VOLATILE);
        ASSERT_EQ(array->usage_min, 0x840060);
        ASSERT_EQ(array->usage_max, 0x840062);
        ASSERT_EQ(hid_descriptor_field(d, 3)->size_bits, 32);

        ASSERT_TRUE(hid_descriptor_is_numbered(d));
        ASSERT_EQ(hid_descriptor_report_size(d, HID_FEATURE, 5), 12);
        ASSERT_EQ(hid_descriptor_report_size(d, HID_INPUT, 5), 0);
        ASSERT_EQ(hid_descriptor_application(d, 0), 0x840004);
        ASSERT_EQ(hid_descriptor_application(d, 1), 0x850001);
        ASSERT_EQ(hid_descriptor_application(d, 2), 0);
}

static void test_exponents(void) {
        static const struct {
                uint8_t byte;
                int exponent;
        } cases[] = {
                { 0x00, 0 },  { 0x07, 7 },  { 0x08, -8 },  { 0x0e, -2 }, { 0x0f, -1 },
                { 0xff, -1 }, { 0xfe, -2 }, { 0x80, -30 }, { 0x7f, 30 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const uint8_t bytes[] = {
                        UPS_BEGIN, SIZE(8), COUNT(1), 0x55, cases[i].byte, USAGE(0x30), FEATURE, END,
                };
                _cleanup_(hid_descriptor_freep) HidDescriptor *d = parse(bytes, sizeof(bytes));

                ASSERT_EQ(hid_descriptor_field(d, 0)->exponent, cases[i].exponent);
        }
}

static void test_refused(void) {
        static const struct {
                size_t n;
                uint8_t bytes[32];
                int result;
        } cases[] = {
                { 0, {}, -EBADMSG },
                { 4, { 0x05, 0x84, 0x09, 0x04 }, -EBADMSG },
                { 9, { UPS_BEGIN, 0x86, 0x00, 0x01 }, -EBADMSG },
                { 17, { UPS_BEGIN, SIZE(1), 0x97, 0xff, 0xff, 0xff, 0xff, USAGE(1), FEATURE }, -E2BIG },
                { 17, { UPS_BEGIN, COUNT(1), 0x77, 0xff, 0xff, 0xff, 0xff, USAGE(1), 0xb1, 3 }, -E2BIG },
                { 20,
                  { UPS_BEGIN, 0x97, 0xff, 0xff, 0xff, 0xff, 0x77, 0xff, 0xff, 0xff, 0xff, USAGE(1),
                    FEATURE },
                  -E2BIG },
                /* no bits, however often, are nothing */
                { 17, { UPS_BEGIN, SIZE(0), 0x97, 0xff, 0xff, 0xff, 0xff, USAGE(1), FEATURE }, 0 },
        };
        _cleanup_free_ uint8_t *nested = NULL;
        HidDescriptor *d = NULL;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r = hid_descriptor_parse(cases[i].bytes, cases[i].n, &d);

                ASSERT_EQ(r, cases[i].result);
                d = hid_descriptor_free(d);
        }

        nested = malloc(HID_DESCRIPTOR_SIZE_MAX + 1);
        ASSERT_TRUE(nested);
        for (size_t i = 0; i <= HID_DESCRIPTOR_SIZE_MAX; i++)
                nested[i] = i % 2 == 0 ? 0xa1 : 0x01;
        ASSERT_ERROR(hid_descriptor_parse(nested, HID_DESCRIPTOR_SIZE_MAX, &d), E2BIG);
        ASSERT_ERROR(hid_descriptor_parse(nested, HID_DESCRIPTOR_SIZE_MAX + 1, &d), E2BIG);
        memset(nested, 0xa4, HID_DESCRIPTOR_SIZE_MAX);
        ASSERT_ERROR(hid_descriptor_parse(nested, HID_DESCRIPTOR_SIZE_MAX, &d), E2BIG);
        ASSERT_TRUE(!d);
}

static void test_values(void) {
        const HidField cross = { .offset_bits = 5, .size_bits = 7, .logical_min = -64, .logical_max = 63 };
        const HidField wide = { .offset_bits = 0, .size_bits = 32, .logical_max = UINT32_MAX };
        const HidField delay = { .size_bits = 16, .logical_min = -1, .logical_max = 65535 };
        uint8_t report[] = { 7, 0xff, 0xff, 0x55, 0xaa, 0xff };
        int64_t v = 99;

        ASSERT_OK(hid_field_set(&cross, report, 3, -2));
        ASSERT_EQ(report[1], 0xdf);
        ASSERT_EQ(report[2], 0xff);
        ASSERT_OK(hid_field_get(&cross, report, 3, &v));
        ASSERT_EQ(v, -2);
        ASSERT_ERROR(hid_field_get(&cross, report, 2, &v), ENODATA);
        ASSERT_ERROR(hid_field_set(&cross, report, 2, 0), ENODATA);
        ASSERT_ERROR(hid_field_set(&cross, report, 3, -65), ERANGE);
        ASSERT_ERROR(hid_field_set(&cross, report, 3, 128), ERANGE);
        ASSERT_ERROR(hid_field_get(&cross, report, 0, &v), ENODATA);

        ASSERT_OK(hid_field_set(&wide, report, sizeof(report), UINT32_MAX));
        ASSERT_OK(hid_field_get(&wide, report, sizeof(report), &v));
        ASSERT_EQ(v, UINT32_MAX);
        ASSERT_ERROR(hid_field_set(&wide, report, sizeof(report), -1), ERANGE);
        ASSERT_EQ(report[5], 0xff);

        /* A range that 16 bits with a sign cannot hold. */
        ASSERT_OK(hid_field_set(&delay, report, sizeof(report), 40000));
        ASSERT_OK(hid_field_get(&delay, report, sizeof(report), &v));
        ASSERT_EQ(v, 40000);
        ASSERT_OK(hid_field_set(&delay, report, sizeof(report), -1));
        ASSERT_OK(hid_field_get(&delay, report, sizeof(report), &v));
        ASSERT_EQ(v, -1);

        ASSERT_TRUE(hid_field_in_range(&delay, 65535));
        ASSERT_FALSE(hid_field_in_range(&delay, -2));
        ASSERT_TRUE(hid_field_in_range(&(HidField) {}, 1000));
        ASSERT_TRUE(hid_field_in_range(&(HidField) { .logical_min = 9, .logical_max = 3 }, 1000));
}

static void test_physical(void) {
        static const struct {
                uint32_t unit;
                int exponent;
                int64_t raw;
                double physical;
        } cases[] = {
                { 0x00f0d121, 7,  230,  230    }, /* V */
                { 0x00f0d121, 6,  2284, 228.4  },
                { 0x00f0d121, 5,  2730, 27.3   },
                { 0x00f0d121, 1,  1214, 0.001214 },
                { 0x0000d121, 7,  650,  650    }, /* W, VA */
                { 0x00100001, -1, 15,   1.5    }, /* A */
                { 0x0000f001, -1, 499,  49.9   }, /* Hz */
                { 0x00001001, 0,  1800, 1800   }, /* s */
                { 0x00010001, -1, 2981, 298.1  }, /* K */
                { 0x00101001, 0,  7200, 7200   }, /* As */
                { 0,          0,  97,   97     },
                { 0x00000013, 0,  1000, 25.4   }, /* inches */
        };
        const HidField minutes = {
                .size_bits = 16,
                .unit = 0x1001,
                .logical_min = -1,
                .logical_max = 32767,
                .physical_min = -60,
                .physical_max = 1966020,
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const HidField f = { .size_bits = 16, .unit = cases[i].unit, .exponent = cases[i].exponent };

                ASSERT_TRUE(fabs(hid_field_to_physical(&f, cases[i].raw) - cases[i].physical) < 1e-9);
                ASSERT_EQ(hid_field_from_physical(&f, cases[i].physical), cases[i].raw);
        }

        ASSERT_EQ(hid_field_to_physical(&minutes, -1), -60);
        ASSERT_EQ(hid_field_to_physical(&minutes, 2), 120);
        ASSERT_EQ(hid_field_from_physical(&minutes, 119), 2);
        ASSERT_EQ(hid_field_from_physical(&minutes, NAN), 0);
        ASSERT_TRUE(hid_field_from_physical(&minutes, INFINITY) > 1000000);
}

static void test_names(void) {
        static const struct {
                const char *name;
                uint32_t usage;
                const char *back; /* NULL for the same */
        } cases[] = {
                { "UPS",                  0x00840004, NULL       },
                { "remainingcapacity",    0x00850066, "RemainingCapacity" },
                { "SwitchOn/Off",         0x0084006b, NULL       },
                { "VoltageOutOfRange",    0x00840063, NULL       },
                { "iSerialNumber",        0x008400ff, NULL       },
                { "[3]",                  0x00ff0003, NULL       },
                { "[65535]",              0x00ffffff, NULL       },
                { "FFFF00e0",             0xffff00e0, "ffff00e0" },
                { "00850066",             0x00850066, "RemainingCapacity" },
                { "00840000",             0x00840000, NULL       },
        };
        static const char *const wrong[] = {
                "",        "Nonsense", "[",       "[]",        "[a]",      "[-1]",
                "[65536]", "[3",       "1234567", "123456789", "0x840004",
        };
        char buffer[16];
        uint32_t usage = 0;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ASSERT_OK(hid_usage_from_name(cases[i].name, &usage));
                ASSERT_EQ(usage, cases[i].usage);
                ASSERT_STREQ(hid_usage_to_name(usage, buffer), cases[i].back ?: cases[i].name);
        }
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                ASSERT_ERROR(hid_usage_from_name(wrong[i], &usage), EINVAL);
        ASSERT_STREQ(hid_usage_to_name(0x008500d8, buffer), "VoltageOutOfRange");
}

int main(void) {
        test_layout();
        test_paths();
        test_signs();
        test_details();
        test_exponents();
        test_refused();
        test_values();
        test_physical();
        test_names();
        return EXIT_SUCCESS;
}
