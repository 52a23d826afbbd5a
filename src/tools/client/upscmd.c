/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "string-util.h"
#include "tool-order.h"

typedef struct Upscmd {
        ToolOptions options;
        ToolOrder order;
        ToolClient client;
        bool list;
        char **commands; /* strv */
        int error;       /* of the list */
} Upscmd;

static void help(const char *program) {
        printf("Has a UPS do something: instant commands, which the NUT server passes on to its driver.\n"
               "\n"
               "usage: %s [OPTIONS] <ups> <command> [<value>]\n"
               "       %s [OPTIONS] -l <ups>\n"
               "\n"
               "  <ups>           <name>[@<host>[:<port>]], IPv6 addresses in [ ]\n"
               "  <command>       such as test.battery.start\n"
               "  <value>         what some commands want to know, such as a delay in seconds\n"
               "  -l              list the commands of the UPS\n"
               TOOL_ORDER_HELP
               TOOL_OPTIONS_HELP
               "\n"
               "See upscmd(8).\n",
               program, program);
}

/*** The list ***/

static void on_command(void *userdata, char *const *words, size_t n_words) {
        Upscmd *u = userdata;

        if (n_words < 3)
                u->error = u->error ?: tool_client_fail(&u->client, -EPROTO,
                                                "insufficient data (got %zu args, need at least 3)",
                                                n_words);
        else if (u->error >= 0)
                u->error = strv_extend(&u->commands, words[2]);
}

static int list_commands(Upscmd *u) {
        int r;

        r = tool_client_list(&u->client, on_command, u, "CMD", u->client.ups, NULL);
        if (r >= 0)
                r = u->error;
        if (r < 0) {
                fprintf(stderr, "Error: %s\n", strempty(u->client.why));
                return r;
        }

        printf("Instant commands supported on UPS [%s]:\n\n", u->client.ups);
        STRV_FOREACH(command, u->commands) {
                _cleanup_strv_free_ char **words = NULL;

                if (tool_client_ask(&u->client, 4, &words, "GET", "CMDDESC", u->client.ups, *command,
                                NULL) < 0)
                        printf("%s\n", *command);
                else
                        printf("%s - %s\n", *command, words[3]);
        }
        return 0;
}

/*** Main ***/

static int give_order(Upscmd *u, const char *command, const char *value) {
        int r;

        if (!strchr(command, '.')) {
                fputs("Error: old command names are not supported\n", stderr);
                return -EINVAL;
        }

        r = tool_order_identify(&u->order, &u->client);
        if (r >= 0)
                r = tool_order_log_in(&u->order, &u->client);
        if (r < 0)
                return r;
        return tool_order_give(&u->order, &u->client, "Instant command", "INSTCMD", u->client.ups, command,
                        isempty(value) ? NULL : value, NULL);
}

/* 1 to go on, 0 when all is done, or a negative errno when the user was told. */
static int parse_options(int argc, char *argv[], Upscmd *u) {
        int c, r;

        while ((c = getopt(argc, argv, TOOL_OPTIONS TOOL_ORDER_OPTIONS "l")) >= 0)
                switch (c) {
                case 'l':
                        u->list = true;
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

static int run(Upscmd *u, char *const *arguments) {
        size_t n = strv_length(arguments);
        int r;

        if (n == 0)
                return tool_refuse_usage(&u->options, "Error: no UPS and no command given.");
        r = tool_client_init_ups(&u->client, &u->options, arguments[0]);
        if (r < 0) {
                fputs("Error: invalid UPS definition.  Required format: upsname[@hostname[:port]]\n",
                                stderr);
                return r;
        }
        r = tool_client_connect(&u->client);
        if (r < 0) {
                fprintf(stderr, "Error: %s\n", strempty(u->client.why));
                return r;
        }

        if (u->list)
                return list_commands(u);
        if (n < 2)
                return tool_refuse_usage(&u->options, "Error: no command given; -l lists them.");
        return give_order(u, arguments[1], arguments[2]);
}

int main(int argc, char *argv[]) {
        Upscmd u = { .order = { .subject = "command", .timeout = 10 } };
        int r;

        r = tool_options_init(&u.options, argv[0]);
        if (r >= 0)
                r = parse_options(argc, argv, &u);
        if (r > 0)
                r = run(&u, argv + optind);
        tool_client_done(&u.client);
        tool_order_done(&u.order);
        strv_free(u.commands);
        return tool_finish(&u.options, r);
}
