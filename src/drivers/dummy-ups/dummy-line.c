/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dummy-line.h"

#include "model.h"
#include "parse-util.h"
#include "string-util.h"

#define BLANKS " \t"

void dummy_line_done(DummyLine *l) {
        free(l->name);
        free(l->value);
        *l = (DummyLine) {};
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

/* Index of the quote that closes the one at s[0], or 0 when it stays open. */
static size_t find_closing_quote(const char *s) {
        for (size_t i = 1; s[i]; i++) {
                if (s[i] == '"')
                        return i;
                if (s[i] == '\\' && s[i + 1])
                        i++;
        }
        return 0;
}

/* Whether the # at s[i] begins a comment. Device texts hold # too ("Unknown #BC1200", "####"), so one behind
 * a single blank is taken for a comment only when what follows looks like one; BAD and COMMENT are the marks
 * that NUT's library of device dumps uses. */
static bool begins_comment(const char *s, size_t i) {
        if (i == 0 || !is_blank(s[i - 1]))
                return false;
        if (s[i - 1] == '\t' || (i > 1 && is_blank(s[i - 2])))
                return true;
        return is_blank(s[i + 1]) || startswith(s + i + 1, "BAD") || startswith(s + i + 1, "COMMENT");
}

/* Cuts off a comment and the white space before it. Quoted text at the start is passed over. */
static void cut_comment(char *s) {
        size_t i = strspn(s, BLANKS);

        i = s[i] == '"' ? i + find_closing_quote(s + i) : 0;
        for (; s[i]; i++) {
                if (s[i] != '#' || !begins_comment(s, i))
                        continue;

                while (i > 0 && is_blank(s[i - 1]))
                        i--;
                s[i] = '\0';
                return;
        }
}

/* Resolves escapes in place: of all characters, or of # only. */
static void unescape(char *s, bool all) {
        char *to = s;

        for (; *s; s++) {
                if (*s == '\\' && s[1] && (all || s[1] == '#'))
                        s++;
                *to++ = *s;
        }
        *to = '\0';
}

/* What stands behind "name:" is the value byte for byte, but for the one blank that separates them. Edits s
 * and returns where the value begins in it. */
static char *value_parse(char *s) {
        size_t close;

        cut_comment(s);
        if (is_blank(*s))
                s++;

        close = *s == '"' ? find_closing_quote(s) : 0;
        if (close > 0 && !s[close + 1]) {
                s[close] = '\0';
                s++;
                unescape(s, true);
        } else
                unescape(s, false);
        return s;
}

/* The same for a directive, where white space around the text means nothing. */
static char *text_parse(char *s) {
        char *value, *end;

        value = value_parse(s + strspn(s, BLANKS));
        value += strspn(value, BLANKS);
        for (end = value + strlen(value); end > value && is_blank(end[-1]); end--)
                ;
        *end = '\0';
        return value;
}

static int timer_parse(char *s, DummyLine *ret, const char **ret_problem) {
        uint64_t delay;

        if (parse_seconds(text_parse(s), &delay) < 0) {
                *ret_problem = "TIMER wants a number of seconds.";
                return -EINVAL;
        }

        *ret = (DummyLine) { .type = DUMMY_LINE_TIMER, .delay_usec = delay };
        return 0;
}

static int alarm_parse(char *s, DummyLine *ret) {
        char *text = strdup(text_parse(s));

        if (!text)
                return -ENOMEM;

        *ret = (DummyLine) { .type = DUMMY_LINE_ALARM, .value = text };
        return 0;
}

/* name is the first word of the line, and s what follows its end. */
static int variable_parse(char *name, char *s, DummyLine *ret, const char **ret_problem) {
        _cleanup_(dummy_line_done) DummyLine l = { .type = DUMMY_LINE_VARIABLE };

        if (!variable_name_is_valid(name)) {
                *ret_problem = "This is no variable name followed by a colon.";
                return -EINVAL;
        }

        l.name = strdup(name);
        l.value = strdup(value_parse(s));
        if (!l.name || !l.value)
                return -ENOMEM;

        *ret = l;
        l = (DummyLine) {};
        return 0;
}

int dummy_line_parse(const char *data, size_t n, DummyLine *ret, const char **ret_problem) {
        _cleanup_free_ char *copy = NULL, *name = NULL;
        char *start, *rest;
        size_t length;

        if (n > 0 && data[n - 1] == '\r')
                n--;
        if (n > DUMMY_LINE_LENGTH_MAX) {
                *ret_problem = "The line is too long.";
                return -EINVAL;
        }
        if (memchr(data, '\0', n)) {
                *ret_problem = "There is a NUL byte in the line.";
                return -EINVAL;
        }

        copy = strndup(data, n);
        if (!copy)
                return -ENOMEM;

        start = copy + strspn(copy, BLANKS);
        if (!*start || *start == '#') {
                *ret = (DummyLine) { .type = DUMMY_LINE_EMPTY };
                return 0;
        }

        length = strcspn(start, BLANKS ":");
        name = strndup(start, length);
        if (!name)
                return -ENOMEM;
        rest = start + length;

        if (*rest != ':') {
                if (streq(name, "TIMER"))
                        return timer_parse(rest, ret, ret_problem);
                if (streq(name, "ALARM"))
                        return alarm_parse(rest, ret);
                /* "name value" without a colon, as NUT takes it too. */
                return variable_parse(name, rest, ret, ret_problem);
        }

        return variable_parse(name, rest + 1, ret, ret_problem);
}
