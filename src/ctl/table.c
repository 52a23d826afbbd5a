/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>

#include "string-util.h"
#include "text.h"

typedef struct Cell {
        char *text;
        Color color;
        bool note;
} Cell;

struct Table {
        size_t n_columns;
        bool *right;
        Cell *cells; /* row by row; a note counts as a row of one cell */
        size_t n_cells, n_allocated;
        int error;
};

Table *table_new(size_t n_columns) {
        _cleanup_(table_freep) Table *t = new0(Table, 1);

        if (!t)
                return NULL;

        t->n_columns = n_columns;
        t->right = new0(bool, n_columns);
        if (!t->right)
                return NULL;

        return TAKE_PTR(t);
}

Table *table_free(Table *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_cells; i++)
                free(t->cells[i].text);
        free(t->cells);
        free(t->right);
        free(t);
        return NULL;
}

void table_align_right(Table *t, size_t column) {
        t->right[column] = true;
}

static void add(Table *t, Color color, const char *text, bool note) {
        char *clean = text_clean(text);

        if (!clean || !GREEDY_REALLOC(t->cells, t->n_allocated, t->n_cells + 1)) {
                t->error = -ENOMEM;
                free(clean);
                return;
        }

        t->cells[t->n_cells++] = (Cell) { .text = clean, .color = color, .note = note };
}

void table_add(Table *t, Color color, const char *cell) {
        add(t, color, cell, false);
}

void table_addf(Table *t, Color color, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                t->error = -ENOMEM;
        } else
                add(t, color, text, false);
}

void table_add_titles_internal(Table *t, ...) {
        const char *title;
        va_list ap;

        va_start(ap, t);
        while ((title = va_arg(ap, const char *)))
                table_add(t, COLOR_FAINT, title);
        va_end(ap);
}

void table_add_note(Table *t, Color color, const char *text) {
        add(t, color, text, true);
}

static void measure(const Table *t, size_t *widths) {
        size_t column = 0;

        for (size_t i = 0; i < t->n_cells; i++) {
                if (t->cells[i].note) {
                        column = 0;
                        continue;
                }

                widths[column] = MAX(widths[column], text_width(t->cells[i].text));
                column = (column + 1) % t->n_columns;
        }
}

static void print_cell(FILE *f, const Cell *cell, size_t width, bool right, bool last, bool color) {
        int padding = (int) (width - text_width(cell->text));
        bool colored = color && cell->color != COLOR_NONE && cell->text[0];

        if (right)
                fprintf(f, "%*s", padding, "");
        fprintf(f, "%s%s%s", color_sequence(colored, cell->color), cell->text,
                color_sequence(colored, COLOR_NONE));
        if (!right && !last)
                fprintf(f, "%*s", padding, "");
        fputs(last ? "\n" : "  ", f);
}

int table_print(const Table *t, FILE *f, bool aligned, bool color) {
        _cleanup_free_ size_t *widths = new0(size_t, t->n_columns);
        size_t column = 0;

        if (t->error < 0)
                return t->error;
        if (!widths)
                return -ENOMEM;

        measure(t, widths);
        for (size_t i = 0; i < t->n_cells; i++) {
                const Cell *cell = &t->cells[i];
                bool last = column == t->n_columns - 1;

                if (cell->note)
                        fprintf(f, "  %s%s%s\n", color_sequence(color, cell->color), cell->text,
                                color_sequence(color, COLOR_NONE));
                else if (aligned)
                        print_cell(f, cell, widths[column], t->right[column], last, color);
                else
                        fprintf(f, "%s%s", cell->text, last ? "\n" : "\t");

                column = cell->note ? 0 : (column + 1) % t->n_columns;
        }

        return 0;
}
