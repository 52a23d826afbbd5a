/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* USB HID report descriptors (Device Class Definition for HID 1.11, chapter 6.2.2): bytes in, fields out,
 * and the values of fields in reports. Knows nothing of power devices. */

/* Bytes of a descriptor, and fields of one, that no device reaches: the kernel takes 4 KiB. */
#define HID_DESCRIPTOR_SIZE_MAX 65536U
#define HID_FIELDS_MAX 16384U
/* Bytes of a report, its id included. */
#define HID_REPORT_SIZE_MAX 4096U

typedef enum HidKind {
        HID_INPUT,
        HID_OUTPUT,
        HID_FEATURE,
        _HID_KIND_MAX,
        _HID_KIND_INVALID = -1,
} HidKind;

/* "input", "output", "feature". */
const char *hid_kind_to_string(HidKind kind) _const_;

/* One step of a path: a usage (page in the upper half), and the which-th it is of those with the same usage
 * in the same collection, from 0. */
typedef struct HidStep {
        uint32_t usage;
        uint16_t instance;
} HidStep;

typedef enum HidFieldFlags { /* bits of the main item, as in the specification */
        HID_FIELD_CONSTANT = 1 << 0,
        HID_FIELD_VARIABLE = 1 << 1, /* else an array: the value picks a usage of usage_min.. */
        HID_FIELD_RELATIVE = 1 << 2,
        HID_FIELD_VOLATILE = 1 << 7,
} HidFieldFlags;

typedef struct HidField {
        HidKind kind;
        uint8_t report_id;    /* 0 when the device numbers no reports */
        uint32_t offset_bits; /* behind the id byte */
        uint8_t size_bits;    /* 1..32 */
        unsigned flags;
        int64_t logical_min, logical_max;   /* raw values; after all doubt about signs is settled */
        int64_t physical_min, physical_max; /* both 0: the same as logical */
        uint32_t unit;        /* as in the descriptor */
        int exponent;         /* of ten */
        uint8_t string_index, designator; /* 0 for none */
        const HidStep *path;  /* collections from the outside in, then the usage of the field */
        size_t n_path;
        uint32_t usage_min, usage_max; /* of an array */
} HidField;

typedef struct HidDescriptor HidDescriptor;

/* Parses a descriptor. What is odd but can be borne (an unknown item, an unbalanced collection at the end,
 * fields without a usage) is borne, as devices are in the field; -EBADMSG for what has no meaning at all,
 * -E2BIG past the bounds above, -ENOMEM. Time and memory are linear in what comes out. */
int hid_descriptor_parse(const uint8_t *data, size_t n, HidDescriptor **ret);
HidDescriptor *hid_descriptor_free(HidDescriptor *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(HidDescriptor *, hid_descriptor_free);

/* The fields in the order of the descriptor, padding left out. The pointer is not const so that
 * corrections can be made before first use. */
size_t hid_descriptor_n_fields(const HidDescriptor *d) _pure_;
HidField *hid_descriptor_field(HidDescriptor *d, size_t i) _pure_;

/* How many top-level collections there are, and the usage of number i; 0 past the last one, and for one
 * that has none. */
size_t hid_descriptor_n_applications(const HidDescriptor *d) _pure_;
uint32_t hid_descriptor_application(const HidDescriptor *d, size_t i) _pure_;

typedef enum HidUse {
        HID_USE_OTHER,   /* a keyboard, a mouse or the like, or without values to ask for */
        HID_USE_UNCLEAR, /* a power device if somebody says so, by its ids */
        HID_USE_POWER,   /* a power device: it has collections of the pages Power Device or Battery System at
                          * the top */
} HidUse;

/* What a HID interface is for. */
HidUse hid_descriptor_use(HidDescriptor *d);

/* The same by the bytes of a descriptor; NULL, and what is none, is for something else. */
HidUse hid_use(const uint8_t *descriptor, size_t n);

/* Whether any part of it is for people, or it cannot be told: what is written to it would be seen, or
 * worse. */
bool hid_is_for_people(const uint8_t *descriptor, size_t n);

/* Bytes of a report, with its id byte if reports are numbered; 0 when there is none. */
size_t hid_descriptor_report_size(const HidDescriptor *d, HidKind kind, uint8_t id) _pure_;

/* Whether reports begin with an id byte. */
bool hid_descriptor_is_numbered(const HidDescriptor *d) _pure_;

/*** Values. A report here always begins with its id byte, 0 if reports are not numbered. ***/

/* The raw value of a field, its sign as the logical range says. -ENODATA when the report is too short. */
int hid_field_get(const HidField *f, const uint8_t *report, size_t n, int64_t *ret);

/* Puts a raw value into a report, other bits unchanged. -ENODATA as above, -ERANGE when it does not fit into
 * the bits. */
int hid_field_set(const HidField *f, uint8_t *report, size_t n, int64_t raw);

/* Raw to physical value in SI units (V, A, W, s, Hz, K, ...) and back, by physical range, exponent and
 * unit: HID counts in centimetres and grams, so a volt is 10^7 of its units. Going back rounds to the
 * nearest; the result may be out of range. */
double hid_field_to_physical(const HidField *f, int64_t raw) _pure_;
int64_t hid_field_from_physical(const HidField *f, double physical) _pure_;

/* Whether a raw value lies within the logical range; outside it means "unknown" in HID. */
bool hid_field_in_range(const HidField *f, int64_t raw) _pure_;

/*** Names of usages ***/

/* The name of the specification (Power Device and Battery System pages), "[3]" for 0x00ff0003 (how several
 * vendors number things), else eight hexadecimal digits. buffer is used for the latter. */
const char *hid_usage_to_name(uint32_t usage, char buffer[static 16]);

/* The reverse, ignoring case; -EINVAL for what is none. */
int hid_usage_from_name(const char *name, uint32_t *ret);

/* A path as text, "UPS.PowerSummary.Voltage", a step that is not the first of its kind with "(2)" and so on
 * (from 1). In new memory; NULL without. */
char *hid_path_to_string(const HidStep *path, size_t n);
