/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* A record of the state, as it lies in memory that a successor reads. */

#define SLOT_SIZE 512U

typedef enum SlotType {
        SLOT_FREE = 0, /* what a fresh file is full of */
        SLOT_SESSION,
        SLOT_FORCED,
} SlotType;

typedef enum SlotFlags {
        SLOT_TRACKING   = 1 << 0,
        SLOT_INPUT_LOST = 1 << 1, /* more of an unfinished line than there was room for */
        SLOT_ENDS       = 1 << 2, /* it cannot go on: what it said did not fit, half an answer is sent,
                                   * or it is encrypted */
        SLOT_UNCOUNTED  = 1 << 3, /* its login keeps nobody waiting */
} SlotFlags;

/* The input grows, and therefore stands last. */
enum {
        TEXT_USERNAME,
        TEXT_PASSWORD,
        TEXT_DEVICE,
        TEXT_WATCHES, /* names of devices with blanks between them */
        TEXT_INPUT,
        TEXT_OWNER = 0,
        TEXT_REASON,
        _TEXT_MAX = 5,
};

#define TEXT_ABSENT UINT16_MAX
#define SLOT_DATA_SIZE (SLOT_SIZE - 3 * sizeof(uint64_t) - sizeof(uint32_t) - _TEXT_MAX * sizeof(uint16_t))

/* Texts stand behind each other in data, in the order of their index, each with its length in lengths. */
typedef struct Slot {
        uint32_t type; /* a SlotType; written last, so that a crash leaves no half of a record */
        uint32_t flags;
        union {
                uint64_t cookie;     /* of the client's socket */
                uint64_t since_usec; /* of the forced shutdown, CLOCK_REALTIME */
        };
        uint64_t sequence;
        uint32_t need_seconds;
        uint16_t lengths[_TEXT_MAX];
        char data[SLOT_DATA_SIZE];
} Slot;

static_assert(sizeof(Slot) == SLOT_SIZE, "slots are laid out back to back");

/* An empty record, not yet of any type. */
void slot_init(Slot *record);

/* Appends to a text, behind which none is yet. False when there is no room. */
bool slot_add(Slot *slot, size_t which, const char *text, size_t n);

/* The same for a whole one, or NULL for none; without room the client cannot go on. */
void slot_add_string(Slot *slot, size_t which, const char *text);

/* Finds a text; NULL and 0 when there is none, or when the record is damaged. */
const char *slot_text(const Slot *slot, size_t which, size_t *ret_n);

/* The same in new memory. 0 or -ENOMEM. */
int slot_string(const Slot *slot, size_t which, char **ret);

/* Reads a record of version 1 of the state; the slot stays free when that is no record, or a damaged one. */
void slot_from_version_1(Slot *slot, const void *record);
