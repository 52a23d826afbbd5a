/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <stdio.h>

#include "lexer.h"
#include "log.h"
#include "string-util.h"
#include "ups-conf.h"

/*** Keys ***/

void device_key_done(DeviceKey *k) {
        free(k->serial);
        free(k->place);
        *k = (DeviceKey) {};
}

static int copy_text(const char *s, char **ret) {
        char *copy = s ? strdup(s) : NULL;

        if (s && !copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

int device_key_copy(const DeviceKey *k, DeviceKey *ret) {
        DeviceKey copy = { .vendor_id = k->vendor_id, .product_id = k->product_id };

        if (copy_text(k->serial, &copy.serial) < 0 || copy_text(k->place, &copy.place) < 0) {
                device_key_done(&copy);
                return -ENOMEM;
        }

        *ret = copy;
        return 0;
}

bool device_key_same_kind(const DeviceKey *a, const DeviceKey *b) {
        return a->vendor_id == b->vendor_id && a->product_id == b->product_id &&
                streq_ptr(a->serial, b->serial);
}

bool serial_is_usable(const char *serial) {
        static const char *const bogus[] = {
                "0123456789", "12345678", "123456789", "1234567890", "blank", "default", "default string",
                "empty", "invalid", "n/a", "none", "not set", "null", "serial", "serial number",
                "serialnumber", "to be filled by o.e.m.", "unknown",
        };

        if (isempty(serial) || strspn(serial, (char[]) { serial[0], ' ', '\0' }) == strlen(serial))
                return false;
        if (strspn(serial, "0. -?") == strlen(serial))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(bogus); i++)
                if (strcaseeq(serial, bogus[i]))
                        return false;
        return true;
}

char *record_text(const char *s) {
        char *text = strndup(s, RECORD_TEXT_MAX);

        for (char *c = text; c && *c; c++)
                if (*c < ' ' || *c > '~')
                        *c = '?';
        return text;
}

/*** Records ***/

void record_done(Record *r) {
        free(r->name);
        device_key_done(&r->key);
        free(r->description);
        free(r->driver);
        *r = (Record) {};
}

void enroll_records_done(Records *r) {
        for (size_t i = 0; i < r->n_records; i++)
                record_done(r->records + i);
        free(r->records);
        *r = (Records) {};
}

static int record_copy(const Record *r, Record *ret) {
        Record copy = { .twin = r->twin, .section = r->section };

        if (copy_text(r->name, &copy.name) < 0 || copy_text(r->description, &copy.description) < 0 ||
            copy_text(r->driver, &copy.driver) < 0 || device_key_copy(&r->key, &copy.key) < 0) {
                record_done(&copy);
                return -ENOMEM;
        }

        *ret = copy;
        return 0;
}

ssize_t records_find_name(const Records *r, const char *name) {
        for (size_t i = 0; i < r->n_records; i++)
                if (strcaseeq(r->records[i].name, name))
                        return (ssize_t) i;
        return -1;
}

ssize_t records_find_device(const Records *r, const Record *device) {
        for (size_t i = 0; i < r->n_records; i++) {
                const Record *other = r->records + i;

                if (!device_key_same_kind(&other->key, &device->key))
                        continue;
                if ((other->key.serial && !other->twin && !device->twin) ||
                    streq(other->key.place, device->key.place))
                        return (ssize_t) i;
        }

        return -1;
}

void records_remove(Records *r, size_t i) {
        record_done(r->records + i);
        memmove(r->records + i, r->records + i + 1, (r->n_records - i - 1) * sizeof(Record));
        r->n_records--;
}

void records_move_to_front(Records *r, size_t i) {
        Record first = r->records[i];

        memmove(r->records + 1, r->records, i * sizeof(Record));
        r->records[0] = first;
}

/* What makes room: rather what was at the same place than the devices of others. */
static size_t find_victim(const Records *r, const char *place) {
        for (size_t i = r->n_records; i-- > 0;)
                if (!r->records[i].section && streq_ptr(r->records[i].key.place, place))
                        return i;
        return r->n_records - 1;
}

int records_add(Records *r, Record *record) {
        while (r->n_records >= RECORDS_MAX)
                records_remove(r, find_victim(r, record->key.place));
        if (!GREEDY_REALLOC(r->records, r->n_allocated, r->n_records + 1))
                return -ENOMEM;

        r->records[r->n_records++] = *record;
        *record = (Record) {};
        records_move_to_front(r, r->n_records - 1);
        return 0;
}

/* Behind all others, unless the device or the name is known. */
static int add_last(Records *r, const Record *record) {
        int k;

        if (r->n_records >= RECORDS_MAX || records_find_name(r, record->name) >= 0 ||
            records_find_device(r, record) >= 0)
                return 0;
        if (!GREEDY_REALLOC(r->records, r->n_allocated, r->n_records + 1))
                return -ENOMEM;

        k = record_copy(record, r->records + r->n_records);
        if (k < 0)
                return k;
        r->n_records++;
        return 1;
}

int records_merge(Records *r, const Records *other) {
        for (size_t i = 0; i < other->n_records; i++) {
                int k = add_last(r, other->records + i);
                if (k < 0)
                        return k;
        }

        return 0;
}

int records_copy(const Records *r, Records *ret) {
        Records copy = {};
        int k;

        k = records_merge(&copy, r);
        if (k < 0) {
                enroll_records_done(&copy);
                return k;
        }

        *ret = copy;
        return 0;
}

/*** Text ***/

static bool parse_ids(const char *s, DeviceKey *k) {
        unsigned vendor, product;
        int n = 0;

        if (strlen(s) != strlen("051d:0002") || strspn(s, "0123456789abcdefABCDEF:") != strlen(s) ||
            sscanf(s, "%4x:%4x%n", &vendor, &product, &n) != 2 || s[n] != '\0')
                return false;

        k->vendor_id = (uint16_t) vendor;
        k->product_id = (uint16_t) product;
        return true;
}

/* What makes no sense, or NULL. Keys that a later version may add are passed over with their value. */
static const char *parse_words(const ConfLine *l, Record *ret) {
        if (l->section || l->n_words < 3 || !streq(l->words[0], "device"))
                return "not a line of the form: device NAME VENDOR:PRODUCT port PLACE";
        if (!device_name_is_valid(l->words[1]))
                return "not a name that a device can have";
        if (!parse_ids(l->words[2], &ret->key))
                return "not VENDOR:PRODUCT in hexadecimal";

        ret->name = record_text(l->words[1]);
        for (size_t i = 3; i < l->n_words; i++) {
                const char *key = l->words[i], *value = i + 1 < l->n_words ? l->words[i + 1] : NULL;
                char **text = streq(key, "serial") ? &ret->key.serial :
                        streq(key, "port") ? &ret->key.place :
                        streq(key, "driver") ? &ret->driver :
                        streq(key, "description") ? &ret->description : NULL;

                if (streq(key, "twin"))
                        ret->twin = true;
                else if (streq(key, "section"))
                        ret->section = true;
                else if (!value || (text && *text))
                        return "a word without a value, or twice";
                else {
                        if (text)
                                *text = record_text(value);
                        i++;
                }
        }

        /* What is known and usable may change with the version. */
        if (ret->driver && !ups_conf_driver_is_plugged(ret->driver)) {
                free(ret->driver);
                ret->driver = NULL;
        }
        if (ret->key.serial && !serial_is_usable(ret->key.serial)) {
                free(ret->key.serial);
                ret->key.serial = NULL;
        }
        return isempty(ret->key.place) ? "the port is missing" : NULL;
}

static int parse_line(Records *records, const ConfLine *l, ConfReport report, void *userdata) {
        Record record = {};
        const char *problem = parse_words(l, &record);
        int r = 0;

        if (!problem && !record.name)
                r = -ENOMEM;
        else if (!problem)
                r = add_last(records, &record);
        if (!problem && r == 0)
                problem = "this name or this device was there before";
        if (problem)
                conf_line_report(l, report, userdata, LOG_ERR, "Line is left out: %s", problem);
        record_done(&record);
        return problem ? -EBADMSG : r;
}

typedef struct Watcher {
        ConfReport report;
        void *userdata;
        bool bad;
} Watcher;

static void note(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Watcher *w = userdata;

        w->bad = true;
        if (w->report)
                w->report(w->userdata, level, file, line, message);
}

int records_parse(const char *file, const char *data, size_t n, ConfReport report, void *userdata,
                Records *ret, bool *ret_bad) {
        Watcher watcher = { .report = report, .userdata = userdata };
        _cleanup_(conf_freep) Conf *lines = NULL;
        Records records = {};
        int r;

        r = conf_parse(file, data, n, note, &watcher, &lines);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf_n_lines(lines); i++) {
                r = parse_line(&records, conf_line(lines, i), note, &watcher);
                if (r == -ENOMEM) {
                        enroll_records_done(&records);
                        return r;
                }
        }

        *ret = records;
        *ret_bad = watcher.bad;
        return 0;
}

static void put_text(FILE *f, const char *key, const char *value) {
        char escaped[2 * RECORD_TEXT_MAX + 1];

        if (!value)
                return;
        (void) lexer_escape(escaped, sizeof(escaped), value);
        fprintf(f, " %s \"%s\"", key, escaped);
}

char *records_format(const Records *r) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        bool bad;

        if (!f)
                return NULL;

        fputs("# Which name belongs to which device; see busbar-enroll(8). To rename a device, name it in\n"
              "# ups.conf; to forget one: busbar-enroll --forget=NAME.\n", f);
        for (size_t i = 0; i < r->n_records; i++) {
                const Record *record = r->records + i;

                fprintf(f, "device %s %04x:%04x", record->name, record->key.vendor_id,
                                record->key.product_id);
                put_text(f, "serial", record->key.serial);
                put_text(f, "port", record->key.place);
                fprintf(f, "%s%s", record->twin ? " twin" : "", record->section ? " section" : "");
                put_text(f, "driver", record->driver);
                put_text(f, "description", record->description);
                fputc('\n', f);
        }

        bad = ferror(f);
        if (fclose(f) != 0 || bad) {
                free(text);
                return NULL;
        }
        return text;
}
