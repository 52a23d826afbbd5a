/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "records.h"

#include "string-util.h"
#include "time-util.h"

static const char *const signatures[_FIELD_TYPE_MAX] = {
        [FIELD_STRING]   = "s",
        [FIELD_BOOLEAN]  = "b",
        [FIELD_UNSIGNED] = "u",
        [FIELD_INTEGER]  = "x",
        [FIELD_TIME]     = "t",
        [FIELD_NUMBER]   = "d",
        [FIELD_STRINGS]  = "as",
        [FIELD_PAIRS]    = "a{ss}",
        [FIELD_EVENTS]   = "a(ts)",
};

static void events_done(RecordEvents *events) {
        for (size_t i = 0; i < events->n; i++)
                free(events->items[i].text);
        free(events->items);
        *events = (RecordEvents) {};
}

static void record_done(const RecordKind *kind, void *record) {
        for (size_t i = 0; i < kind->n_fields; i++) {
                void *p = (char *) record + kind->fields[i].offset;

                switch (kind->fields[i].type) {

                case FIELD_STRING:
                        freep(p);
                        break;
                case FIELD_STRINGS:
                case FIELD_PAIRS:
                        strv_freep(p);
                        break;
                case FIELD_EVENTS:
                        events_done(p);
                        break;
                default:
                        break;
                }
        }
}

static int read_string(sd_bus_message *m, char **p) {
        const char *s;
        int r;

        r = sd_bus_message_read_basic(m, 's', &s);
        return r < 0 ? r : free_and_strdup(p, s);
}

static int read_boolean(sd_bus_message *m, bool *p) {
        int value, r;

        r = sd_bus_message_read_basic(m, 'b', &value);
        if (r < 0)
                return r;

        *p = value;
        return 0;
}

static int read_strings(sd_bus_message *m, char ***p) {
        _cleanup_strv_free_ char **l = NULL;
        int r;

        r = sd_bus_message_read_strv(m, &l);
        if (r < 0)
                return r;

        strv_freep(p);
        *p = TAKE_PTR(l);
        return 0;
}

static int read_pairs(sd_bus_message *m, char ***p) {
        const char *name, *value;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{ss}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0)
                if (strv_extend(p, name) < 0 || strv_extend(p, value) < 0)
                        return -ENOMEM;

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_events(sd_bus_message *m, RecordEvents *events) {
        size_t allocated = events->n;
        const char *text;
        uint64_t usec;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(ts)");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(m, "(ts)", &usec, &text)) > 0) {
                char *copy = strdup(text);

                if (!copy || !GREEDY_REALLOC(events->items, allocated, events->n + 1)) {
                        free(copy);
                        return -ENOMEM;
                }
                events->items[events->n++] = (RecordEvent) { .time_usec = usec, .text = copy };
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, FieldType type, void *p) {
        switch (type) {

        case FIELD_STRING:
                return read_string(m, p);
        case FIELD_BOOLEAN:
                return read_boolean(m, p);
        case FIELD_STRINGS:
                return read_strings(m, p);
        case FIELD_PAIRS:
                return read_pairs(m, p);
        case FIELD_EVENTS:
                return read_events(m, p);
        default:
                return sd_bus_message_read_basic(m, signatures[type][0], p);
        }
}

static const Field *field_find(const RecordKind *kind, const char *key) {
        for (size_t i = 0; i < kind->n_fields; i++)
                if (streq(kind->fields[i].key, key))
                        return &kind->fields[i];

        return NULL;
}

static int read_field(sd_bus_message *m, const RecordKind *kind, void *record) {
        const char *key, *contents;
        const Field *field;
        int r;

        r = sd_bus_message_read_basic(m, 's', &key);
        if (r < 0)
                return r;

        field = field_find(kind, key);
        if (!field)
                return sd_bus_message_skip(m, "v");

        r = sd_bus_message_peek_type(m, NULL, &contents);
        if (r < 0)
                return r;
        if (!streq(strempty(contents), signatures[field->type]))
                return -EBADMSG;

        r = sd_bus_message_enter_container(m, 'v', signatures[field->type]);
        if (r >= 0)
                r = read_value(m, field->type, (char *) record + field->offset);

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int records_read_one(Records *records, sd_bus_message *m) {
        const RecordKind *kind = records->kind;
        void *record;
        int r;

        if (records->n >= records->n_allocated) {
                size_t n = records->n_allocated > 0 ? records->n_allocated * 2 : 1;
                void *items = reallocarray(records->items, n, kind->size);

                if (!items)
                        return -ENOMEM;
                records->items = items;
                records->n_allocated = n;
        }

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;

        record = (char *) records->items + records->n * kind->size;
        memcpy(record, kind->defaults, kind->size);
        records->n++; /* from here on records_done() frees it, whole or not */

        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_field(m, kind, record);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int records_read(Records *records, sd_bus_message *m) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', "a{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                r = records_read_one(records, m);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

void records_done(Records *records) {
        for (size_t i = 0; i < records->n; i++)
                record_done(records->kind, (char *) records->items + i * records->kind->size);
        free(records->items);
        *records = (Records) { .kind = records->kind };
}

static void pairs_json(Json *j, const char *key, char *const *pairs) {
        json_object(j, key);
        for (char *const *s = pairs; s && s[0]; s += 2)
                json_string(j, s[0], s[1]);
        json_object_end(j);
}

static void events_json(Json *j, const char *key, const RecordEvents *events) {
        json_array(j, key);
        for (size_t i = 0; i < events->n; i++) {
                json_object(j, NULL);
                json_integer(j, "time_usec", (int64_t) events->items[i].time_usec);
                json_string(j, "text", events->items[i].text);
                json_object_end(j);
        }
        json_array_end(j);
}

static void integer_json(Json *j, const char *key, int64_t value) {
        if (value < 0)
                json_string(j, key, NULL);
        else
                json_integer(j, key, value);
}

void record_json(Json *j, const RecordKind *kind, const void *record) {
        for (size_t i = 0; i < kind->n_fields; i++) {
                const Field *f = &kind->fields[i];
                const void *p = (const char *) record + f->offset;

                switch (f->type) {

                case FIELD_STRING:
                        json_string(j, f->json, *(char *const *) p);
                        break;
                case FIELD_BOOLEAN:
                        json_boolean(j, f->json, *(const bool *) p);
                        break;
                case FIELD_UNSIGNED:
                        json_integer(j, f->json, *(const uint32_t *) p);
                        break;
                case FIELD_INTEGER:
                        integer_json(j, f->json, *(const int64_t *) p);
                        break;
                case FIELD_TIME: /* UINT64_MAX is negative, too */
                        integer_json(j, f->json, (int64_t) *(const uint64_t *) p);
                        break;
                case FIELD_NUMBER:
                        json_number(j, f->json, *(const double *) p);
                        break;
                case FIELD_STRINGS:
                        json_strv(j, f->json, *(char *const *const *) p);
                        break;
                case FIELD_PAIRS:
                        pairs_json(j, f->json, *(char *const *const *) p);
                        break;
                default:
                        events_json(j, f->json, p);
                        break;
                }
        }
}

void records_json(Json *j, const char *key, const Records *records) {
        json_array(j, key);
        for (size_t i = 0; i < records->n; i++) {
                json_object(j, NULL);
                record_json(j, records->kind, (const char *) records->items + i * records->kind->size);
                json_object_end(j);
        }
        json_array_end(j);
}
