/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "hid-descriptor.h"

#define INCH 0.0254
#define SLUG 14.5939029

const char *hid_kind_to_string(HidKind kind) {
        static const char *const names[_HID_KIND_MAX] = {
                [HID_INPUT] = "input",
                [HID_OUTPUT] = "output",
                [HID_FEATURE] = "feature",
        };

        return kind >= 0 && kind < _HID_KIND_MAX ? names[kind] : NULL;
}

/* Whether the field is inside of the report, whose first byte is the id. */
static bool field_is_inside(const HidField *f, size_t n) {
        return n > 0 && f->size_bits >= 1 && f->size_bits <= 32 &&
               (uint64_t) f->offset_bits + f->size_bits <= (uint64_t) (n - 1) * 8;
}

bool hid_field_in_range(const HidField *f, int64_t raw) {
        /* No range, or one upside down, excludes nothing. */
        if (f->logical_min > f->logical_max || (f->logical_min == 0 && f->logical_max == 0))
                return true;
        return raw >= f->logical_min && raw <= f->logical_max;
}

int hid_field_get(const HidField *f, const uint8_t *report, size_t n, int64_t *ret) {
        int64_t value = 0, negative;

        if (!field_is_inside(f, n))
                return -ENODATA;

        for (unsigned i = 0; i < f->size_bits; i++) {
                uint32_t bit = f->offset_bits + i;

                value |= (int64_t) (report[1 + bit / 8] >> (bit % 8) & 1U) << i;
        }

        /* A range like -1..65535 of 16 bits has room for numbers with the upper bit set. */
        negative = value - (INT64_C(1) << f->size_bits);
        if (f->logical_min < 0 && (value >> (f->size_bits - 1) & 1) != 0 &&
            (hid_field_in_range(f, negative) || !hid_field_in_range(f, value)))
                value = negative;

        *ret = value;
        return 0;
}

int hid_field_set(const HidField *f, uint8_t *report, size_t n, int64_t raw) {
        if (!field_is_inside(f, n))
                return -ENODATA;
        if (raw >= INT64_C(1) << f->size_bits || raw < -(INT64_C(1) << (f->size_bits - 1)) ||
            (raw < 0 && f->logical_min >= 0))
                return -ERANGE;

        for (unsigned i = 0; i < f->size_bits; i++) {
                uint32_t bit = f->offset_bits + i;
                uint8_t mask = (uint8_t) (1U << bit % 8);

                if ((uint64_t) raw >> i & 1)
                        report[1 + bit / 8] |= mask;
                else
                        report[1 + bit / 8] &= (uint8_t) ~mask;
        }

        return 0;
}

/* A nibble of a unit, which has a sign. */
static int unit_power(uint32_t unit, unsigned shift) {
        int power = (int) (unit >> shift & 15U);

        return power > 7 ? power - 16 : power;
}

/* How many SI units one of this unit is, but for the usual centimetres and grams. */
static double unit_factor(uint32_t unit) {
        int length = unit_power(unit, 4), mass = unit_power(unit, 8), kelvin = unit_power(unit, 16);

        switch (unit & 15U) {
        case 2: /* rotation: radians in place of a length */
                return pow(10, -3 * mass);
        case 3:
                return pow(INCH, length) * pow(SLUG, mass) * pow(5.0 / 9, kelvin);
        case 4:
                return pow(M_PI / 180, length) * pow(SLUG, mass) * pow(5.0 / 9, kelvin);
        default:
                return 1;
        }
}

/* One power where possible: 10^-1 is nearer to the truth than 10^-8 * 10^7. */
static double field_factor(const HidField *f) {
        if ((f->unit & 15U) != 1)
                return pow(10, f->exponent) * unit_factor(f->unit);
        return pow(10, f->exponent - 2 * unit_power(f->unit, 4) - 3 * unit_power(f->unit, 8));
}

/* Dividing by a power of ten gives the number that is nearest to the decimal one: 499 / 10, not
 * 499 * 0.1. */
static double scale(double value, double factor) {
        double inverse = 1 / factor;

        return factor < 1 && inverse == nearbyint(inverse) ? value / inverse : value * factor;
}

/* Whether the physical range is one: both 0 stands for the logical one. */
static bool field_has_physical(const HidField *f) {
        return f->physical_max > f->physical_min && f->logical_max > f->logical_min;
}

double hid_field_to_physical(const HidField *f, int64_t raw) {
        double value = (double) raw;

        if (field_has_physical(f))
                value = (value - (double) f->logical_min) * (double) (f->physical_max - f->physical_min) /
                                (double) (f->logical_max - f->logical_min) +
                        (double) f->physical_min;

        return scale(value, field_factor(f));
}

int64_t hid_field_from_physical(const HidField *f, double physical) {
        double value = scale(physical, 1 / field_factor(f));

        if (field_has_physical(f))
                value = (value - (double) f->physical_min) * (double) (f->logical_max - f->logical_min) /
                                (double) (f->physical_max - f->physical_min) +
                        (double) f->logical_min;

        if (isnan(value))
                return 0;
        return llround(CLAMP(value, -9e18, 9e18));
}
