/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-mib.h"

#include <ctype.h>

#include "parse-util.h"
#include "string-util.h"

#define WORDS_MAX 1024U
#define MISSING_MAX 8U

/* Words, texts in quotes, and the signs { } ( ) , and ::= of a file; comments are none. */
typedef struct Tokens {
        const char *s, *end;
        const char *token; /* the last one, not terminated; without its quotes */
        size_t n;
        bool is_text;
} Tokens;

static const char *skip_blanks(const char *s, const char *end) {
        while (s < end) {
                if (isspace((unsigned char) *s)) {
                        s++;
                        continue;
                }
                if (*s != '-' || s + 1 == end || s[1] != '-')
                        return s;
                for (s += 2; s < end && *s != '\n'; s++)
                        if (*s == '-' && s + 1 < end && s[1] == '-') {
                                s += 2;
                                break;
                        }
        }
        return s;
}

static bool next(Tokens *t) {
        const char *s = skip_blanks(t->s, t->end);

        t->is_text = false;
        t->token = s;
        if (s == t->end) {
                t->n = 0;
                t->s = s;
                return false;
        }
        if (*s == '"') {
                const char *close = memchr(s + 1, '"', (size_t) (t->end - s - 1));

                t->token = s + 1;
                t->s = close ? close + 1 : t->end;
                t->n = (size_t) ((close ?: t->end) - t->token);
                t->is_text = true;
                return true;
        }

        while (s < t->end && (isalnum((unsigned char) *s) || *s == '_' || *s == '.' ||
                              (*s == '-' && !(s + 1 < t->end && s[1] == '-'))))
                s++;
        if (s == t->token)
                s += t->end - s >= 3 && memcmp(s, "::=", 3) == 0 ? 3 : 1;
        t->n = (size_t) (s - t->token);
        t->s = s;
        return true;
}

static bool is(const Tokens *t, const char *s) {
        return !t->is_text && strlen(s) == t->n && memcmp(t->token, s, t->n) == 0;
}

static bool is_word(const Tokens *t) {
        return !t->is_text && t->n > 0 && isalpha((unsigned char) *t->token);
}

static void object_done(SnmpMibObject *o) {
        free(o->name);
        free(o->parent);
        snmp_oid_done(&o->ids);
        snmp_oid_done(&o->oid);
        free(o->syntax);
        free(o->units);
        strv_free(o->words);
        *o = (SnmpMibObject) {};
}

void snmp_mib_done(SnmpMib *m) {
        for (size_t i = 0; i < m->n_objects; i++)
                object_done(&m->objects[i]);
        free(m->objects);
        for (size_t i = 0; i < m->n_types; i++)
                object_done(&m->types[i]);
        free(m->types);
        strv_free(m->missing);
        *m = (SnmpMib) {};
}

static int take(const Tokens *t, char **field) {
        free(*field);
        *field = strndup(t->token, t->n);
        return *field ? 0 : -ENOMEM;
}

/* Digits, perhaps behind a minus: nothing else may stand where a number is written down. */
static bool is_number(const Tokens *t) {
        size_t i = t->n > 0 && *t->token == '-';

        if (t->is_text || i == t->n || t->n > 11)
                return false;
        for (; i < t->n; i++)
                if (t->token[i] < '0' || t->token[i] > '9')
                        return false;
        return true;
}

/* "word(number), ..." behind a {; what is none is passed over. */
static int read_words(Tokens *t, char ***ret) {
        _cleanup_free_ char *word = NULL;
        int r = 0;

        while (r >= 0 && next(t) && !is(t, "}")) {
                _cleanup_free_ char *number = NULL;

                if (is_word(t)) {
                        r = take(t, &word);
                        continue;
                }
                if (!is(t, "(") || !word)
                        continue;
                if (!next(t) || strv_length(*ret) >= 2 * WORDS_MAX)
                        return 0;
                if (is(t, "}"))
                        return 0;
                if (!is_number(t))
                        continue;
                r = take(t, &number);
                if (r >= 0)
                        r = strv_extend(ret, number);
                if (r >= 0)
                        r = strv_extend(ret, word);
        }
        return r;
}

