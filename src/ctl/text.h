/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "model.h"
#include "utf8.h"

/* Text for people: aligned, coloured, in words. */

typedef enum Color {
        COLOR_NONE,
        COLOR_GOOD,
        COLOR_WARNING,
        COLOR_BAD,
        COLOR_FAINT,
        COLOR_BOLD,
} Color;

/* Columns that a cleaned text takes, one for each character. */
size_t text_width(const char *s) _pure_;

/* Escape sequence that begins a colour or, for COLOR_NONE, ends all; "" unless enabled. */
const char *color_sequence(bool enabled, Color color);

/* "on line, charging" for the status tokens of a device; a token without words of its own stands as it is.
 * NULL without memory. */
char *status_words(char *const *tokens);

/* How serious the worst of the tokens is. */
Color status_color(char *const *tokens);

/* "h:mm", rounded down, and "-" for what is unknown (NaN) or negative. */
void format_runtime(char *buffer, size_t size, double seconds);

/* Local date and time of microseconds of CLOCK_REALTIME, or the time alone; "?" for what has none. */
void format_time(char *buffer, size_t size, uint64_t usec);
void format_clock(char *buffer, size_t size, uint64_t usec);

/* A bar of so many columns, of # and -; empty for NaN. The value is clamped to 0..100. */
void format_bar(char *buffer, size_t size, double percent, unsigned columns);

/* A table whose last column is not padded. Cells are copied and cleaned. */
typedef struct Table Table;

Table *table_new(size_t n_columns);
Table *table_free(Table *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Table *, table_free);

/* Adds a cell; rows fill from the left. An error is kept and told by table_print(). */
void table_add(Table *t, Color color, const char *cell);
void table_addf(Table *t, Color color, const char *fmt, ...) _printf_(3, 4);

/* Adds a row of titles, as many strings as there are columns. */
void table_add_titles_internal(Table *t, ...) _sentinel_;
#define table_add_titles(t, ...) table_add_titles_internal((t), __VA_ARGS__, NULL)

/* Adds a line of its own between rows, behind an indent. */
void table_add_note(Table *t, Color color, const char *text);

/* Numbers look better at the right. */
void table_align_right(Table *t, size_t column);

/* Prints with aligned columns, or separated by tabs when not aligned. 0 or -ENOMEM. */
int table_print(const Table *t, FILE *f, bool aligned, bool color);
