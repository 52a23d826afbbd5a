/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "naming.h"

#include <stdio.h>

#include "string-util.h"

/* What is decided so far. */
typedef struct Decision {
        const Naming *naming;
        Records *records;
        bool *twin;                /* for each device */
        const NamingSection **section; /* likewise, NULL for none */
} Decision;

/*** Which record is that of which device ***/

static bool is_twin(const Decision *d, size_t i) {
        const NamingDevice *devices = d->naming->devices;

        if (!devices[i].key.serial)
                return false;
        for (size_t j = 0; j < d->naming->n_devices; j++)
                if (j != i && device_key_same_kind(&devices[i].key, &devices[j].key))
                        return true;
        for (size_t j = 0; j < d->records->n_records; j++)
                if (d->records->records[j].twin &&
                    device_key_same_kind(&devices[i].key, &d->records->records[j].key))
                        return true;
        return false;
}

static bool someone_at(const Naming *n, const DeviceKey *key) {
        for (size_t i = 0; i < n->n_devices; i++)
                if (device_key_same_kind(&n->devices[i].key, key) &&
                    streq(n->devices[i].key.place, key->place))
                        return true;
        return false;
}

/* A second one with the serial of this device has come: from now on the place counts. The record goes to the
 * one that is where it was seen last, else to the first of them. */
static int find_twins(Decision *d) {
        const Naming *n = d->naming;

        for (size_t i = 0; i < n->n_devices; i++)
                d->twin[i] = is_twin(d, i);

        for (size_t i = 0; i < n->n_devices; i++)
                for (size_t j = 0; d->twin[i] && j < d->records->n_records; j++) {
                        Record *r = d->records->records + j;

                        if (r->twin || !device_key_same_kind(&n->devices[i].key, &r->key))
                                continue;
                        r->twin = true;
                        if (!someone_at(n, &r->key) &&
                            free_and_strdup(&r->key.place, n->devices[i].key.place) < 0)
                                return -ENOMEM;
                }
        return 0;
}

static Record *record_of(const Decision *d, size_t i) {
        const Record device = { .key = d->naming->devices[i].key, .twin = d->twin[i] };
        ssize_t k = records_find_device(d->records, &device);

        return k < 0 ? NULL : d->records->records + k;
}

static Record *record_named(const Decision *d, const char *name) {
        ssize_t k = records_find_name(d->records, name);

        return k < 0 ? NULL : d->records->records + k;
}

/*** Sections ***/

static const NamingSection *section_named(const Naming *n, const char *name) {
        for (size_t i = 0; i < n->n_sections; i++)
                if (strcaseeq(n->sections[i].name, name))
                        return n->sections + i;
        return NULL;
}

static bool is_there(const Decision *d, const Record *record) {
        for (size_t i = 0; i < d->naming->n_devices; i++)
                if (record_of(d, i) == record)
                        return true;
        return false;
}

/* How good a choice device i is for a section: 0 not at all. */
static unsigned rank(const Decision *d, const NamingSection *s, size_t i) {
        const Record *record = record_of(d, i), *former = record_named(d, s->name);
        const NamingSection *other;

        if (!s->fits[i] || d->section[i])
                return 0;
        if (!record)
                return 2;
        if (record == former)
                return 3;

        other = record->section ? section_named(d->naming, record->name) : NULL;
        if (other && other->fits[i] && other->weight >= s->weight)
                return 0;
        /* Its own device may only be late. */
        return former && former->section && !s->specific && !is_there(d, former) ? 0 : 1;
}

static void choose_device(Decision *d, const NamingSection *s) {
        size_t best = 0;
        unsigned best_rank = 0;

        for (size_t i = 0; i < d->naming->n_devices; i++)
                if (rank(d, s, i) > best_rank) {
                        best = i;
                        best_rank = rank(d, s, i);
                }

        if (best_rank > 0)
                d->section[best] = s;
}

