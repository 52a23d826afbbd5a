/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf-file.h"

/* Changes to files of directives, and to files of sections. All of these take their words as they are to be
 * read, say what is wrong with them, and return 0 or a negative errno. */

/* Writes a line "KEYWORD WORD..." in place of all of that keyword (and, with n_key 2, of that first word)
 * or, where there is none, or with n_key 0, behind them all. */
typedef struct DirectiveText {
        const char *const *words;
        size_t n;
        size_t n_key; /* 0: there may be many, add it */
} DirectiveText;

int directive_put(ConfFile *f, const DirectiveText *d);

/* The words of a line, as they have to be written, between blanks. */
int directive_text(const DirectiveText *d, char **ret);

/* The last line of a keyword, with that first word unless it is NULL; NULL if there is none. */
const ConfEditLine *directive_find(const ConfFile *f, const char *keyword, const char *word);

/* Takes out all lines of a keyword. */
int directives_remove(ConfFile *f, const char *keyword);

/* Whether there is a section; begins one. */
bool section_exists(const ConfFile *f, const char *name);
int section_add(ConfFile *f, const char *name);

/* Writes "key = value" into a section that is there: in place of all lines of that key or, with add, as one
 * more unless it is there already. value NULL: a flag. plain: without the =. */
typedef struct KeyText {
        const char *section, *key, *value;
        bool add, plain;
} KeyText;

int section_put(ConfFile *f, const KeyText *k);

/* Takes out all sections. */
int sections_remove(ConfFile *f);
