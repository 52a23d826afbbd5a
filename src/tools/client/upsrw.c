/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "string-util.h"
#include "tool-order.h"
#include "tool-prompt.h"
#include "upsrw-list.h"

typedef struct Upsrw {
        ToolOptions options;
        ToolOrder order;
        ToolClient client;
        char *setting; /* VAR or VAR=VALUE, or NULL to list */
} Upsrw;

static void help(const char *program) {
        printf("Shows and changes the settings of a UPS: variables that can be written.\n"
               "\n"
               "usage: %s [OPTIONS] [-l] <ups>\n"
               "       %s [OPTIONS] -s <variable>[=<value>] <ups>\n"
               "\n"
               "  <ups>           <name>[@<host>[:<port>]], IPv6 addresses in [ ]\n"
               "  -l              list the settings, with what they may be\n"
               "  -s <setting>    change one; without a value, it is asked for\n"
               TOOL_ORDER_HELP
               TOOL_OPTIONS_HELP
               "\n"
               "See upsrw(8).\n",
               program, program);
}

/* *ret is new memory. */
static int find_value(const char *variable, const char *given, char **ret) {
        _cleanup_free_ char *prompt = NULL;
        int r;

        if (given) {
                *ret = strdup(given);
                return *ret ? 0 : -ENOMEM;
        }

        prompt = strprintf("Enter new value for %s: ", variable);
        if (!prompt)
                return -ENOMEM;
        r = prompt_line(prompt, ret);
        if (r < 0)
                fputs("Error: no value was given\n", stderr);
        return r;
}

static int change(Upsrw *u) {
        _cleanup_free_ char *variable = NULL, *value = NULL;
        const char *equals = strchr(u->setting, '=');
        int r;

        variable = equals ? strndup(u->setting, (size_t) (equals - u->setting)) : strdup(u->setting);
        if (!variable)
                return -ENOMEM;

        r = tool_order_identify(&u->order, &u->client);
        if (r >= 0)
                r = find_value(variable, equals ? equals + 1 : NULL, &value);
        if (r < 0)
                return r;
        if (!strchr(variable, '.')) {
                fputs("Error: old variable names are not supported\n", stderr);
                return -EINVAL;
        }

        r = tool_order_log_in(&u->order, &u->client);
        if (r < 0)
                return r;
        return tool_order_give(&u->order, &u->client, "Set variable", "SET", "VAR", u->client.ups, variable,
                        value, NULL);
}

/*** Main ***/

/* 1 to go on, 0 when all is done, or a negative errno when the user was told. */
static int parse_options(int argc, char *argv[], Upsrw *u) {
        int c, r;

        while ((c = getopt(argc, argv, TOOL_OPTIONS TOOL_ORDER_OPTIONS "ls:")) >= 0)
                switch (c) {
                case 'l':
                        if (u->setting)
                                fputs("Listing mode requested, overriding setvar specified earlier!\n",
                                                stderr);
                        u->setting = NULL;
                        break;
                case 's':
                        u->setting = optarg;
                        break;
                case 'h':
                        help(u->options.program);
                        return 0;
                default:
                        r = tool_order_take(&u->order, &u->options, c, optarg);
                        if (r <= 0)
                                return r;
                }
        return 1;
}

static int run(Upsrw *u, char *const *arguments) {
        int r;

        if (!arguments[0])
                return tool_refuse_usage(&u->options, "Error: no UPS given.");
        r = tool_client_init_ups(&u->client, &u->options, arguments[0]);
        if (r < 0) {
                fputs("Error: invalid UPS definition.  Required format: upsname[@hostname[:port]]\n",
                                stderr);
                return r;
        }
        r = tool_client_connect(&u->client);
        if (r >= 0 && u->setting)
                return change(u);
        if (r >= 0)
                r = upsrw_list(&u->client);
        if (r < 0) {
                (void) fflush(stdout);
                fprintf(stderr, "Error: %s\n", strempty(u->client.why));
        }
        return r;
}

int main(int argc, char *argv[]) {
        Upsrw u = { .order = { .subject = "set variable", .timeout = 10 } };
        int r;

        r = tool_options_init(&u.options, argv[0]);
        if (r >= 0)
                r = parse_options(argc, argv, &u);
        if (r > 0)
                r = run(&u, argv + optind);
        tool_client_done(&u.client);
        tool_order_done(&u.order);
        return tool_finish(&u.options, r);
}