static void choose_devices(Decision *d) {
        unsigned max = 0;

        for (size_t i = 0; i < d->naming->n_sections; i++)
                max = MAX(max, d->naming->sections[i].weight);
        for (unsigned weight = max + 1; weight-- > 0;)
                for (size_t i = 0; i < d->naming->n_sections; i++)
                        if (d->naming->sections[i].weight == weight)
                                choose_device(d, d->naming->sections + i);
}

/*** Names ***/

static char *free_name(const Decision *d) {
        for (unsigned i = 1;; i++) {
                char *name = i == 1 ? strdup("ups") : strprintf("ups%u", i);

                if (!name || (records_find_name(d->records, name) < 0 &&
                              strv_find_nocase(d->naming->taken, name) < 0))
                        return name;
                free(name);
        }
}

/* The name of a section: a device that had it before has it no more. */
static int give_section(Decision *d, size_t i) {
        const char *name = d->section[i]->name;
        Record *record = record_of(d, i), *former = record_named(d, name);
        int r;

        if (former && former != record) {
                records_remove(d->records, (size_t) (former - d->records->records));
                record = record_of(d, i);
        }
        if (!record)
                return 0;

        r = free_and_strdup(&record->name, name);
        record->section = true;
        return r;
}

/* Names in ups.conf are not for devices that are not meant there. */
static void take_name_away(Decision *d, size_t i) {
        Record *record = record_of(d, i);

        if (!record || d->section[i])
                return;
        record->section = false;
        if (strv_find_nocase(d->naming->taken, record->name) >= 0)
                records_remove(d->records, (size_t) (record - d->records->records));
}

static int add_record(Decision *d, size_t i) {
        const NamingSection *s = d->section[i];
        Record record = { .section = s };
        int r;

        record.name = s ? strdup(s->name) : free_name(d);
        r = record.name ? device_key_copy(&d->naming->devices[i].key, &record.key) : -ENOMEM;
        if (r >= 0)
                r = records_add(d->records, &record);
        record_done(&record);
        return r;
}

/* What is known of the device now. */
static int refresh(Decision *d, size_t i) {
        const NamingDevice *device = d->naming->devices + i;
        Record *record = record_of(d, i);
        int r;

        record->twin = d->twin[i];
        r = free_and_strdup(&record->key.place, device->key.place);
        if (r >= 0)
                r = free_and_strdup(&record->description, device->description);
        /* Who has taken it from the kernel has also taken what it says of itself. */
        if (r >= 0 && device->driver)
                r = free_and_strdup(&record->driver,
                                streq(device->driver, RECORD_DRIVER) ? NULL : device->driver);
        return r;
}

/* What is there is seen last: it is not what makes room for new records. */
static void bring_to_front(Decision *d) {
        for (size_t i = d->naming->n_devices; i-- > 0;) {
                const Record *record = record_of(d, i);

                if (record)
                        records_move_to_front(d->records, (size_t) (record - d->records->records));
        }
}

static int assign(Decision *d, const char **ret_names) {
        size_t n = d->naming->n_devices;
        int r;

        r = find_twins(d);
        if (r < 0)
                return r;
        bring_to_front(d);
        choose_devices(d);

        for (size_t i = 0; i < n; i++)
                take_name_away(d, i);
        for (size_t i = 0; i < n && r >= 0; i++)
                if (d->section[i])
                        r = give_section(d, i);
        for (size_t i = 0; i < n && r >= 0; i++) {
                if (!record_of(d, i))
                        r = add_record(d, i);
                if (r >= 0)
                        r = refresh(d, i);
        }
        if (r < 0)
                return r;

        bring_to_front(d);
        for (size_t i = 0; i < n; i++)
                ret_names[i] = record_of(d, i)->name;
        return 0;
}

int naming_assign(const Naming *n, Records *records, const char **ret_names) {
        _cleanup_free_ const NamingSection **section = new0(const NamingSection *, n->n_devices);
        _cleanup_free_ bool *twin = new0(bool, n->n_devices);
        Decision d = { .naming = n, .records = records, .twin = twin, .section = section };

        if (n->n_devices > NAMING_DEVICES_MAX)
                return -E2BIG;
        return section && twin ? assign(&d, ret_names) : -ENOMEM;
}
