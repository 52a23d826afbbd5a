/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>

#include "log.h"
#include "output.h"
#include "nut-request.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/*** Options ***/

/* 0 waits as long as the kernel does, as it always has. */
static int parse_timeout(const char *s, uint64_t *ret) {
        uint64_t usec;
        int r;

        r = parse_seconds(s, &usec);
        if (r >= 0)
                *ret = usec > 0 ? usec : USEC_INFINITY;
        return r;
}

int tool_finish(const ToolOptions *o, int r) {
        int k = output_end(o->program);

        return r < 0 || k < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int tool_options_init(ToolOptions *o, const char *argv0) {
        const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
        const char *timeout = getenv("NUT_DEFAULT_CONNECT_TIMEOUT"), *debug = getenv("NUT_DEBUG_LEVEL");
        uint64_t level = 0;

        output_begin();
        *o = (ToolOptions) {
                .program = slash ? slash + 1 : strempty(argv0),
                .connect_timeout_usec = 10 * USEC_PER_SEC,
                .interrupt_fd = -EBADF,
        };

        log_set_max_level(debug && parse_uint64(debug, 1, UINT64_MAX, &level) >= 0 ? LOG_DEBUG : LOG_INFO);
        if (timeout && parse_timeout(timeout, &o->connect_timeout_usec) < 0)
                fprintf(stderr, "NUT_DEFAULT_CONNECT_TIMEOUT=%s is no time in seconds; taking %u.\n",
                                timeout,
                        (unsigned) (o->connect_timeout_usec / USEC_PER_SEC));
        return 0;
}

void tool_print_version(const char *program) {
        printf("Network UPS Tools %s " NUT_COMPAT_VERSION " (Busbar " BUSBAR_VERSION ")\n", program);
}

int tool_refuse_usage(const ToolOptions *o, const char *fmt, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (n < 0)
                return -ENOMEM;

        fprintf(stderr, "%s%sTry '%s -h' for help.\n", text, *text ? "\n" : "", o->program);
        return -EINVAL;
}

int tool_options_take(ToolOptions *o, int option, const char *argument) {
        switch (option) {
        case 'D':
                log_set_max_level(LOG_DEBUG);
                return 1;
        case 'A':
                o->authconf = argument;
                return 1;
        case 'W':
                if (parse_timeout(argument, &o->connect_timeout_usec) >= 0)
                        return 1;
                fprintf(stderr, "Error: invalid network timeout: %s\n", argument);
                return -EINVAL;
        case 'V':
                tool_print_version(o->program);
                return 0;
        default:
                return tool_refuse_usage(o, "%s", "");
        }
}

/*** Who is asked ***/

int tool_client_init_host(ToolClient *c, const ToolOptions *o, const char *spec) {
        *c = (ToolClient) { .options = o };
        return nut_host_address_parse(spec ?: "localhost", &c->host, &c->port);
}

int tool_client_init_ups(ToolClient *c, const ToolOptions *o, const char *spec) {
        const char *at = spec ? strchr(spec, '@') : NULL;
        int r;

        *c = (ToolClient) { .options = o };
        if (isempty(spec) || at == spec)
                return -EINVAL;

        r = nut_host_address_parse(at ? at + 1 : "localhost", &c->host, &c->port);
        if (r < 0)
                return r;
        c->ups = at ? strndup(spec, (size_t) (at - spec)) : strdup(spec);
        return c->ups ? 0 : -ENOMEM;
}

void tool_client_leave(ToolClient *c) {
        c->session = nut_session_leave(c->session);
}

void tool_client_done(ToolClient *c) {
        tool_client_leave(c);
        nut_credentials_done(&c->credentials);
        c->tls = tls_context_unref(c->tls);
        free(c->tls_problem);
        free(c->ups);
        free(c->host);
        free(c->why);
        *c = (ToolClient) {};
}

int tool_client_fail(ToolClient *c, int r, const char *fmt, ...) {
        va_list ap;

        free(c->why);
        c->why = NULL;
        va_start(ap, fmt);
        if (vasprintf(&c->why, fmt, ap) < 0)
                c->why = NULL;
        va_end(ap);
        return r;
}

uint64_t tool_next_usec(uint64_t due, uint64_t interval, uint64_t now) {
        /* It was done before its time. */
        if (now < due)
                return due;
        return usec_add(usec_add(due, interval) > now ? due : now, interval);
}

/*** Requests ***/

static int client_fail_request(ToolClient *c, int r, char *const *words) {
        const char *tls = c->session ? nut_session_error(c->session) : "";
        _cleanup_free_ char *text = NULL;

        if (!words && !isempty(tls))
                return tool_client_fail(c, r, "SSL error: %s", tls);
        text = tool_explain(r, words);
        return tool_client_fail(c, r, "%s", strempty(text));
}

static int words_collect(const char *first, const char *second, va_list ap, char ***ret) {
        _cleanup_(nut_words_erase_and_freep) char **words = NULL;
        int r;

        r = first ? strv_extend(&words, first) : 0;
        for (const char *word = second; r >= 0 && word; word = va_arg(ap, const char *))
                r = strv_extend(&words, word);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(words);
        return 0;
}

int tool_client_ask_words(ToolClient *c, size_t n_min, char ***ret_words, char *const *request) {
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = c->session ? nut_session_request(c->session, request, TOOL_ANSWER_USEC, &words) : -ENOTCONN;
        if (r < 0)
                (void) client_fail_request(c, r, words);
        else if (strv_length(words) < n_min)
                r = tool_client_fail(c, -EPROTO, "insufficient data (got %zu args, need at least %zu)",
                                strv_length(words), n_min);
        *ret_words = TAKE_PTR(words);
        return r;
}

int tool_client_ask(ToolClient *c, size_t n_min, char ***ret_words, const char *word, ...) {
        _cleanup_(nut_words_erase_and_freep) char **request = NULL;
        va_list ap;
        int r;

        *ret_words = NULL;
        va_start(ap, word);
        r = words_collect(NULL, word, ap, &request);
        va_end(ap);
        return r < 0 ? r : tool_client_ask_words(c, n_min, ret_words, request);
}

int tool_client_list(ToolClient *c, NutItem on_item, void *userdata, const char *word, ...) {
        _cleanup_strv_free_ char **request = NULL, **words = NULL;
        va_list ap;
        int r;

        va_start(ap, word);
        r = words_collect("LIST", word, ap, &request);
        va_end(ap);
        if (r >= 0)
                r = c->session ? nut_session_list(c->session, request, TOOL_ANSWER_USEC, on_item, userdata,
                                &words)
                               : -ENOTCONN;
        if (words && words[1] && r < 0 && streq(words[1], "UNKNOWN-COMMAND"))
                return tool_client_fail(c, r, "upsd is too old to support this query");
        return r < 0 ? client_fail_request(c, r, words) : 0;
}
