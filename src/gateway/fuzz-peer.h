/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "lexer.h"

/* The far end of a connection to the server under test. It remembers what it has asked, in order, and
 * asserts that each answer is one to the oldest question that is open: so an answer too many, one too few,
 * and one that was meant for somebody else are all found. */

typedef struct Question Question;

typedef struct Peer {
        int fd; /* negative: not connected */
        uint64_t cookie; /* of the server's end */
        Lexer *lexer; /* sees the same bytes as the server's */
        Question *first, *last;
        Buffer unsent;   /* the socket did not take it yet */
        Buffer received; /* half a line */
        char *list_end;  /* line that ends the list which is being received */
        size_t n_begun;  /* bytes of the unfinished line */
        bool finished;   /* half-closed: nothing more is sent */
        bool goodbye;    /* LOGOUT was answered: nothing more may come */
        bool vague;      /* a line too long for the state went through a restart: not counted any more */
        bool may_vanish; /* the server has a reason to hang up with questions open */
        bool logged_in;
        bool in_list;
} Peer;

/* Takes a connected socket, which is owned from then on. */
void peer_open(Peer *p, int fd);

/* Hangs up and forgets; nothing when it is not connected. */
void peer_close(Peer *p);

/* Says something, as far as the socket takes it now; the rest follows with peer_push(). */
void peer_send(Peer *p, const char *data, size_t n);

/* Sends what is left over. Returns whether anything went. */
bool peer_push(Peer *p);

/* Nothing more will be said. What is left over is dropped. */
void peer_finish(Peer *p);

/* Reads up to n bytes and checks them. Returns whether anything came, be it the end. */
bool peer_read(Peer *p, size_t n);

/* Whether there are questions without an answer. */
bool peer_has_questions(const Peer *p);
