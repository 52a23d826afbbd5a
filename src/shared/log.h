/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <syslog.h>

#include "macro.h"

/* Log messages go to the journal with fields when stderr is connected to it, else to stderr as text.
 * There is no state here: the level lives in libc (setlogmask), the target is looked up per message.
 *
 * * A function either logs or returns its error, never both. */

/* What a message is about; each member set becomes a journal field of its own. */
typedef struct LogContext {
        const char *message_id; /* MESSAGE_ID=: one of messages.h */
        const char *device;     /* DEVICE= */
        const char *driver;     /* DRIVER= */
        const char *transport;  /* TRANSPORT= */
        const char *peer;       /* PEER=: who asked, as user@address or bus name */
        const char *file;       /* CONFIG_FILE= */
        unsigned line;          /* CONFIG_LINE=, 0 for none */
} LogContext;

/* Logs at a syslog level. error, of either sign, is what %m says and becomes ERRNO=; 0 for none. Returns
 * -error, so that "return log_...errno(r, ...)" forwards it. context may be NULL. */
int log_full(int level, int error, const LogContext *context, const char *fmt, ...) _printf_(4, 5);

#define log_debug(...) log_full(LOG_DEBUG, 0, NULL, __VA_ARGS__)
#define log_info(...) log_full(LOG_INFO, 0, NULL, __VA_ARGS__)
#define log_notice(...) log_full(LOG_NOTICE, 0, NULL, __VA_ARGS__)
#define log_warning(...) log_full(LOG_WARNING, 0, NULL, __VA_ARGS__)
#define log_error(...) log_full(LOG_ERR, 0, NULL, __VA_ARGS__)
#define log_debug_errno(r, ...) log_full(LOG_DEBUG, (r), NULL, __VA_ARGS__)
#define log_warning_errno(r, ...) log_full(LOG_WARNING, (r), NULL, __VA_ARGS__)
#define log_error_errno(r, ...) log_full(LOG_ERR, (r), NULL, __VA_ARGS__)
#define log_oom() log_full(LOG_ERR, ENOMEM, NULL, "Out of memory.")

/* Messages less important than this syslog level are dropped from now on. At start LOG_INFO is set. */
void log_set_max_level(int level);

/* Whether a message of this level would be written. */
bool log_enabled(int level);
