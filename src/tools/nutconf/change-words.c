/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change-words.h"

#include <stdio.h>

#include "string-util.h"

#define NOWHERE ((size_t) -1)

static int say(int r, const char *what) {
        if (r == -ENOMEM)
                fputs("Error: Out of memory.\n", stderr);
        else if (r < 0)
                fprintf(stderr, "Error: \"%s\" cannot be written: up to 512 printable ASCII characters "
                                "can\n",
                        strempty(what));
        return r;
}

int directive_text(const DirectiveText *d, char **ret) {
        _cleanup_strv_free_ char **quoted = NULL;

        for (size_t i = 0; i < d->n; i++) {
                char *word;

                int r = conf_edit_quote(d->words[i], &word);
                if (r >= 0)
                        r = strv_consume(&quoted, word);
                if (r < 0)
                        return say(r, d->words[i]);
        }

        char *content = strv_join(quoted, " ");
        if (!content)
                return say(-ENOMEM, NULL);
        *ret = content;
        return 0;
}

static int touch(ConfFile *f, const char *a, const char *b, const char *c) {
        return say(strv_consume(&f->touched, strjoin(a, b, c)), NULL);
}

/* As the readers of these files: a keyword has its case, and in a section there is none. */
static bool line_is(const ConfEditLine *l, const char *keyword, const char *word) {
        return l->n_words > 0 && !l->section && streq(l->words[0], keyword) &&
                (!word || (l->n_words > 1 && strcaseeq(l->words[1], word)));
}

/* The last such line before line end. */
static size_t find_before(const ConfFile *f, size_t end, const char *keyword, const char *word) {
        for (size_t i = end; i > 0; i--)
                if (line_is(conf_edit_line(f->edit, i - 1), keyword, word))
                        return i - 1;
        return NOWHERE;
}

static size_t find_last(const ConfFile *f, const char *keyword, const char *word) {
        return find_before(f, conf_edit_n_lines(f->edit), keyword, word);
}

/* Where a new line of a keyword goes: behind its last one, or behind all, but before any section. */
static size_t find_place(const ConfFile *f, const char *keyword) {
        size_t behind = find_last(f, keyword, NULL), i = 0;

        if (behind != NOWHERE)
                return behind + 1;
        while (i < conf_edit_n_lines(f->edit) && !conf_edit_line(f->edit, i)->section)
                i++;
        return i;
}

const ConfEditLine *directive_find(const ConfFile *f, const char *keyword, const char *word) {
        size_t i = find_last(f, keyword, word);

        return i == NOWHERE ? NULL : conf_edit_line(f->edit, i);
}

int directive_put(ConfFile *f, const DirectiveText *d) {
        const char *word = d->n_key > 1 ? d->words[1] : NULL;
        size_t i = d->n_key > 0 ? find_last(f, d->words[0], word) : NOWHERE;
        _cleanup_free_ char *content = NULL;

        int r = directive_text(d, &content);
        if (r < 0)
                return r;

        if (i == NOWHERE)
                r = conf_edit_insert(f->edit, find_place(f, d->words[0]), content);
        else
                r = conf_edit_replace(f->edit, i, content);
        while (r >= 0 && i != NOWHERE && (i = find_before(f, i, d->words[0], word)) != NOWHERE)
                r = conf_edit_remove(f->edit, i);
        r = say(r, content);
        return r < 0 ? r : touch(f, d->words[0], word ? " " : "", strempty(word));
}

int directives_remove(ConfFile *f, const char *keyword) {
        int r = touch(f, keyword, "", "");

        for (size_t i; r >= 0 && (i = find_last(f, keyword, NULL)) != NOWHERE;)
                r = say(conf_edit_remove(f->edit, i), NULL);
        return r;
}

/* Names of devices are told apart without case, those of users with it. */
static bool is_section(const ConfFile *f, const ConfEditLine *l, const char *name) {
        return l->section && (f->kind == CONFIG_FILE_UPS ? strcasecmp : strcmp)(l->section, name) == 0;
}

bool section_exists(const ConfFile *f, const char *name) {
        for (size_t i = 0; i < conf_edit_n_lines(f->edit); i++)
                if (is_section(f, conf_edit_line(f->edit, i), name))
                        return true;
        return false;
}

