/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-draft.h"

#include <ctype.h>
#include <inttypes.h>

#include "snmp-draft-internal.h"
#include "string-util.h"

#define VALUE_SHOWN_MAX 40U

static const uint32_t enterprises[] = { 1, 3, 6, 1, 4, 1 };
static const uint32_t sysobjectid[] = { 1, 3, 6, 1, 2, 1, 1, 2, 0 };

static void draft_done(Draft *d) {
        for (size_t i = 0; i < d->n_columns; i++) {
                free(d->columns[i].name);
                free(d->columns[i].variable);
        }
        free(d->columns);
        for (size_t i = 0; i < d->n_tables; i++)
                free(d->tables[i].name);
        free(d->tables);
        snmp_oid_done(&d->base);
        free(d->name);
        free(d->root);
}

static const SnmpOid *identity_of(const SnmpWalk *w) {
        const SnmpOid oid = { (uint32_t *) sysobjectid, ELEMENTSOF(sysobjectid) };
        const SnmpValue *v = snmp_walk_find(w, &oid);

        return v && v->type == SNMP_TYPE_OID ? &v->object : NULL;
}

static size_t count_below(const SnmpWalk *w, const SnmpOid *base) {
        size_t n = 0;

        for (size_t i = 0; i < w->n_values; i++)
                n += snmp_oid_has_prefix(&w->values[i].oid, base);
        return n;
}

/* The subtree of an enterprise with most in it. */
static size_t find_largest(const SnmpWalk *w, SnmpOid *ret) {
        const SnmpOid all = { (uint32_t *) enterprises, ELEMENTSOF(enterprises) };
        size_t most = 0;

        for (size_t i = 0; i < w->n_values;) {
                const SnmpOid one = { w->values[i].oid.ids, ELEMENTSOF(enterprises) + 1 };
                size_t first = i++;

                if (w->values[first].oid.n <= one.n || !snmp_oid_has_prefix(&w->values[first].oid, &all))
                        continue;
                while (i < w->n_values && snmp_oid_has_prefix(&w->values[i].oid, &one))
                        i++;
                if (i - first > most) {
                        most = i - first;
                        *ret = one;
                }
        }
        return most;
}

/* Where to look: as it is told, or where the agent says that it is from, or where there is something. */
static int find_base(const SnmpWalk *w, const SnmpDraftOptions *o, SnmpOid *ret) {
        static const uint32_t ups_mib[] = { 1, 3, 6, 1, 2, 1, 33 };
        const SnmpOid all = { (uint32_t *) enterprises, ELEMENTSOF(enterprises) };
        const SnmpOid ups = { (uint32_t *) ups_mib, ELEMENTSOF(ups_mib) }, *id = identity_of(w);
        SnmpOid found = {};

        if (o->enterprise)
                return count_below(w, o->enterprise) > 0 ? snmp_oid_copy(o->enterprise, ret) : -ENOENT;
        if (id && id->n > all.n && snmp_oid_has_prefix(id, &all)) {
                const SnmpOid one = { id->ids, all.n + 1 };

                if (count_below(w, &one) > 0)
                        return snmp_oid_copy(&one, ret);
        }
        if (count_below(w, &ups) > 0)
                return snmp_oid_copy(&ups, ret);
        return find_largest(w, &found) > 0 ? snmp_oid_copy(&found, ret) : -ENOENT;
}

