/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state-slot.h"

#include "string-util.h"

void slot_init(Slot *record) {
        memset(record, 0, sizeof(*record));
        for (size_t i = 0; i < _TEXT_MAX; i++)
                record->lengths[i] = TEXT_ABSENT;
}

static size_t slot_used(const Slot *slot) {
        size_t n = 0;

        for (size_t i = 0; i < _TEXT_MAX; i++)
                if (slot->lengths[i] != TEXT_ABSENT)
                        n += slot->lengths[i];
        return n;
}

bool slot_add(Slot *slot, size_t which, const char *text, size_t n) {
        size_t used = slot_used(slot);

        if (n > SLOT_DATA_SIZE - used)
                return false;
        if (slot->lengths[which] == TEXT_ABSENT)
                slot->lengths[which] = 0;
        memcpy(slot->data + used, text, n);
        slot->lengths[which] = (uint16_t) (slot->lengths[which] + n);
        return true;
}

void slot_add_string(Slot *slot, size_t which, const char *text) {
        if (text && !slot_add(slot, which, text, strlen(text)))
                slot->flags |= SLOT_ENDS;
}

const char *slot_text(const Slot *slot, size_t which, size_t *ret_n) {
        size_t at = 0;

        *ret_n = 0;
        for (size_t i = 0; i < which; i++)
                if (slot->lengths[i] != TEXT_ABSENT)
                        at += slot->lengths[i];
        if (slot->lengths[which] == TEXT_ABSENT || at + slot->lengths[which] > SLOT_DATA_SIZE)
                return NULL;

        *ret_n = slot->lengths[which];
        return slot->data + at;
}

int slot_string(const Slot *slot, size_t which, char **ret) {
        size_t n;
        const char *text = slot_text(slot, which, &n);

        if (!text) {
                *ret = NULL;
                return 0;
        }

        char *copy = strndup(text, n);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

/*** Version 1 ***/

/* What version 1 left: no needs and no watches. Its texts are those of today without TEXT_WATCHES. */
#define TEXTS_1 4U
#define INPUT_1 3U
#define SLOT_DATA_SIZE_1 (SLOT_SIZE - 3 * sizeof(uint64_t) - TEXTS_1 * sizeof(uint16_t))

typedef struct Slot1 {
        uint32_t type, flags;
        uint64_t key; /* cookie or since_usec */
        uint64_t sequence;
        uint16_t lengths[TEXTS_1];
        char data[SLOT_DATA_SIZE_1];
} Slot1;

static_assert(sizeof(Slot1) == SLOT_SIZE, "they are read out of the same places");

static void add_text_1(Slot *slot, size_t which, const char *text, size_t n) {
        if (!slot_add(slot, which, text, n))
                slot->flags |= which == TEXT_INPUT ? SLOT_INPUT_LOST : SLOT_ENDS;
}

void slot_from_version_1(Slot *slot, const void *record) {
        const Slot1 *old = record;
        size_t at = 0;

        if (old->type != SLOT_SESSION && old->type != SLOT_FORCED)
                return;

        slot_init(slot);
        slot->flags = old->flags;
        slot->cookie = old->key;
        slot->sequence = old->sequence;
        for (size_t i = 0; i < TEXTS_1; i++) {
                size_t n = old->lengths[i];

                if (n == TEXT_ABSENT)
                        continue;
                if (n > SLOT_DATA_SIZE_1 - at)
                        return;
                add_text_1(slot, i == INPUT_1 ? TEXT_INPUT : i, old->data + at, n);
                at += n;
        }
        slot->type = old->type;
}