int section_add(ConfFile *f, const char *name) {
        _cleanup_free_ char *header = strjoin("[", name, "]");
        size_t n = conf_edit_n_lines(f->edit);
        int r = 0;

        if (!header)
                return say(-ENOMEM, NULL);

        /* An empty line before it, unless there is one. */
        if (n > 0 && conf_edit_line(f->edit, n - 1)->text[strspn(conf_edit_line(f->edit, n - 1)->text,
                " \t\r\n")])
                r = conf_edit_insert(f->edit, n++, "");
        if (r >= 0)
                r = conf_edit_insert(f->edit, n, header);
        r = say(r, header);
        return r < 0 ? r : touch(f, "[", name, "");
}

/* Of a device there is but one section, and its reader takes the first; those of a user are one. */
static bool is_first_header(const ConfFile *f, size_t i, const char *name) {
        for (size_t k = 0; f->kind == CONFIG_FILE_UPS && k < i; k++)
                if (is_section(f, conf_edit_line(f->edit, k), name) && conf_edit_line(f->edit, k)->header)
                        return false;
        return is_section(f, conf_edit_line(f->edit, i), name);
}

/* Keys of devices have their case, those of users do not. */
static bool is_key(const ConfFile *f, const ConfEditLine *l, const char *key) {
        return !l->header && (f->kind == CONFIG_FILE_USERS ? strcasecmp : strcmp)(l->words[0], key) == 0;
}

/* Whether one of the words behind the key is the value. */
static bool has_value(const ConfEditLine *l, const char *value) {
        for (size_t i = 1; i < l->n_words; i++)
                if (strcaseeq(l->words[i], value))
                        return true;
        return false;
}

/* The last line before line end that has the key in the section, and where its last line with words is. With
 * add: one that has the value, too. */
static size_t find_key(const ConfFile *f, const KeyText *k, size_t end, size_t *ret_last) {
        size_t found = NOWHERE;
        bool here = false;

        *ret_last = NOWHERE;
        for (size_t i = 0; i < end; i++) {
                const ConfEditLine *l = conf_edit_line(f->edit, i);

                if (l->header)
                        here = is_first_header(f, i, k->section);
                if (!here || l->n_words == 0)
                        continue;
                *ret_last = i;
                if (is_key(f, l, k->key) && (!k->add || has_value(l, k->value)))
                        found = i;
        }
        return found;
}

static char *make_pair(const KeyText *k) {
        _cleanup_free_ char *key = NULL, *value = NULL;

        int r = conf_edit_quote(k->key, &key);
        if (say(r, k->key) < 0)
                return NULL;
        if (!k->value)
                return TAKE_PTR(key);
        r = conf_edit_quote(k->value, &value);
        if (say(r, k->value) < 0)
                return NULL;
        return strjoin(key, k->plain ? " " : " = ", value);
}

/* The new line looks as its neighbours do. */
static int insert_pair(ConfFile *f, size_t last, const char *pair) {
        const ConfEditLine *l = conf_edit_line(f->edit, last);
        _cleanup_free_ char *indent = l->header ? strdup("\t") : conf_edit_indent(l);
        _cleanup_free_ char *content = indent ? strjoin(indent, pair) : NULL;

        return say(content ? conf_edit_insert(f->edit, last + 1, content) : -ENOMEM, pair);
}

int section_put(ConfFile *f, const KeyText *k) {
        _cleanup_free_ char *pair = make_pair(k);
        size_t last, i = find_key(f, k, conf_edit_n_lines(f->edit), &last);

        if (!pair)
                return -EINVAL;
        if (i != NOWHERE && k->add)
                return 0;
        int r = i == NOWHERE ? insert_pair(f, last, pair) : say(conf_edit_replace(f->edit, i, pair), pair);
        while (r >= 0 && i != NOWHERE && (i = find_key(f, k, i, &last)) != NOWHERE)
                r = say(conf_edit_remove(f->edit, i), NULL);
        return r < 0 ? r : touch(f, "[", k->section, "");
}

int sections_remove(ConfFile *f) {
        int r = 0;

        for (size_t i = conf_edit_n_lines(f->edit); r >= 0 && i > 0; i--) {
                const ConfEditLine *l = conf_edit_line(f->edit, i - 1);

                if (l->section && l->n_words > 0)
                        r = say(conf_edit_remove(f->edit, i - 1), NULL);
        }
        return r;
}
