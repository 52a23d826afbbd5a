/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* Orders to a device, which only users with a password may give: upscmd and upsrw. */

typedef struct ToolOrder {
        const char *subject; /* "command", as messages name it */
        char *user;          /* NULL: the one of nutauth.conf, else asked for */
        char *password;      /* the same */
        bool track;          /* wait for what the device says */
        unsigned timeout;    /* ... so many seconds */
} ToolOrder;

/* Takes the options u, p, t and w. Returns as tool_options_take(), to which others go. */
int tool_order_take(ToolOrder *o, ToolOptions *options, int option, char *argument);

/* Erases and frees. */
void tool_order_done(ToolOrder *o);

/* Finds out who we are: asks for what nobody has said. 0, or a negative errno when the user was told. */
int tool_order_identify(ToolOrder *o, ToolClient *c);

/* Tells the server who we are, and that we wait for the result if so. Returns as tool_order_identify(). */
int tool_order_log_in(ToolOrder *o, ToolClient *c);

/* Gives the order, whose words end in NULL, waits for the result if so, and tells it on standard error. 0
 * when it was taken, or carried out if we wait for that; otherwise a negative errno. */
int tool_order_give(ToolOrder *o, ToolClient *c, const char *failure, const char *word, ...) _sentinel_;

/* The options in getopt()'s words, and in ours. */
#define TOOL_ORDER_OPTIONS "u:p:t:w"
#define TOOL_ORDER_HELP                                                                         \
        "  -u <user>       the user to log in as, of upsd.users on the server\n"                \
        "  -p <password>   the user's password\n"                                               \
        "  -w              wait for what the device does, and tell that\n"                      \
        "  -t <seconds>    with -w: wait no longer than this (10)\n"
