/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls the functions of libupsclient as lines on standard input say, and prints what they return. Which
 * libupsclient that is, is the caller's affair. The words of a line stand between bars, and "-" is an empty
 * one. */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "upsclient.h"

#define WORDS_MAX 20
#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))

typedef struct Call {
        UPSCONN_t *ups;
        const char *words[WORDS_MAX]; /* those behind the name */
        size_t n_words;
} Call;

static void print_state(const Call *c, long r) {
        printf(" %ld connected=%d ssl=%d upserror=%d %s\n", r, upscli_fd(c->ups) >= 0, upscli_ssl(c->ups),
               upscli_upserror(c->ups), upscli_strerror(c->ups));
}

static void print_answer(size_t n, char **words) {
        for (size_t i = 0; i < n; i++)
                printf(" <%s>", words[i]);
}

static int number(const Call *c, size_t i) {
        return i < c->n_words ? atoi(c->words[i]) : 0;
}

static const char *text(const Call *c, size_t i) {
        return i < c->n_words && strcmp(c->words[i], "NULL") != 0 ? c->words[i] : NULL;
}

static void call_connect(Call *c) {
        struct timeval tv = { .tv_sec = number(c, 3) };

        print_state(c, c->n_words > 3 ?
                        upscli_tryconnect(c->ups, text(c, 0), (uint16_t) number(c, 1), number(c, 2), &tv) :
                        upscli_connect(c->ups, text(c, 0), (uint16_t) number(c, 1), number(c, 2)));
        printf("kept: %s %u\n", c->ups->host ?: "nothing", c->ups->port);
}

static void call_get(Call *c) {
        char **answer = NULL;
        size_t n = 0;
        int r;

        r = upscli_get(c->ups, c->n_words, c->words, &n, &answer);
        if (r >= 0)
                print_answer(n, answer);
        print_state(c, r);
}

static void call_list(Call *c) {
        char **answer = NULL;
        size_t n = 0;
        int r;

        r = upscli_list_start(c->ups, c->n_words, c->words);
        print_state(c, r);
        if (r < 0)
                return;
        while ((r = upscli_list_next(c->ups, c->n_words, c->words, &n, &answer)) >= 0) {
                print_answer(n, answer);
                printf(" %d\n", r);
                if (r == 0)
                        return;
        }
        print_state(c, r);
}

/* A line with its end. */
static void call_send(Call *c) {
        char line[1024];

        (void) snprintf(line, sizeof(line), "%s\n", c->words[0]);
        print_state(c, c->n_words > 1 ? upscli_sendline_timeout(c->ups, line, strlen(line), number(c, 1)) :
                                        upscli_sendline(c->ups, line, strlen(line)));
}

static void call_read(Call *c) {
        char *line = calloc(1, (size_t) number(c, 0) + 1);
        long r;

        if (!line)
                return;
        r = c->n_words > 1 ? upscli_readline_timeout(c->ups, line, (size_t) number(c, 0), number(c, 1)) :
                             upscli_readline(c->ups, line, (size_t) number(c, 0));
        if (r >= 0)
                printf(" <%s>", line);
        print_state(c, r);
        free(line);
}

static void call_disconnect(Call *c) {
        print_state(c, upscli_disconnect(c->ups));
}

static void call_splitname(Call *c) {
        char *name = NULL, *host = NULL;
        uint16_t port = 0;
        int r;

        r = upscli_splitname(text(c, 0), &name, &host, &port);
        printf(" %d", r);
        if (r >= 0)
                printf(" <%s> <%s> %u", name, host, port);
        printf("\n");
        free(name);
        free(host);
}

static void call_splitaddr(Call *c) {
        char *host = NULL;
        uint16_t port = 0;
        int r;

        r = upscli_splitaddr(text(c, 0), &host, &port);
        printf(" %d", r);
        if (r >= 0)
                printf(" <%s> %u", host, port);
        printf("\n");
        free(host);
}

static void call_init(Call *c) {
        printf(" %d\n", upscli_init(number(c, 0), text(c, 1), text(c, 2), text(c, 3)));
}

static void call_cleanup(Call *c) {
        printf(" %d\n", upscli_cleanup());
}

static void call_hostcert(Call *c) {
        upscli_add_host_cert(text(c, 0), text(c, 1), number(c, 2), number(c, 3));
        printf("\n");
}

static void call_set_error(Call *c) {
        c->ups->upserror = number(c, 0);
        c->ups->syserrno = number(c, 1);
        print_state(c, 0);
}

/* What is not there, or was never connected. */
static void call_nothing(Call *c) {
        UPSCONN_t *none = NULL, blank = {};
        char line[8] = "x\n", **answer;
        const char *query[] = { "VAR" };
        size_t n;

        printf(" %d %d %d %d", upscli_connect(none, "localhost", 1, 0), upscli_disconnect(none),
               upscli_fd(none), upscli_upserror(none));
        printf(" %d %d %d %d", upscli_ssl(none), upscli_get(none, 1, query, &n, &answer),
               upscli_list_start(none, 1, query), upscli_list_next(none, 1, query, &n, &answer));
        printf(" %zd %zd %s", upscli_sendline(none, line, 2), upscli_readline(none, line, 2),
               upscli_strerror(none));
        printf(" %d %d %d %d %s\n", upscli_disconnect(&blank), upscli_fd(&blank), upscli_upserror(&blank),
               upscli_ssl(&blank), upscli_strerror(&blank));
}

/* Where the library is. */
static void call_where(Call *c) {
        Dl_info info;

        printf(" %s\n", dladdr((void *) upscli_connect, &info) ? info.dli_fname : "?");
}

static const struct {
        const char *name;
        void (*run)(Call *c);
} calls[] = {
        { "connect",    call_connect    },
        { "get",        call_get        },
        { "list",       call_list       },
        { "send",       call_send       },
        { "read",       call_read       },
        { "disconnect", call_disconnect },
        { "splitname",  call_splitname  },
        { "splitaddr",  call_splitaddr  },
        { "init",       call_init       },
        { "cleanup",    call_cleanup    },
        { "hostcert",   call_hostcert   },
        { "error",      call_set_error  },
        { "nothing",    call_nothing    },
        { "where",      call_where      },
};

static bool run_line(Call *c, char *line) {
        char *rest;
        const char *name = strtok_r(line, "|\n", &rest);

        c->n_words = 0;
        for (char *word; c->n_words < WORDS_MAX && (word = strtok_r(NULL, "|\n", &rest));)
                c->words[c->n_words++] = strcmp(word, "-") == 0 ? "" : word;

        for (size_t i = 0; name && i < ELEMENTSOF(calls); i++)
                if (strcmp(calls[i].name, name) == 0) {
                        printf("%s:", name);
                        calls[i].run(c);
                        fflush(stdout);
                        return true;
                }
        return false;
}

int main(void) {
        UPSCONN_t ups = {};
        Call c = { .ups = &ups };
        char line[4096];

        while (fgets(line, sizeof(line), stdin))
                if (!run_line(&c, line))
                        return EXIT_FAILURE;
        (void) upscli_disconnect(&ups);
        return EXIT_SUCCESS;
}
