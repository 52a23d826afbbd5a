/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "macro.h"

/* The format of a line of upslog: text with escapes. What cannot be understood is INVALID in each line, as
 * it ever was. */

typedef struct LogFormat LogFormat;

/* What a line is about. */
typedef struct LogSubject {
        const char *ups_host; /* %UPSHOST% */
        /* The value of a variable in new memory, or NULL. */
        char *(*get)(void *userdata, const char *variable);
        void *userdata;
} LogSubject;

/* 0 or -ENOMEM. */
int log_format_new(const char *text, LogFormat **ret);

/* Takes NULL, returns NULL. */
LogFormat *log_format_free(LogFormat *f);
DEFINE_TRIVIAL_CLEANUP_FUNC(LogFormat *, log_format_free);

/* Writes one line, without its end. */
void log_format_print(const LogFormat *f, const LogSubject *subject, FILE *out);
