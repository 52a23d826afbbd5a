/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-item.h"

/*** Sets ***/

int snmp_wants_add(SnmpWants *w, const SnmpOid *oid, bool is_lasting, SnmpAsk ask, bool status) {
        SnmpWant *want;

        if (!GREEDY_REALLOC(w->wants, w->n_allocated, w->n_wants + 1))
                return -ENOMEM;
        want = &w->wants[w->n_wants];
        *want = (SnmpWant){.n = (uint32_t) oid->n, .ask = (uint8_t) ask, .status = status};
        if (is_lasting)
                want->ids = oid->ids;
        else {
                if (!GREEDY_REALLOC(w->numbers, w->n_numbers_allocated, w->n_numbers + oid->n))
                        return -ENOMEM;
                memcpy(w->numbers + w->n_numbers, oid->ids, oid->n * sizeof(uint32_t));
                want->offset = w->n_numbers;
                w->n_numbers += oid->n;
        }
        w->n_wants++;
        return 0;
}

void snmp_wants_done(SnmpWants *w) {
        free(w->wants);
        free(w->numbers);
        *w = (SnmpWants){};
}

static SnmpOid want_oid(const SnmpWant *w) {
        return (SnmpOid){.ids = (uint32_t *) w->ids, .n = w->n};
}

static int compare_wants(const void *a, const void *b) {
        const SnmpOid x = want_oid(a), y = want_oid(b);

        return snmp_oid_order(&x, &y);
}

/* Brings equal ones together, and has all point to their numbers. */
static void sort_wants(SnmpWants *w) {
        size_t n = 0;

        for (size_t i = 0; i < w->n_wants; i++)
                if (!w->wants[i].ids)
                        w->wants[i].ids = w->numbers + w->wants[i].offset;
        if (w->n_wants > 0)
                qsort(w->wants, w->n_wants, sizeof(SnmpWant), compare_wants);

        for (size_t i = 0; i < w->n_wants; i++) {
                SnmpWant *last = n > 0 ? &w->wants[n - 1] : NULL;

                if (!last || compare_wants(last, &w->wants[i]) != 0) {
                        w->wants[n++] = w->wants[i];
                        continue;
                }
                last->ask = MIN(last->ask, w->wants[i].ask);
                last->status = last->status || w->wants[i].status;
        }
        w->n_wants = n;
}

static bool is_own(const SnmpWants *w, const SnmpWant *want) {
        return w->numbers && want->ids >= w->numbers && want->ids < w->numbers + w->n_numbers;
}

static void move_item(SnmpItem *to, SnmpItem *from) {
        if (!from)
                return;
        to->datum = from->datum;
        from->datum = (SnmpDatum){.type = SNMP_TYPE_NULL};
        to->changed = from->changed;
        to->missed = from->missed;
        to->seen = from->seen;
        to->absent = from->absent;
        to->suspect = from->suspect;
        to->mute = from->mute;
        to->known = from->known;
}

int snmp_items_make(SnmpWants *w, SnmpItemSet *ret) {
        SnmpItemSet s = {};
        size_t n_numbers = 0;

        sort_wants(w);
        for (size_t i = 0; i < w->n_wants; i++)
                n_numbers += is_own(w, &w->wants[i]) ? w->wants[i].n : 0;
        s.items = new0(SnmpItem, w->n_wants);
        s.numbers = new0(uint32_t, n_numbers);
        if (!s.items || !s.numbers) {
                free(s.items);
                free(s.numbers);
                return -ENOMEM;
        }

        n_numbers = 0;
        for (size_t i = 0; i < w->n_wants; i++) {
                const SnmpWant *want = &w->wants[i];
                SnmpItem *item = &s.items[s.n_items++];

                *item = (SnmpItem){
                        .oid = want_oid(want),
                        .datum.type = SNMP_TYPE_NULL,
                        .ask = want->ask,
                        .status = want->status,
                };
                if (is_own(w, want)) {
                        memcpy(s.numbers + n_numbers, want->ids, want->n * sizeof(uint32_t));
                        item->oid.ids = s.numbers + n_numbers;
                        n_numbers += want->n;
                }
        }
        *ret = s;
        return 0;
}