/* What follows SYNTAX: a type, perhaps with words. */
static int read_syntax(Tokens *t, SnmpMibObject *o) {
        Tokens ahead;
        int r;

        if (!next(t))
                return 0;
        r = take(t, &o->syntax);
        if (r < 0 || (!is(t, "INTEGER") && !is(t, "BITS") && !is(t, "Integer32")))
                return r;

        ahead = *t;
        if (!next(&ahead) || !is(&ahead, "{"))
                return 0;
        *t = ahead;
        strv_free(o->words);
        o->words = NULL;
        return read_words(t, &o->words);
}

/* "{ parent 1 2 }", in which a number may have a name in front: "{ iso org(3) 6 }". */
static int read_identifier(Tokens *t, SnmpMibObject *o) {
        uint32_t ids[SNMP_OID_MAX];
        size_t n = 0;

        while (next(t) && !is(t, "}")) {
                char digits[12];
                uint64_t id;

                if (is_word(t) && !o->parent && n == 0) {
                        if (take(t, &o->parent) < 0)
                                return -ENOMEM;
                        continue;
                }
                if (t->is_text || !isdigit((unsigned char) *t->token) || t->n >= sizeof(digits))
                        continue;
                memcpy(digits, t->token, t->n);
                digits[t->n] = '\0';
                if (parse_uint64(digits, 0, UINT32_MAX, &id) < 0 || n >= SNMP_OID_MAX)
                        return 0;
                ids[n++] = (uint32_t) id;
        }
        if (n == 0)
                return 0;

        o->ids.ids = new(uint32_t, n);
        if (!o->ids.ids)
                return -ENOMEM;
        memcpy(o->ids.ids, ids, n * sizeof(uint32_t));
        o->ids.n = n;
        return 0;
}

/* The clauses of a macro up to its "::=". */
static int read_clauses(Tokens *t, SnmpMibObject *o) {
        int r = 0;

        while (r >= 0 && next(t) && !is(t, "::=")) {
                if (is(t, "SYNTAX"))
                        r = read_syntax(t, o);
                else if (is(t, "UNITS")) {
                        if (next(t) && t->is_text && t->n < 64)
                                r = take(t, &o->units);
                } else if (is(t, "ACCESS") || is(t, "MAX-ACCESS")) {
                        if (next(t))
                                o->is_writable = is(t, "read-write") || is(t, "read-create") ||
                                        is(t, "write-only");
                } else if (is(t, "ENTERPRISE") && next(t))
                        r = take(t, &o->parent);
        }
        return r;
}

static int add(SnmpMibObject **list, size_t *n, size_t *allocated, SnmpMibObject *o) {
        if (*n >= SNMP_MIB_OBJECTS_MAX)
                return -E2BIG;
        if (!GREEDY_REALLOC(*list, *allocated, *n + 1))
                return -ENOMEM;
        (*list)[(*n)++] = *o;
        *o = (SnmpMibObject) {};
        return 0;
}

/* What stands behind "name MACRO". */
static int read_object(SnmpMib *m, Tokens *t, SnmpMibObject *o) {
        bool is_trap = is(t, "TRAP-TYPE");
        int r;

        o->is_object = is(t, "OBJECT-TYPE");
        o->is_notification = is_trap || is(t, "NOTIFICATION-TYPE");
        r = read_clauses(t, o);
        if (r < 0 || !next(t))
                return r;

        if (is_trap) {
                /* As RFC 3584 makes one of it: a 0 and the number, below the enterprise. */
                uint32_t *ids = new0(uint32_t, 2);
                char digits[12] = {};
                uint64_t number;

                if (!ids)
                        return -ENOMEM;
                memcpy(digits, t->token, MIN(t->n, sizeof(digits) - 1));
                o->ids = (SnmpOid) { ids, 2 };
                if (!o->parent || parse_uint64(digits, 0, UINT32_MAX, &number) < 0)
                        return 0;
                ids[1] = (uint32_t) number;
        } else if (is(t, "{")) {
                r = read_identifier(t, o);
                if (r < 0)
                        return r;
        }
        return o->ids.n > 0 ? add(&m->objects, &m->n_objects, &m->objects_allocated, o) : 0;
}

