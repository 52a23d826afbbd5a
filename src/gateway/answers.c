/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "answers.h"

/* Each line has one place only, by its hash. A place fills a whole number of cache lines. */
#define PLACES 2048U
#define PLACE_SIZE 256U

typedef struct PlaceHead {
        uint64_t epoch;      /* of the table; 0: nothing is here */
        uint64_t generation; /* of the device, if there is one */
        const Device *device;
        const Buffer *kept;  /* has the answer, else it is here */
} PlaceHead;

typedef struct Place {
        PlaceHead head;
        uint8_t line_size, answer_size;
        char line[ANSWERS_LINE_MAX];
        char answer[PLACE_SIZE - sizeof(PlaceHead) - 2 - ANSWERS_LINE_MAX];
} Place;

static_assert(sizeof(Place) == PLACE_SIZE, "nothing is between the fields, whatever the size of a pointer");

struct Answers {
        const DeviceTable *table;
        Place places[PLACES];
};

/* Untouched places stay untouched memory. */
Answers *answers_new(const DeviceTable *t) {
        Answers *a = new0(Answers, 1);

        if (a)
                a->table = t;
        return a;
}

Answers *answers_free(Answers *a) {
        free(a);
        return NULL;
}

/* Whoever makes lines meet in one place only has them answered as if they were new. */
static size_t place_of(const char *line, size_t n) {
        uint64_t hash = n, word;

        for (; n >= sizeof(word); line += sizeof(word), n -= sizeof(word)) {
                memcpy(&word, line, sizeof(word));
                hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
                hash ^= hash >> 32;
        }
        for (; n > 0; line++, n--)
                hash = (hash ^ (uint8_t) *line) * UINT64_C(0x9e3779b97f4a7c15);
        return (hash >> 32) % PLACES;
}

/* The table's epoch comes first: it ends with a device, which must not be looked at any more then. */
static bool is_current(const Answers *a, const Place *p) {
        return p->head.epoch == device_table_epoch(a->table) &&
                (!p->head.device || p->head.device->generation == p->head.generation);
}

size_t answers_repeat(const Answers *a, const char *data, size_t n, Buffer *out) {
        const char *end = a ? memchr(data, '\n', MIN(n, (size_t) ANSWERS_LINE_MAX)) : NULL;
        if (!end)
                return 0;

        size_t size = (size_t) (end - data) + 1;
        const Place *p = a->places + place_of(data, size);
        if (p->line_size != size || memcmp(p->line, data, size) != 0 || !is_current(a, p))
                return 0;

        if (p->head.kept)
                buffer_append(out, p->head.kept->data, p->head.kept->size);
        else
                buffer_append(out, p->answer, p->answer_size);
        return size;
}

void answers_keep(Answers *a, const char *line, size_t n, const AnswerScope *scope, const char *answer,
                size_t answer_size) {

        if (!a || !scope->shared || n == 0 || n > ANSWERS_LINE_MAX)
                return;

        Place *p = a->places + place_of(line, n);
        if (!scope->kept && answer_size > sizeof(p->answer))
                return;

        p->head.epoch = device_table_epoch(a->table);
        p->head.device = scope->device;
        p->head.generation = scope->device ? scope->device->generation : 0;
        p->head.kept = scope->kept;
        p->line_size = (uint8_t) n;
        p->answer_size = scope->kept ? 0 : (uint8_t) answer_size;
        memcpy(p->line, line, n);
        if (!scope->kept)
                memcpy(p->answer, answer, answer_size);
}
