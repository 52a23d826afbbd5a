/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can only be said of a profile when all of it is read. */

#include "line-profile-internal.h"
#include "model.h"
#include "string-util.h"

int line_loader_refer(Loader *l, const ConfLine *line, const char *name) {
        LineLoader *loader = line_loader(l);
        LineReference reference = { .line = line->line };

        if (!variable_name_is_valid(name))
                return loader_error(l, line, "\"%s\" cannot be the name of a variable", name);
        if (!GREEDY_REALLOC(loader->references, loader->references_allocated, loader->n_references + 1))
                return -ENOMEM;
        reference.name = strdup(name);
        if (!reference.name)
                return -ENOMEM;
        loader->references[loader->n_references++] = reference;
        return 1;
}

static int make_index(const LineProfile *p, ProfileIndex *ret) {
        int r = profile_index_new(p->n_rows[LINE_ROW_VARIABLE] + p->n_derived, ret);

        if (r < 0)
                return r;

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];

                ret->names[ret->n_names++] = (ProfileName) { row->name, row->line };
        }
        for (size_t i = 0; i < p->n_derived; i++)
                ret->names[ret->n_names++] = (ProfileName) { p->derived[i].name, p->derived[i].line };

        profile_index_sort(ret);
        return 0;
}

static int check_references(Loader *l, const ProfileIndex *index) {
        LineLoader *loader = line_loader(l);
        const LineProfile *p = loader->profile;
        _cleanup_free_ const char **names = new0(const char *, index->n_names + 1);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < index->n_names; i++)
                names[i] = index->names[i].name;

        for (size_t i = 0; i < loader->n_references; i++) {
                const LineReference *reference = &loader->references[i];
                ConfLine place = { .file = l->file, .line = reference->line };

                if (profile_index_find(index, reference->name) >= 0 ||
                    (p->vendor && streq(reference->name, "ups.mfr")))
                        continue;
                (void) loader_error_unknown(l, &place, "variable of this profile", reference->name, names);
                return 0;
        }

        return 0;
}

static void check_definitions(Loader *l) {
        const LineProfile *p = line_loader_profile(l);

        for (size_t i = 0; i < p->n_whens; i++)
                loader_check_used(l, p->whens[i].line, p->whens[i].used, p->whens[i].n_facts == 0, "when",
                                p->whens[i].name);
        loader_check_definitions(l);
}

/* What does not go together in a query; NULL when all does. */
static const char *find_query_conflict(const LineQuery *q) {
        bool has_words = q->words_min > 0 || q->words_max < UINT32_MAX || q->separator;

        if (q->send.n_pieces == 0)
                return "there is no line send = TEMPLATE";
        if (q->n_binary > 0 && (has_words || q->answer.text || q->decode))
                return "binary fields have no words, separator, answer or decode";
        if (q->begin && q->length_max < strlen(q->begin))
                return "length is less than begin has";
        return NULL;
}

static void check_queries(Loader *l) {
        const LineProfile *p = line_loader_profile(l);

        for (size_t i = 0; i < p->n_queries; i++) {
                const LineQuery *q = &p->queries[i];
                ConfLine place = { .file = l->file, .line = q->line };
                const char *conflict = find_query_conflict(q);

                if (conflict)
                        (void) loader_error(l, &place, "[query:%s]: %s", q->name, conflict);
                else if (!q->used && !profile_line_is_included(q->line))
                        loader_warn(l, &place, "[query:%s] is not used", q->name);
        }
}

static int check_starts(Loader *l) {
        const LineProfile *p = line_loader_profile(l);
        _cleanup_free_ const char **names = new0(const char *, p->n_commands + 1);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < p->n_commands; i++)
                names[i] = p->commands[i].name;

        for (size_t i = 0; i < p->n_starts; i++) {
                ConfLine place = { .file = l->file, .line = p->starts[i].line };
                bool found = false;

                for (size_t k = 0; k < p->n_commands && !found; k++)
                        found = streq(names[k], p->starts[i].command);
                if (!found)
                        (void) loader_error_unknown(l, &place, "command", p->starts[i].command, names);
        }

        return 0;
}

static bool is_always(const LineRow *row) {
        return row->whens.n_uses == 0 && (row->held || row->value);
}

/* Alternatives behind one that always has a value are never used. */
static int check_alternatives(Loader *l, const ProfileIndex *index) {
        const LineProfile *p = line_loader_profile(l);
        _cleanup_free_ unsigned *always = new0(unsigned, index->n_names); /* the line of such a one */

        if (!always)
                return -ENOMEM;

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];
                ConfLine place = { .file = l->file, .line = row->line };
                unsigned *line = &always[profile_index_find(index, row->name)];

                if (*line > 0) {
                        _cleanup_free_ char *where = loader_describe_line(l, &place, *line);

                        (void) loader_error(l, &place, "This is never used: %s always has a value for %s",
                                        strempty(where), row->name);
                } else if (is_always(row))
                        *line = row->line;
        }

        return 0;
}

static bool is_referred_to(const LineLoader *loader, const char *name) {
        for (size_t i = 0; i < loader->n_references; i++)
                if (streq(loader->references[i].name, name))
                        return true;

        return false;
}

/* What is kept, can be set, and changes nothing. */
static void check_held(Loader *l) {
        const LineProfile *p = line_loader_profile(l);

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];
                ConfLine place = { .file = l->file, .line = row->line };

                if (row->held && row->writable && !row->has_write &&
                    !is_referred_to(line_loader(l), row->name))
                        loader_warn(l, &place, "%s has no effect: nothing is made of it", row->name);
        }
}

int line_loader_check(Loader *l) {
        const LineProfile *p = line_loader_profile(l);
        _cleanup_(profile_index_done) ProfileIndex index = {};
        ConfLine place = { .file = l->file };
        int r;

        /* One mistake makes others, which are none: what stands in a line that is not understood is missed.
         */
        if (l->failed)
                return 0;

        r = make_index(p, &index);
        if (r >= 0)
                r = check_references(l, &index);
        if (r >= 0)
                r = check_alternatives(l, &index);
        if (r >= 0)
                r = line_loader_check_cycles(l, &index);
        if (r >= 0)
                r = check_starts(l);
        if (r < 0)
                return r;

        check_definitions(l);
        check_queries(l);
        check_held(l);
        if (!p->title || !p->version || !p->protocols)
                (void) loader_error(l, &place, "[profile] needs title, version and protocol");
        if (p->order >= 0 && p->n_rows[LINE_ROW_NEED] == 0)
                (void) loader_error(l, &place,
                                "order wants a line need = ... in [probe]: any device would be taken");
        return 0;
}
