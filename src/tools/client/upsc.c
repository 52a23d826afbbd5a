/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "string-util.h"
#include "tool.h"

typedef enum Question {
        ASK_VARIABLES,
        ASK_VARIABLE,
        ASK_NAMES,
        ASK_DESCRIPTIONS,
        ASK_CLIENTS,
} Question;

/* What is asked, and what the lines of the answer are like. */
static const struct {
        const char *list;
        size_t n_min;    /* words of a line */
        size_t key, value; /* which of them is printed; value 0: none */
        char open, close;  /* in JSON */
} questions[] = {
        [ASK_VARIABLES]    = { "VAR",    4, 2, 3, '{', '}' },
        [ASK_NAMES]        = { "UPS",    3, 1, 0, '[', ']' },
        [ASK_DESCRIPTIONS] = { "UPS",    3, 1, 2, '{', '}' },
        [ASK_CLIENTS]      = { "CLIENT", 3, 2, 0, '[', ']' },
};

typedef struct Upsc {
        ToolOptions options;
        ToolClient client;
        Question question;
        bool json;
        FILE *out;
        size_t n_lines;
        size_t n_short; /* words in a line that has too few, or 0 */
} Upsc;

static void help(const char *program) {
        printf("Shows what a NUT server says about its UPSes.\n"
               "\n"
               "usage: %s [OPTIONS] <ups> [<variable>]\n"
               "       %s [OPTIONS] -l | -L [<host>[:<port>]]\n"
               "       %s [OPTIONS] -c <ups>\n"
               "\n"
               "  <ups>           <name>[@<host>[:<port>]], IPv6 addresses in [ ]\n"
               "  <variable>      its value only, not all of them with names\n"
               "  -l              list the UPSes, one per line\n"
               "  -L              the same with their descriptions\n"
               "  -c              list the hosts that are logged in for the UPS\n"
               "  -j              write JSON\n"
               TOOL_OPTIONS_HELP
               "\n"
               "See upsc(8).\n",
               program, program, program);
}

/*** Output ***/

/* All that comes from a server is printable ASCII; messages of ours may have line ends. */
static void print_json(FILE *f, const char *s) {
        fputc('"', f);
        for (; *s; s++) {
                if (*s == '"' || *s == '\\')
                        fputc('\\', f);
                if (*s == '\n')
                        fputs("\\n", f);
                else
                        fputc(*s, f);
        }
        fputc('"', f);
}

static void print_item(void *userdata, char *const *words, size_t n_words) {
        Upsc *u = userdata;
        size_t key = questions[u->question].key, value = questions[u->question].value;

        if (n_words < questions[u->question].n_min || u->n_short > 0) {
                u->n_short = u->n_short ?: n_words;
                return;
        }

        if (!u->json) {
                fprintf(u->out, value > 0 ? "%s: %s\n" : "%s\n", words[key], words[value]);
                return;
        }

        fprintf(u->out, "%s  ", u->n_lines++ > 0 ? ",\n" : "");
        print_json(u->out, words[key]);
        if (value > 0) {
                fputs(": ", u->out);
                print_json(u->out, words[value]);
        }
}

/* In JSON the error is told on standard output as well. */
static int tell_failure(const Upsc *u, int r, const char *open, const char *close) {
        const char *why = strempty(u->client.why);

        if (u->json) {
                printf("%s\"error\": ", open);
                print_json(stdout, why);
                puts(close);
        }
        (void) fflush(stdout);
        fprintf(stderr, "Error: %s\n", why);
        return r;
}

/*** Questions ***/

static int ask_variable(Upsc *u, const char *name) {
        _cleanup_strv_free_ char **words = NULL;
        int r;

        if (!strchr(name, '.'))
                r = tool_client_fail(&u->client, -EINVAL, "old-style variable names are not supported");
        else
                r = tool_client_ask(&u->client, 4, &words, "GET", "VAR", u->client.ups, name, NULL);
        if (words && streq(words[0], "ERR") && streq_ptr(words[1], "UNKNOWN-COMMAND"))
                r = tool_client_fail(&u->client, r, "variable unknown (old upsd detected)");
        if (r < 0)
                return tell_failure(u, r, "{", "}");

        if (u->json)
                print_json(stdout, words[3]);
        else
                fputs(words[3], stdout);
        putchar('\n');
        return 0;
}

static int ask_list(Upsc *u) {
        bool nested = u->question == ASK_VARIABLES;
        const char *subject = nested || u->question == ASK_CLIENTS ? u->client.ups : NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        u->out = open_memstream(&text, &size);
        if (!u->out)
                return -ENOMEM;
        r = tool_client_list(&u->client, print_item, u, questions[u->question].list, subject, NULL);
        if (fclose(u->out) != 0)
                return -ENOMEM;
        if (r >= 0 && u->n_short > 0)
                r = tool_client_fail(&u->client, -EPROTO,
                                "insufficient data (got %zu args, need at least %zu)",
                                u->n_short, questions[u->question].n_min);
        if (r < 0)
                return tell_failure(u, r, nested ? "{\n  " : "{", nested ? "\n}" : "}");

        if (u->json)
                printf("%c\n%s\n%c\n", questions[u->question].open, text, questions[u->question].close);
        else
                fputs(text, stdout);
        return 0;
}

/*** Main ***/

/* 1 to go on, 0 when all is done, or a negative errno when the user was told. */
static int parse_options(int argc, char *argv[], Upsc *u) {
        int c, r;

        while ((c = getopt(argc, argv, TOOL_OPTIONS "lLcj")) >= 0)
                switch (c) {
                case 'l':
                        u->question = u->question == ASK_DESCRIPTIONS ? ASK_DESCRIPTIONS : ASK_NAMES;
                        break;
                case 'L':
                        u->question = ASK_DESCRIPTIONS;
                        break;
                case 'c':
                        u->question = u->question == ASK_VARIABLES ? ASK_CLIENTS : u->question;
                        break;
                case 'j':
                        u->json = true;
                        break;
                case 'h':
                        help(u->options.program);
                        return 0;
                default:
                        r = tool_options_take(&u->options, c, optarg);
                        if (r <= 0)
                                return r;
                }
        return 1;
}

static int run(Upsc *u, char *const *arguments) {
        bool of_host = u->question == ASK_NAMES || u->question == ASK_DESCRIPTIONS;
        int r;

        if (of_host)
                r = tool_client_init_host(&u->client, &u->options, arguments[0]);
        else
                r = tool_client_init_ups(&u->client, &u->options, arguments[0]);
        if (r < 0)
                r = tool_client_fail(&u->client, r, "invalid %s",
                                of_host ? "hostname.\nRequired format: [hostname[:port]]"
                                        : "UPS definition.\nRequired format: upsname[@hostname[:port]]");
        else
                r = tool_client_connect(&u->client);
        if (r < 0)
                return tell_failure(u, r, "{", "}");

        if (u->question == ASK_VARIABLES && arguments[0] && arguments[1]) {
                u->question = ASK_VARIABLE;
                return ask_variable(u, arguments[1]);
        }
        return ask_list(u);
}

int main(int argc, char *argv[]) {
        Upsc u = { .question = ASK_VARIABLES };
        int r;

        r = tool_options_init(&u.options, argv[0]);
        if (r >= 0)
                r = parse_options(argc, argv, &u);
        if (r > 0)
                r = run(&u, argv + optind);
        tool_client_done(&u.client);
        return tool_finish(&u.options, r);
}
