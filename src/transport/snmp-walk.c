/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording.h"
#include "snmp-walk-internal.h"
#include "string-util.h"

typedef struct Entry {
        SnmpValue value;
        unsigned line;
} Entry;

typedef struct Parser {
        const char *p, *end;
        unsigned line; /* of what is read */
        unsigned next; /* where p stands */
        bool is_own;
        SnmpWalkReport report;
        void *userdata;
        Entry *entries;
        size_t n, n_allocated;
} Parser;

static void parser_done(Parser *p) {
        for (size_t i = 0; i < p->n; i++)
                snmp_value_done(&p->entries[i].value);
        free(p->entries);
}

static void report(const Parser *p, unsigned line, const char *message) {
        if (p->report)
                p->report(p->userdata, line, message);
}

/*** Lines ***/

/* The next line without its end, in new memory; NULL at the end. -EINVAL with a zero byte in it. */
static int peek_line(const Parser *p, char **ret, const char **ret_behind) {
        const char *end = p->p < p->end ? memchr(p->p, '\n', (size_t) (p->end - p->p)) : NULL;
        size_t n;

        if (p->p >= p->end) {
                *ret = NULL;
                return 0;
        }
        *ret_behind = end ? end + 1 : p->end;
        n = (size_t) ((end ?: p->end) - p->p);
        if (n > 0 && p->p[n - 1] == '\r')
                n--;
        if (memchr(p->p, '\0', n))
                return -EINVAL;
        *ret = strndup(p->p, n);
        return *ret ? 0 : -ENOMEM;
}

static void go_on(Parser *p, const char *behind) {
        p->p = behind;
        p->next++;
}

/* Adds the lines that belong to what snmpwalk has printed. */
static int join_printed(Parser *p, char **text) {
        _cleanup_free_ char *buffer = NULL;
        size_t length = strlen(*text), n_allocated = 0;

        for (;;) {
                _cleanup_free_ char *next = NULL;
                const char *behind;
                size_t n;
                int r = peek_line(p, &next, &behind);

                if (r == -ENOMEM)
                        return r;
                if (r < 0 || !snmp_walk_goes_on(buffer ?: *text, length, next))
                        break;
                n = strlen(next);
                if (!buffer) {
                        if (!GREEDY_REALLOC(buffer, n_allocated, length + 1))
                                return -ENOMEM;
                        memcpy(buffer, *text, length + 1);
                }
                if (!GREEDY_REALLOC(buffer, n_allocated, length + n + 2))
                        return -ENOMEM;
                buffer[length] = '\n';
                memcpy(buffer + length + 1, next, n + 1);
                length += n + 1;
                go_on(p, behind);
        }
        if (buffer) {
                free(*text);
                *text = TAKE_PTR(buffer);
        }
        return 0;
}

/*** Values ***/

static int add_value(Parser *p, SnmpValue *v) {
        if (!GREEDY_REALLOC(p->entries, p->n_allocated, p->n + 1))
                return -ENOMEM;
        p->entries[p->n++] = (Entry) { .value = *v, .line = p->line };
        *v = (SnmpValue) {};
        return 0;
}

static int read_one(Parser *p, char **line) {
        _cleanup_(snmp_value_done) SnmpValue v = {};
        const char *why = NULL;
        int r;

        if (p->is_own)
                r = snmp_walk_read_own(*line, &v, &why);
        else if (snmp_walk_is_printed(*line)) {
                r = join_printed(p, line);
                if (r >= 0)
                        r = snmp_walk_read_printed(*line, &v, &why);
        } else
                r = snmp_walk_read_record(*line, &v, &why);

        if (r == -EINVAL)
                report(p, p->line, why);
        return r == 0 ? add_value(p, &v) : r == -ENOMEM ? r : 0;
}

static bool is_blank_or_comment(const char *s) {
        s += strspn(s, " \t");
        return *s == '\0' || *s == '#';
}

