/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [objects], and what names an object elsewhere. */

#include "snmp-profile-internal.h"
#include "string-util.h"

static bool is_letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool name_is_valid(const char *s) {
        if (!is_letter(*s))
                return false;
        for (; *s; s++)
                if (!is_letter(*s) && !is_digit(*s) && *s != '-' && *s != '_')
                        return false;
        return true;
}

static int compare_objects(const void *a, const void *b) {
        const SnmpObject *x = a, *y = b;
        int c = strcmp(x->name, y->name);

        return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

/* The object whose name is the first n bytes of s, once they are sorted; NULL without. */
static const SnmpObject *find_object(const SnmpProfile *p, const char *s, size_t n) {
        size_t low = 0, high = p->n_objects;

        while (low < high) {
                const SnmpObject *o = &p->objects[(low + high) / 2];
                int c = strncmp(s, o->name, n);

                if (c == 0 && o->name[n] == '\0')
                        return o;
                if (c > 0)
                        low = (low + high) / 2 + 1;
                else
                        high = (low + high) / 2;
        }
        return NULL;
}

bool snmp_profile_has_object(const SnmpProfile *p, const char *s, size_t n) {
        return find_object(p, s, n) != NULL;
}

static int report_unknown_object(Loader *l, const ConfLine *line, const char *s, size_t n) {
        const SnmpProfile *p = snmp_loader_profile(l);
        _cleanup_free_ const char **names = new0(const char *, p->n_objects + 1);
        _cleanup_free_ char *name = strndup(s, n);

        if (!names || !name)
                return -ENOMEM;

        for (size_t i = 0; i < p->n_objects; i++)
                names[i] = p->objects[i].name;
        return loader_error_unknown(l, line, "object", name, names);
}

/* An identifier on its way. */
typedef struct Numbers {
        uint32_t ids[SNMP_OID_MAX];
        size_t n;     /* those that are not in a part yet */
        size_t total;
        bool bad;     /* too many */
} Numbers;

static void add_number(Numbers *b, uint32_t id) {
        if (b->total >= SNMP_OID_MAX) {
                b->bad = true;
                return;
        }
        b->ids[b->n++] = id;
        b->total++;
}

static int flush(Numbers *b, size_t table, SnmpPattern *p) {
        SnmpPart *grown = reallocarray(p->parts, p->n_parts + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        p->parts = grown;
        grown[p->n_parts] = (SnmpPart) { .table = table };
        if (b->n > 0) {
                grown[p->n_parts].ids.ids = new(uint32_t, b->n);
                if (!grown[p->n_parts].ids.ids)
                        return -ENOMEM;
                memcpy(grown[p->n_parts].ids.ids, b->ids, b->n * sizeof(uint32_t));
                grown[p->n_parts].ids.n = b->n;
        }
        p->n_parts++;
        b->n = 0;
        return 1;
}

/* The table that a member is meant of, as an index. */
static int parse_member(Loader *l, const ConfLine *line, const char *s, size_t n, size_t *ret) {
        SnmpLoader *loader = snmp_loader(l);
        _cleanup_free_ char *name = NULL;
        int r;

        if (n == 1 && *s == '*') {
                if (loader->table == SNMP_NO_TABLE)
                        return loader_error(l, line,
                                        "* stands for a member of a table: table=NAME is missing");
                if (loader->need)
                        loader->need->member = true;
                *ret = loader->table;
                return 1;
        }

        name = strndup(s + 1, n - 2);
        if (!name)
                return -ENOMEM;
        r = snmp_loader_table(l, line, name, ret);
        if (r <= 0)
                return r;
        if (loader->need)
                loader->need->tables |= UINT64_C(1) << *ret;
        else if (loader->table == SNMP_NO_TABLE ||
                 !(snmp_table_line(loader->profile, loader->table) & UINT64_C(1) << *ret))
                return loader_error(l, line, "{%s}: this is not about members of [table:%s] or of one below",
                                name, name);
        return 1;
}

/* One of what stands between dots. */
static int parse_component(
                Loader *l, const ConfLine *line, const char *s, size_t n, Numbers *numbers, SnmpPattern *p) {
        uint64_t id = 0;
        size_t table;
        int r;

        if ((n == 1 && *s == '*') || (n > 2 && *s == '{' && s[n - 1] == '}')) {
                r = parse_member(l, line, s, n, &table);
                return r <= 0 ? r : flush(numbers, table, p);
        }

        for (size_t i = 0; i < n; i++) {
                if (!is_digit(s[i]) || n > 10)
                        return loader_error(l, line,
                                        "\"%.*s\" cannot stand in an identifier: there are numbers, "
                                        "* and {TABLE}, behind a name at most", (int) MIN(n, 64U), s);
                id = id * 10 + (uint64_t) (s[i] - '0');
        }
        if (n == 0 || id > UINT32_MAX)
                return loader_error(l, line,
                                "There is a number missing in an identifier, or it is too large");

        add_number(numbers, (uint32_t) id);
        return 1;
}

/* A name of [objects] in front; *s behind it. */
static int parse_start(Loader *l, const ConfLine *line, const char **s, Numbers *numbers, SnmpPattern *p) {
        size_t n = strcspn(*s, ".");
        const SnmpObject *o;

        if (!is_letter(**s)) {
                *s += **s == '.';
                return 1;
        }

        o = find_object(snmp_loader_profile(l), *s, n);
        if (!o)
                return report_unknown_object(l, line, *s, n);
        for (size_t i = 0; i < o->oid.n; i++)
                add_number(numbers, o->oid.ids[i]);
        p->type = o->type;
        *s += n + ((*s)[n] == '.' && (*s)[n + 1] ? 1 : 0);
        return 1;
}

static int parse_pattern(Loader *l, const ConfLine *line, const char *s, SnmpPattern *p) {
        Numbers numbers = {};
        const char *start = s;
        int r;

        p->type = _SNMP_TYPE_INVALID;
        r = parse_start(l, line, &s, &numbers, p);
        while (r > 0 && *s) {
                size_t n = strcspn(s, ".");

                r = parse_component(l, line, s, n, &numbers, p);
                s += n;
                if (r <= 0)
                        return r;
                if (*s == '.' && s[1])
                        s++;
                else if (*s)
                        return loader_error(l, line, "\"%s\" ends in a dot", start);
        }
        if (r > 0 && (numbers.n > 0 || p->n_parts == 0))
                r = flush(&numbers, SNMP_NO_TABLE, p);
        if (r > 0 && (numbers.bad || numbers.total < 2))
                return loader_error(l, line, "\"%s\" is no identifier: it has 2 to %u numbers", start,
                                SNMP_OID_MAX);
        return r;
}

void snmp_pattern_done(SnmpPattern *p) {
        for (size_t i = 0; i < p->n_parts; i++)
                snmp_oid_done(&p->parts[i].ids);
        free(p->parts);
        *p = (SnmpPattern) {};
}

int snmp_loader_oid(Loader *l, const ConfLine *line, const char *s, SnmpOid *ret, SnmpType *ret_type) {
        _cleanup_(snmp_pattern_done) SnmpPattern p = {};
        int r = parse_pattern(l, line, s, &p);

        if (r <= 0)
                return r;
        if (p.n_parts != 1 || p.parts[0].table != SNMP_NO_TABLE)
                return loader_error(l, line, "\"%s\": there are no members here", s);

        *ret = p.parts[0].ids;
        p.parts[0].ids = (SnmpOid) {};
        if (ret_type)
                *ret_type = p.type;
        return 1;
}

int snmp_loader_object(Loader *l, const ConfLine *line, const char *s, SnmpPattern *ret) {
        _cleanup_(snmp_pattern_done) SnmpPattern p = {};
        int r = parse_pattern(l, line, s, &p);

        if (r <= 0)
                return r;
        /* An object has an instance, which is 0 where there are no several. */
        if (is_letter(*s) && !strchr(s, '.') && p.parts[0].ids.ids[p.parts[0].ids.n - 1] != 0)
                return loader_error(l, line,
                                "%s has no instance: write %s.0, or %s.* for a member of a table", s,
                                s, s);

        *ret = p;
        p = (SnmpPattern) {};
        return 1;
}

static int parse_type(Loader *l, const ConfLine *line, const char *s, SnmpType *ret) {
        static const char *const names[] = {
                "integer", "gauge", "counter", "ticks", "string", "oid", "address", NULL
        };

        for (size_t i = 0; names[i]; i++)
                if (streq(names[i], s)) {
                        *ret = snmp_type_from_string(s);
                        return 1;
                }
        return loader_error_unknown(l, line, "type", s, names);
}

/* An object on its way. */
typedef struct Draft {
        SnmpObject object;
        char *identifier; /* as it is written */
        bool is_under_way, is_done;
} Draft;

typedef struct Drafts {
        Draft *drafts;
        size_t n, allocated;
} Drafts;

static void object_done(SnmpObject *o) {
        free(o->name);
        snmp_oid_done(&o->oid);
        *o = (SnmpObject) {};
}

static void drafts_done(Drafts *d) {
        for (size_t i = 0; i < d->n; i++) {
                object_done(&d->drafts[i].object);
                free(d->drafts[i].identifier);
        }
        free(d->drafts);
}

static int add_draft(Loader *l, const ConfLine *line, void *userdata) {
        Draft draft = { .object = { .type = _SNMP_TYPE_INVALID, .line = line->line } };
        Drafts *d = userdata;

        if (!name_is_valid(line->words[0]))
                return loader_error(l, line,
                                "\"%s\" cannot be the name of an object: letters, digits, - and "
                                "_, a letter first", line->words[0]);
        if (d->n >= SNMP_OBJECTS_MAX)
                return loader_error(l, line, "There are at most %u objects", SNMP_OBJECTS_MAX);
        if (line->n_words > 4)
                return loader_error(l, line,
                                "A line of [objects] is NAME = IDENTIFIER, perhaps with a TYPE");
        if (line->n_words == 4) {
                int r = parse_type(l, line, line->words[3], &draft.object.type);

                if (r <= 0)
                        return r;
        }
        if (!GREEDY_REALLOC(d->drafts, d->allocated, d->n + 1))
                return -ENOMEM;

        draft.object.name = strdup(line->words[0]);
        draft.identifier = strdup(line->words[2]);
        d->drafts[d->n++] = draft;
        return draft.object.name && draft.identifier ? 0 : -ENOMEM;
}

static int compare_drafts(const void *a, const void *b) {
        return compare_objects(&((const Draft *) a)->object, &((const Draft *) b)->object);
}

static Draft *find_draft(const Drafts *d, const char *s, size_t n) {
        size_t low = 0, high = d->n;

        while (low < high) {
                size_t middle = (low + high) / 2;
                const char *name = d->drafts[middle].object.name;
                int c = strncmp(s, name, n);

                if (c == 0 && name[n] == '\0')
                        return &d->drafts[middle];
                if (c > 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static int report_unknown_draft(Loader *l, const ConfLine *place, const Drafts *d, const char *s, size_t n) {
        _cleanup_free_ const char **names = new0(const char *, d->n + 1);
        _cleanup_free_ char *name = strndup(s, n);

        if (!names || !name)
                return -ENOMEM;
        for (size_t i = 0; i < d->n; i++)
                names[i] = d->drafts[i].object.name;
        return loader_error_unknown(l, place, "object", name, names);
}

/* Each stands on another one, so that this is done for that first. */
static int finish_draft(Loader *l, Drafts *d, Draft *draft, unsigned depth) {
        const char *s = draft->identifier;
        ConfLine place = { .file = l->file, .line = draft->object.line };
        SnmpOid base = {}, more = {};
        Draft *below = NULL;
        int r = 1;

        if (draft->is_done)
                return draft->object.oid.n > 0;
        if (draft->is_under_way || depth > SNMP_DEPTH_MAX)
                return loader_error(l, &place, "%s stands on itself, or on too many others",
                                draft->object.name);

        draft->is_under_way = true;
        if (is_letter(*s)) {
                size_t n = strcspn(s, ".");

                below = find_draft(d, s, n);
                r = below ? finish_draft(l, d, below, depth + 1) : report_unknown_draft(l, &place, d, s, n);
                base = below ? below->object.oid : base;
                s += n + (s[n] == '.');
        }
        draft->is_done = true;
        if (r <= 0)
                return r;

        if (*s || !below)
                r = snmp_oid_parse(s, &more);
        if (r >= 0)
                r = snmp_oid_join(&base, &more, &draft->object.oid);
        snmp_oid_done(&more);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return loader_error(l, &place,
                                "\"%s\" is no identifier: numbers with dots between them, and a "
                                "name in front at most", draft->identifier);
        return 1;
}

/* Also those that stand on others with a mistake are left out: there is a report already. */
static int finish_drafts(Loader *l, Drafts *d) {
        SnmpProfile *p = snmp_loader_profile(l);

        if (d->n == 0)
                return 0;

        qsort(d->drafts, d->n, sizeof(Draft), compare_drafts);
        for (size_t i = 1; i < d->n; i++)
                if (streq(d->drafts[i].object.name, d->drafts[i - 1].object.name)) {
                        ConfLine place = { .file = l->file, .line = d->drafts[i].object.line };

                        (void) loader_error(l, &place, "%s stands here twice", d->drafts[i].object.name);
                }

        p->objects = new0(SnmpObject, d->n);
        if (!p->objects)
                return -ENOMEM;
        for (size_t i = 0; i < d->n; i++) {
                int r = finish_draft(l, d, &d->drafts[i], 0);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < d->n; i++) {
                p->objects[p->n_objects++] = d->drafts[i].object;
                d->drafts[i].object = (SnmpObject) {};
        }
        return 0;
}

int snmp_loader_begin_objects(Loader *l) {
        _cleanup_(drafts_done) Drafts drafts = {};

        for (size_t i = 0; i < l->n_lines; i++) {
                const ConfLine *line = &l->lines[i];
                int r;

                if (!streq_ptr(line->section, "objects"))
                        continue;
                if (!line->assignment || line->n_words < 3)
                        r = loader_error(l, line,
                                        "A line of [objects] is NAME = IDENTIFIER, perhaps with a TYPE");
                else
                        r = loader_each(l, line, add_draft, &drafts);
                if (r < 0)
                        return r;
        }

        return finish_drafts(l, &drafts);
}
