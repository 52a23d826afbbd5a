/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lexer.h"

/* What a driver says on its socket, as far as the tools ask. */

typedef struct DriverAnswers {
        Lexer *lexer;
        bool pong, dumped;
        pid_t pid;    /* 0: not said */
        char *status; /* of ups.status, or NULL */
        /* Gets each variable; may be NULL. */
        void (*variable)(void *userdata, const char *name, const char *value);
        void *userdata;
} DriverAnswers;

/* -ENOMEM. */
int driver_answers_init(DriverAnswers *a);
void driver_answers_done(DriverAnswers *a);

/* Takes bytes as they come. 0 or -ENOMEM: what makes no sense is passed over. */
int driver_answers_feed(DriverAnswers *a, const char *data, size_t n);
