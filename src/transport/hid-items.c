/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-items.h"

#define LONG_ITEM 0xfeU

int item_next(const uint8_t *data, size_t n, size_t *pos, Item *ret) {
        static const uint8_t sizes[] = { 0, 1, 2, 4 };
        Item item = {};

        while (*pos < n && data[*pos] == LONG_ITEM) {
                if (n - *pos < 3)
                        return 0;
                *pos += 3U + data[*pos + 1];
        }
        if (*pos >= n)
                return 0;

        item.tag = data[*pos] & 0xfcU;
        item.size = sizes[data[*pos] & 3U];
        if (n - *pos - 1 < item.size)
                return 0;
        for (unsigned i = 0; i < item.size; i++)
                item.value |= (uint32_t) data[*pos + 1 + i] << (8 * i);

        *pos += 1U + item.size;
        *ret = item;
        return 1;
}

int64_t item_signed(const Item *item) {
        switch (item->size) {
        case 1:
                return (int8_t) item->value;
        case 2:
                return (int16_t) item->value;
        case 4:
                return (int32_t) item->value;
        default:
                return 0;
        }
}
