/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsrw-list.h"

#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"

/* A setting while it is printed. */
typedef struct Setting {
        ToolClient *client;
        const char *name;
        char *value;
        int error;
} Setting;

/* The fourth word of the answer to "GET WHAT UPS VARIABLE". */
static int get_word(ToolClient *c, const char *what, const char *name, char **ret) {
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = tool_client_ask(c, 4, &words, "GET", what, c->ups, name, NULL);
        if (r < 0)
                return r;

        *ret = strdup(words[3]);
        return *ret ? 0 : -ENOMEM;
}

static int fail_short(Setting *s, size_t n_words, size_t n_min) {
        return tool_client_fail(s->client, -EPROTO, "insufficient data (got %zu args, need at least %zu)",
                        n_words, n_min);
}

static void on_enum(void *userdata, char *const *words, size_t n_words) {
        Setting *s = userdata;

        if (n_words < 4)
                s->error = fail_short(s, n_words, 4);
        else if (s->error >= 0)
                printf("Option: \"%s\"%s\n", words[3], streq(words[3], s->value) ? " SELECTED" : "");
}

/* Whether value lies between the ends, all of them numbers. */
static bool in_range(const char *value, const char *low, const char *high) {
        double v, l, h;

        return parse_double(value, &v) >= 0 && parse_double(low, &l) >= 0 && parse_double(high, &h) >= 0 &&
                v >= l && v <= h;
}

static void on_range(void *userdata, char *const *words, size_t n_words) {
        Setting *s = userdata;

        if (n_words < 5)
                s->error = fail_short(s, n_words, 5);
        else if (s->error >= 0)
                printf("Option: \"%s-%s\"%s\n", words[3], words[4],
                       in_range(s->value, words[3], words[4]) ? " SELECTED" : "");
}

static int print_options(Setting *s, const char *kind, NutItem on_item) {
        int r;

        r = tool_client_list(s->client, on_item, s, kind, s->client->ups, s->name, NULL);
        return r < 0 ? r : s->error;
}

/* The words of TYPE, of which several say something together. */
static int print_type(Setting *s, char *const *types) {
        bool is_enum = false;

        for (; *types; types++) {
                const char *length = startswith_nocase(*types, "STRING:");

                if (strcaseeq(*types, "RW"))
                        continue;
                if (strcaseeq(*types, "ENUM")) {
                        is_enum = true;
                        continue;
                }
                if (strcaseeq(*types, "RANGE")) {
                        puts("Type: RANGE NUMBER");
                        return print_options(s, "RANGE", on_range);
                }
                if (!length && !strcaseeq(*types, "NUMBER")) {
                        printf("Type: %s (unrecognized)\n", *types);
                        continue;
                }

                printf("Type: %s%s\n", is_enum ? "ENUM " : "", length ? "STRING" : "NUMBER");
                if (length)
                        printf("Maximum length: %ld\n", strtol(length, NULL, 10));
                if (is_enum)
                        return print_options(s, "ENUM", on_enum);
                printf("Value: %s\n", s->value);
                return 0;
        }

        if (!is_enum)
                return 0;
        puts("Type: ENUM");
        return print_options(s, "ENUM", on_enum);
}

static int print_setting(ToolClient *c, const char *name) {
        _cleanup_free_ char *description = NULL, *value = NULL;
        _cleanup_strv_free_ char **types = NULL;
        Setting s = { .client = c, .name = name };
        int r;

        printf("[%s]\n", name);
        r = get_word(c, "DESC", name, &description);
        puts(r < 0 ? "Description unavailable" : description);

        r = tool_client_ask(c, 3, &types, "GET", "TYPE", c->ups, name, NULL);
        if (r < 0) {
                puts("Unknown type\n");
                return types ? 0 : r;
        }
        r = get_word(c, "VAR", name, &value);
        if (r < 0)
                return r;
        s.value = value;
        r = print_type(&s, types + 3);
        if (r >= 0)
                putchar('\n');
        return r;
}

typedef struct Names {
        ToolClient *client;
        char **names; /* strv */
        int error;
} Names;

static void on_writable(void *userdata, char *const *words, size_t n_words) {
        Names *n = userdata;

        if (n_words < 4)
                n->error = tool_client_fail(n->client, -EPROTO,
                                "insufficient data (got %zu args, need at least 4)", n_words);
        else if (n->error >= 0)
                n->error = strv_extend(&n->names, words[2]);
}

int upsrw_list(ToolClient *c) {
        Names n = { .client = c };
        _cleanup_strv_free_ char **names = NULL;
        int r;

        r = tool_client_list(c, on_writable, &n, "RW", c->ups, NULL);
        names = n.names;
        if (r >= 0)
                r = n.error;
        STRV_FOREACH(name, names) {
                if (r < 0)
                        break;
                r = print_setting(c, *name);
        }
        return r;
}
