/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether something that is sent to ask could be something that makes a device act: with any device, since
 * which one it is is only known when it has answered. */

#include <syslog.h>

#include "line-link.h"
#include "line-profile-internal.h"
#include "string-util.h"

#define ATOMS_MAX 256U

/* One character of a set, or any number of such. */
typedef struct Atom {
        uint32_t set[8];
        bool many;
} Atom;

/* All that a template can become. */
typedef struct Shape {
        Atom atoms[ATOMS_MAX];
        size_t n_atoms;
        bool all; /* it has more parts than fit */
} Shape;

static void set_add(uint32_t set[static 8], const char *characters, size_t n) {
        for (size_t i = 0; i < n; i++)
                set[(uint8_t) characters[i] / 32] |= UINT32_C(1) << ((uint8_t) characters[i] % 32);
}

static bool sets_meet(const uint32_t a[static 8], const uint32_t b[static 8]) {
        for (size_t i = 0; i < 8; i++)
                if (a[i] & b[i])
                        return true;

        return false;
}

static void add_atom(Shape *s, const uint32_t set[static 8], bool many) {
        if (s->n_atoms >= ATOMS_MAX) {
                s->all = true;
                return;
        }

        memcpy(s->atoms[s->n_atoms].set, set, sizeof(s->atoms[0].set));
        s->atoms[s->n_atoms++].many = many;
}

/* Characters of the texts that a lookup has on the side that is sent. */
static void add_lookup(uint32_t set[static 8], const ValueLookup *lookup, bool words) {
        for (size_t i = 0; i < lookup->n_entries; i++) {
                const char *text = words ? lookup->entries[i].word : lookup->entries[i].text;

                set_add(set, strempty(text), strlen(strempty(text)));
        }
}

/* Characters that a function can make, found by trying: what makes nothing of a word makes numbers. */
static void add_function(uint32_t set[static 8], const ValueFunction *f, const char *argument) {
        static const char *const texts[] = { "on", "ABC", "EpaDb", "x", "4F6B" };

        set_add(set, "0123456789.:/-+ ", 16);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_free_ char *made = NULL;

                if (f->run(texts[i], argument, &made) >= 0 &&
                    strempty(made)[strspn(strempty(made), "0123456789.:/-+ ")]) {
                        memset(set, 0xff, 8 * sizeof(uint32_t));
                        return;
                }
        }
}

static void add_all(uint32_t set[static 8]) {
        memset(set, 0xff, 8 * sizeof(uint32_t));
}

/* How many characters a number has at least: what "%04d" says. */
static size_t least_width(const ValueConversion *c) {
        size_t n = 0;

        if (!c->numeric || c->lookup || c->names || !c->format || c->format[1] != '0')
                return 1;
        for (const char *s = c->format + 1; *s >= '0' && *s <= '9'; s++)
                n = n * 10 + (size_t) (*s - '0');
        return MAX(n, 1U);
}

/* In the order in which the engine applies them; what one makes of a text hides what was there before. */
static void add_value(Shape *shape, const ValueConversion *c) {
        uint32_t set[8] = {};

        if (c->unlook)
                add_lookup(set, c->unlook, true);
        else
                add_all(set);
        if (c->function) {
                memset(set, 0, sizeof(set));
                add_function(set, c->function, c->function_argument);
        }
        if (c->numeric) {
                /* Without a format one that is not calculated stays as it was written. */
                memset(set, 0, sizeof(set));
                set_add(set, "0123456789.+-", 13);
                if ((c->format && streq(c->format, "%x")) || c->base == 16)
                        set_add(set, "abcdefABCDEF", 12);
        }
        if (c->lookup) {
                memset(set, 0, sizeof(set));
                add_lookup(set, c->lookup, false);
        }
        for (char **p = c->names ? c->names->pairs : NULL; p && p[0] && p[1]; p += 2)
                set_add(set, p[1], strlen(p[1]));

        for (size_t i = 0; i < least_width(c); i++)
                add_atom(shape, set, false);
        add_atom(shape, set, true);
}

static void make_shape(const LineTemplate *t, Shape *ret) {
        ret->n_atoms = 0;
        ret->all = false;

        for (size_t i = 0; i < t->n_pieces; i++) {
                const LinePiece *piece = &t->pieces[i];

                if (!piece->text)
                        add_value(ret, &piece->conversion);
                for (size_t k = 0; piece->text && k < piece->n; k++) {
                        uint32_t set[8] = {};

                        set_add(set, &piece->text[k], 1);
                        add_atom(ret, set, false);
                }
        }
}

