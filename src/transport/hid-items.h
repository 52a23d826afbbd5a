/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The items that a report descriptor consists of (HID 1.11, 6.2.2.2 and 6.2.2.3). */

typedef enum ItemTag { /* type and tag, as in the prefix byte without its size */
        ITEM_INPUT = 0x80,
        ITEM_OUTPUT = 0x90,
        ITEM_COLLECTION = 0xa0,
        ITEM_FEATURE = 0xb0,
        ITEM_END_COLLECTION = 0xc0,

        ITEM_USAGE_PAGE = 0x04,
        ITEM_LOGICAL_MIN = 0x14,
        ITEM_LOGICAL_MAX = 0x24,
        ITEM_PHYSICAL_MIN = 0x34,
        ITEM_PHYSICAL_MAX = 0x44,
        ITEM_UNIT_EXPONENT = 0x54,
        ITEM_UNIT = 0x64,
        ITEM_REPORT_SIZE = 0x74,
        ITEM_REPORT_ID = 0x84,
        ITEM_REPORT_COUNT = 0x94,
        ITEM_PUSH = 0xa4,
        ITEM_POP = 0xb4,

        ITEM_USAGE = 0x08,
        ITEM_USAGE_MIN = 0x18,
        ITEM_USAGE_MAX = 0x28,
        ITEM_DESIGNATOR = 0x38,
        ITEM_DESIGNATOR_MIN = 0x48,
        ITEM_DESIGNATOR_MAX = 0x58,
        ITEM_STRING = 0x78,
        ITEM_STRING_MIN = 0x88,
        ITEM_STRING_MAX = 0x98,
        ITEM_DELIMITER = 0xa8,
} ItemTag;

typedef struct Item {
        ItemTag tag;
        uint8_t size;   /* bytes of value: 0, 1, 2 or 4 */
        uint32_t value; /* without regard to a sign */
} Item;

/* Takes the next short item at *pos and moves on; long items, which have no meaning yet, are passed over.
 * Returns 0 at the end, also if that is in the middle of an item. */
int item_next(const uint8_t *data, size_t n, size_t *pos, Item *ret);

/* The value as a signed number of its size. */
int64_t item_signed(const Item *item);