static bool name_is_valid(const char *s) {
        return !isempty(s) && strlen(s) <= 64 && s[strspn(s,
                        "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static int set_names(Draft *d, const SnmpDraftOptions *o) {
        const SnmpMibObject *mib = d->mib ? snmp_mib_find(d->mib, &d->base) : NULL;

        if (o->name && !name_is_valid(o->name))
                return -EINVAL;
        d->name = o->name ? strdup(o->name) : strprintf("enterprise-%u", d->base.ids[d->base.n - 1]);
        d->root = mib && mib->oid.n == d->base.n && isalpha((unsigned char) *mib->name) ? strdup(mib->name)
                : strdup("enterprise");
        return d->name && d->root ? 0 : -ENOMEM;
}

/* What an agent says is shown in a comment, so that it must be one line. */
static void print_text(FILE *f, const SnmpValue *v) {
        size_t n = MIN(v->n_bytes, (size_t) VALUE_SHOWN_MAX);

        fputc('"', f);
        for (size_t i = 0; i < n; i++)
                fputc(v->bytes[i] >= 0x20 && v->bytes[i] < 0x7f ? v->bytes[i] : '?', f);
        fputs(n < v->n_bytes ? "...\"" : "\"", f);
}

static void print_value(FILE *f, const SnmpValue *v, const SnmpMibObject *mib) {
        _cleanup_free_ char *text = NULL;
        double number;

        if (v->type == SNMP_TYPE_STRING)
                print_text(f, v);
        else if (v->type == SNMP_TYPE_OID) {
                text = snmp_oid_text(&v->object);
                fputs(strempty(text), f);
        } else if (snmp_value_number(v, &number)) {
                text = strprintf("%.10g", number);
                fputs(strempty(text), f);
                for (char **word = mib && text ? mib->words : NULL; word && word[0]; word += 2)
                        if (streq(word[0], text))
                                fprintf(f, " (%s)", word[1]);
        } else
                fputs(snmp_type_to_string(v->type), f);
        if (mib && mib->units && !strpbrk(mib->units, "\r\n"))
                fprintf(f, ", in \"%s\"", mib->units);
}

static void print_oid(FILE *f, const Draft *d, const SnmpOid *oid) {
        fputs(d->root, f);
        for (size_t i = d->base.n; i < oid->n; i++)
                fprintf(f, ".%" PRIu32, oid->ids[i]);
}

static void print_objects(FILE *f, const Draft *d) {
        static const char *const types[_SNMP_TYPE_MAX] = {
                [SNMP_TYPE_INTEGER] = "integer", [SNMP_TYPE_STRING] = "string", [SNMP_TYPE_OID] = "oid",
                [SNMP_TYPE_ADDRESS] = "address", [SNMP_TYPE_GAUGE] = "gauge", [SNMP_TYPE_TICKS] = "ticks",
        };
        _cleanup_free_ char *base = snmp_oid_text(&d->base);

        fprintf(f, "\n[objects]\n%s = %s\n", d->root, strempty(base));
        for (size_t i = 0; i < d->n_columns; i++) {
                const DraftColumn *c = &d->columns[i];
                const char *type = types[d->walk->values[c->first].type];

                fprintf(f, "%s = ", c->name);
                print_oid(f, d, &c->oid);
                fprintf(f, "%s%s\n", c->mib && c->mib->is_writable && type ? " " : "",
                                c->mib && c->mib->is_writable ? strempty(type) : "");
        }
}

/* The object behind which all of it is there: one without a table if there is one, a text best. */
static const DraftColumn *find_needed(const Draft *d) {
        const DraftColumn *best = d->columns;

        for (size_t i = 0; i < d->n_columns; i++) {
                const DraftColumn *c = &d->columns[i];

                if (c->table != DRAFT_NO_TABLE)
                        continue;
                if (d->walk->values[c->first].type == SNMP_TYPE_STRING)
                        return c;
                if (best->table != DRAFT_NO_TABLE)
                        best = c;
        }
        return best;
}

/* The instance of the first value of an object, with a dot in front. */
static void print_instance(FILE *f, const Draft *d, const DraftColumn *c) {
        const SnmpOid *oid = &d->walk->values[c->first].oid;

        for (size_t i = c->oid.n; i < oid->n; i++)
                fprintf(f, ".%" PRIu32, oid->ids[i]);
}

static void print_probe(FILE *f, const Draft *d) {
        const SnmpOid *id = identity_of(d->walk);
        const DraftColumn *needed = find_needed(d);
        _cleanup_free_ char *text = id ? snmp_oid_text(id) : NULL;

        fputs("\n[probe]\n", f);
        if (text)
                fprintf(f, "%ssysobjectid = %s\n", snmp_oid_has_prefix(id, &d->base) ? ""
                                : "# Of others, too? ",
                                text);
        fprintf(f, "need = %s", needed->name);
        print_instance(f, d, needed);
        fputc('\n', f);
}

static void print_tables(FILE *f, const Draft *d) {
        for (size_t i = 0; i < d->n_tables; i++) {
                const DraftTable *t = &d->tables[i];
                const DraftColumn *index = &d->columns[t->index];
                const SnmpOid *oid = &d->walk->values[index->first].oid;
                const char *comment = t->used ? "" : "# ";

                fprintf(f, "\n%s[table:%s]    # %zu here\n%sindex = %s\n", comment, t->name, index->n_values,
                                comment, index->name);
                if (oid->n > index->oid.n + 1)
                        fprintf(f, "%snumber = position\n", comment);
                else if (oid->ids[oid->n - 1] == 0)
                        fprintf(f, "%sfirst = 0\n", comment);
        }
}

static bool wants_lookup(const Draft *d, const DraftColumn *c) {
        return c->mib && c->mib->words && d->walk->values[c->first].type == SNMP_TYPE_INTEGER;
}

static void print_row(FILE *f, const Draft *d, const DraftColumn *c) {
        const DraftTable *t = c->table != DRAFT_NO_TABLE ? &d->tables[c->table] : NULL;
        bool is_member = t && (!c->variable || strchr(c->variable, '*'));

        fprintf(f, "%s = %s", c->variable ?: "# ?", c->name);
        if (is_member)
                fprintf(f, ".* table=%s", t->name);
        else
                print_instance(f, d, c);
        if (c->variable && c->scale > 0 && c->scale != 1)
                fprintf(f, " scale=%g", c->scale);
        if (c->variable && wants_lookup(d, c))
                fprintf(f, " lookup=%s", c->name);
        fputs("    # ", f);
        print_value(f, &d->walk->values[c->first], c->mib);
        fputs(c->mib && c->mib->is_writable ? ", can be set\n" : "\n", f);
}

/* Guesses first, then what is not known. */
static void print_rows(FILE *f, const Draft *d) {
        fputs("\n[variables]\n", f);
        for (size_t i = 0; i < d->n_columns; i++)
                if (d->columns[i].variable)
                        print_row(f, d, &d->columns[i]);
        fputs("\n# What is not known:\n", f);
        for (size_t i = 0; i < d->n_columns; i++)
                if (!d->columns[i].variable)
                        print_row(f, d, &d->columns[i]);
}

static void print_lookups(FILE *f, const Draft *d) {
        for (size_t i = 0; i < d->n_columns; i++) {
                const DraftColumn *c = &d->columns[i];
                const char *last = NULL;

                if (!c->variable || !wants_lookup(d, c))
                        continue;
                fprintf(f, "\n[lookup:%s]\n", c->name);
                for (char **word = c->mib->words; word[0]; word += 2) {
                        _cleanup_free_ char *words = draft_words(word[1]);
                        bool on = words && strstr(words, " on "), off = words && strstr(words, " off ");

                        if (last && streq(last, word[0]))
                                continue;
                        last = word[0];
                        fprintf(f, "%s = \"%s\"\n", word[0], on ? "on" : off ? "off" : word[1]);
                }
        }
}

/* A condition that one of an object's words may be. */
static const struct {
        const char *object, *word, *condition;
} states[] = {
        { "source", " normal ", "online" },      { "source", " mains ", "online" },
        { "source", " utility ", "online" },     { "source", " line ", "online" },
        { "source", " battery ", "discharging" }, { "source", " bypass ", "bypass" },
        { "battery status", " low ", "low-battery" },
};

static bool fits(const char *words, const char *object) {
        const char *blank = strchr(object, ' ');
        char first[32];

        (void) snprintf(first, sizeof(first), "%.*s", blank ? (int) (blank - object) : 31, object);
        return draft_has_word(words, first) && (!blank || draft_has_word(words, blank + 1));
}

static void print_states(FILE *f, const Draft *d) {
        fputs("\n[status]\n", f);
        for (size_t i = 0; i < d->n_columns; i++) {
                const DraftColumn *c = &d->columns[i];
                _cleanup_free_ char *words = draft_words(c->name);

                if (c->table != DRAFT_NO_TABLE || !wants_lookup(d, c) || !words)
                        continue;
                for (char **word = c->mib->words; word[0]; word += 2) {
                        _cleanup_free_ char *said = draft_words(word[1]);

                        for (size_t k = 0; k < ELEMENTSOF(states) && said; k++)
                                if (fits(words, states[k].object) && strstr(said, states[k].word))
                                        fprintf(f, "%s = %s.0 is=%s    # %s\n", states[k].condition, c->name,
                                                        word[0], word[1]);
                }
        }
        fputs("# ? = OBJECT.0 is=1\n\n[commands]\n# ? = set=OBJECT.0:1\n", f);
}

static void print_traps(FILE *f, const Draft *d) {
        bool any = false;

        for (size_t i = 0; d->mib && i < d->mib->n_objects; i++) {
                const SnmpMibObject *o = &d->mib->objects[i];

                if (!o->is_notification || !snmp_oid_has_prefix(&o->oid, &d->base))
                        continue;
                fputs(any ? "" : "\n[traps]\n", f);
                any = true;
                print_oid(f, d, &o->oid);
                fprintf(f, " = \"%s\"\n", o->name);
        }
}

static const char *type_of(const Draft *d) {
        const char *type = NULL;

        for (size_t i = 0; i < d->n_columns; i++) {
                const char *variable = strempty(d->columns[i].variable);

                if (startswith(variable, "battery."))
                        return "ups";
                if (startswith(variable, "outlet."))
                        type = "pdu";
        }
        return type;
}

static void print_head(FILE *f, const Draft *d, const SnmpDraftOptions *o) {
        const char *type = type_of(d);

        fprintf(f, "# A draft, made of what the agent has in %s. All rows are guesses, by the names of "
                        "objects and\n"
                   "# by a single value of each: compare each of them with the device and its manual.\n",
                        o->source ?: "a walk");
        if (d->cut)
                fputs("# There is more in it than is here.\n", f);
        fprintf(f, "[profile]\nengine = snmp\ntitle = \"%s\"\nversion = 0.1\nmib = %s\n", d->name, d->name);
        if (type)
                fprintf(f, "type = %s\n", type);
}

int snmp_draft_write(const SnmpWalk *w, const SnmpMib *mib, const SnmpDraftOptions *o, FILE *f) {
        _cleanup_(draft_done) Draft d = { .walk = w, .mib = mib };
        int r;

        r = find_base(w, o, &d.base);
        if (r >= 0)
                r = set_names(&d, o);
        if (r >= 0)
                r = draft_collect(&d);
        if (r >= 0)
                r = draft_guess(&d);
        if (r < 0)
                return r;
        if (d.n_columns == 0)
                return -ENOENT;

        print_head(f, &d, o);
        print_probe(f, &d);
        print_objects(f, &d);
        print_tables(f, &d);
        print_rows(f, &d);
        print_lookups(f, &d);
        print_states(f, &d);
        print_traps(f, &d);
        return fflush(f) == EOF || ferror(f) ? -EIO : 0;
}
