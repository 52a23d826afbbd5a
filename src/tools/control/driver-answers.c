/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-answers.h"

#include "parse-util.h"
#include "string-util.h"

int driver_answers_init(DriverAnswers *a) {
        a->lexer = lexer_new(LEXER_PROTOCOL);
        return a->lexer ? 0 : -ENOMEM;
}

void driver_answers_done(DriverAnswers *a) {
        a->lexer = lexer_free(a->lexer);
        free(a->status);
        a->status = NULL;
}

static int take_variable(DriverAnswers *a, const char *name, const char *value) {
        if (a->variable)
                a->variable(a->userdata, name, value);
        return streq(name, "ups.status") ? free_and_strdup(&a->status, value) : 0;
}

static int take_line(DriverAnswers *a) {
        const char *word = lexer_word(a->lexer, 0);
        size_t n = lexer_n_words(a->lexer);
        uint64_t pid;

        if (n == 1 && streq(word, "PONG"))
                a->pong = true;
        else if (n == 1 && streq(word, "DUMPDONE"))
                a->dumped = true;
        else if (n == 2 && streq(word, "PID") &&
                 parse_uint64(lexer_word(a->lexer, 1), 1, INT32_MAX, &pid) >= 0)
                a->pid = (pid_t) pid;
        else if (n >= 3 && streq(word, "SETINFO"))
                return take_variable(a, lexer_word(a->lexer, 1), lexer_word(a->lexer, 2));
        return 0;
}

int driver_answers_feed(DriverAnswers *a, const char *data, size_t n) {
        while (n > 0) {
                size_t consumed = 0;
                int r = lexer_feed(a->lexer, data, n, &consumed);

                data += consumed;
                n -= consumed;
                if (r > 0)
                        r = take_line(a);
                if (r == -ENOMEM)
                        return r;
        }
        return 0;
}
