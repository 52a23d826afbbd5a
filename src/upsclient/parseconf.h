/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser's state that lies in the middle of UPSCONN_t (upsclient.h). It is here for its size alone:
 * programs that were built with the header of another libupsclient keep an object of theirs of that size.
 * libupsclient does not export the parser's functions. */

#ifndef PARSECONF_H_SEEN
#define PARSECONF_H_SEEN 1

#include <stddef.h>
#include <stdio.h>

#define PCONF_CTX_t_MAGIC 0x00726630
#define PCONF_ERR_LEN 256

#define PCONF_DEFAULT_ARG_LIMIT 32
#define PCONF_DEFAULT_WORDLEN_LIMIT 512

typedef struct {
        FILE *f;
        int state;
        int ch;

        char **arglist; /* the words of the last answer */
        size_t *argsize;
        size_t numargs; /* how many */
        size_t maxargs;

        char *wordbuf;
        char *wordptr;
        size_t wordbufsize;

        int linenum;
        int error;
        char errmsg[PCONF_ERR_LEN]; /* what was wrong with it, or with TLS */

        void (*errhandler)(const char *);

        int magic;

        size_t arg_limit;
        size_t wordlen_limit;
} PCONF_CTX_t;

#endif