/* "Name ::= TEXTUAL-CONVENTION ... SYNTAX ..." or "Name ::= INTEGER { ... }". */
static int read_type(SnmpMib *m, Tokens *t, SnmpMibObject *o) {
        Tokens ahead = *t;
        int r = 0;

        if (!next(&ahead))
                return 0;
        if (is(&ahead, "TEXTUAL-CONVENTION")) {
                while (next(&ahead) && !is(&ahead, "SYNTAX"))
                        if (is(&ahead, "::="))
                                return 0;
                r = read_syntax(&ahead, o);
        } else
                r = read_syntax(t, o);
        if (r < 0 || !o->words)
                return r;
        return add(&m->types, &m->n_types, &m->types_allocated, o);
}

static bool is_macro(const Tokens *t) {
        static const char *const macros[] = {
                "OBJECT-TYPE", "MODULE-IDENTITY", "OBJECT-IDENTITY", "NOTIFICATION-TYPE", "TRAP-TYPE"
        };

        for (size_t i = 0; i < ELEMENTSOF(macros); i++)
                if (is(t, macros[i]))
                        return true;
        return false;
}

/* What may be a definition: its name was the last token. */
static int read_definition(SnmpMib *m, Tokens *t) {
        _cleanup_(object_done) SnmpMibObject o = {};
        Tokens ahead = *t;
        int r;

        if (is(t, "IMPORTS") || is(t, "EXPORTS")) {
                while (next(t) && !is(t, ";"))
                        ;
                return 0;
        }
        r = take(t, &o.name);
        if (r < 0 || !next(&ahead))
                return r;
        if (is_macro(&ahead)) {
                *t = ahead;
                return read_object(m, t, &o);
        }
        if (is(&ahead, "OBJECT") && next(&ahead) && is(&ahead, "IDENTIFIER") && next(&ahead) &&
            is(&ahead, "::=")) {
                *t = ahead;
                return read_object(m, &(Tokens) { .s = ahead.token, .end = ahead.end }, &o);
        }
        if (is(&ahead, "::=")) {
                *t = ahead;
                return read_type(m, t, &o);
        }
        return 0;
}

int snmp_mib_read(SnmpMib *m, const char *data, size_t n) {
        Tokens t = { .s = data, .end = data + n };
        int r = 0;

        if (n > SNMP_MIB_SIZE_MAX)
                return -E2BIG;
        while (r >= 0 && next(&t))
                if (is_word(&t) && t.n < 128)
                        r = read_definition(m, &t);
        return r;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(((const SnmpMibObject *) a)->name, ((const SnmpMibObject *) b)->name);
}

static int compare_oids(const void *a, const void *b) {
        return snmp_oid_order(&((const SnmpMibObject *) a)->oid, &((const SnmpMibObject *) b)->oid);
}

/* What all MIBs begin with. */
static const char *root_of(const char *name) {
        static const struct {
                const char *name, *oid;
        } roots[] = {
                { "iso", "1" }, { "org", "1.3" }, { "dod", "1.3.6" }, { "internet", "1.3.6.1" },
                { "mgmt", "1.3.6.1.2" }, { "mib-2", "1.3.6.1.2.1" }, { "experimental", "1.3.6.1.3" },
                { "private", "1.3.6.1.4" }, { "enterprises", "1.3.6.1.4.1" }, { "snmpV2", "1.3.6.1.6" },
                { "snmpModules", "1.3.6.1.6.3" },
        };

        for (size_t i = 0; i < ELEMENTSOF(roots); i++)
                if (streq(roots[i].name, name))
                        return roots[i].oid;
        return NULL;
}

