/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can only be said of profiles side by side: names and places that are taken, and a profile whose turn
 * never comes in the automatic detection. line-clash.c has what they send. */

#include <syslog.h>

#include "line-profile-internal.h"
#include "string-util.h"

static bool strv_same(char *const *a, char *const *b) {
        return strv_length(a) == strv_length(b) && (strv_length(a) == 0 || strv_equal(a, b));
}

static bool is_same_conversion(const ValueConversion *a, const ValueConversion *b) {
        return streq_ptr(a->trim, b->trim) && strv_same(a->invalid, b->invalid) &&
               profile_patterns_equal(&a->match, &b->match) && a->function == b->function &&
               streq_ptr(a->function_argument, b->function_argument) && a->base == b->base &&
               a->mask == b->mask && a->scale.value == b->scale.value &&
               streq_ptr(a->scale.variable, b->scale.variable) && a->divide == b->divide &&
               a->offset.value == b->offset.value &&
              streq_ptr(a->offset.variable, b->offset.variable) && !a->lookup && !b->lookup &&
              !a->names && !b->names &&
               a->has_clamp == b->has_clamp && a->clamp_min == b->clamp_min &&
               a->clamp_max == b->clamp_max && a->has_plausible == b->has_plausible &&
               a->plausible_min == b->plausible_min && a->plausible_max == b->plausible_max &&
               streq_ptr(a->format, b->format);
}

static bool is_same_test(const ValueTest *a, const ValueTest *b) {
        return strv_same(a->is, b->is) && profile_patterns_equal(&a->match, &b->match) &&
                a->has_range == b->has_range && a->min == b->min && a->max == b->max &&
                a->invert == b->invert;
}

/* By name, as both are of profiles of their own. */
static bool is_same_whens(const LineWhens *a, const LineWhens *b) {
        for (size_t i = 0; i < a->n_uses && i < b->n_uses; i++)
                if (a->uses[i].negate != b->uses[i].negate ||
                    !streq(a->uses[i].when->name, b->uses[i].when->name))
                        return false;

        return a->n_uses == b->n_uses;
}

static bool is_same_text(const LineTemplate *a, const LineTemplate *b) {
        if (a->n_pieces != b->n_pieces)
                return false;
        for (size_t i = 0; i < a->n_pieces; i++) {
                const LinePiece *x = &a->pieces[i], *y = &b->pieces[i];

                if (!x->text || !y->text || x->n != y->n || memcmp(x->text, y->text, x->n) != 0)
                        return false;
        }

        return true;
}

/* Whether each answer that b takes is one that a takes. */
static bool takes_all(const LineQuery *a, const LineQuery *b) {
        return is_same_text(&a->send, &b->send) && (!a->begin || streq_ptr(a->begin, b->begin)) &&
               a->length_min <= b->length_min && a->length_max >= b->length_max &&
               a->words_min <= b->words_min && a->words_max >= b->words_max &&
               streq_ptr(a->separator, b->separator) && a->n_binary == b->n_binary &&
               a->decode == b->decode && (!a->answer.text || profile_patterns_equal(&a->answer, &b->answer));
}

static const LineQuery *query_of(const LineProfile *p, const LineRow *row) {
        return row->selector.source == LINE_SOURCE_ANSWER ? &p->queries[row->selector.query] : NULL;
}

/* Whether a row only wants a word to be there, and b sees to that. */
static bool is_there(const LineRow *a, const LineRow *b, const LineQuery *query_b) {
        const LineSelector *s = &a->selector;

        return !a->has_test && !a->test.invert && value_conversion_is_empty(&a->conversion) &&
                !s->has_characters && s->word > 0 && s->word_last == s->word &&
                ((unsigned) s->word <= query_b->words_min || s->word <= b->selector.word);
}