/* Whether there is a text that both can become: reached[j] says of i atoms of a and j of b that there is. */
static bool shapes_meet(const Shape *a, const Shape *b) {
        bool reached[ATOMS_MAX + 1], next[ATOMS_MAX + 1];

        if (a->all || b->all)
                return true;

        memset(reached, 0, sizeof(reached));
        reached[0] = true;
        for (size_t i = 0; i <= a->n_atoms; i++) {
                const Atom *x = i < a->n_atoms ? &a->atoms[i] : NULL;

                memset(next, 0, sizeof(next));
                for (size_t j = 0; j <= b->n_atoms; j++) {
                        const Atom *y = j < b->n_atoms ? &b->atoms[j] : NULL;
                        bool meet = x && y && sets_meet(x->set, y->set);

                        if (!reached[j])
                                continue;
                        if (x && (x->many || (y && y->many && meet)))
                                next[j] = true;
                        if (y && (y->many || (x && x->many && meet)))
                                reached[j + 1] = true;
                        if (meet)
                                next[j + 1] = true;
                }
                if (i == a->n_atoms)
                        return reached[b->n_atoms];
                memcpy(reached, next, sizeof(reached));
        }

        return false;
}

/* A thing that makes a device act. */
typedef struct Order {
        const char *file, *name;
        unsigned line;
        const LineTemplate *send;
} Order;

typedef struct Query {
        const LineProfile *profile;
        const LineQuery *query;
        Shape shape;
        size_t n_found;
        ConfReport report;
        void *userdata;
} Query;

static void compare(Query *q, const Order *order) {
        ConfLine place = { .file = q->query->file, .line = q->query->line };
        Shape shape;

        make_shape(order->send, &shape);
        if (!shapes_meet(&q->shape, &shape))
                return;
        /* Many may send the same; one says it all. */
        if (q->n_found++ > 0)
                return;
        conf_line_report(&place, q->report, q->userdata, LOG_ERR,
                        "[query:%s] sends what %s:%u sends for %s, which makes a device act", q->query->name,
                        order->file, order->line, order->name);
}

static void compare_with(Query *q, const LineProfile *p) {
        for (size_t i = 0; i < p->n_commands; i++)
                for (size_t k = 0; k < p->commands[i].n_steps; k++) {
                        const LineStep *step = &p->commands[i].steps[k];

                        if (step->type == LINE_STEP_SEND)
                                compare(q, &(Order) { p->commands[i].file, p->commands[i].name,
                                                p->commands[i].line, &step->send });
                }

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];

                if (row->has_write)
                        compare(q, &(Order) { row->file, row->name, row->line, &row->write });
        }
}

size_t line_profile_check_clashes(
        const LineProfile *p, const LineProfiles *all, ConfReport report, void *userdata) {
        size_t n_found = 0;

        for (size_t k = 0; k < p->n_queries; k++) {
                Query q = {
                        .profile = p,
                        .query = &p->queries[k],
                        .report = report,
                        .userdata = userdata,
                };

                make_shape(&q.query->send, &q.shape);
                compare_with(&q, p);
                for (size_t n = 0; n < all->n_profiles; n++)
                        if (!streq(all->profiles[n]->id, p->id))
                                compare_with(&q, all->profiles[n]);
                n_found += q.n_found;
        }
        return n_found;
}

void line_profiles_check_clashes(const LineProfiles *p, ConfReport report, void *userdata) {
        for (size_t i = 0; i < p->n_profiles; i++)
                (void) line_profile_check_clashes(p->profiles[i], p, report, userdata);
}

/* Whether it is of the last of the directories, which comes with the program and is checked as a whole. */
static bool is_shipped(const LineProfile *p, const char *parent) {
        const char *rest = p->file ? startswith(p->file, parent) : NULL;

        return rest && *rest == '/';
}

int line_profiles_drop_clashes(LineProfiles *p, ConfReport report, void *userdata) {
        _cleanup_strv_free_ char **parents = NULL;
        _cleanup_free_ bool *bad = new0(bool, p->n_profiles + 1);
        size_t n = 0, n_parents;
        int r;

        if (!bad)
                return -ENOMEM;
        r = loader_parents(&parents);
        if (r < 0)
                return r;
        n_parents = strv_length(parents);
        /* All are compared before the first is gone: one may send what another one that goes would do. */
        for (size_t i = 0; i < p->n_profiles; i++)
                bad[i] = n_parents > 0 && !is_shipped(p->profiles[i], parents[n_parents - 1]) &&
                        line_profile_check_clashes(p->profiles[i], p, report, userdata) > 0;

        for (size_t i = 0; i < p->n_profiles; i++) {
                LineProfile *q = p->profiles[i];

                if (!bad[i]) {
                        p->profiles[n++] = q;
                        continue;
                }
                conf_line_report(&(ConfLine) { .file = q->file }, report, userdata, LOG_ERR,
                                "The profile is not used: what it asks would make a device act");
                line_profile_unref(q);
        }
        p->n_profiles = n;
        return 0;
}