void snmp_items_inherit(SnmpItemSet *s, SnmpItemSet *old) {
        for (size_t i = 0; i < s->n_items; i++)
                move_item(&s->items[i], snmp_items_find(old, &s->items[i].oid));
}

static void datum_done(SnmpDatum *d) {
        if (d->type == SNMP_TYPE_OID)
                free(d->ids);
        else if (d->type == SNMP_TYPE_STRING || d->type == SNMP_TYPE_OPAQUE || d->type == SNMP_TYPE_ADDRESS)
                free(d->bytes);
        *d = (SnmpDatum){.type = SNMP_TYPE_NULL};
}

void snmp_items_done(SnmpItemSet *s) {
        for (size_t i = 0; i < s->n_items; i++)
                datum_done(&s->items[i].datum);
        free(s->items);
        free(s->numbers);
        *s = (SnmpItemSet){};
}

SnmpItem *snmp_items_find(const SnmpItemSet *s, const SnmpOid *oid) {
        size_t low = 0, high = s->n_items;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = snmp_oid_order(oid, &s->items[middle].oid);

                if (c == 0)
                        return &s->items[middle];
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

bool snmp_items_are_due(const SnmpItemSet *s) {
        for (size_t i = 0; i < s->n_items; i++)
                if (s->items[i].due)
                        return true;
        return false;
}

/*** Values ***/

static bool has_bytes(SnmpType t) {
        return t == SNMP_TYPE_STRING || t == SNMP_TYPE_OPAQUE || t == SNMP_TYPE_ADDRESS;
}

bool snmp_datum_is(const SnmpDatum *d, const SnmpValue *v) {
        if (d->type != v->type)
                return false;
        if (has_bytes(v->type))
                return d->n == v->n_bytes && (d->n == 0 || memcmp(d->bytes, v->bytes, d->n) == 0);
        if (v->type == SNMP_TYPE_OID)
                return d->n == v->object.n &&
                       (d->n == 0 || memcmp(d->ids, v->object.ids, d->n * sizeof(uint32_t)) == 0);
        if (v->type == SNMP_TYPE_INTEGER)
                return d->integer == v->integer;
        if (v->type == SNMP_TYPE_REAL)
                return memcmp(&d->real, &v->real, sizeof(double)) == 0;
        return d->count == v->count;
}

static int copy_datum(const SnmpValue *v, SnmpDatum *ret) {
        SnmpDatum d = {.type = (uint8_t) v->type};

        if (has_bytes(v->type)) {
                d.n = (uint32_t) v->n_bytes;
                d.bytes = new0(uint8_t, v->n_bytes);
                if (!d.bytes)
                        return -ENOMEM;
                if (d.n > 0)
                        memcpy(d.bytes, v->bytes, d.n);
        } else if (v->type == SNMP_TYPE_OID) {
                d.n = (uint32_t) v->object.n;
                d.ids = new0(uint32_t, v->object.n);
                if (!d.ids)
                        return -ENOMEM;
                if (d.n > 0)
                        memcpy(d.ids, v->object.ids, d.n * sizeof(uint32_t));
        } else if (v->type == SNMP_TYPE_INTEGER)
                d.integer = v->integer;
        else if (v->type == SNMP_TYPE_REAL)
                d.real = v->real;
        else
                d.count = v->count;
        *ret = d;
        return 0;
}

int snmp_item_forget(SnmpItem *i) {
        bool was_there = snmp_item_is_there(i);

        datum_done(&i->datum);
        return was_there;
}

int snmp_item_take(SnmpItem *i, const SnmpValue *v) {
        SnmpDatum d;
        int r;

        i->known = true;
        i->missed = 0;
        i->suspect = i->mute = false;
        i->absent = !snmp_value_is_there(v);
        if (i->absent)
                return snmp_item_forget(i);
        i->seen = true;
        if (snmp_datum_is(&i->datum, v))
                return 0;
        r = copy_datum(v, &d);
        if (r < 0)
                return r;
        datum_done(&i->datum);
        i->datum = d;
        return 1;
}
