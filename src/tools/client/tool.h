/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nut-auth.h"
#include "nut-session.h"

/* What the commands that talk to NUT servers have in common. */

/* Waiting for an answer. */
#define TOOL_ANSWER_USEC (5 * UINT64_C(1000000))

/* From the command line; what points somewhere is not owned. */
typedef struct ToolOptions {
        const char *program;
        const char *authconf; /* -A: a file, "default", "none", or NULL */
        const char *user;     /* the NUT user wanted, or NULL */
        uint64_t connect_timeout_usec;
        int interrupt_fd; /* as for nut_session_open_full() */
} ToolOptions;

/* For getopt(), in front of the options of a command's own. */
#define TOOL_OPTIONS "+DVhA:W:"
/* What -h says of them. */
#define TOOL_OPTIONS_HELP                                                                       \
        "  -W <seconds>    give up connecting after this time (10)\n"                           \
        "  -A <file>       credentials and certificates are in this file; \"default\": in\n"    \
        "                  nutauth.conf, which must be there; \"none\": nowhere\n"              \
        "  -D              say more\n"                                                          \
        "  -V              show the version\n"                                                  \
        "  -h              show this help\n"

/* One server and what is asked of it. */
typedef struct ToolClient {
        const ToolOptions *options;
        char *ups; /* or NULL */
        char *host;
        uint16_t port;
        NutCredentials credentials;
        bool has_credentials; /* they were read, be it to find none */
        TlsContext *tls;      /* NULL until the certificates were read */
        char *tls_problem;    /* what is wrong with them, which is not said yet; or NULL */
        NutSession *session;  /* NULL while not connected */
        char *why;            /* the last failure in NUT's words, or NULL */
} ToolClient;

/* The defaults, with the environment's. 0, or -EINVAL for what is wrong there, which is said. */
int tool_options_init(ToolOptions *o, const char *argv0);

/* The exit status, after all came to r: a failure too if what was printed could not be written, which is
 * said. */
int tool_finish(const ToolOptions *o, int r);

/* Takes an option out of TOOL_OPTIONS but -h. 1 to go on; 0 when all is done (-V); -EINVAL, also for an
 * option that nobody knows, when the user was told. */
int tool_options_take(ToolOptions *o, int option, const char *argument);

/* "Network UPS Tools NAME 2.8.0 (Busbar ...)" on standard output. */
void tool_print_version(const char *program);

/* Says on standard error what is wrong with the command line, and how to find out what is right. Returns
 * -EINVAL. */
int tool_refuse_usage(const ToolOptions *o, const char *fmt, ...) _printf_(2, 3);

/* Splits "ups[@host[:port]]" or "[host[:port]]", with IPv6 addresses in [ ]. The name is not looked at:
 * servers know what they serve. spec may be NULL. 0, -EINVAL, which is not said, or -ENOMEM. */
int tool_client_init_ups(ToolClient *c, const ToolOptions *o, const char *spec);
int tool_client_init_host(ToolClient *c, const ToolOptions *o, const char *spec);

/* Says goodbye and frees all. */
void tool_client_done(ToolClient *c);

/* Hangs up with LOGOUT. */
void tool_client_leave(ToolClient *c);

/* Reads the credentials and certificates for the server, the first time, whether there is one or not, and
 * connects, in TLS if the server has it. Certificates that cannot be read matter once it has. 0, or a
 * negative errno with c->why. */
int tool_client_connect(ToolClient *c);

/* Asks; the words of the request end in NULL. *ret_words is a strv, the caller's, of at least n_min words
 * on success; of ERR and what follows it if that was the answer, and otherwise NULL. 0, or a negative errno
 * with c->why. */
int tool_client_ask(ToolClient *c, size_t n_min, char ***ret_words, const char *word, ...) _sentinel_;

/* The same for a strv. */
int tool_client_ask_words(ToolClient *c, size_t n_min, char ***ret_words, char *const *request);

/* The same for "LIST ...": word is what is listed. */
int tool_client_list(ToolClient *c, NutItem on_item, void *userdata, const char *word, ...) _sentinel_;

/* When to do again what is done at each interval and was due at a time, all in
 * microseconds: what was missed is not made up
 * for. */
uint64_t tool_next_usec(uint64_t due, uint64_t interval, uint64_t now);

/* NUT's words for a failure: of a request that got an answer of these words (or NULL), with the errno r. */
char *tool_explain(int r, char *const *words);

/* Sets c->why from the format, and returns r. */
int tool_client_fail(ToolClient *c, int r, const char *fmt, ...) _printf_(3, 4);