/* While they are in the order of their names. */
static const SnmpMibObject *find_name(const SnmpMib *m, const char *name) {
        const SnmpMibObject key = { .name = (char *) name };

        return bsearch(&key, m->objects, m->n_objects, sizeof(SnmpMibObject), compare_names);
}

/* One of those whose parent has an identifier by now. 1 if it has one itself then. */
static int resolve(SnmpMib *m, SnmpMibObject *o) {
        const char *root = o->parent ? root_of(o->parent) : NULL;
        const SnmpMibObject *parent = NULL;
        SnmpOid base = {};
        int r;

        if (!o->parent)
                r = snmp_oid_copy(&o->ids, &o->oid);
        else if (root) {
                r = snmp_oid_parse(root, &base);
                if (r >= 0)
                        r = snmp_oid_join(&base, &o->ids, &o->oid);
                snmp_oid_done(&base);
        } else {
                parent = find_name(m, o->parent);
                if (!parent || parent->oid.n == 0)
                        return 0;
                r = snmp_oid_join(&parent->oid, &o->ids, &o->oid);
        }
        return r == -ENOMEM ? r : r >= 0;
}

/* Words that a type of its own has. */
static int take_words(const SnmpMib *m, SnmpMibObject *o) {
        const SnmpMibObject key = { .name = o->syntax };
        const SnmpMibObject *type = o->syntax && !o->words && m->n_types > 0
                ? bsearch(&key, m->types, m->n_types, sizeof(SnmpMibObject), compare_names) : NULL;

        return type ? strv_copy(type->words, &o->words) : 0;
}

int snmp_mib_resolve(SnmpMib *m) {
        size_t n_left, n_before, n = 0, rounds = 0;
        int r = 0;

        if (m->n_objects == 0)
                return 0;
        qsort(m->objects, m->n_objects, sizeof(SnmpMibObject), compare_names);
        if (m->n_types > 0)
                qsort(m->types, m->n_types, sizeof(SnmpMibObject), compare_names);

        n_left = m->n_objects;
        do {
                n_before = n_left;
                n_left = 0;
                for (size_t i = 0; i < m->n_objects && r >= 0; i++) {
                        r = m->objects[i].oid.n > 0 ? 1 : resolve(m, &m->objects[i]);
                        n_left += r == 0;
                }
        } while (r >= 0 && n_left > 0 && n_left < n_before && ++rounds < SNMP_OID_MAX);

        for (size_t i = 0; i < m->n_objects && n_left > 0 && r >= 0; i++)
                if (m->objects[i].oid.n == 0 && !find_name(m, m->objects[i].parent) &&
                    !strv_contains(m->missing, m->objects[i].parent) &&
                                    strv_length(m->missing) < MISSING_MAX)
                        r = strv_extend(&m->missing, m->objects[i].parent);
        for (size_t i = 0; i < m->n_objects && r >= 0; i++) {
                if (m->objects[i].oid.n == 0) {
                        object_done(&m->objects[i]);
                        continue;
                }
                r = take_words(m, &m->objects[i]);
                m->objects[n] = m->objects[i];
                if (n++ != i)
                        m->objects[i] = (SnmpMibObject) {};
        }
        if (r < 0)
                return r;
        m->n_objects = n;
        if (n > 0)
                qsort(m->objects, n, sizeof(SnmpMibObject), compare_oids);
        return (int) n_left;
}

const SnmpMibObject *snmp_mib_find(const SnmpMib *m, const SnmpOid *oid) {
        for (size_t n = oid->n; n > 0 && m->n_objects > 0; n--) {
                const SnmpMibObject key = { .oid = { oid->ids, n } };
                const SnmpMibObject *o =
                        bsearch(&key, m->objects, m->n_objects, sizeof(SnmpMibObject), compare_oids);

                if (o)
                        return o;
        }
        return NULL;
}
