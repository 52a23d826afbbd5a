/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* A configuration file of NUT as text that can be changed: what is not touched stays as it is, to the byte,
 * comments, blanks, order and quotes. */

typedef struct ConfEdit ConfEdit;

/* A line, which may go over several lines of the file. */
typedef struct ConfEditLine {
        char *section; /* name inside the [...] that it stands below,
                or NULL; for a header that of its own */
        bool header;   /* it is a [...] */
        char **words;  /* strv; NULL for a line that is empty or only a comment */
        size_t n_words;

        char *text; /* with its line end; n bytes, then a NUL */
        size_t n;
} ConfEditLine;

/* Takes a file apart; name stands in for it in messages. Returns -EBADMSG, and *ret is untouched, when
 * something in it cannot be understood: it was reported, and nobody can say what a change would do to it. */
int conf_edit_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata,
                ConfEdit **ret);

ConfEdit *conf_edit_free(ConfEdit *e);
DEFINE_TRIVIAL_CLEANUP_FUNC(ConfEdit *, conf_edit_free);

/* The lines in order, also those without words. */
size_t conf_edit_n_lines(const ConfEdit *e) _pure_;
const ConfEditLine *conf_edit_line(const ConfEdit *e, size_t i) _pure_;

/* Writes other words in place of those of a line, with the blanks before and the comment behind them kept.
 * content has no line end. 0, -EINVAL for a content that is more or less than a line, or -ENOMEM. */
int conf_edit_replace(ConfEdit *e, size_t i, const char *content);

/* Adds a line before line i, or at the end. Errors as above. */
int conf_edit_insert(ConfEdit *e, size_t i, const char *content);

/* Takes a line out. A comment behind its words stays, as a line of its own. 0 or -ENOMEM. */
int conf_edit_remove(ConfEdit *e, size_t i);

/* The blanks that a line begins with, in new memory; NULL without memory. */
char *conf_edit_indent(const ConfEditLine *l);

/* The text as it is now, in new memory, with a NUL behind it. 0 or -ENOMEM. */
int conf_edit_text(const ConfEdit *e, char **ret, size_t *ret_n);

/* A word as it has to be written so that it is read as it is, in quotes if need be. Returns 0, -EINVAL for
 * what no
 * such file can hold (control characters, other than ASCII, more than LEXER_WORD_LENGTH_MAX), or -ENOMEM. */
int conf_edit_quote(const char *word, char **ret);
