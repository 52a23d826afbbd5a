/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-order.h"

#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>

#include "nut-request.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"
#include "tool-prompt.h"

/* NUT's clients take nothing else for the name of a request that is tracked. */
#define TRACKING_ID_LENGTH 36U
#define TRACKING_POLL_USEC (20 * USEC_PER_MSEC)
#define TRACKING_POLL_MAX_USEC USEC_PER_SEC

/*** Options ***/

void tool_order_done(ToolOrder *o) {
        free(o->user);
        secret_freep(&o->password);
        o->user = o->password = NULL;
}

/* The value is not to be seen in the list of processes any longer than it takes. */
static int take_password(ToolOrder *o, char *argument) {
        secret_freep(&o->password);
        o->password = strdup(argument);
        explicit_bzero(argument, strlen(argument));
        return o->password ? 1 : -ENOMEM;
}

static int take_timeout(ToolOrder *o, const char *argument) {
        uint64_t seconds;
        int r;

        r = parse_uint64(argument, 0, UINT_MAX, &seconds);
        if (r < 0) {
                fprintf(stderr,
                        "Could not convert the provided value for timeout ('-t' option) to unsigned "
                        "int: %s\n",
                        strerror(-r));
                return r;
        }
        o->timeout = (unsigned) seconds;
        return 1;
}

int tool_order_take(ToolOrder *o, ToolOptions *options, int option, char *argument) {
        int r;

        switch (option) {
        case 'u':
                r = free_and_strdup(&o->user, argument);
                options->user = o->user;
                return r < 0 ? r : 1;
        case 'p':
                return take_password(o, argument);
        case 't':
                return take_timeout(o, argument);
        case 'w':
                o->track = true;
                return 1;
        default:
                return tool_options_take(options, option, argument);
        }
}

/*** Who we are ***/

static int order_ask_user(ToolOrder *o) {
        const struct passwd *account = getpwuid(getuid());
        _cleanup_free_ char *prompt = NULL, *user = NULL;
        int r;

        prompt = account ? strprintf("Username (%s): ", account->pw_name) : strdup("Username: ");
        if (!prompt)
                return -ENOMEM;
        r = prompt_line(prompt, &user);
        if (r < 0) {
                fputs("Error reading from stdin!\n", stderr);
                return r;
        }
        if (isempty(user) && !account) {
                fputs("No username available - even tried getpwuid\n", stderr);
                return -ENODATA;
        }
        return free_and_strdup(&o->user, isempty(user) ? account->pw_name : user);
}

int tool_order_identify(ToolOrder *o, ToolClient *c) {
        int r = 0;

        if (!o->user && c->credentials.user) {
                o->user = strdup(c->credentials.user);
                r = o->user ? 0 : -ENOMEM;
        }
        if (r >= 0 && !o->user)
                r = order_ask_user(o);
        if (r < 0)
                return r;

        /* The file's password is that of the file's user. */
        if (!o->password && c->credentials.password &&
            (!c->credentials.user || streq(c->credentials.user, o->user))) {
                o->password = strdup(c->credentials.password);
                return o->password ? 0 : -ENOMEM;
        }
        if (!o->password) {
                r = prompt_secret("Password: ", &o->password);
                if (r < 0)
                        fprintf(stderr, "Cannot ask for a password: %s\n", strerror(-r));
        }
        return r;
}

/* A server that does not like the word says so again, and better, when it gets the order. */
static int order_say(ToolClient *c, const char *what, const char *keyword, const char *value) {
        _cleanup_strv_free_ char **words = NULL;
        int r;

        if (isempty(value))
                return 0;
        r = tool_client_ask(c, 1, &words, keyword, value, NULL);
        if (r >= 0 || words)
                return 0;

        fprintf(stderr, "Set %s failed: %s\n", what, strempty(c->why));
        return r;
}

int tool_order_log_in(ToolOrder *o, ToolClient *c) {
        _cleanup_strv_free_ char **words = NULL;
        _cleanup_free_ char *answer = NULL;
        int r;

        r = order_say(c, "username", "USERNAME", o->user);
        if (r >= 0)
                r = order_say(c, "password", "PASSWORD", o->password);
        if (r < 0 || !o->track)
                return r;

        r = tool_client_ask(c, 1, &words, "SET", "TRACKING", "ON", NULL);
        if (words && !streq(words[0], "OK")) {
                answer = strv_join(words, " ");
                fprintf(stderr, "Enabling %s status tracking failed. upsd answered: %s\n", o->subject,
                        strempty(answer));
                return r < 0 ? r : -EPROTO;
        }
        if (r < 0)
                fprintf(stderr, "Enabling %s status tracking failed: %s\n", o->subject, strempty(c->why));
        return r;
}

/*** Orders ***/

static int tell(char *const *words, int r) {
        _cleanup_free_ char *text = strv_join(words, " ");

        fprintf(stderr, "%s\n", strempty(text));
        return r;
}

static int order_await(const ToolOrder *o, ToolClient *c, const char *id) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), o->timeout * USEC_PER_SEC);
        uint64_t pause = TRACKING_POLL_USEC;

        while (now_usec(CLOCK_MONOTONIC) < deadline) {
                _cleanup_strv_free_ char **words = NULL;
                int r;

                r = tool_client_ask(c, 1, &words, "GET", "TRACKING", id, NULL);
                if (r < 0 && !words) {
                        fprintf(stderr, "Can't receive status tracking information: %s\n", strempty(c->why));
                        return r;
                }
                if (!streq(words[0], "PENDING"))
                        return tell(words, r);

                (void) poll(NULL, 0, (int) (MIN(pause, usec_sub(deadline, now_usec(CLOCK_MONOTONIC))) /
                                            USEC_PER_MSEC) + 1);
                pause = MIN(pause * 2, TRACKING_POLL_MAX_USEC);
        }

        fputs("Can't receive status tracking information: timeout\n", stderr);
        return -ETIMEDOUT;
}

/* What the server says to an order. */
static int order_take_answer(const ToolOrder *o, ToolClient *c, char *const *words) {
        if (!o->track || !words[1] || !words[2] || !streq(words[1], "TRACKING") ||
            strlen(words[2]) != TRACKING_ID_LENGTH)
                return tell(words, 0);
        return order_await(o, c, words[2]);
}

int tool_order_give(ToolOrder *o, ToolClient *c, const char *failure, const char *word, ...) {
        _cleanup_(nut_words_erase_and_freep) char **request = NULL;
        _cleanup_strv_free_ char **words = NULL;
        va_list ap;
        int r = 0;

        va_start(ap, word);
        for (; r >= 0 && word; word = va_arg(ap, const char *))
                r = strv_extend(&request, word);
        va_end(ap);
        if (r < 0)
                return r;

        r = tool_client_ask_words(c, 1, &words, request);
        if (r < 0 && !words) {
                fprintf(stderr, "%s failed: %s\n", failure, strempty(c->why));
                return r;
        }
        if (streq(words[0], "OK"))
                return order_take_answer(o, c, words);

        fputs("Unexpected response from upsd: ", stderr);
        return tell(words, r < 0 ? r : -EPROTO);
}
