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
static void add_lookup(uint32_t set[static 8], const LineLookup *lookup, bool words) {
        for (size_t i = 0; i < lookup->n_entries; i++) {
                const char *text = words ? lookup->entries[i].word : lookup->entries[i].text;

                set_add(set, strempty(text), strlen(strempty(text)));
        }
}

/* Characters that a function can make, found by trying: what makes nothing of a word makes numbers. */
static void add_function(uint32_t set[static 8], const LineFunction *f, const char *argument) {
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

/* How many characters a number has at least: what "%04d" says. */
static size_t least_width(const LineConversion *c) {
        size_t n = 0;

        if (!c->format || c->format[1] != '0')
                return 1;
        for (const char *s = c->format + 1; *s >= '0' && *s <= '9'; s++)
                n = n * 10 + (size_t) (*s - '0');
        return n;
}

static void add_value(Shape *shape, const LineConversion *c) {
        uint32_t set[8] = {};

        if (c->unlook || c->lookup)
                add_lookup(set, c->unlook ?: c->lookup, c->unlook != NULL);
        else if (c->format && streq(c->format, "%x"))
                set_add(set, "0123456789abcdefABCDEF", 22);
        else if (c->numeric)
                set_add(set, "0123456789.-", 12);
        else if (c->function)
                add_function(set, c->function, c->function_argument);
        else
                memset(set, 0xff, sizeof(set));

        for (size_t i = 0; i < (c->numeric && !c->lookup && !c->unlook ? least_width(c) : 1); i++)
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
        const LineProfile *profile;
        const char *name;
        unsigned line;
        const LineTemplate *send;
} Order;

typedef struct Query {
        const LineProfile *profile;
        const LineQuery *query;
        Shape shape;
        ConfReport report;
        void *userdata;
} Query;

static void compare(const Query *q, const Order *order) {
        ConfLine place = { .file = q->profile->file, .line = q->query->line };
        Shape shape;

        make_shape(order->send, &shape);
        if (shapes_meet(&q->shape, &shape))
                conf_line_report(&place, q->report, q->userdata, LOG_ERR,
                                "[query:%s] sends what %s:%u sends for %s, which makes a device act",
                                q->query->name, order->profile->file, order->line, order->name);
}

static void compare_with(const Query *q, const LineProfile *p) {
        for (size_t i = 0; i < p->n_commands; i++)
                for (size_t k = 0; k < p->commands[i].n_steps; k++) {
                        const LineStep *step = &p->commands[i].steps[k];

                        if (step->type == LINE_STEP_SEND)
                                compare(q,
                                        &(Order){p, p->commands[i].name, p->commands[i].line, &step->send});
                }

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];

                if (row->has_write)
                        compare(q, &(Order) { p, row->name, row->line, &row->write });
        }
}

void line_profiles_check_clashes(const LineProfiles *p, ConfReport report, void *userdata) {
        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < p->profiles[i]->n_queries; k++) {
                        Query q = {
                                .profile = p->profiles[i],
                                .query = &p->profiles[i]->queries[k],
                                .report = report,
                                .userdata = userdata,
                        };

                        make_shape(&q.query->send, &q.shape);
                        for (size_t n = 0; n < p->n_profiles; n++)
                                compare_with(&q, p->profiles[n]);
                }
}