static bool is_same_need(const LineRow *a, const LineRow *b) {
        const LineSelector *s = &a->selector, *t = &b->selector;

        return s->word == t->word && s->word_last == t->word_last &&
               s->has_characters == t->has_characters && s->first == t->first && s->last == t->last &&
               is_same_conversion(&a->conversion, &b->conversion) &&
               (!a->has_test || is_same_test(&a->test, &b->test));
}

/* Whether what b needs includes what a row of a needs. */
static bool is_needed(const LineProfile *a, const LineRow *row, const LineProfile *b) {
        const LineQuery *query = query_of(a, row);

        for (size_t i = 0; query && i < b->n_rows[LINE_ROW_NEED]; i++) {
                const LineRow *other = &b->rows[LINE_ROW_NEED][i];
                const LineQuery *other_query = query_of(b, other);

                if (!other_query || !takes_all(query, other_query) ||
                    !is_same_whens(&row->whens, &other->whens))
                        continue;
                if (is_there(row, other, other_query) || is_same_need(row, other))
                        return true;
        }

        return false;
}

static bool is_same_line(const LineFormat *a, const LineFormat *b) {
        return a->n_end_answer == b->n_end_answer && a->n_end_request == b->n_end_request &&
                memcmp(a->end_answer, b->end_answer, a->n_end_answer) == 0 &&
                memcmp(a->end_request, b->end_request, a->n_end_request) == 0 &&
                a->check_answer == b->check_answer && a->check_request == b->check_request;
}

/* Whether a is for all devices that b is for, as far as ids and links go. */
static bool is_wider(const LineProfile *a, const LineProfile *b) {
        for (size_t i = 0; a->n_probe_usb > 0 && i < MAX(b->n_probe_usb, (size_t) 1); i++) {
                bool found = false;

                for (size_t k = 0; i < b->n_probe_usb && k < a->n_probe_usb; k++)
                        found = found || (a->probe_usb[k].vendor_id == b->probe_usb[i].vendor_id &&
                                        (a->probe_usb[k].product_id < 0 ||
                                         a->probe_usb[k].product_id == b->probe_usb[i].product_id));
                if (!found)
                        return false;
        }

        if (a->probe_links && !b->probe_links)
                return false;
        STRV_FOREACH(link, b->probe_links)
                if (a->probe_links && !strv_contains(a->probe_links, *link))
                        return false;

        return true;
}

/* Whether a, which is tried first, takes every device that b would take. */
static bool is_shadowed(const LineProfile *a, const LineProfile *b) {
        if (!is_same_line(&a->format, &b->format) || !is_wider(a, b))
                return false;
        for (size_t i = 0; i < a->n_rows[LINE_ROW_NEED]; i++)
                if (!is_needed(a, &a->rows[LINE_ROW_NEED][i], b))
                        return false;

        return true;
}

static void compare(const LineProfile *a, const LineProfile *b, ConfReport report, void *userdata) {
        ConfLine place = { .file = b->file };

        STRV_FOREACH(name, b->protocols)
                if (strv_find_nocase(a->protocols, *name) >= 0)
                        conf_line_report(&place, report, userdata, LOG_ERR,
                                        "The protocol \"%s\" is also that of %s", *name, a->file);
        if (a->order < 0 || b->order < 0)
                return;
        if (a->order == b->order)
                conf_line_report(&place, report, userdata, LOG_ERR, "The order %d is also that of %s",
                        b->order, a->file);
        if (a->order == b->order)
                return;

        const LineProfile *first = a->order < b->order ? a : b, *later = first == a ? b : a;
        place.file = later->file;
        if (is_shadowed(first, later))
                conf_line_report(&place, report, userdata, LOG_ERR,
                                "The automatic detection never comes to this: %s has its turn before and "
                                "needs no more", first->file);
}

void line_profiles_check(const LineProfiles *p, ConfReport report, void *userdata) {
        for (size_t i = 0; i < p->n_profiles; i++)
                for (size_t k = 0; k < i; k++)
                        compare(p->profiles[k], p->profiles[i], report, userdata);

        line_profiles_check_clashes(p, report, userdata);
}
