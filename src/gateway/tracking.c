/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracking.h"

#include <stdio.h>
#include <sys/random.h>

#include "string-util.h"

typedef struct Entry {
        char id[TRACKING_ID_LENGTH + 1];
        char *owner;
        uint64_t since;
        const char *result;
} Entry;

/* Oldest first. Writes are rare, so that moving the array is cheaper than any cleverness. */
struct TrackingTable {
        Entry entries[TRACKING_MAX];
        size_t n_entries;
};

TrackingTable *tracking_table_new(void) {
        return new0(TrackingTable, 1);
}

TrackingTable *tracking_table_free(TrackingTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_entries; i++)
                free(t->entries[i].owner);
        free(t);
        return NULL;
}

static void drop(TrackingTable *t, size_t i) {
        free(t->entries[i].owner);
        t->n_entries--;
        memmove(t->entries + i, t->entries + i + 1, (t->n_entries - i) * sizeof(Entry));
}

static void make_room(TrackingTable *t, const char *owner) {
        size_t n = 0, oldest = 0;

        for (size_t i = t->n_entries; i > 0; i--)
                if (streq(t->entries[i - 1].owner, owner)) {
                        oldest = i - 1;
                        n++;
                }

        if (n >= TRACKING_PER_OWNER_MAX)
                drop(t, oldest);
        else if (t->n_entries >= TRACKING_MAX)
                drop(t, 0);
}

/* A random UUID (version 4) in capitals, as clients of NUT know it. */
static int make_id(char id[static TRACKING_ID_LENGTH + 1]) {
        uint8_t b[16];

        if (getrandom(b, sizeof(b), 0) < 0)
                return -errno;

        b[6] = (uint8_t) ((b[6] & 0x0f) | 0x40);
        b[8] = (uint8_t) ((b[8] & 0x3f) | 0x80);
        (void) snprintf(id, TRACKING_ID_LENGTH + 1,
                        "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X",
                        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
                        b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
        return 0;
}

int tracking_add(TrackingTable *t, const char *owner, uint64_t now,
                char ret_id[static TRACKING_ID_LENGTH + 1]) {
        Entry e = { .since = now, .result = "PENDING" };

        int r = make_id(e.id);
        if (r < 0)
                return r;

        e.owner = strdup(owner);
        if (!e.owner)
                return -ENOMEM;

        make_room(t, owner);
        t->entries[t->n_entries++] = e;
        memcpy(ret_id, e.id, sizeof(e.id));
        return 0;
}

static Entry *find(TrackingTable *t, const char *id) {
        for (size_t i = t->n_entries; i > 0; i--)
                if (strcaseeq(t->entries[i - 1].id, id))
                        return t->entries + i - 1;
        return NULL;
}

static const char *result_from_errno(int r) {
        switch (r) {
        case 0:
                return "SUCCESS";
        case -EOPNOTSUPP:
                return "ERR UNKNOWN";
        case -EINVAL:
                return "ERR INVALID-ARGUMENT";
        default:
                return "ERR FAILED";
        }
}

void tracking_finish(TrackingTable *t, const char *id, int r) {
        Entry *e = find(t, id);

        if (e)
                e->result = result_from_errno(r);
}

const char *tracking_result(TrackingTable *t, const char *id) {
        const Entry *e = find(t, id);

        return e ? e->result : "ERR UNKNOWN";
}

void tracking_expire(TrackingTable *t, uint64_t before) {
        size_t n = 0;

        while (n < t->n_entries && t->entries[n].since < before)
                free(t->entries[n++].owner);

        t->n_entries -= n;
        memmove(t->entries, t->entries + n, t->n_entries * sizeof(Entry));
}

size_t tracking_count(const TrackingTable *t) {
        return t->n_entries;
}