static int read_lines(Parser *p) {
        for (;;) {
                _cleanup_free_ char *line = NULL;
                const char *behind = p->end;
                int r = peek_line(p, &line, &behind);

                if (r == -ENOMEM || (r == 0 && !line))
                        return r;
                p->line = p->next;
                go_on(p, behind);
                if (r == -EINVAL) {
                        report(p, p->line, "there is a zero byte in this line");
                        continue;
                }
                if (p->line == 1 && streq(line, SNMP_WALK_MAGIC)) {
                        p->is_own = true;
                        continue;
                }
                if (is_blank_or_comment(line))
                        continue;
                r = read_one(p, &line);
                if (r < 0)
                        return r;
        }
}

/*** The whole ***/

static int compare_entries(const void *a, const void *b) {
        const Entry *x = a, *y = b;
        int r = snmp_oid_order(&x->value.oid, &y->value.oid);

        return r != 0 ? r : x->line < y->line ? -1 : x->line > y->line;
}

static int finish(Parser *p, SnmpWalk *ret) {
        SnmpValue *values;
        size_t n = 0;

        if (p->n == 0)
                return -EBADMSG;
        qsort(p->entries, p->n, sizeof(Entry), compare_entries);
        values = new(SnmpValue, p->n);
        if (!values)
                return -ENOMEM;
        for (size_t i = 0; i < p->n; i++) {
                Entry *e = p->entries + i;

                if (n > 0 && snmp_oid_equal(&values[n - 1].oid, &e->value.oid)) {
                        report(p, e->line, "this object was there before");
                        snmp_value_done(&e->value);
                        continue;
                }
                values[n++] = e->value;
                e->value = (SnmpValue) {};
        }
        *ret = (SnmpWalk) { .values = values, .n_values = n };
        return 0;
}

int snmp_walk_parse(const char *data, size_t n, SnmpWalkReport on_report, void *userdata, SnmpWalk *ret) {
        _cleanup_(parser_done) Parser p = {
                .p = data,
                .end = data + n,
                .next = 1,
                .report = on_report,
                .userdata = userdata,
        };
        int r;

        if (n > RECORDING_SIZE_MAX)
                return -E2BIG;
        r = read_lines(&p);
        return r < 0 ? r : finish(&p, ret);
}

int snmp_walk_load(const char *path, SnmpWalkReport on_report, void *userdata, SnmpWalk *ret) {
        _cleanup_free_ char *data = NULL;
        size_t n;
        int r = recording_read_file(path, &data, &n);

        if (r < 0)
                return r == -EFBIG ? -E2BIG : r;
        return snmp_walk_parse(data, n, on_report, userdata, ret);
}

void snmp_walk_done(SnmpWalk *w) {
        snmp_values_done(w->values, w->n_values);
        *w = (SnmpWalk) {};
}

/* The first that is not before oid. */
static size_t find_place(const SnmpWalk *w, const SnmpOid *oid) {
        size_t low = 0, high = w->n_values;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (snmp_oid_order(&w->values[middle].oid, oid) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const SnmpValue *snmp_walk_find(const SnmpWalk *w, const SnmpOid *oid) {
        size_t i = find_place(w, oid);

        return i < w->n_values && snmp_oid_equal(&w->values[i].oid, oid) ? w->values + i : NULL;
}

const SnmpValue *snmp_walk_next(const SnmpWalk *w, const SnmpOid *oid) {
        size_t i = find_place(w, oid);

        if (i < w->n_values && snmp_oid_equal(&w->values[i].oid, oid))
                i++;
        return i < w->n_values ? w->values + i : NULL;
}

int snmp_walk_write(const SnmpWalk *w, FILE *f) {
        fputs(SNMP_WALK_MAGIC "\n", f);
        for (size_t i = 0; i < w->n_values; i++)
                snmp_walk_write_value(w->values + i, f);
        return fflush(f) == 0 && !ferror(f) ? 0 : -EIO;
}
